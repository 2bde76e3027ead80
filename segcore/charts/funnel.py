"""Observed against expected for every representative, with the limits within which chance alone stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from segcore import language, wording
from segcore.charts.colours import INK, INK_3, WHITE
from segcore.charts.theme import HALO, PLAIN, Chart, altair, people, unchecked
from segcore.intervals import against_limits
from segcore.sentences.rows import rows as table_rows

if TYPE_CHECKING:
    import pandas as pd

HEIGHT, AXIS = 260, 56
"""The height of the plot in px, and what the y axis takes."""

WASH, OUTER = "#F1F3F5", "#F8F9FA"
LETTER, LINE = 6.6, 14
"""About how wide a letter is, and how high a line; names that would overlap are left out."""


Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom of something that is drawn, in px."""


@unchecked
def funnel(books: pd.DataFrame, limits: pd.DataFrame, *, phone: bool = False) -> Chart:
    """A point for every representative: how many were followed up, and observed minus expected.

    Parameters
    ----------
    books
        name, followed, difference, low95, high95, few (too few to judge); every representative who
        followed somebody up, in the order of the table.
    limits
        followed, ascending from 0, low95, high95, low998, high998: where chance alone stays, for a
        book whose customers are like those of all.
    phone
        Whether it is for 358 px instead of 720; names become initials.

    Notes
    -----
    A filled point lies outside its own 95 % limits, a dashed one has too few customers. A name that
    has no room is left out; it stands in the table.
    """
    alt = altair()
    width = (358 if phone else 720) - AXIS - 8
    plot = _Plot.of(books, limits, width)
    x = alt.X(
        "followed:Q",
        title=language.say("customers followed up"),
        scale=alt.Scale(domain=[0, plot.right], nice=False),
    )
    signs = "+,d" if plot.top - plot.bottom > 6 else "+.1f"
    y = alt.Y(
        "difference:Q",
        title=language.say("reached minus expected"),
        scale=alt.Scale(domain=[plot.bottom, plot.top], nice=False),
        axis=alt.Axis(tickCount=6, labelExpr=f"datum.value == 0 ? '0' : format(datum.value, '{signs}')"),
    )
    taken = plot.taken(books)
    named = alt.Chart(alt.InlineData(values=_names_of_limits(plot, limits, taken)))
    points = alt.Chart(alt.InlineData(values=plot.points(books, phone, taken))).encode(x, y)
    at = alt.X("at:Q"), alt.Y("beside:Q")
    return alt.layer(
        *_areas(limits, x),
        alt.Chart(alt.InlineData(values=[{}])).mark_rule(color=INK, aria=False).encode(alt.YDatum(0)),
        *_dots(points),
        named.mark_text(**{**PLAIN, "align": "right"}, color=INK_3).encode(alt.Text("text:N"), *at),
        points.mark_text(**HALO, align="left", baseline="middle").encode(alt.Text("label:N"), *at),
        width=width,
        height=HEIGHT,
        description=_told(books),
    )


def _areas(limits: pd.DataFrame, x: Any) -> list[Chart]:
    """The areas of both limits, the wider one below, each with its name at the right end."""
    alt = altair()
    rows = limits.astype(float).to_dict("records")
    base = alt.Chart(alt.InlineData(values=rows)).encode(x)
    made = []
    for part, colour, dash in (("998", OUTER, [1, 3]), ("95", WASH, [4, 3])):
        low, high = f"low{part}:Q", f"high{part}:Q"
        line: dict[str, Any] = {"color": INK_3, "strokeWidth": 1, "strokeDash": dash, "aria": False}
        made += [
            base.mark_area(color=colour, opacity=1, aria=False).encode(alt.Y(low), alt.Y2(high[:-2])),
            base.mark_line(**line).encode(alt.Y(low)),
            base.mark_line(**line).encode(alt.Y(high)),
        ]
    return made


def _names_of_limits(plot: _Plot, limits: pd.DataFrame, taken: list[Box]) -> list[dict[str, Any]]:
    """The names of both limits at their right ends, above or below, where no point is in the way."""
    rows = []
    last = limits.iloc[-1]
    for words, part in ((language.say("95% limit"), "95"), (language.say("99.8% limit"), "998")):
        for side, up in (("low", False), ("high", True)):
            right, middle = plot.px(float(last["followed"]), float(last[f"{side}{part}"]))
            middle += -8 if up else 8
            box = (right - len(words) * LETTER, middle - LINE / 2, right, middle + LINE / 2)
            if box[1] >= 0 and box[3] <= HEIGHT and not _overlaps(box, taken):
                taken.append(box)
                rows.append({"text": words, "at": plot.right, "beside": plot.value(middle)})
                break
    return rows


def _dots(points: Chart) -> list[Chart]:
    """Open points, filled ones outside the limits, dashed ones of too few customers."""
    alt = altair()
    look: dict[str, Any] = {"size": 64, "opacity": 1, "strokeWidth": 1.5, "stroke": INK}
    says = alt.Description("says:N")
    kinds: tuple[tuple[str, str, list[int]], ...] = (
        ("within", WHITE, []),
        ("few", WHITE, [2, 2]),
        ("outside", INK, []),
    )
    return [
        points.transform_filter(f"datum.kind == '{kind}'")
        .mark_circle(**look, fill=fill, **({"strokeDash": dash} if dash else {}))
        .encode(says)
        for kind, fill, dash in kinds
    ]


@dataclass(frozen=True)
class _Plot:
    """The plot in values and in px: its ends, and its width."""

    right: float
    bottom: float
    top: float
    width: int

    @classmethod
    def of(cls, books: pd.DataFrame, limits: pd.DataFrame, width: int) -> _Plot:
        seen = [*books["difference"].astype(float), *limits["low998"], *limits["high998"], -1.0, 1.0]
        return cls(float(limits["followed"].max()), min(seen) * 1.1, max(seen) * 1.1, width)

    def px(self, followed: float, difference: float) -> tuple[float, float]:
        """Where a point is drawn, from the left and from the top."""
        down = (self.top - difference) / (self.top - self.bottom)
        return followed / self.right * self.width, down * HEIGHT

    def value(self, down: float) -> float:
        """The difference at so many px from the top."""
        return self.top - down / HEIGHT * (self.top - self.bottom)

    def dots(self, books: pd.DataFrame) -> list[tuple[float, float]]:
        """Where the points are drawn."""
        pairs = zip(books["followed"], books["difference"], strict=True)
        return [self.px(float(followed), float(difference)) for followed, difference in pairs]

    def taken(self, books: pd.DataFrame) -> list[Box]:
        """What the points cover."""
        return [(x - 5, y - 5, x + 5, y + 5) for x, y in self.dots(books)]

    def points(self, books: pd.DataFrame, phone: bool, taken: list[Box]) -> list[dict[str, Any]]:
        """The rows that are drawn: each point, what it says, its name and where that stands."""
        rows: list[dict[str, Any]] = []
        facts = table_rows(books[["name", "followed", "difference", "low95", "high95", "few"]])
        for book, dot in zip(facts, self.dots(books), strict=True):
            name, difference = str(book["name"]), float(book["difference"])
            label, at = self._label(_initials(name) if phone else name, dot, taken)
            inside = against_limits(book) == "within"
            kind = "few" if book["few"] else "within" if inside else "outside"
            followed = int(book["followed"])
            told = {"name": name, "customers": people(followed), "difference": tenths(difference)}
            says = language.say("{name}: {customers} followed up, {difference}", **told)
            rows.append(
                {"followed": followed, "difference": difference, "kind": kind, "says": says}
                | {"label": label, "at": at[0], "beside": at[1]}
            )
        return rows

    def _label(
        self, text: str, dot: tuple[float, float], taken: list[Box]
    ) -> tuple[str, tuple[float, float]]:
        """The name and where it begins; none where every place beside the point is taken."""
        wide = len(text) * LETTER
        for x, y in ((9, 0), (-9 - wide, 0), (-wide / 2, -14), (-wide / 2, 14)):
            left, middle = dot[0] + x, dot[1] + y
            box = (left, middle - LINE / 2, left + wide, middle + LINE / 2)
            inside = left >= 0 and box[2] <= self.width and box[1] >= 0 and box[3] <= HEIGHT
            if inside and not _overlaps(box, taken):
                taken.append(box)
                return text, (left / self.width * self.right, self.value(middle))
        return "", (0.0, 0.0)


def _overlaps(box: Box, others: Iterable[Box]) -> bool:
    return any(box[0] < o[2] and o[0] < box[2] and box[1] < o[3] and o[1] < box[3] for o in others)


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[0].isalnum())[:3] or name[:2]


def tenths(difference: float) -> str:
    """A difference of customers with one place: ``+6.7``, ``−0.1``, ``0.0``."""
    rounded = round(float(difference), 1) + 0.0
    return wording.decimals(rounded, 1, signed=rounded > 0)


def _told(books: pd.DataFrame) -> str:
    names: Sequence[str] = [
        f"{name} {tenths(difference)}"
        for name, difference in zip(books["name"], books["difference"], strict=True)
    ]
    who = wording.plural(len(books), language.say("representative"), language.say("representatives"))
    title = language.say("Reached minus expected for each of {representatives}", representatives=who)
    return f"{title}. {'; '.join(names)}"
