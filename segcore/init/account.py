"""What became of the records of a draft that was tried, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from segcore import wording
from segcore.checking.telling import reasons
from segcore.engine import Engine
from segcore.init.writing import Draft

TOO_MANY = 0.01  # of a source's records in quarantine: this is said first
REASONS = 3
FATES = {
    "loaded": "loaded",
    "duplicates": "duplicates",
    "after_run_date": "after the run date",
    "excluded": "excluded",
    "quarantined": "quarantined",
}


def account(engine: Engine) -> Iterator[str]:
    """What became of each source's records, and why some were refused."""
    for source, records, *counts in engine.rows(
        f"select source, records, {', '.join(FATES)} from records order by source"
    ):
        named = dict(zip(FATES, counts, strict=True))
        fates = [
            f"{count:,} {FATES[fate]}{_rules(engine, source) if fate == 'excluded' else ''}"
            for fate, count in named.items()
            if count
        ]
        yield f"{source}: {records:,} records = {' + '.join(fates)}"
        if named["quarantined"] <= TOO_MANY * records:
            yield from _reasons(engine, source)


def _rules(engine: Engine, source: str) -> str:
    """The rules that excluded records, each with its number."""
    rows = engine.rows(
        "select rule, records from excluded where source = $source and records > 0 order by position",
        {"source": source},
    )
    return f" ({', '.join(f'{rule}: {count:,}' for rule, count in rows)})"


def _reasons(engine: Engine, source: str) -> Iterator[str]:
    """The commonest reasons for which records were refused, each with examples."""
    for found in reasons(engine, source)[:REASONS]:
        raws = dict.fromkeys(example["raw"][:40] for example in found["examples"] if example["raw"])
        some = f" (got {' · '.join(raws)})" if raws else ""
        why = f"{found['column'] or 'a record'} {found['reason']}"
        yield f"{source}: {found['records']:,} quarantined because {why}{some}"


def quarantined(engine: Engine) -> Iterator[str]:
    """What must be mended first, because too many records would be refused."""
    for source, records, refused in engine.rows(
        "select source, sum(records)::BIGINT, sum(quarantined)::BIGINT from reconciliation "
        "group by 1 order by 1"
    ):
        if refused > TOO_MANY * records:
            share = wording.percent(refused / records)
            yield f"{source}: {share} of {records:,} records would be quarantined"
            yield from _reasons(engine, source)


def credited(engine: Engine) -> Iterator[str]:
    """How much of the orders is below zero, and what that does."""
    ((count, total),) = engine.rows(
        "select count(*), sum(amount)::DECIMAL(38, 2) from transactions where amount < 0"
    )
    if count:
        yield (
            f"credits: {wording.plural(count, 'line')} below 0, together {total:,.2f}, stay: they count as "
            "orders of their day and lower what customers are worth; "
            'exclude: {credits: "amount < 0"} would leave them out'
        )


def unused(draft: Draft) -> Iterator[str]:
    """What is read although nothing uses it yet."""
    if any(mapped.name == "name" for mapped in draft.guesses[0].columns):
        yield "transactions.name: read, not used yet; reports name customers from a source of customers"
