"""Which rows of a file are no records, and which cannot be split: as SQL over a reader's rows.

What a row is taken for has a name: above the header, header, page header, blank, rule line, or the
name of a rule under ``skip:``. Everything else is a record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from segcore.engine.sql import quote_text
from segcore.params import Source
from segcore.sources.formats import ASIDE, COVERED, glue
from segcore.sources.headers import Header
from segcore.sources.values import AROUND, trimmed
from segcore.sources.values.columns import is_named_key

SEPARATOR = "chr(31)"
LONGEST_RAW = 1000
MORE = "must have as many fields as the header (it has more)"
FEWER = "must have as many fields as the header (it has fewer)"
TOTALS = (
    r"(?is)\s*(\*+|((zwischen|end|gesamt)?summe|gesamt(ergebnis|wert|umsatz)?|ergebnis|sub-?totals?|"
    r"grand totals?|overall result)\b.*|sum|result|totals?|total(\s*:|\s+(for|of)\b).*|"
    r".*\S\s+((zwischen|gesamt)?summe|ergebnis|total|subtotal))\s*"
)
LABELS = (
    *("summe", "zwischensumme", "gesamtsumme", "endsumme", "gesamtergebnis", "total", "subtotal"),
    *("sub-total", "grand total", "overall result"),
)
"""What stands for itself in a column of a total, in whatever column."""

TOTAL = (
    "must not be a total of others (it looks like one); name it under skip:, which also checks it, or under "
    "keep: if it is none"
)
OTHER_HEADER = "another header"
RULES = {
    "must be in one encoding": "encoding",
    "must not stand inside a quote": "quotes",
    TOTAL: "total",
    "must end like the others": "cut",
}
"""How the sentence of a structural fault begins → the name of the rule; others are about columns."""


def marked_rows(source: Source, header: Header, rows: str, *, line: str = "record") -> str:
    """SQL of a file's rows, split.

    Parameters
    ----------
    source
        What the study says about the file.
    header
        Its header.
    rows
        The table of a reader's rows.
    line
        SQL of the line or row in which each stands.

    Returns
    -------
    str
        Columns out: record, _lines, _skip, _fault, and the texts c0, c1, … as in the header.
    """
    width = len(header.names)
    split = f"string_split(text, {quote_text(source.layout.delimiter)})"
    fields = f"select record, lines, text, fault, coalesce(fields, {split}) as f from {rows}"
    first = f"select *, coalesce(f[1], '') as first from ({fields})"
    skip = f"select *, {_skip(source, header, line)} as _skip from ({first})"
    faults = f"select *, {_fault(source, header, width)} as fault_told from ({skip})"
    stood = f"coalesce(text, array_to_string(f, {quote_text(glue(source.layout))}))"
    told = f"if(fault_told is null, NULL, fault_told || {SEPARATOR} || left({stood}, {LONGEST_RAW}))"
    # Rows that are no records keep their texts: a total that a study skips is held against the records.
    texts = "".join(f", if(fault_told is null, f[{place + 1}], NULL) as c{place}" for place in range(width))
    return f"select record, lines as _lines, _skip, {told} as _fault{texts} from ({faults})"


def _skip(source: Source, header: Header, line: str) -> str:
    """SQL of the name of the rule by which a row is no record; NULL for a record."""
    cases = [f"when {line} < {header.record} then 'above the header'"] if header.record else []
    cases += [f"when {line} = {header.record} then 'header'"] if header.record else []
    cases.append(f"when starts_with(fault, {quote_text(ASIDE)}) then substr(fault, {len(ASIDE) + 1})")
    if header.fields:
        texts = ", ".join(map(quote_text, header.fields))
        cases.append(f"when first = {quote_text(header.fields[0])} and f = [{texts}] then 'page header'")
    cases += _other_headers(source, header)
    for name, pattern in source.skip.items():
        cases.append(f"when {_any_field(pattern)} and not {_kept(source)} then {quote_text(name)}")
    # Joining the fields of each row would take as long as splitting them all.
    blank = f"if(trim(array_to_string(f, ''), {AROUND}) = '', 'blank', NULL)"
    cases.append(f"when first < '!' or first between '\u00a0' and '\u202f' then {blank}")
    return f"case {' '.join(cases)} end"


def _other_headers(source: Source, header: Header) -> Iterator[str]:
    """Headers that are written a little otherwise; and those whose names stand in another order.

    What follows one of the latter would be read wrong.
    """
    names = [name for name in source.columns_by_file() if name in header.names]
    if len(names) > 1:
        near = f"contains(coalesce(text, array_to_string(f, ' ')), {quote_text(max(names, key=len))})"
        trimmed = f"list_transform(f, lambda field: trim(field, {AROUND}))"
        listed = ", ".join(map(quote_text, names))
        same = f"{trimmed} = [{', '.join(map(quote_text, header.names))}]"
        yield f"when {near} and {same} then 'page header'"
        yield f"when {near} and list_has_all({trimmed}, [{listed}]) then {quote_text(OTHER_HEADER)}"


def _kept(source: Source) -> str:
    """SQL of whether a field of the row is a text that a study keeps, whatever it looks like."""
    texts = ", ".join(map(quote_text, source.keep))
    return (
        f"list_has_any(list_transform(f, lambda field: trim(field, {AROUND})), [{texts}])"
        if texts
        else "false"
    )


def _any_field(pattern: str) -> str:
    """SQL of whether a field of the row is as a pattern with ``*`` says."""
    parts = [re.escape(part) for part in pattern.split("*")]
    expression = quote_text("(?s)" + ".*".join(parts))
    longest = max(pattern.split("*"), key=len)
    near = f"contains(array_to_string(f, ' '), {quote_text(longest)})"
    trimmed = f"trim(field, {AROUND})"
    return f"{near} and len(list_filter(f, lambda field: regexp_full_match({trimmed}, {expression}))) > 0"


def _fault(source: Source, header: Header, width: int) -> str:
    """SQL of why a record cannot be split, NULL if it can."""
    rest = f"trim(replace(array_to_string(f[{width + 1}:], ''), '{COVERED}', ''), {AROUND}) = ''"
    cases = [
        "when _skip is not null then NULL",
        "when fault is not null then fault",
        f"when len(f) > {width} and not {rest} then {quote_text(MORE)}",
        *_nameless(source, header, width),
        f"when len(f) < {width - header.open_end} then {quote_text(FEWER)}",
        *_totals(source, header),
    ]
    return f"case {' '.join(cases)} end"


def _nameless(source: Source, header: Header, width: int) -> Iterator[str]:
    """Records with something in the column that a delimiter at the end of the header makes."""
    single = header.open_end and bool(header.names[-2:-1] and header.names[-2])
    if single and all(column.from_ != width for column in source.columns.values()):
        yield f"when trim(f[{width}], {AROUND}) not in ('', '{COVERED}') then {quote_text(MORE)}"


def _totals(source: Source, header: Header) -> Iterator[str]:
    """Records whose key says that they are sums of others: they may carry a date and an order."""
    for name, column in source.columns.items():
        place = _place(column.from_, header)
        if is_named_key(name) and place is not None:
            field = f"f[{place + 1}]"
            # Most keys begin with a digit, or there is none, which is seen at once.
            doubtful = f"{field} <> '' and ({field} < '0' or {field} > ':' or contains({field}, ' '))"
            looks = f"regexp_full_match({field}, {quote_text(TOTALS)})"
            yield f"when {doubtful} and {looks} and not {_kept(source)} then {quote_text(TOTAL)}"
    yield from _labelled_totals(source, header)


def _labelled_totals(source: Source, header: Header) -> Iterator[str]:
    """Records that say in a column which the study does not read that they are sums of others."""
    read = {_place(column.from_, header) for column in source.columns.values()}
    words = ", ".join(map(quote_text, LABELS))
    shortest, longest = min(map(len, LABELS)), max(map(len, LABELS))
    for place in range(len(header.names)) if "amount" in source.columns else ():
        if place not in read:
            field = f"f[{place + 1}]"
            # Other texts are longer, as a rule, and what follows takes long. With "and", or with
            # list_contains, which becomes a join, the engine would look at all of them.
            near = f"strlen({field}) between {shortest} and {longest + 4}"
            looks = f"list_position([{words}], lower({trimmed(field)}))"
            looks = f"if({near}, {looks}, NULL) is not null"
            yield f"when {looks} and not {_kept(source)} then {quote_text(TOTAL)}"


def _place(origin: str | int | None, header: Header) -> int | None:
    if isinstance(origin, int):
        return origin - 1
    return header.names.index(origin) if origin in header.names else None


def with_faults(query: str) -> str:
    """SQL of typed rows with what is known of structural faults: the sentence, its rule, the raw text."""
    reason = f"split_part(_bad_reason, {SEPARATOR}, 1)"
    raw = f"split_part(_bad_reason, {SEPARATOR}, 2)"
    cases = " ".join(
        f"when starts_with(_bad_reason, {quote_text(start)}) then {quote_text(rule)}"
        for start, rule in RULES.items()
    )
    return (
        f"select * replace (if(_structural, case {cases} else 'columns' end, _bad_rule) as _bad_rule, "
        f"if(_structural, {raw}, _bad_raw) as _bad_raw, "
        f"if(_structural, {reason}, _bad_reason) as _bad_reason) from ({query})"
    )
