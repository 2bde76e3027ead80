"""What becomes of every record at a run date, in the same order for every study.

0 an older delivery, where only the newest counts · 1 what cannot be split · 2 duplicates of whole
records · 3 what cannot be read · (duplicates by business key) · 4 lines without the head of their order ·
5 after the run date · 6 exclusions in the order written, then what is not valid on the run date ·
7 currency and required columns. Every record is judged once, into a narrow table; all that is counted
is read from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_names, quote_text
from segcore.kinds import KINDS
from segcore.sources.judged import (
    EXCLUDED,
    LOADED,
    NOT_VALID,
    OLDER,
    PRECEDENCE,
    RENUMBERED,
    WITH_HEAD,
    Judged,
)

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.sources.extracts import Extract

MANY = 100  # files of a source from which on they are opened only once
FAULTS = ("_record_key", "_bad_column", "_bad_raw", "_bad_rule", "_bad_reason", "_structural")
PLACE = ("_file_number", "_precedence", "_lines", "_skip", "_unread")


def judge(engine: Engine, judged: Judged, parsed: Sequence[tuple[Extract, Path]]) -> None:
    """Decide the outcome of every record of a source.

    Parameters
    ----------
    engine
        Where SQL runs; what the source looks up must be there already.
    judged
        The source.
    parsed
        Its extracts with their parsed forms, in the order in which later ones win.

    Notes
    -----
    Leaves, each with the source's name before it: ``parsed`` (all rows of all files), ``records``
    (those that are records), ``joined`` (with what they look up), ``repeated`` (keys that stand more
    than once: the key, _best, _differ), ``fates`` (one row per record: _file_number, record, _day,
    _amount, _outcome) and the view ``judged.view``.
    """
    # A view reads all files again for each query; opening hundreds takes a second.
    what = "view" if len(parsed) < MANY else "table"
    engine.execute(f"create or replace temp {what} {judged.table('parsed')} as {_rows(parsed)}")
    made = {"records": _records, "joined": _joined, "repeated": _repeated, "fates": _fates}
    for name, query in made.items():
        what = "view" if name in ("records", "joined") else "table"
        engine.execute(f"create or replace temp {what} {judged.table(name)} as {query(judged)}")
    engine.execute(
        f"create or replace temp view {judged.view} as select r.*, f._outcome "
        f"from {judged.table('joined')} r join {judged.table('fates')} f using (_file_number, record)"
    )


def _rows(parsed: Sequence[tuple[Extract, Path]]) -> str:
    # One scan over all files: a union of thousands of queries takes gigabytes to plan.
    paths, names = (
        f"[{', '.join(map(quote_text, texts))}]"
        for texts in ([str(path) for _, path in parsed], [extract.name for extract, _ in parsed])
    )
    number = "file_index::INTEGER"
    return (
        f"select {names}[{number} + 1] as file, record, * exclude (record), {number} as _file_number, "
        f"file_index::BIGINT * {PRECEDENCE} - record as _precedence from read_parquet({paths})"
    )


def _records(judged: Judged) -> str:
    """What is a record, with the customer's number of today; customers themselves keep theirs."""
    records = f"from {judged.table('parsed')} r"
    if not judged.renumbers:
        return f"{records} where _skip is null"
    now = "coalesce(n.becomes, r.customer_id)"
    columns = f"r.*, {now} as _now" if judged.keeps_number else f"r.* replace ({now} as customer_id)"
    joined = f"{records} left join renumbered n on r.customer_id = n.customer_id"
    return f"select {columns} {joined} where r._skip is null"


def _joined(judged: Judged) -> str:
    """The records with what they look up: still one row each, for lookups are unique."""
    columns, joins = ["r.*"], ""
    if heads := judged.heads:
        key = quote_name(KINDS[heads].found_by[judged.kind])
        joins += f" left join {heads} h on r.{key} = h.{key}"
        columns += [f"h.{key} is not null as _has_head", *(f"h.{quote_name(c)}" for c in judged.of_heads)]
    if WITH_HEAD in judged.rules:
        # A head that only an older delivery has is missing, not excluded.
        older = (
            f"select {EXCLUDED} + position - 1 from exclusions "
            f"where source = {quote_text(heads)} and rule = {quote_text(OLDER)}"
        )
        left_out = (
            f"select distinct {key} from {heads}_judged where _outcome >= {EXCLUDED} "
            f"and _outcome not in ({older})"
        )
        joins += f" left join ({left_out}) x on r.{key} = x.{key} and h.{key} is null"
        columns.append(f"x.{key} is not null as _head_excluded")
    for lookup, given in judged.lookups.items():
        column = KINDS[lookup].found_by[judged.kind]
        by = f"{'h' if column in judged.of_heads else 'r'}.{quote_name(column)}"
        joins += f" left join {lookup} on {by} = {lookup}.{quote_name(column)}"
        columns += [f"{lookup}.{quote_name(c)}" for c in given]
    return f"select {', '.join(columns)} from {judged.table('records')} r{joins}"


def _repeated(judged: Judged) -> str:
    """Keys that stand more than once, with the record that stays; few, so the join is cheap."""
    sound, differ = "not _structural", "false"
    if judged.source.unique != "record":
        sound += " and _bad_rule is null"
        others = [c for c in judged.source.columns if c not in judged.key]
        differ = f"min(hash({quote_names(others)})) <> max(hash({quote_names(others)}))" if others else differ
    known = " and ".join(f"{quote_name(c)} is not null" for c in judged.needed) or "true"
    return (
        f"select {quote_names(judged.key)}, max(_precedence) as _best, {differ} as _differ "
        f"from {judged.table('records')} where {sound} and {known} and not ({judged.older}) "
        f"group by {quote_names(judged.key)} having count(*) > 1"
    )


def same(left: str, right: str, judged: Judged) -> str:
    """The condition that two records have the same key."""
    return " and ".join(
        f"{left}.{quote_name(c)} {'=' if c in judged.needed else 'is not distinct from'} "
        f"{right}.{quote_name(c)}"
        for c in judged.key
    )


def _fates(judged: Judged) -> str:
    day = quote_name(KINDS[judged.kind].day) if KINDS[judged.kind].day else "NULL::DATE"
    amount = quote_name(KINDS[judged.kind].amount) if KINDS[judged.kind].amount else "NULL::DECIMAL(18, 4)"
    fates = (
        f"select _file_number, record, {day} as _day, {amount} as _amount, {judged.outcome} as _outcome"
        f"{_rank(judged)} from (select r.*, d._best from {judged.table('joined')} r "
        f"left join {judged.table('repeated')} d on {same('r', 'd', judged)}) r"
    )
    if not _rank(judged):
        return fates
    loser = f"{judged.excluded(NOT_VALID)}" if NOT_VALID in judged.rules else "0"
    if RENUMBERED in judged.rules:
        loser = f"if(_old, {judged.excluded(RENUMBERED)}, {loser})"
    ranked = f"select *, rank() over (partition by _key, _outcome = {LOADED} order by _order) as _rank"
    return (
        f"select _file_number, record, _day, _amount, "
        f"if(_outcome = {LOADED} and _rank > 1, {loser}, _outcome)::SMALLINT as _outcome "
        f"from ({ranked} from ({fates}))"
    )


def _rank(judged: Judged) -> str:
    """Columns by which one of several valid records of a lookup is chosen; "" if none is to be.

    A record whose number is still the customer's goes before renumbered ones. Where only one end of
    its validity is given, a record is valid up to the next one, or from the one before.
    """
    only = judged.validity if len(judged.validity) == 1 else ()
    renumbered = RENUMBERED in judged.rules
    if not only and not renumbered:
        return ""
    key = "_now" if renumbered else f"({quote_names(KINDS[judged.kind].key)})"
    old = "r._now <> r.customer_id" if renumbered else "false"
    nearest = {"valid_from": "-epoch(r.valid_from)", "valid_to": "epoch(r.valid_to)"}
    ends = [f"coalesce({nearest[c]}, 1e18)" for c in only]
    order = ", ".join([f"({old})::INTEGER", *ends, f"if({old}, -r._precedence, 0)"])
    return f", {key} as _key, {old} as _old, row({order}) as _order"


def loaded(judged: Judged, fates: Mapping[int, int]) -> str:
    """The query of the records that the run uses; ``fates`` counts the records by outcome."""
    hidden = [*FAULTS, *PLACE]
    hidden += ["_has_head"] if judged.heads else []
    hidden += ["_head_excluded"] if WITH_HEAD in judged.rules else []
    now = ""
    if RENUMBERED in judged.rules:
        hidden, now = [*hidden, "_now"], " replace (_now as customer_id)"
    # The smaller side is looked up.
    few = fates.get(LOADED, 0) * 2 < sum(fates.values())
    return (
        f"select * exclude ({', '.join(hidden)}){now} from {judged.table('joined')} r "
        f"{'semi' if few else 'anti'} join (select _file_number, record from {judged.table('fates')} "
        f"where _outcome {'=' if few else '<>'} {LOADED}) f using (_file_number, record)"
    )
