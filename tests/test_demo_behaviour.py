"""What the demo's customers do, seen in its files as an analyst would: states, moves, follow-ups."""

from __future__ import annotations

import csv
import datetime as dt
from bisect import bisect_right
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from segcore.demo import RUN_DATES, Demo, write_demo
from segcore.demo.behaviour import FOLLOW_UP_DAYS, draw_traits, live
from segcore.demo.company import HOSTILE_NAMES, REPS

Orders = dict[str, dict[str, dt.date]]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return write_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def orders(demo: Demo) -> Orders:
    """Customer → order → date, of all records but cancellations, broken ones and those of nobody."""
    found: Orders = defaultdict(dict)
    for delivery in demo.deliveries:
        for row in records(demo.folder / delivery.name)[1:]:
            # The broken records have order numbers of their own, beginning with 8.
            if row[0] and row[1].startswith("9"):
                found[row[0].zfill(10)][row[1]] = day(row[3])
    return found


def records(path: Path) -> list[list[str]]:
    with path.open(encoding="cp1252", newline="") as file:
        return list(csv.reader(file, delimiter=";", strict=True))


@cache
def day(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%d.%m.%Y").date()


def year_before(date: dt.date) -> dt.date:
    return date.replace(year=date.year - 1)


def test_hostile_names_are_among_those_that_the_last_run_shows(demo: Demo, orders: Orders) -> None:
    numbers = {row[1]: row[0] for row in records(demo.folder / "accounts.csv")[1:]}
    latest = {name: max(orders[numbers[name]].values()) for name in HOSTILE_NAMES if orders[numbers[name]]}

    shown = [name for name, date in latest.items() if date > year_before(RUN_DATES[-1])]
    assert len(shown) >= 10
    assert set(HOSTILE_NAMES[:3]) <= set(shown)


def test_no_account_is_younger_than_its_first_order(demo: Demo, orders: Orders) -> None:
    opened = {row[0]: day(row[4]) for row in records(demo.folder / "accounts.csv")[1:]}
    assert all(min(dates.values()) >= opened[number] for number, dates in orders.items())
    assert orders.keys() <= opened.keys()


def test_orders_span_two_years_and_are_fresh_at_every_run_date(demo: Demo, orders: Orders) -> None:
    dates = {date for own in orders.values() for date in own.values()}

    assert (demo.first_order, demo.last_order) == (min(dates), max(dates))
    assert demo.first_order == dt.date(2024, 1, 2)
    assert demo.last_order == dt.date(2025, 12, 30)
    for run_date in RUN_DATES:
        newest = max(date for date in dates if date <= run_date)
        assert (run_date - newest).days <= 2


def test_new_returned_and_gone_occur_in_nearly_every_run(orders: Orders) -> None:
    seen: set[str] = set()
    previous: set[str] = set()
    states = []
    for run_date in RUN_DATES:
        start = year_before(run_date)
        present = {c for c, own in orders.items() if any(start < date <= run_date for date in own.values())}
        states.append((len(present - seen), len((present & seen) - previous), len(previous - present)))
        assert 2300 <= len(present) <= 2900
        seen |= present
        previous = present

    assert all(new >= 20 and gone >= 20 for new, _, gone in states[1:])
    # Nobody can return before the third run: in the second there is only one earlier run.
    assert [returned for _, returned, _ in states[:2]] == [0, 0]
    assert all(returned >= 5 for _, returned, _ in states[2:])


def test_customers_move_up_and_down_between_the_five_segments(orders: Orders) -> None:
    """Recency and frequency of the study's rule table with edges near its natural breaks."""

    def segments(run_date: dt.date) -> dict[str, int]:
        found = {}
        for customer, own in orders.items():
            recent = [date for date in own.values() if year_before(run_date) < date <= run_date]
            if recent:
                fresh = 5 - bisect_right([40, 93, 164, 254], (run_date - max(recent)).days)
                often = 1 + bisect_right([2, 4, 8, 16], len(recent))
                found[customer] = rank(fresh, often)
        return found

    def rank(fresh: int, often: int) -> int:
        if fresh >= 4:
            return 4 if often >= 3 else 3 if often == 2 else 2
        if fresh == 3:
            return 2 if often >= 2 else 1
        return int((fresh == 2 and often >= 2) or (fresh == 1 and often >= 3))

    by_run = [segments(run_date) for run_date in RUN_DATES]
    for before, after in pairwise(by_run):
        both = before.keys() & after.keys()
        moves = Counter((before[c], after[c]) for c in both)
        assert {old for old, _ in moves} == {new for _, new in moves} == set(range(5))
        assert sum(n for (old, new), n in moves.items() if new > old) > 150
        assert sum(n for (old, new), n in moves.items() if new < old) > 150
        assert sum(n for (old, new), n in moves.items() if new == old) > 0.5 * len(both)
        assert sum(n for (old, new), n in moves.items() if old == 2 and new > 2) >= 20


def test_visits_name_known_customers_and_representatives_on_known_days(demo: Demo) -> None:
    visits = records(demo.folder / "visits.csv")[1:]
    accounts = {row[0] for row in records(demo.folder / "accounts.csv")[1:]}
    dates = [day(row[2]) for row in visits]

    assert demo.visits == len(visits) == len({tuple(row) for row in visits})
    assert 4_000 < len(visits) < 10_000
    assert {row[0] for row in visits} <= accounts
    assert {row[1] for row in visits} == {rep[0] for rep in REPS}
    assert dates == sorted(dates)
    assert max(dates) < RUN_DATES[-1]
    assert any("€" in row[3] for row in visits)
    assert any(";" in row[3] for row in visits)


def test_some_visits_were_logged_the_day_after_the_order_that_they_claim(demo: Demo, orders: Orders) -> None:
    claims = [row for row in records(demo.folder / "visits.csv")[1:] if row[3] == "Auftrag erhalten"]
    behind = [row for row in claims if day(row[2]) - dt.timedelta(days=1) in orders.get(row[0], {}).values()]
    assert len(claims) == demo.claims > 100
    # An order whose customer was lost in the extract is claimed as well.
    assert len(behind) >= 0.99 * len(claims)


def test_follow_ups_go_mostly_to_customers_that_have_gone_quiet(demo: Demo, orders: Orders) -> None:
    gaps = []
    for number, _, date, outcome in records(demo.folder / "visits.csv")[1:]:
        earlier = [x for x in orders.get(number, {}).values() if x < day(date)]
        if earlier and outcome != "Auftrag erhalten" and day(date).year == 2025:
            gaps.append((day(date) - max(earlier)).days)
    assert np.mean(np.array(gaps) > 60) > 0.6


def test_a_follow_up_raises_the_chance_of_an_order_as_documented() -> None:
    """Among customers quiet for 61 to 150 days, with and without a follow-up on that day."""
    rng = np.random.default_rng(7)
    first_day, days = dt.date(2024, 1, 2), 700
    traits = draw_traits(rng, 3000, days=days, reps=12, markets=6)
    life = live(rng, traits, first_day, days=days, busy=frozenset())
    ordered = np.zeros((3000, days), dtype=bool)
    ordered[life.order_customer, life.order_day] = True
    called = np.zeros((3000, days), dtype=bool)
    called[life.visit_customer, life.visit_day] = True

    rates: dict[bool, list[bool]] = {True: [], False: []}
    for at in range(200, days - FOLLOW_UP_DAYS):
        quiet = ~ordered[:, at - 60 : at].any(axis=1) & ordered[:, at - 150 : at - 60].any(axis=1)
        untouched = quiet & ~called[:, at - FOLLOW_UP_DAYS : at].any(axis=1) & ~ordered[:, at]
        later = ordered[:, at + 1 : at + 1 + FOLLOW_UP_DAYS].any(axis=1)
        for followed in (True, False):
            rates[followed] += list(later[untouched & (called[:, at] == followed)])
    lift = np.mean(rates[True]) / np.mean(rates[False])

    # Twice the daily chance is less than twice the chance of at least one order in six weeks, and
    # some of those not called today are called soon.
    assert len(rates[True]) > 1000
    assert 1.3 < lift < 1.9
