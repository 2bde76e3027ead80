"""Why customers of every segment moved: one bar each, to the right who moved up, to the left who moved down.

Solid is what customers did or did not do, hatched and white what the model did, so that nobody takes a
moved boundary for success. Charts have no hatching of their own, so its lines are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from segcore import language, wording
from segcore.charts.colours import INK, INK_3, NO_SEGMENT, RULE, WHITE, Colour
from segcore.charts.theme import HALO, PLAIN, Chart, altair, chips, people, unchecked
from segcore.sentences import causes as of_causes

if TYPE_CHECKING:
    import pandas as pd

WIDE, PHONE = (711.0, 152.0, 36.0), (350.0, 0.0, 52.0)
"""The width, how much of it names of segments take, and how far it is from one bar to the next, in px."""
BAR, HEAD, LINE = 20.0, 28.0, 22.0
"""A bar, what stands above all of them, and a line of the key."""
ROOM, STRIPE, WRITTEN = 44.0, 7.0, 24.0
"""Beside the bars, for the numbers at their ends; from line to line of the hatching; and the width from
which on a part has its number in it."""
SIGN, LETTER = 20.0, 6.7
"""The width of a sign of the key, and of a letter behind it."""
FILLS = {"earned": INK, "aged": "#6B7686", "corrected": RULE}
"""Mark → its area; those of the model are white."""
MOVED = {"up": "{segment}, moved up", "down": "{segment}, moved down"}
"""Direction → what a part of a bar is of."""
HATCHED = {"boundary": (1,), "model": (1, -1)}
"""Mark → which way the lines on it run; both ways make a net."""


@unchecked
def causes(table: pd.DataFrame, palette: Mapping[str, Colour], *, phone: bool = False) -> Chart:
    """The causes of all moves out of every segment.

    Parameters
    ----------
    table
        segment, direction, mark, customers; somebody moved.
    palette
        The colours of the segments, best first.
    phone
        Whether it is for 358 px instead of 720.
    """
    import pandas as pd

    alt = altair()
    width, left, pitch = PHONE if phone else WIDE
    found = table[table["direction"].isin(("up", "down")) & (table["customers"] > 0)]
    key = list(_key([mark for mark in of_causes.MARKS if mark in set(found["mark"])], width))
    top = key[-1]["y"] + LINE + HEAD
    rows = {name: top + pitch * n + (pitch - BAR) * phone for n, name in enumerate(palette)}
    sizes = found.groupby(["direction", "segment"])["customers"].sum()
    most = {way: int(sizes[way].max()) if way in sizes else 0 for way in ("down", "up")}
    each = (width - left - 2 * ROOM) / sum(most.values())
    zero = left + ROOM + most["down"] * each
    parts = list(_parts(found, rows, zero, each))
    height = top + pitch * len(rows) - (pitch - BAR) * (not phone) + 8
    names = pd.DataFrame(_names(rows, palette, phone=phone))

    def layer(items: Any, *channels: Any) -> Chart:
        return alt.Chart(pd.DataFrame(items)).encode(
            alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, width], nice=False)),
            alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False)),
            *channels,
        )

    ends = alt.X2("x2"), alt.Y2("y2")
    boxes = layer([*parts, *key], *ends, alt.Fill("fill:N", scale=None), alt.Description("says:N"))
    lines = [line for box in [*parts, *key] for line in _hatching(box)]
    layers = [boxes.mark_rect(stroke=INK, strokeWidth=1, opacity=1)]
    if lines:
        layers.append(layer(lines, *ends).mark_rule(color=NO_SEGMENT, strokeWidth=1.5, aria=False))
    axis = [{"x": zero, "y": top - 6, "x2": zero, "y2": height - 4}]
    layers.append(layer(axis, *ends).mark_rule(color=INK, aria=False))
    texts = [*_written(parts), *_totals(sizes, rows, (zero, each)), *_heads(zero, top), *_words(key)]
    for (align, look), some in _alike(texts).items():
        style = HALO if look == "halo" else PLAIN
        weight = "normal" if look == "plain" else "bold"
        mark = layer(some, alt.Text("text:N"), alt.Color("ink:N", scale=None))
        layers.append(mark.mark_text(**{**style, "align": align, "baseline": "middle"}, fontWeight=weight))
    layers.append(layer(names, alt.Text("segment:N")).mark_text(**PLAIN, dx=26))
    layers += chips(layer(names), palette, alt.XValue(10))
    return alt.layer(*layers, width=width, height=height, description=_says(found))


def _key(marks: Sequence[str], width: float) -> Iterator[dict[str, Any]]:
    """The signs of the marks that are there, with their words behind them, in as many lines as it takes."""
    x, y = 1.0, 2.0
    for mark in marks:
        long = SIGN + 6 + LETTER * len(of_causes.MARKS[mark])
        if x > 1 and x + long > width:
            x, y = 1.0, y + LINE
        fill = FILLS.get(mark, WHITE)
        yield {
            "mark": mark,
            "x": x,
            "x2": x + SIGN,
            "y": y,
            "y2": y + 14,
            "fill": fill,
            "says": of_causes.MARKS[mark],
        }
        x += long + 18


def _parts(
    found: pd.DataFrame, rows: Mapping[str, float], zero: float, each: float
) -> Iterator[dict[str, Any]]:
    """The parts of all bars, from the line in the middle outwards, the customers' own first."""
    order = list(of_causes.MARKS)
    for group, own in found.groupby(["segment", "direction"], sort=False):
        segment, way = map(str, group)
        x, sign = zero, 1 if way == "up" else -1
        ordered = own.sort_values("mark", key=lambda marks: marks.map(order.index))
        for mark, customers in zip(ordered["mark"], ordered["customers"], strict=True):
            ends = sorted((x, x + sign * each * customers))
            moved = language.say(MOVED[way], segment=segment)
            yield {
                "mark": mark, "customers": int(customers), "x": ends[0], "x2": ends[1],
                "y": rows[segment], "y2": rows[segment] + BAR, "fill": FILLS.get(mark, WHITE),
                "says": f"{moved}: {wording.inside(of_causes.MARKS[mark])}, {people(int(customers))}",
            }  # fmt: skip
            x += sign * each * customers


def _hatching(box: Mapping[str, Any]) -> Iterator[dict[str, float]]:
    """Lines at 45° from edge to edge of a part."""
    for way in HATCHED.get(box["mark"], ()):
        x, x2, y, y2 = (box[name] for name in ("x", "x2", "y", "y2"))
        high = y2 - y
        start = x - high + STRIPE / 2
        while start < x2:
            ends = max(start, x), min(start + high, x2)
            rise = [end - start for end in ends]
            tops = [y2 - r if way > 0 else y + r for r in rise]
            yield {"x": ends[0], "y": tops[0], "x2": ends[1], "y2": tops[1]}
            start += STRIPE


def _written(parts: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The numbers in parts that have room for them."""
    for part in parts:
        if part["x2"] - part["x"] >= max(WRITTEN, 9 + LETTER * len(wording.count(part["customers"]))):
            solid = part["mark"] in ("earned", "aged")
            yield {
                "x": (part["x"] + part["x2"]) / 2, "y": part["y"] + BAR / 2, "align": "center",
                "text": wording.count(part["customers"]), "ink": WHITE if solid else INK,
                "look": "bold" if solid else "halo",
            }  # fmt: skip


def _totals(
    sizes: pd.Series, rows: Mapping[str, float], scale: tuple[float, float]
) -> Iterator[dict[str, Any]]:
    zero, each = scale
    for way, sign, align in (("up", 1, "left"), ("down", -1, "right")):
        for segment, y in rows.items():
            customers = int(sizes.get((way, segment), 0))
            yield {
                "x": zero + sign * (each * customers + 6), "y": y + BAR / 2, "align": align,
                "text": wording.count(customers), "ink": INK, "look": "bold",
            }  # fmt: skip


def _heads(zero: float, top: float) -> list[dict[str, Any]]:
    looks = {"y": top - 16, "ink": INK_3, "look": "plain"}
    return [
        {**looks, "x": zero - 6, "align": "right", "text": language.say("moved down")},
        {**looks, "x": zero + 6, "align": "left", "text": language.say("moved up")},
    ]


def _words(key: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for sign in key:
        place = {"x": sign["x2"] + 6, "y": sign["y"] + 7, "align": "left"}
        yield {**place, "text": of_causes.MARKS[sign["mark"]], "ink": INK, "look": "plain"}


def _names(
    rows: Mapping[str, float], palette: Mapping[str, Colour], *, phone: bool
) -> Iterator[dict[str, Any]]:
    for name, y in rows.items():
        middle = y - 12 if phone else y + BAR / 2
        yield {"x": 0.0, "y": middle, "segment": name, "number": str(palette[name].number)}


def _alike(texts: Sequence[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for text in texts:
        found.setdefault((text["align"], text["look"]), []).append(text)
    return found


def _says(found: pd.DataFrame) -> str:
    sums = found.groupby(["direction", "mark"])["customers"].sum()
    told = [
        f"{words}: "
        + ", ".join(f"{wording.inside(of_causes.MARKS[m])} {wording.count(int(sums[way, m]))}" for m in marks)
        for way, words in (("up", language.say("moved up")), ("down", language.say("moved down")))
        if (marks := [mark for mark in of_causes.MARKS if (way, mark) in sums.index])
    ]
    title = language.say("Why customers of every segment moved")
    return f"{title}. {wording.sentence('; '.join(told))}"


def _counted(mark: str, customers: int) -> str:
    return f"{wording.inside(of_causes.MARKS[mark])} {wording.count(customers)}"
