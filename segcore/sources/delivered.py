"""The date of a delivery in a file's name, read by the pattern of the study, and the order of names.

The engine searches for it, not Python: the time of its search grows with the length of the name and
no faster, whatever the pattern, where a pattern like ``(a+)+$`` keeps Python's busy for ever.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, takewhile

from segcore.engine import ENGINES
from segcore.errors import InputError
from segcore.files import natural
from segcore.params import Delivered, Study
from segcore.params.layouts import NAMED, NUMBER_OF, date_pattern, example, parts_of, read_date

ISO, COMPACT = "%Y-%m-%d", "%Y%m%d"
LAYOUTS = (
    *(ISO, COMPACT, "%Y_%m_%d", "%Y.%m.%d", "%d.%m.%Y", "%d-%m-%Y", "%d_%m_%Y", "%d%m%Y", "%m-%d-%Y"),
    *("%m_%d_%Y", "%m%d%Y", "%y%m%d", "%d.%m.%y", "%d-%m-%y", "%d_%m_%y", "%d%m%y", "%m%d%y"),
    *("%Y-%m", "%Y_%m", "%Y.%m", "%Y%m", "%m.%Y", "%m-%Y", "%m_%Y", "%m%Y"),
    *("%m-%y", "%m_%y", "%m.%y"),
    *("%b_%Y", "%b-%Y", "%b %Y", "%b%Y", "%Y_%b", "%Y-%b", "%Y %b"),
    *("%b_%y", "%b-%y", "%b %y"),
)
"""The forms in which names of files hold dates."""

PART = re.compile(
    r"(?i)(?:(20\d\d)[ ._-]*)?(?<![^\W\d_])(?:(?:kw|cw|wk?|week|woche|q|quarter|quartal)[ ._-]*(\d{1,2})"
    rf"|({'|'.join(sorted(NUMBER_OF, key=len, reverse=True))}))(?![^\W_])(?:[ ._-]*(20\d\d|\d\d)(?!\d))?"
)
"""A week, a quarter or the name of a month, with a year before or after it or without one."""


def delivery_dates(study: Study, kind: str, names: Sequence[str]) -> dict[str, dt.date | None]:
    """Name → the delivery's date; None for all of them if the source has no ``delivered``.

    A year of two digits is one of ``format.century``, or else of this century: files are delivered now.

    Parameters
    ----------
    study, kind
        The study, and which of its sources.
    names
        The files' names, relative to the data folder.

    Raises
    ------
    InputError
        With every name without a date, or with what is wrong with the pattern.
    """
    source = study.sources.given()[kind]
    said = source.delivered
    if said is None:
        return dict.fromkeys(names)
    layouts = (ISO, COMPACT) if said.date == ISO else (said.date,)
    dates: dict[str, dt.date | None] = {}
    problems: list[str] = []
    for name, text in zip(names, _found(study, kind, said, names), strict=True):
        dates[name] = next(filter(None, (_day(text, form, source.layout.century) for form in layouts)), None)
        if dates[name] is None:
            problems.append(
                f"{name}: must hold the delivery's date as sources.{kind}.delivered says ({said.name!r}, "
                f"a date like {example(said.date)}); rename the file or mend the pattern"
            )
    if problems:
        raise InputError(*problems)
    return dates


def _day(text: str, layout: str, century: int | None = None) -> dt.date | None:
    """The date of a text; the first of the month where the form has no day."""
    text = unicodedata.normalize("NFC", text)
    if "%d" in layout:
        return read_date(text, layout, century)
    return read_date(f"1 {text}", f"%d {layout}", century)


def _found(study: Study, kind: str, said: Delivered, names: Sequence[str]) -> list[str]:
    """What the group of the pattern matches in each name; "" if it is not there."""
    query = "select regexp_extract(name, $pattern, 1) from (select unnest($names::VARCHAR[]) as name)"
    with ENGINES["duckdb"]() as engine:
        try:
            return [row[0] for row in engine.rows(query, {"pattern": said.name, "names": list(names)})]
        except Exception as error:  # each engine has its own classes of errors
            fault = str(error).splitlines()[0].strip()
    raise InputError(
        f"{study.path}: sources.{kind}.delivered: must be a regular expression without looking ahead or "
        f"back and without references to groups, so that its search ends (got {said.name!r}: {fault})"
    )


def check_order(study: Study, kind: str, names: Sequence[str]) -> None:
    """Make sure that names of one pattern do not hold dates that nobody reads.

    Without ``delivered`` later names win, in natural order: ``sales_31.12.2025`` over
    ``sales_28.02.2026``. Where that is not the order of the dates, only the study can say which holds.

    Raises
    ------
    InputError
        With the line to write.
    """
    source = study.sources.given()[kind]
    if source.delivered or len(names) < 2:
        return
    parts = {name: found for name in names if (found := PART.search(unicodedata.normalize("NFC", name)))}
    months = [found for found in parts.values() if found[3]]
    if len(parts) == len(names) and not any(found[1] or found[4] for found in months):
        wins = source.unique != "record" and source.deliveries == "cumulative"
        _check_parts(kind, parts, wins=wins or source.deliveries == "snapshot")
        return
    readings = [(layout, days) for layout in LAYOUTS if len(days := dict(_dated(names, layout))) > 1]
    if not readings:
        return
    # A name may be read in several ways: the one by which the deliveries lie closest is meant.
    most = max(len(days) for _, days in readings)
    layout, days = min(
        ((layout, days) for layout, days in readings if len(days) == most),
        key=lambda found: max(d for d, _ in found[1].values()) - min(d for d, _ in found[1].values()),
    )
    by_name = sorted(days, key=natural)
    by_date = sorted(by_name, key=lambda name: days[name][0])
    if by_name == by_date:
        return
    later, earlier = next(pair for pair in zip(by_name, by_date, strict=True) if pair[0] != pair[1])
    pattern = _pattern(layout, [days[name][1] for name in by_name])
    raise InputError(
        f"sources.{kind}: must say how the date in the names of its files is read, for later deliveries win "
        f"({earlier} is of {days[earlier][0]} and {later} of {days[later][0]}, but names sort otherwise); "
        f"add delivered: {{name: '{pattern}', date: \"{layout}\"}}"
    )


def _check_parts(kind: str, parts: Mapping[str, re.Match[str]], *, wins: bool) -> None:
    """Make sure that names with weeks, quarters or months without a day sort by them, if later ones win."""
    ranks = {
        name: (int(found[1] or found[4] or 0) % 100, NUMBER_OF.get((found[3] or "").lower()) or int(found[2]))
        for name, found in parts.items()
    }
    by_name = sorted(parts, key=natural)
    wrong = [(one, other) for one, other in pairwise(by_name) if ranks[one] > ranks[other]]
    if wrong and wins:
        earlier, later = wrong[0]
        raise InputError(
            f"sources.{kind}: must have files whose names sort by date, for later deliveries win ({later} "
            f"sorts behind {earlier} and is older); rename them, the year first and all in digits like "
            "sales_2026-02.csv, or say deliveries: increments if they stand side by side"
        )


def _dated(names: Sequence[str], layout: str) -> Iterator[tuple[str, tuple[dt.date, str]]]:
    """Name → the date that it holds in a form, and what stands before it; those that hold one."""
    # A month is none where a day stands before it or after it.
    aside = r"(?<!\d)(?<!\d[._-])", r"(?!\d)(?![._-]\d)"
    before, after = (r"(?<!\d)", r"(?!\d)") if "%d" in layout else aside
    pattern = re.compile(f"{before}(?:{date_pattern(layout)}){after}")
    for name in names:
        found = pattern.search(unicodedata.normalize("NFC", name))
        if found and (day := _day(found[0], layout)):
            yield name, (day, found.string[: found.start()])


def _pattern(layout: str, before: Sequence[str]) -> str:
    """A pattern for names that hold dates of a form after these texts."""
    digits = {"%Y": r"\d{4}", "%y": r"\d{2}"} | dict.fromkeys(NAMED, "[^0-9_. -]+")
    short = r"\d{2}" if re.search("%.%.", layout) else r"\d{1,2}"
    date = "".join(
        digits.get(part, short) if part.startswith("%") else re.escape(part) for part in parts_of(layout)
    )
    turned = [text[::-1] for text in before]
    same = (letters[0] for letters in takewhile(lambda them: len(set(them)) == 1, zip(*turned, strict=False)))
    common = "".join(same)[::-1]
    return f"{re.escape(common)}({date})".replace("\\-", "-").replace("\\ ", " ")
