"""Gates on records: refused ones, attributes that could not be read, keys that no lookup knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from segcore.engine.sql import quote_name, quote_text
from segcore.kinds import KINDS
from segcore.params import describing
from segcore.sources.gates.finding import EXAMPLES, Finding, Looked, examples, in_table
from segcore.sources.judged import LATER, LOADED, UNPARSED
from segcore.sources.marking import TOTALS
from segcore.sources.raw import place_of
from segcore.sources.values.columns import is_named_key
from segcore.wording import count, join, percent, plural

LONGEST = 40
"""Characters of a raw value that stand in a sentence at most."""

MONTH, YEAR = dt.timedelta(days=31), 366
"""Names of files may say the first day of their month; so long a time without records is a gap."""


def quarantine(look: Looked) -> Iterator[Finding]:
    """Records that were refused, of all records of each source."""
    for kind in look.study.sources.given():
        records = look.records(kind)
        values = {"kind": kind}
        ((refused,),) = look.engine.rows("select count(*) from quarantine where source = $kind", values)
        if not records or not refused:
            yield Finding(kind, "quarantine", 0.0)
            continue
        # The judged records have the values that could be read of a record that was refused.
        mine = f"select file, record from quarantine where source = '{kind}'"
        judged = f"from {kind}_judged where (file, record) in (from ({mine}))"
        yield Finding(
            kind,
            "quarantine",
            refused / records,
            "every record must be readable",
            f"{count(refused)} of {plural(records, 'record')} {_is(refused)} in quarantine, "
            f"{percent(refused / records, places=1)}",
            f"list them with segcore check {look.study.name} --xlsx refused.xlsx, and mend the extract or "
            "what the study says of it",
            details=reasons(look, kind),
            **look.concerned(kind, judged),
        )


def reasons(look: Looked, kind: str) -> list[str]:
    """Why records are refused, most often first, each with its first record and the text found."""
    found = look.engine.rows(
        'select "column", reason, count(*) as n, arg_min(file, (file, record)), '
        "arg_min(record, (file, record)), arg_min(raw, (file, record)) from quarantine "
        'where source = $kind group by "column", rule, reason order by n desc, "column", reason '
        f"limit {EXAMPLES}",
        {"kind": kind},
    )
    return [
        f"{count(n)} where {column or 'the record'} {reason}, "
        f"first {place_of(look.engine, file, record)}{f' (got {shortly(raw)})' if raw is not None else ''}"
        for column, reason, n, file, record, raw in found
    ]


def shortly(raw: str) -> str:
    """A raw value, not longer than a sentence bears."""
    return repr(raw if len(raw) <= LONGEST else f"{raw[: LONGEST - 1]}…")


def unread(look: Looked) -> Iterator[Finding]:
    """Optional attributes that became NULL because their text could not be read."""
    for kind, source in look.study.sources.given().items():
        if not describing(kind, source):
            continue
        found = look.engine.rows(
            'select "column", sum(records)::BIGINT as n, arg_min(raw, (-records, raw)) from unread '
            'where source = $kind group by "column" order by n desc, 1',
            {"kind": kind},
        )
        records = look.records(kind)
        told = [
            f"{name} in {plural(n, 'record')}, like {shortly(raw or '')}" for name, n, raw in found[:EXAMPLES]
        ]
        share = max((n for _, n, _ in found), default=0) / max(records, 1)
        yield Finding(
            kind,
            "unread",
            share,
            "attributes must be readable",
            f"empty now are {join(told)}" if told else "",
            "mend the extract, or say their form in columns",
        )


def taken(look: Looked) -> Iterator[Finding]:
    """Rows that a study skips by name and that are whole records, and no totals that agree."""
    for source, said in look.study.sources.given().items():
        there = [c for c in said.columns if c in (*KINDS[source].required, "amount")]
        if not said.skip or not there:
            continue
        whole = " and ".join(f"{quote_name(c)} is not null" for c in there)
        keys = [quote_name(c) for c in said.columns if is_named_key(c)]
        labels = " or ".join(f"coalesce(regexp_full_match({c}, {quote_text(TOTALS)}), false)" for c in keys)
        agrees = "from controls c where c.source = $source and (c.file, c.record) = (p.file, p.record)"
        for file, rule, n, first in look.engine.rows(
            f"select file, _skip, count(*), min(record) from {source}_parsed p where _skip in "
            f"({', '.join(map(quote_text, said.skip))}) and {whole} and not ({labels or 'false'}) "
            f"and not exists ({agrees} and said = found) group by 1, 2 order by 1, 2",
            {"source": source},
        ):
            yield Finding(
                source,
                "control",
                float(n),
                "what skip: leaves out must be no record",
                f"{rule} takes {plural(n, 'row')} with {join(there)}, the first record {count(first)}",
                "narrow its pattern, name such texts under keep:, or leave the records out under exclude:",
                file=file,
                mild=True,
            )


def ahead(look: Looked) -> Iterator[Finding]:
    """Records after the run date that no backfill explains: their delivery is older, or all others are."""
    for kind, source in look.study.sources.given().items():
        values = {"kind": kind}
        query = "select 1 from reconciliation where source = $kind and after_run_date > 0 limit 1"
        if not look.engine.rows(query, values):
            continue
        dates = [file.delivered for file in look.of(kind) if source.delivered]
        ends = [day + MONTH if day else None for day in dates] or [_alone(look, kind)] * len(look.of(kind))
        for number, n, amount, record, day in look.engine.rows(
            "select _file_number, count(*), sum(_amount)::DECIMAL(38, 2), min(record), arg_min(_day, record) "
            f"from {kind}_fates where _outcome = {LATER} and _day > ($ends::DATE[])[_file_number + 1] "
            "group by 1 order by 1",
            {"ends": ends},
        ):
            file = look.of(kind)[number]
            than = f"its delivery of {file.delivered}" if dates else "all others by years"
            yield Finding(
                kind,
                "months",
                1.0,
                "no record must be dated after its delivery",
                f"{plural(n, 'record')} {_is(n)} dated after {than} and not used, first record "
                f"{count(record)} of {day}",
                "look at these dates: the year may be mistyped",
                file=file.name,
                mild=True,
                amount=amount,
            )


def _alone(look: Looked, kind: str) -> dt.date | None:
    """The last day before a year without records, behind which records lie that are years after the run."""
    found: list[tuple[dt.date | None]] = look.engine.rows(
        "select min(before) from (select day, lag(day) over (order by day) as before, "
        "max(day) filter (used) over () as last from "
        f"(select _day as day, bool_or(_outcome = {LOADED}) as used "
        f"from {kind}_fates where _day is not null and _outcome <> {UNPARSED} group by 1)) "
        "where day > before + $apart and day > last + 3 * $apart",
        {"apart": YEAR},
    )
    return found[0][0]


def match(look: Looked) -> Iterator[Finding]:
    """Records whose key a lookup knows, for every lookup and every source that looks something up."""
    given = look.study.sources.given()
    for lookup in given:
        for kind, column in KINDS[lookup].found_by.items():
            # Order lines have some columns from the heads of their orders, so the table says which.
            if kind in given and column in look.engine.columns(_looking(kind, lookup)):
                yield _matched(look, kind, lookup, column)


def _looking(kind: str, lookup: str) -> str:
    """The table of the records that look something up."""
    # Without its product an order line has no market, and is in quarantine; so all that were read count.
    return f"{kind}_judged" if KINDS[lookup].gives else _table(kind)


def _matched(look: Looked, kind: str, lookup: str, column: str) -> Finding:
    base = _looking(kind, lookup)
    known = in_table(column, _table(lookup), column)
    asked = f"from {base} where {quote_name(column)} is not null"
    unknown = f"{asked} and not {known}"
    ((records, lost, keys),) = look.engine.rows(
        f"select count(*), count(*) filter (where not known), count(distinct {quote_name(column)}) "
        f"filter (where not known) from (select {quote_name(column)}, {known} as known {asked})"
    )
    if not lost:
        return Finding(kind, "match", 1.0, file=lookup)
    first = look.engine.rows(
        f"select {quote_name(column)} {unknown} group by 1 order by count(*) desc, 1 limit {EXAMPLES}"
    )
    return Finding(
        kind,
        "match",
        1 - lost / records,
        f"each {column} must stand in the source {lookup}",
        f"{count(lost)} of {plural(records, 'record')} {_has(lost)} one that does not: "
        f"{examples([value for (value,) in first], of=keys)}",
        f"ask for all {lookup}, or compare how both write {column} (zero_pad, strip_suffix)",
        file=lookup,
        **look.concerned(kind, unknown),
    )


def _table(kind: str) -> str:
    return KINDS[kind].table or kind


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _has(number: int) -> str:
    return "has" if number == 1 else "have"
