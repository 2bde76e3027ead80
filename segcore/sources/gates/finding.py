"""What a gate measures, and the sentence that says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore.engine.sql import quote_name
from segcore.params import Study, joined
from segcore.params.gates import GATES, Limits
from segcore.wording import join, money, plural, some

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.sources.extracts import Extract

EXAMPLES = 3
"""How many examples a sentence names."""


@dataclass(frozen=True)
class Finding:
    """One thing that a gate found.

    Parameters
    ----------
    source, gate
        Where, and which gate.
    found
        What is compared with the gate's limits.
    must
        What must hold, beginning with what must: "records must be readable".
    got
        What was found, in a few words; empty where all is as it must be.
    do
        What to do.
    file
        The file that it is about; empty for the source as a whole.
    mild
        Whether it warns where it would stop, because too little hangs on it.
    warns
        Whether it warns within the limits, too.
    customers, amount
        How many customers are concerned, and the sum of their order lines; None if nobody knows.
    nobody
        Records concerned of which no customer can be read.
    details
        More of what was found, for whoever must act.
    """

    source: str
    gate: str
    found: float
    must: str = ""
    got: str = ""
    do: str = ""
    file: str = ""
    mild: bool = False
    warns: bool = False
    customers: int | None = None
    amount: Decimal | None = None
    nobody: int = 0
    details: Sequence[str] = ()


@dataclass(frozen=True)
class Looked:
    """What gates look at.

    Parameters
    ----------
    engine
        Has the tables that :func:`segcore.sources.ingest` leaves.
    study
        The study.
    extracts
        Its files, in the order in which later ones win.
    previous
        The folder of the published run before; None if there is none.
    beside
        Files beside the extracts that no pattern matches.
    """

    engine: Engine
    study: Study
    extracts: Sequence[Extract]
    previous: Path | None = None
    beside: Sequence[str] = ()

    def of(self, kind: str) -> list[Extract]:
        """The files of a source."""
        return [extract for extract in self.extracts if extract.source == kind]

    def records(self, kind: str) -> int:
        """How many records a source has."""
        query = "select coalesce(sum(records), 0)::BIGINT from reconciliation where source = $kind"
        return int(self.engine.rows(query, {"kind": kind})[0][0])

    def concerned(self, kind: str, rows: str) -> dict[str, Any]:
        """Customers, sum, and records of nobody, of a query that yields the canonical columns of a source."""
        given = self.study.sources.given()
        there = {*given[kind].columns, *joined(kind, given)}
        parts = [
            "count(distinct customer_id)" if "customer_id" in there else "any_value(NULL)",
            "sum(amount)::DECIMAL(38, 2)" if "amount" in there else "any_value(NULL)",
            "count(*) filter (customer_id is null)" if "customer_id" in there else "count(*) filter (false)",
        ]
        (found,) = self.engine.rows(f"select {', '.join(parts)} from ({rows})")
        return dict(zip(("customers", "amount", "nobody"), found, strict=True))


def limits_of(study: Study, source: str, gate: str) -> Limits:
    """The limits of a gate for a source: the study's where it says some, else the usual ones."""
    usual = GATES[gate]
    own = study.sources.given()[source].gates.get(gate)
    if own is None:
        return usual
    said = own.model_fields_set
    return Limits(
        own.warn if "warn" in said else usual.warn,
        own.stop if "stop" in said else usual.stop,
        usual.side,
        usual.meaning,
    )


def state_of(finding: Finding, limits: Limits) -> str:
    """``ok``, ``warned`` or ``stopped``."""

    def beyond(limit: float | None) -> bool:
        if limit is None:
            return False
        if limits.side == "above":
            return finding.found > limit
        return finding.found < limit or not finding.found

    stopped, warned = beyond(limits.stop), beyond(limits.warn)
    if stopped and not finding.mild:
        return "stopped"
    return "warned" if stopped or warned or finding.warns else "ok"


def sentence_of(finding: Finding, limits: Limits, state: str, currency: str) -> str:
    """What holds must, what was found, and what to do; empty if there is nothing to say."""
    if not finding.got:
        return ""
    what = f"{finding.source}: {finding.file}" if finding.file else finding.source
    if state == "ok":
        return f"{what}: {finding.got}"
    found = [finding.got, *finding.details, *_concerned(finding, currency), *_limit(limits, state)]
    told = f"{what}: {finding.must} ({'; '.join(found)}); {finding.do}"
    if state != "stopped":
        return told
    return f"{told}, or pass it once with --accept {finding.source}.{finding.gate} --because TEXT"


def _concerned(finding: Finding, currency: str) -> list[str]:
    told = []
    if finding.customers is not None and (finding.customers or not finding.nobody):
        told.append(plural(finding.customers, "customer"))
    if finding.amount is not None:
        told.append(money(finding.amount, currency))
    nobody = [f"{plural(finding.nobody, 'record')} without a customer that can be read"] * bool(
        finding.nobody
    )
    return [join([*told, *nobody]) + " concerned"] if told or nobody else []


def _limit(limits: Limits, state: str) -> list[str]:
    limit = {"stopped": limits.stop, "warned": limits.warn}.get(state)
    if not limit or limit >= 1:
        return []
    return [f"the limit is {100 * limit:.6g}%"]


def examples(values: Sequence[object], *, of: int) -> str:
    """A few values as a list, and how many more there are."""
    return some([repr(str(value)) for value in values[:EXAMPLES]], of=of)


def in_table(column: str, table: str, key: str) -> str:
    """SQL of whether a value stands in a column of a table."""
    return f"{quote_name(column)} in (select {quote_name(key)} from {quote_name(table)})"
