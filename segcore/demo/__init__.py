"""A made-up company with two years of dirty extracts, which arrive one by one.

Twelve representatives of a wholesaler for offices sell to some thousand customers in six markets.
:func:`write_demo` invents them and writes what such a company would deliver; the same seed gives
the same bytes. :class:`Post` brings the files on their dates. What was planted, and what a follow-up
truly does, is one table: :data:`segcore.demo.truth.TRUTH`.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np

from segcore.demo.behaviour import Course, draw_traits, live
from segcore.demo.company import CLAIM, HOSTILE_NAMES, MARKETS, REPS, Account, draw_accounts
from segcore.demo.extracts import ENCODING, Book, Delivery, make_deliveries
from segcore.demo.log import Visit, draw_log, spared
from segcore.demo.orders import draw_lines, split_orders
from segcore.demo.truth import FIRST_DAY, RUN_DATES, TRUTH, effect_of, scripts

__all__ = ["RUN_DATES", "Delivery", "Demo", "Post", "write_demo"]

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
    visits
        Records in each ``visits_DATE.csv``, in the order of their dates.
    claims
        Those of them that were logged the day after an order in order to claim it.
    splits
        Orders that were written down as two.
    first_order, last_order
        Dates of the first and the last order that is loaded.
    """

    folder: Path
    deliveries: tuple[Delivery, ...]
    customers: int
    customers_without_rep: int
    reps: int
    visits: tuple[int, ...]
    claims: int
    splits: int
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


@dataclass(frozen=True)
class _Made:
    """The files by name, with the date on which each arrives (None: it was always there), and the account."""

    files: Mapping[str, tuple[dt.date | None, bytes]]
    demo: Demo


def write_demo(folder: Path, *, seed: int = 20240131, customers: int = 3000) -> Demo:
    """Write all extracts of the made-up company at once.

    Eight ``sales_DATE.csv`` and ``visits_DATE.csv``, ``accounts.csv`` and ``reps.csv``: cp1252,
    semicolons, decimal commas, CRLF. Customers begin, grow, shrink, fall silent for months, return and
    leave; what following them up does is stated in :mod:`segcore.demo.truth`.

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
    post = Post(folder, seed=seed, customers=customers)
    post.bring(RUN_DATES[-1])
    return post.demo


class Post:
    """Brings the files of the made-up company as they arrive.

    Parameters
    ----------
    folder, seed, customers
        As for :func:`write_demo`, which brings them all.
    """

    def __init__(self, folder: Path, *, seed: int = 20240131, customers: int = 3000) -> None:
        if customers < 100:
            raise ValueError(f"customers must be at least 100 (got {customers})")
        self._folder, self._made = folder, _make(folder, seed, customers)

    @property
    def demo(self) -> Demo:
        """What is in the files, once all have arrived."""
        return self._made.demo

    def bring(self, date: dt.date) -> None:
        """Put into the folder what arrived up to a date, and take out what arrives later."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, (arrives, content) in self._made.files.items():
            path = self._folder / name
            if arrives and arrives > date:
                path.unlink(missing_ok=True)
            elif not (path.is_file() and path.read_bytes() == content):
                path.write_bytes(content)


def _make(folder: Path, seed: int, customers: int) -> _Made:
    rng = np.random.default_rng(seed)
    days = _day(RUN_DATES[-1])
    effects = [effect_of(number) for number, _, _ in REPS]
    traits = draw_traits(rng, customers, days=days, effects=effects, markets=len(MARKETS))
    accounts = draw_accounts(rng, traits, FIRST_DAY)
    course = _course(accounts, days)
    life, splits = split_orders(rng, traits, live(rng, traits, course), course)
    lines = draw_lines(rng, traits, life, days=days)
    made = make_deliveries(rng, Book(lines, accounts, FIRST_DAY), dates=RUN_DATES)
    log = draw_log(rng, life, accounts, course)
    logs = [
        [visit for visit in log if first <= visit.day < end]
        for first, end in pairwise([0, *(_day(date) for date in RUN_DATES)])
    ]
    reps = [(number, name, f"{local}@nordkontor.example") for number, name, local in REPS]
    files: dict[str, tuple[dt.date | None, bytes]] = {
        "accounts.csv": (None, _bytes("Kunde;Name;Vertreter;Region;Kunde seit", _accounts(accounts))),
        "reps.csv": (None, _bytes("Vertreter;Name;Mail", reps)),
    }
    files |= {delivery.name: (delivery.date, content) for delivery, content in made}
    for date, visits in zip(RUN_DATES, logs, strict=True):
        rows = (_visit(visit, accounts[visit.customer]) for visit in visits)
        content = _bytes("Kunde;Vertreter;Datum;Ergebnis", rows)
        files[f"visits_{date}.csv"] = (date, content)
    sold = [line.day for line in lines if line.customer >= 0 and not line.cancelled]
    demo = Demo(
        folder=folder,
        deliveries=tuple(delivery for delivery, _ in made),
        customers=len(accounts),
        customers_without_rep=_WITHOUT_REP,
        reps=len(REPS),
        visits=tuple(map(len, logs)),
        claims=sum(visit.outcome == CLAIM for visit in log),
        splits=splits,
        first_order=FIRST_DAY + dt.timedelta(days=min(sold)),
        last_order=FIRST_DAY + dt.timedelta(days=max(sold)),
    )
    return _Made(files, demo)


def _day(date: dt.date) -> int:
    return (date - FIRST_DAY).days


def _course(accounts: Sequence[Account], days: int) -> Course:
    """What the truth says of all customers, in days and positions."""
    first, faster = _day(RUN_DATES[0]), TRUTH["faster"]
    assert faster.since
    before = range(first % 45 + 45, first, 45)  # a year of the calls that the first run finds
    planted = [[_day(date) for date in dates] for dates in scripts().values()]
    return Course(
        days=days,
        first_day=FIRST_DAY,
        busy=frozenset(_day(date) - 1 for date in RUN_DATES) | {0},
        calls=(*before, *map(_day, RUN_DATES)),
        spared={_day(date): spared(accounts, date) for date in RUN_DATES},
        faster=(_day(faster.since), faster.value),
        scripts={len(HOSTILE_NAMES) + n: np.array(own) for n, own in enumerate(planted)},
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


def _visit(visit: Visit, account: Account) -> tuple[str, ...]:
    day = FIRST_DAY + dt.timedelta(days=visit.day)
    return f"{account.number:010d}", visit.rep, f"{day:%d.%m.%Y}", visit.outcome


def _bytes(header: str, rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    text.write(header + "\r\n")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(ENCODING)
