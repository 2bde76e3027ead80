"""What becomes of every record, in the same order for every study, so that counts are exact.

1 decode and count · 2 split into columns · 3 duplicates of whole records · 4 parse · (duplicates by
business key) · 5 after the run date · 6 exclusions in the order written · 7 required columns.
Steps 1, 2 and 4 are done once per extract (:mod:`segcore.sources.csv_file`); the rest is decided
here for a run date, over all extracts of a source.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_names, quote_text
from segcore.errors import SegcoreError
from segcore.kinds import KINDS
from segcore.params import Source
from segcore.sources.extracts import Extract

if TYPE_CHECKING:
    from segcore.engine import Engine

LOADED, STRUCTURAL, DUPLICATE, UNPARSED, LATER, FOREIGN, MISSING = range(7)
REFUSED = (STRUCTURAL, UNPARSED, FOREIGN, MISSING)
EXCLUDED = 10  # the first exclusion; the second is 11, and so on
FAULTS = ("_record_key", "_bad_column", "_bad_raw", "_bad_rule", "_bad_reason", "_structural")
MANY = 100  # files of a source from which on they are opened only once
PRECEDENCE = 1 << 40  # more than any file has records


@dataclass(frozen=True)
class Judged:
    """A source whose records have their outcome.

    Parameters
    ----------
    kind
        The source.
    source
        What the study says about it.
    currency
        The study's currency; an amount in another one is refused, never converted.
    """

    kind: str
    source: Source
    currency: str

    @property
    def view(self) -> str:
        """The view: _file_number, file, record, the canonical columns, the faults, _outcome."""
        return f"{self.kind}_judged"

    @property
    def repeated(self) -> str:
        """The table of keys that stand more than once."""
        return f"{self.kind}_repeated"

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that make a record the same as another."""
        return ("_record_key",) if self.source.unique == "record" else tuple(self.source.unique or ())

    @property
    def required(self) -> tuple[str, ...]:
        """Columns that must have a value in step 7: without its key no record can be told apart."""
        key = () if self.source.unique == "record" else self.key
        return tuple(dict.fromkeys((*KINDS[self.kind].required, *key)))

    def outcome(self, run_date: dt.date) -> str:
        """SQL of what becomes of a record ``r``; ``_best`` is the record that its key keeps."""
        duplicate = f"when r._best is not null and r._precedence <> r._best then {DUPLICATE}"
        unparsed = f"when r._bad_rule is not null then {UNPARSED}"
        whole = self.source.unique == "record"
        cases = [f"when r._structural then {STRUCTURAL}"]
        cases += [duplicate, unparsed] if whole else [unparsed, duplicate]
        if day := KINDS[self.kind].day:
            cases.append(f"when r.{quote_name(day)} > DATE '{run_date.isoformat()}' then {LATER}")
        for position, predicate in enumerate(self.source.exclude.values()):
            cases.append(f"when ({predicate}) then {EXCLUDED + position}")
        if "currency" in self.source.columns:
            cases.append(f"when r.currency <> {quote_text(self.currency)} then {FOREIGN}")
        missing = " or ".join(f"r.{quote_name(c)} is null" for c in self.required)
        cases.append(f"when {missing} then {MISSING}")
        return f"cast(case {' '.join(cases)} else {LOADED} end as SMALLINT)"


def judge(engine: Engine, judged: Judged, parsed: Sequence[tuple[Extract, Path]], run_date: dt.date) -> None:
    """Decide the outcome of every record of a source; leaves the view ``judged.view``.

    Parameters
    ----------
    engine
        Where SQL runs; ``products`` must be there already if transactions name a product only.
    judged
        The source.
    parsed
        Its extracts with their parsed forms, in the order in which later ones win.
    run_date
        Orders after it do not exist for the run.
    """
    records = f"{judged.kind}_records"
    everything = _all_records(judged, parsed)
    # A view reads all files again for each of a dozen queries; opening hundreds takes a second.
    what = "view" if len(parsed) < MANY else "table"
    engine.execute(f"create or replace temp {what} {records} as {everything}")
    engine.execute(f"create or replace temp table {judged.repeated} as {_repeated(records, judged)}")
    engine.execute(
        f"create or replace temp view {judged.view} as "
        f"select r.* exclude (_best), {judged.outcome(run_date)} as _outcome from "
        f"(select r.*, d.best as _best from {records} r left join {judged.repeated} d "
        f"on {_same('r', 'd', judged.key)}) r"
    )


def _all_records(judged: Judged, parsed: Sequence[tuple[Extract, Path]]) -> str:
    # One scan over all files: a union of thousands of queries takes gigabytes to plan.
    paths, names = (
        f"[{', '.join(map(quote_text, texts))}]"
        for texts in ([str(path) for _, path in parsed], [extract.name for extract, _ in parsed])
    )
    records = (
        f"select file_index::INTEGER as _file_number, {names}[file_index::BIGINT + 1] as file, "
        f"file_index::BIGINT * {PRECEDENCE} - record as _precedence, "
        f"* exclude (_lines, _skip, _unread) from read_parquet({paths}) where _skip is null"
    )
    if judged.kind == "transactions" and "market" not in judged.source.columns:
        return f"select t.*, p.market from ({records}) t left join products p on t.product = p.product"
    return records


def _same(left: str, right: str, key: Sequence[str]) -> str:
    return " and ".join(f"{left}.{quote_name(c)} = {right}.{quote_name(c)}" for c in key)


def _repeated(records: str, judged: Judged) -> str:
    """Keys that stand more than once, with the record that stays; few, so the join is cheap."""
    sound = "not _structural"
    if judged.source.unique != "record":
        sound += " and _bad_rule is null"
    known = " and ".join(f"{quote_name(c)} is not null" for c in judged.key)
    return (
        f"select {quote_names(judged.key)}, max(_precedence) as best from {records} "
        f"where {sound} and {known} group by all having count(*) > 1"
    )


def loaded(judged: Judged) -> str:
    """The query of the records that the run uses."""
    hidden = ", ".join((*FAULTS, "_precedence", "_file_number", "_outcome"))
    return f"select * exclude ({hidden}) from {judged.view} where _outcome = {LOADED}"


def reconcile(engine: Engine, judged: Judged) -> None:
    """Add the source's files to ``reconciliation``, ``exclusions`` and ``quarantine``.

    Raises
    ------
    SegcoreError
        If the outcomes of a file do not add up to its records.
    """
    amount = "sum(amount)" if judged.kind == "transactions" else "NULL"
    engine.execute(
        "create or replace temp table outcomes as select _file_number, file, _outcome, "
        f"count(*) as records, {amount} as amount from {judged.view} group by all"
    )
    values = {"kind": judged.kind}
    engine.execute(
        "insert into reconciliation select $kind, file, sum(records), "
        f"{_sum(f'_outcome = {LOADED}')}, {_sum(f'_outcome = {DUPLICATE}')}, "
        f"{_sum(f'_outcome = {LATER}')}, {_sum(f'_outcome >= {EXCLUDED}')}, "
        f"{_sum(f'_outcome in {REFUSED}')} "
        "from outcomes group by _file_number, file order by _file_number",
        values,
    )
    for position, rule in enumerate(judged.source.exclude):
        engine.execute(
            "insert into exclusions select $kind, file, $rule, $position, "
            f"{_sum(f'_outcome = {EXCLUDED + position}')}, "
            f"coalesce(sum(amount) filter (where _outcome = {EXCLUDED + position}), 0) "
            "from outcomes group by _file_number, file order by _file_number",
            {**values, "rule": rule, "position": position + 1},
        )
    engine.execute(f"insert into quarantine {_quarantine(judged)}", values)
    _check_sum(engine, judged)


def _sum(condition: str) -> str:
    return f"coalesce(sum(records) filter (where {condition}), 0)"


def _quarantine(judged: Judged) -> str:
    absent = " ".join(f"when {quote_name(c)} is null then {quote_text(c)}" for c in judged.required)
    late = {
        FOREIGN: ("'currency'", "currency" if "currency" in judged.source.columns else "NULL"),
        MISSING: (f"case {absent} end", "NULL"),
    }
    rules = {FOREIGN: "currency", MISSING: "required"}
    reasons = {FOREIGN: f"must be in {judged.currency}", MISSING: "must have a value"}

    def chosen(otherwise: str, values: Mapping[int, str]) -> str:
        cases = " ".join(f"when {code} then {sql}" for code, sql in values.items())
        return f"case _outcome {cases} else {otherwise} end"

    return (
        "select $kind, file, record, "
        f"{chosen('_bad_column', {code: column for code, (column, _) in late.items()})}, "
        f"{chosen('_bad_raw', {code: raw for code, (_, raw) in late.items()})}, "
        f"{chosen('_bad_rule', {code: quote_text(rule) for code, rule in rules.items()})}, "
        f"{chosen('_bad_reason', {code: quote_text(why) for code, why in reasons.items()})} "
        f"from {judged.view} where _outcome in {REFUSED} order by _file_number, record"
    )


def _check_sum(engine: Engine, judged: Judged) -> None:
    wrong = engine.rows(
        "select file, records from reconciliation where source = $kind and records <> "
        "loaded + duplicates + after_run_date + excluded + quarantined",
        {"kind": judged.kind},
    )
    if wrong:
        raise SegcoreError(
            *(f"{file}: the outcomes must add up to its {records:,} records" for file, records in wrong)
        )


def list_conflicts(engine: Engine, judged: Judged) -> None:
    """Add to ``conflicts`` where a later extract says otherwise about a business key."""
    key = judged.key
    if judged.source.unique == "record" or not engine.rows(f"select 1 from {judged.repeated} limit 1"):
        return
    columns = [quote_name(c) for c in judged.source.columns if c not in key]
    shown = " || '-' || ".join(f"l.{quote_name(c)}::VARCHAR" for c in key)
    values = "".join(f", k.{c} as k{n}, l.{c} as l{n}" for n, c in enumerate(columns))
    engine.execute(
        f"create or replace temp table pairs as select {shown} as key, k.file as kept_file, "
        f"k.record as kept_record, l.file as dropped_file, l.record as dropped_record{values} "
        f"from {judged.view} l join {judged.repeated} d on {_same('l', 'd', key)} "
        f"join {judged.view} k on {_same('k', 'd', key)} and k._precedence = d.best "
        f"where l._outcome = {DUPLICATE}"
    )
    for n, column in enumerate(c for c in judged.source.columns if c not in key):
        engine.execute(
            f"insert into conflicts select $kind, key, $column, kept_file, kept_record, k{n}::VARCHAR, "
            f"dropped_file, dropped_record, l{n}::VARCHAR from pairs where l{n} is distinct from k{n}",
            {"kind": judged.kind, "column": column},
        )
