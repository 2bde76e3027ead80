"""Gates on deliveries: one that shrank, repeats its keys, is a copy, or says something else."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from segcore.engine.sql import quote_name
from segcore.kinds import KINDS
from segcore.params import key_of
from segcore.sources.deliveries import TWINS
from segcore.sources.gates.finding import Finding, Looked, examples
from segcore.sources.gates.pairs import FEW, Pair, names, pairs_of, rows_of
from segcore.sources.gates.twice import differing_fields
from segcore.sources.judged import deliveries_of
from segcore.wording import count, join, percent, plural

CORRECTIONS = 0.01
"""Share of contradicted records from which a delivery is told; a few are corrected in every one."""

LOST = 0.98
"""Deliveries that keep less of the one before are told each."""


def shrunk(look: Looked) -> Iterator[Finding]:
    """Deliveries with fewer records, or a smaller sum, than the one before on the days of both."""
    for kind, source in look.study.sources.given().items():
        if source.deliveries == "increments":
            continue
        pairs = [pair for pair in pairs_of(look, kind) if not pair.apart]
        worst = min(pairs, key=lambda pair: pair.kept, default=None)
        if worst is None:
            continue
        for pair in [pair for pair in pairs if pair.kept < LOST] or [worst]:
            yield _shrunk(look, pair)


def _shrunk(look: Looked, pair: Pair) -> Finding:
    name = names(look, pair.kind, pair.new)
    if pair.kept >= LOST:
        return Finding(pair.kind, "shrunk", pair.kept, file=name)
    lost = None if pair.was is None or pair.now is None else max(pair.was - pair.now, Decimal(0))
    customers = _gone(look, pair) if "customer_id" in look.study.sources.given()[pair.kind].columns else None
    return Finding(
        pair.kind,
        "shrunk",
        pair.kept,
        "a later delivery must hold what an earlier one does",
        f"{pair.days} it has {count(pair.after)} of the {plural(pair.before, 'record')} of "
        f"{names(look, pair.kind, pair.old)}, {percent(pair.kept)} of records or sum",
        "ask for the whole export, or say deliveries: increments if files stand side by side",
        file=name,
        mild=pair.before < FEW,
        customers=customers,
        amount=lost,
    )


def _gone(look: Looked, pair: Pair) -> int:
    """Customers of the old delivery that are not in the new one, on the days of both."""
    day = quote_name(KINDS[pair.kind].day)
    days = f"{day} between $first and $last"
    of = f"select customer_id from {rows_of(look, pair.kind)} where {days} and delivery ="
    query = f"select count(*) from ({of} $old except {of} $new)"
    return int(look.engine.rows(query, vars(pair))[0][0])


def repeated(look: Looked) -> Iterator[Finding]:
    """Records of one delivery that share a business key and say different things."""
    for kind, source in look.study.sources.given().items():
        if source.unique != "record" and (records := look.records(kind)):
            found = look.engine.rows(
                'select key, list(distinct "column"), min(dropped_file), min(dropped_record) from conflicts '
                "where source = $kind and within group by key order by 3, 4, 1",
                {"kind": kind},
            )
            yield _repeated(look, kind, found, records) if found else Finding(kind, "repeated", 0.0)
            yield from _twins(look, kind, records)


def _repeated(look: Looked, kind: str, found: list[tuple[Any, ...]], records: int) -> Finding:
    ((dropped, customers, amount),) = look.engine.rows(
        "select sum(records)::BIGINT, sum(customers)::BIGINT, sum(amount)::DECIMAL(38, 2) from repeated "
        "where source = $kind",
        {"kind": kind},
    )
    columns = sorted({column for _, differing, *_ in found for column in differing})
    return Finding(
        kind,
        "repeated",
        dropped / records,
        f"{join(list(key_of(look.study.sources.given()[kind])))} must be unique within a delivery",
        f"{plural(dropped, 'record')} {'is' if dropped == 1 else 'are'} dropped for another with the same "
        f"key and other values of {join(columns)}",
        "name more columns in unique, or ask why the export repeats them",
        customers=customers or None,
        amount=amount,
        details=[
            f"{examples([key for key, *_ in found], of=len(found))}, first {found[0][2]} record "
            f"{count(found[0][3])}"
        ],
    )


def _backwards(look: Looked) -> Iterator[Finding]:
    """Deliveries without a date in their names that count although an earlier one holds later days."""
    for kind, source in look.study.sources.given().items():
        files = look.of(kind)
        if source.delivered or not KINDS[kind].day or len(files) < 2:
            continue
        snapshot = source.deliveries == "snapshot"
        number = dict(zip([file.name for file in files], deliveries_of(files), strict=True))
        pairs = look.engine.rows(
            "select distinct kept_file, dropped_file from conflicts where source = $kind and not within",
            {"kind": kind},
        )
        if snapshot:
            pairs = [(files[-1].name, file.name) for file in files[:-1]]
        days = dict(
            look.engine.rows(
                "select position - 1, last_day from deliveries where source = $kind and last_day is not null",
                {"kind": kind},
            )
        )
        last = {name: days[n] for name, n in number.items() if n in days}
        back = sorted((new, old) for new, old in pairs if {new, old} <= last.keys() and last[new] < last[old])
        for new, old in back[:1]:
            yield Finding(
                kind,
                "contradicted",
                1.0,
                "the delivery that counts must be the newest",
                f"it ends on {last[new]} and {old}, which sorts before it, on {last[old]}",
                "say in delivered: how names hold the date, or rename the files",
                file=new,
                mild=not snapshot,
            )


def _twins(look: Looked, kind: str, records: int) -> Iterator[Finding]:
    """Records that are dropped for one that differs from them in what the study does not map."""
    twins = look.engine.rows(
        "select (kept.file, kept.record), (dropped.file, dropped.record), key, customer_id, amount "
        "from twins where source = $kind order by dropped",
        {"kind": kind},
    )
    differ = differing_fields(look, kind, [(kept, dropped) for kept, dropped, *_ in twins])
    told = [(*twin, names) for twin, names in zip(twins, differ, strict=True) if names]
    if not told:
        return
    columns = sorted({name for *_, names in told for name in names})
    more = "at least " if len(twins) == TWINS else ""
    amounts = [amount for *_, amount, _ in told if amount is not None]
    (file, record), keys = told[0][1], list(dict.fromkeys(key for _, _, key, *_ in told))
    yield Finding(
        kind,
        "repeated",
        len(told) / records,
        f"{join(list(key_of(look.study.sources.given()[kind])))} must be unique within a delivery",
        f"{more}{plural(len(told), 'record')} {'is' if len(told) == 1 else 'are'} dropped for another with "
        f"the same key; they differ in {join(columns)}, which the study does not map",
        "map what tells them apart and name it in unique, or say unique: record",
        file=look.of(kind)[file].name,
        customers=len({customer for *_, customer, _, _ in told if customer}) or None,
        amount=sum(amounts, Decimal(0)) if amounts else None,
        details=[f"{examples(keys, of=len(keys))}, first record {count(record)}"],
    )


def copied(look: Looked) -> Iterator[Finding]:
    """Files that are copies of earlier ones: where the later counts, an older state comes back."""
    full = set(look.engine.rows("select source, file from reconciliation where records > 0"))
    for kind, source in look.study.sources.given().items():
        files = look.of(kind)
        earlier: dict[str, int] = {}
        for number, (file, delivery) in enumerate(zip(files, deliveries_of(files), strict=True)):
            then, earlier[file.sha256] = earlier.get(file.sha256), number
            if then is None or (kind, file.name) not in full:
                continue
            between = set(deliveries_of(files)[then + 1 : number]) - {delivery, deliveries_of(files)[then]}
            # A list in which nothing changed is delivered again as it was.
            if not (between or KINDS[kind].day):
                continue
            back = bool(between) and (source.deliveries == "snapshot" or source.unique != "record")
            yield Finding(
                kind,
                "copied",
                1.0,
                "a file must not have the very content of another one",
                f"it is {files[then].name} once more" + (", so an older state counts again" if back else ""),
                "take one of them out of the data folder, or ask for the right file",
                file=file.name,
                mild=not back,
            )


def contradicted(look: Looked) -> Iterator[Finding]:
    """Records of which a later delivery says something else: corrections are few.

    Where they are many, a form is read wrong (day and month, point and comma), or the key is none:
    order numbers that begin anew each year make last year's orders versions of this year's.
    """
    found = look.engine.rows(
        "select source, dropped_file, count(distinct dropped_record), "
        'any_value(key), any_value(kept_file), string_agg(distinct "column", \', \' order by "column") '
        "from conflicts where not within group by 1, 2 order by 1, 2"
    )
    records = {
        (source, file): number
        for source, file, number in look.engine.rows("select source, file, records from reconciliation")
    }
    yield from _backwards(look)
    for source, file, number, key, other, columns in found:
        if not KINDS[source].day:  # attributes change
            continue
        whole = records[source, file]
        if number / whole < CORRECTIONS:
            yield Finding(source, "contradicted", number / whole, file=file)
            continue
        yield Finding(
            source,
            "contradicted",
            number / whole,
            "a later delivery must say the same, but for corrections",
            f"of {count(number)} of {plural(whole, 'record')} it says something else in {columns}, first "
            f"of {key} in {other}",
            "look at the forms of dates and numbers and at unique: numbers that begin anew are no key",
            file=file,
            mild=whole < FEW,
        )
