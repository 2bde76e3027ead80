"""A made-up company with two years of dirty extracts.

Twelve representatives of a wholesaler for offices sell to some thousand customers in six markets.
:func:`write_demo` invents them and writes what such a company would deliver; the same seed gives
the same bytes. How the customers behave, and what a follow-up truly does, is stated in
:mod:`segcore.demo.behaviour`.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np

from segcore.demo.behaviour import Life, draw_traits, live
from segcore.demo.company import CLAIM, MARKETS, OUTCOMES, REPS, Account, draw_accounts
from segcore.demo.extracts import ENCODING, Book, Delivery, write_deliveries
from segcore.demo.orders import draw_lines

__all__ = ["RUN_DATES", "Delivery", "Demo", "write_demo"]

RUN_DATES = tuple(dt.date(2025, 12, 31) - dt.timedelta(days=45 * back) for back in range(7, -1, -1))
"""The eight dates on which the demo's extracts are delivered and its runs are made."""

FIRST_DAY = dt.date(2024, 1, 2)
_CLAIMED = 0.01
_BY_A_COLLEAGUE = 0.03
_WITHOUT_REP = 3


@dataclass(frozen=True)
class Demo:
    """What was written, for a test to hold an ingest against.

    Parameters
    ----------
    folder
        Where the files are.
    deliveries
        One entry per sales extract, in the order of their dates, with the fate of its records.
    customers, customers_without_rep
        Records in ``accounts.csv``, and those without a representative.
    reps
        Records in ``reps.csv``.
    visits, claims
        Records in ``visits.csv``, and those of them that were logged the day after an order in
        order to claim it.
    first_order, last_order
        Dates of the first and the last order that is loaded.
    """

    folder: Path
    deliveries: tuple[Delivery, ...]
    customers: int
    customers_without_rep: int
    reps: int
    visits: int
    claims: int
    first_order: dt.date
    last_order: dt.date

    @property
    def records(self) -> int:
        """Records in all sales extracts."""
        return sum(x.records for x in self.deliveries)

    @property
    def loaded(self) -> int:
        """Order lines that remain."""
        return sum(x.loaded for x in self.deliveries)

    @property
    def duplicates(self) -> int:
        """Records that a later extract brings again."""
        return sum(x.duplicates for x in self.deliveries)

    @property
    def conflicts(self) -> int:
        """Duplicates whose amount the later extract corrects."""
        return sum(x.conflicts for x in self.deliveries)

    @property
    def no_customer(self) -> int:
        """Records without a customer, each counted once."""
        return sum(x.no_customer for x in self.deliveries)

    @property
    def cancelled(self) -> int:
        """Records of cancellations, each counted once."""
        return sum(x.cancelled for x in self.deliveries)

    @property
    def quarantined(self) -> int:
        """Records that cannot be read."""
        return sum(x.quarantined for x in self.deliveries)

    @property
    def amount(self) -> Decimal:
        """Sum of the order lines that remain, in euros."""
        return sum((x.amount for x in self.deliveries), Decimal(0))

    @property
    def credited(self) -> Decimal:
        """Sum of the cancellations, in euros; negative."""
        return sum((x.credited for x in self.deliveries), Decimal(0))


def write_demo(folder: Path, *, seed: int = 20240131, customers: int = 3000) -> Demo:
    """Write the extracts of the made-up company.

    Eight ``sales_DATE.csv``, ``accounts.csv``, ``reps.csv`` and ``visits.csv``: cp1252, semicolons,
    decimal commas, CRLF. Customers begin, grow, shrink, fall silent for months, return and leave.
    A follow-up doubles the chance of an order for six weeks, whoever makes it.

    Parameters
    ----------
    folder
        Created if it is missing; files of the same names are replaced.
    seed
        The same seed gives the same bytes.
    customers
        How many, at least 100.

    Returns
    -------
    Demo
        What was planted.

    Raises
    ------
    ValueError
        If fewer than 100 customers are asked for: with so few, some kinds of records are missing.
    """
    if customers < 100:
        raise ValueError(f"customers must be at least 100 (got {customers})")
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    days = (RUN_DATES[-1] - FIRST_DAY).days
    eves = frozenset((date - FIRST_DAY).days - 1 for date in RUN_DATES)
    traits = draw_traits(rng, customers, days=days, reps=len(REPS), markets=len(MARKETS))
    life = live(rng, traits, FIRST_DAY, days=days, busy=eves | {0})
    accounts = draw_accounts(rng, traits, FIRST_DAY)
    lines = draw_lines(rng, traits, life, days=days)
    book = Book(lines, accounts, FIRST_DAY)
    deliveries = write_deliveries(folder, rng, book, dates=RUN_DATES)
    visits, claims = _visits(rng, life, accounts, days=days)
    reps = [(number, name, f"{local}@nordkontor.example") for number, name, local in REPS]
    _write(folder / "accounts.csv", "Kunde;Name;Vertreter;Region;Kunde seit", _accounts(accounts))
    _write(folder / "reps.csv", "Vertreter;Name;Mail", reps)
    _write(folder / "visits.csv", "Kunde;Vertreter;Datum;Ergebnis", visits)
    sold = [line.day for line in lines if line.customer >= 0 and not line.cancelled]
    return Demo(
        folder=folder,
        deliveries=deliveries,
        customers=len(accounts),
        customers_without_rep=_WITHOUT_REP,
        reps=len(REPS),
        visits=len(visits),
        claims=claims,
        first_order=FIRST_DAY + dt.timedelta(days=min(sold)),
        last_order=FIRST_DAY + dt.timedelta(days=max(sold)),
    )


def _accounts(accounts: Sequence[Account]) -> list[tuple[str, ...]]:
    """Records of the accounts by number; a few late ones have not been given to anybody yet."""
    orphans = {account.number for account in accounts[-_WITHOUT_REP:]}
    return [
        (
            f"{x.number:010d}",
            x.name,
            "" if x.number in orphans else x.rep,
            x.region,
            x.since.strftime("%d.%m.%Y"),
        )
        for x in sorted(accounts, key=lambda account: account.number)
    ]


def _visits(
    rng: np.random.Generator, life: Life, accounts: Sequence[Account], *, days: int
) -> tuple[list[tuple[str, ...]], int]:
    """Records of the follow-ups by day, and how many of them claim an order of the day before."""
    count = len(life.visit_day)
    outcomes = rng.integers(0, len(OUTCOMES), size=count)
    colleagues = rng.integers(0, len(REPS), size=count)
    stood_in = rng.random(count) < _BY_A_COLLEAGUE
    calls = zip(life.visit_day, life.visit_customer, outcomes, strict=True)
    log = [
        (int(day), int(who), OUTCOMES[outcome], REPS[colleagues[i]][0] if stood_in[i] else accounts[who].rep)
        for i, (day, who, outcome) in enumerate(calls)
    ]
    claimed = (rng.random(len(life.order_day)) < _CLAIMED) & (life.order_day + 1 < days)
    claims = zip(life.order_day[claimed] + 1, life.order_customer[claimed], strict=True)
    log += [(int(day), int(who), CLAIM, accounts[who].rep) for day, who in claims]
    log.sort()
    return [
        (f"{accounts[who].number:010d}", rep, f"{FIRST_DAY + dt.timedelta(days=day):%d.%m.%Y}", outcome)
        for day, who, outcome, rep in log
    ], int(claimed.sum())


def _write(path: Path, header: str, rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    text.write(header + "\r\n")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    path.write_bytes(text.getvalue().encode(ENCODING))
