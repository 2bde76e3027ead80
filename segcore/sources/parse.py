"""Text → typed columns, as SQL: a strict pattern first, then the cast, and the raw text is kept.

DuckDB's own casts take ``12.34,5`` for a number and the year 25 for a date. So a value is parsed
only if it matches the pattern of its format; otherwise its record is refused with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from segcore.engine.sql import quote_name, quote_text
from segcore.kinds import KINDS
from segcore.params import Column, Format, Source, type_of

BLANKS = " \t\u00a0"
VISIBLE = ("!", "~")
SEPARATOR = "chr(31)"


@dataclass(frozen=True)
class Parsed:
    """How one canonical column is made from a column of the file.

    Parameters
    ----------
    name
        The canonical name.
    text
        SQL of the raw text, trimmed; NULL if it is empty.
    value
        SQL of the typed value, over the text; NULL if it does not match.
    rule
        What the text must be ("number", "date"), or "" if every text will do.
    reason
        The sentence for a refused record.
    """

    name: str
    text: str
    value: str
    rule: str
    reason: str


def parsed_column(kind: str, name: str, column: Column, raw: str, layout: Format) -> Parsed:
    """How ``name`` is parsed; ``raw`` is the SQL name of the file's column."""
    text = quote_name(f"text {name}")
    clean = trimmed(raw)
    held = type_of(kind, name, column)
    if held == "date":
        pattern = (column.date or layout.date)[0]
        return Parsed(name, clean, _date(text, pattern), "date", f"must be a date like {pattern}")
    if held == "number":
        decimal = column.decimal or layout.decimal
        example = f"1{layout.thousands or ''}234{decimal}56"
        reason = f"must be a number like {example} with at most four decimals"
        return Parsed(name, clean, _decimal(text, decimal, layout.thousands), "number", reason)
    return Parsed(name, clean, _text(text, column), "", "")


def trimmed(raw: str) -> str:
    """The text without blanks around it, NULL if nothing is left.

    Few texts have blanks around them, and trimming all costs more than reading the file. Those that
    start and end with a visible ASCII character have none, which is seen at once.
    """
    first, last = quote_text(VISIBLE[0]), quote_text(VISIBLE[1])
    doubtful = f"{raw} not between {first} and {last} or {raw}[-1] not between {first} and {last}"
    return f"nullif(if({doubtful}, trim({raw}, {quote_text(BLANKS)}), {raw}), '')"


def _text(text: str, column: Column) -> str:
    if column.strip_suffix:
        suffix = quote_text(column.strip_suffix)
        stripped = f"nullif({text}[:-{len(column.strip_suffix) + 1}], '')"
        text = f"if(ends_with({text}, {suffix}), {stripped}, {text})"
    if column.zero_pad:
        # lpad would cut longer text; only what SAP's ALPHA conversion pads is padded.
        short = f"regexp_full_match({text}, '[0-9]{{1,{column.zero_pad}}}')"
        text = f"if({short}, lpad({text}, {column.zero_pad}, '0'), {text})"
    return text


def _decimal(text: str, decimal: str, thousands: str | None) -> str:
    point = re.escape(decimal)
    whole = r"\d+"
    if thousands:
        whole = rf"(\d{{1,3}}({re.escape(thousands)}\d{{3}})+|\d+)"
    number = rf"{whole}({point}\d{{1,4}}0*)?"
    pattern = rf"[+-]?{number}|{number}-"
    plain = f"replace({text}, {quote_text(thousands)}, '')" if thousands else text
    if decimal != ".":
        plain = f"replace({plain}, {quote_text(decimal)}, '.')"
    signed = f"if(ends_with({plain}, '-'), '-' || {plain}[:-2], {plain})"
    cast = f"try_cast({signed} as DECIMAL(18, 4))"
    return f"if(regexp_full_match({text}, {quote_text(pattern)}), {cast}, NULL)"


_DATE_PARTS = {
    "%d": r"\d{1,2}",
    "%m": r"\d{1,2}",
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%H": r"\d{1,2}",
    "%M": r"\d{2}",
    "%S": r"\d{2}",
    "%f": r"\d{1,6}",
}


def date_pattern(layout: str) -> str:
    """The regular expression that a date must match before it is parsed by ``layout``."""
    parts = re.split(r"(%.)", layout)
    pattern = "".join(_DATE_PARTS.get(p, ".+") if p.startswith("%") else re.escape(p) for p in parts)
    # Where nothing stands between two parts, one digit more or less would shift the others.
    return pattern.replace("{1,2}", "{2}") if re.search("%.%.", layout) else pattern


def _date(text: str, layout: str) -> str:
    matches = f"regexp_full_match({text}, {quote_text(date_pattern(layout))})"
    return f"if({matches}, cast(try_strptime({text}, {quote_text(layout)}) as DATE), NULL)"


def record_key(delivered: Iterable[tuple[str, str]]) -> str:
    """SQL of the key of a whole record: a hash over all delivered columns, as text.

    ``delivered`` pairs header names with SQL names; the order of columns in the file does not matter.
    All 128 bits are kept, as a UUID because Parquet has no whole numbers of that length.
    """
    texts = f", {SEPARATOR}, ".join(sql for _, sql in sorted(delivered))
    return f"md5_number(concat({texts}))::UUID"


@dataclass(frozen=True)
class Shape:
    """A file whose rows are to be typed.

    Parameters
    ----------
    kind, source
        The kind of source, and what the study says about it.
    currency
        The study's currency.
    names
        The names in its header, by position.
    typed
        Whether its cells have types of their own.
    file
        Its name as delivered.
    """

    kind: str
    source: Source
    currency: str
    names: tuple[str, ...]
    typed: bool
    file: str


def parse_query(shape: Shape, rows: str) -> str:
    """The query that types the rows of a file; see :func:`segcore.sources.parsing.parse_extract`."""
    source, layout = shape.source, shape.source.layout
    delivered = [(name, f"c{place}") for place, name in enumerate(shape.names)]
    raw = dict(delivered)
    columns = source.columns
    parsed = [
        parsed_column(shape.kind, name, column, raw[column.from_], layout)
        for name, column in columns.items()
        if isinstance(column.from_, str)
    ]
    key = record_key(delivered) if source.unique == "record" else "NULL::UUID"
    texts = ", ".join(f"{p.text} as {quote_name('text ' + p.name)}" for p in parsed)
    values = ", ".join(f"{p.value} as {quote_name(p.name)}" for p in parsed)
    checked = [p for p in parsed if p.rule]
    kept = "record, _lines, _skip, _fault"
    split = f"select {kept}, {key} as _record_key, {texts} from ({rows})"
    inner = f"select *, {values} from ({split})"
    bad = {
        "_bad_column": _first_bad(checked, lambda p: quote_text(p.name)),
        "_bad_raw": _first_bad(checked, lambda p: quote_name("text " + p.name)),
        "_bad_rule": _first_bad(checked, lambda p: quote_text(p.rule)),
        "_bad_reason": _first_bad(checked, lambda p: quote_text(p.reason)),
    }
    bad["_bad_reason"] = f"coalesce(_fault, {bad['_bad_reason']})"
    outputs = ", ".join(output(shape.kind, name, column) for name, column in columns.items())
    faults = ", ".join(f"{sql} as {name}" for name, sql in bad.items())
    return (
        f"select record, _lines, _skip, _record_key, {outputs}, {faults}, _fault is not null as _structural, "
        'NULL::STRUCT("column" VARCHAR, raw VARCHAR, rule VARCHAR)[] as _unread '
        f"from ({_widened(inner, parsed)})"
    )


def _widened(inner: str, parsed: list[Parsed]) -> str:
    """Numbers wide enough for expressions: DuckDB keeps a product of two DECIMAL(18,4) in 18 digits."""
    numbers = [quote_name(p.name) for p in parsed if p.rule == "number"]
    if not numbers:
        return inner
    wide = ", ".join(f"cast({n} as DECIMAL(38, 4)) as {n}" for n in numbers)
    return f"select * replace ({wide}) from ({inner})"


def _first_bad(checked: list[Parsed], what: Callable[[Parsed], str]) -> str:
    cases = " ".join(
        f"when {quote_name('text ' + p.name)} is not null and {quote_name(p.name)} is null then {what(p)}"
        for p in checked
    )
    return f"cast(case {cases} end as VARCHAR)" if cases else "cast(NULL as VARCHAR)"


def output(kind: str, name: str, column: Column) -> str:
    """SQL of a canonical column as it leaves the parser, over the parsed columns of its record."""
    quoted = quote_name(name)
    held = type_of(kind, name, column)
    number = held == "number"
    if column.sql is None:
        return f"cast({quoted} as DECIMAL(18, 4)) as {quoted}" if number else quoted
    if held == "date":
        return f"cast(({column.sql}) as DATE) as {quoted}"
    if number:
        # A product of two numbers with four decimals has eight: nothing is rounded before display.
        return f"cast(({column.sql}) as DECIMAL(38, 8)) as {quoted}"
    known = name in KINDS[kind].columns
    return f"cast(({column.sql}) as VARCHAR) as {quoted}" if known else f"({column.sql}) as {quoted}"
