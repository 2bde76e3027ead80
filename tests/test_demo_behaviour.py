"""What the demo's customers do, seen in its files as an analyst would: states, moves, follow-ups."""

from __future__ import annotations

import csv
import datetime as dt
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from segcore.demo import RUN_DATES, Demo, write_demo
from segcore.demo.behaviour import QUIET_AFTER
from segcore.demo.company import CLAIM, HOSTILE_NAMES, PLANTED_NAMES, REPS
from segcore.demo.truth import SAFE, TRUTH, effect_of, scripts
from segcore.holdout import draw_number

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
    return dict(found)


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
    latest = {name: max(orders[numbers[name]].values()) for name in HOSTILE_NAMES if numbers[name] in orders}

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
        assert 2200 <= len(present) <= 2900
        seen |= present
        previous = present

    assert all(new >= 20 and gone >= 10 for new, _, gone in states[1:])
    # Nobody can return before the third run: in the second there is only one earlier run.
    assert [returned for _, returned, _ in states[:2]] == [0, 0]
    assert all(returned >= 3 for _, returned, _ in states[2:])


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


def visits(demo: Demo) -> list[list[str]]:
    return [row for date in RUN_DATES for row in records(demo.folder / f"visits_{date}.csv")[1:]]


def test_visits_name_known_customers_and_representatives_on_known_days(demo: Demo) -> None:
    log = visits(demo)
    accounts = {row[0] for row in records(demo.folder / "accounts.csv")[1:]}
    dates = [day(row[2]) for row in log]

    assert sum(demo.visits) == len(log) == len({tuple(row) for row in log})
    assert 14_000 < len(log) < 22_000
    assert {row[0] for row in log} <= accounts
    assert {row[1] for row in log} == {rep[0] for rep in REPS}
    assert dates == sorted(dates)
    assert max(dates) < RUN_DATES[-1]
    assert any("€" in row[3] for row in log)
    assert any(";" in row[3] for row in log)


def test_each_log_holds_the_visits_since_the_one_before(demo: Demo) -> None:
    bounds = pairwise([dt.date(2024, 1, 2), *RUN_DATES])
    for (first, end), count in zip(bounds, demo.visits, strict=True):
        dates = [day(row[2]) for row in records(demo.folder / f"visits_{end}.csv")[1:]]
        assert len(dates) == count > 500
        assert first <= min(dates) and max(dates) < end


def dates_of(number: str, orders: Orders) -> set[dt.date]:
    return set(orders.get(number, {}).values())


def own(demo: Demo) -> dict[str, str]:
    """Customer → representative."""
    return {row[0]: row[2] for row in records(demo.folder / "accounts.csv")[1:]}


def test_only_the_gamer_logs_follow_ups_the_day_after_an_order_to_claim_it(
    demo: Demo, orders: Orders
) -> None:
    (gamer,) = TRUTH["late claims"].who
    log = [row for row in visits(demo) if day(row[2]) - dt.timedelta(days=1) in dates_of(row[0], orders)]
    claims = [row for row in visits(demo) if row[3] == CLAIM]
    reps = own(demo)
    book = sum(len(dates) for number, dates in orders.items() if reps[number] == gamer)

    assert len(claims) == demo.claims > 300
    assert {row[1] for row in claims} == {gamer}
    # An order whose customer was lost in the extract is claimed as well.
    assert len([row for row in claims if row in log]) >= 0.99 * len(claims)
    assert all(row in claims for row in log)
    # Half of them, but for those that a run has reported, or whose customers may be held out.
    assert 0.3 < len(claims) / book < TRUTH["late claims"].value


def test_nobody_else_follows_up_who_has_ordered_since_the_run(demo: Demo, orders: Orders) -> None:
    for row in visits(demo):
        date = day(row[2])
        run = max((r for r in RUN_DATES if r < date), default=None)
        if run and row[3] != CLAIM:
            assert not any(run < order < date for order in dates_of(row[0], orders))


def test_only_the_gamer_splits_orders_on_days_in_a_row(demo: Demo, orders: Orders) -> None:
    (gamer,) = TRUTH["split orders"].who
    pairs: Counter[str] = Counter()
    every: Counter[str] = Counter()
    reps = own(demo)
    for number, dates in orders.items():
        days = sorted(dates.values())
        every[reps[number]] += len(days)
        pairs[reps[number]] += sum((b - a).days == 1 for a, b in pairwise(days))
    shares = {rep: pairs[rep] / every[rep] for rep in every if rep}

    assert 0.2 < shares.pop(gamer) < TRUTH["split orders"].value
    assert max(shares.values()) < 0.03
    assert demo.splits > 250


def test_follow_ups_go_mostly_to_customers_that_have_gone_quiet(demo: Demo, orders: Orders) -> None:
    gaps = []
    for number, _, date, outcome in visits(demo):
        earlier = [x for x in orders.get(number, {}).values() if x < day(date)]
        if outcome != CLAIM and day(date).year == 2025:
            gaps.append((day(date) - max(earlier)).days)
    assert np.mean(np.array(gaps) > QUIET_AFTER) > 0.8


def test_nobody_is_called_after_a_run_who_may_be_held_out_by_it(demo: Demo) -> None:
    called = 0
    for number, _, date, _ in visits(demo):
        run = max((r for r in RUN_DATES if r <= day(date)), default=None)
        if run:
            called += 1
            assert draw_number("demo", str(run), number) >= SAFE
    assert called > 4_000


def followed_and_not(demo: Demo, orders: Orders, reps: Sequence[str]) -> tuple[float, float]:
    """Orders a day of customers of these representatives who are quiet at a run: after a call, and without.

    Each counts from the run to the first order or the last day that is delivered: as not followed up
    to the day of the first call, as followed from the next day on.
    """
    first: dict[tuple[dt.date, str], int] = {}
    for number, _, date, _ in visits(demo):
        run = max((r for r in RUN_DATES if r <= day(date)), default=None)
        if run:
            first.setdefault((run, number), (day(date) - run).days)
    sums = np.zeros((2, 2))
    books = own(demo)
    for run in RUN_DATES[:-1]:
        for number, dates in orders.items():
            gap = min(((run - date).days for date in dates.values() if date < run), default=999)
            if books[number] not in reps or not QUIET_AFTER < gap <= 250:
                continue
            after = min(((date - run).days for date in dates.values() if date > run), default=999)
            end, call = min(after, 44), first.get((run, number), 999)
            start = min(call, end)
            sums[0] += (after <= start, start)
            sums[1] += (start < after <= end, end - start)
    plain, followed = sums[:, 0] / sums[:, 1]
    return float(followed), float(plain)


def test_a_plain_count_finds_what_a_follow_up_does_in_the_books_where_it_does(
    demo: Demo, orders: Orders
) -> None:
    planted = TRUTH["with effect"]
    followed, plain = followed_and_not(demo, orders, planted.who)
    assert followed - plain == pytest.approx(planted.value, abs=0.0015)
    assert 1.8 < followed / plain < 2.3


def test_a_plain_count_finds_nothing_in_the_other_books(demo: Demo, orders: Orders) -> None:
    followed, plain = followed_and_not(demo, orders, TRUTH["without effect"].who)
    assert followed - plain == pytest.approx(0, abs=0.002)  # the others' effect is 0.01


def test_everybody_orders_more_often_from_the_day_on_that_says_so(orders: Orders) -> None:
    faster = TRUTH["faster"]
    dates = np.array([date for dates in orders.values() for date in dates.values()])
    before, after = (
        np.sum((first <= dates) & (dates < first + dt.timedelta(days=140)))
        for first in (faster.since - dt.timedelta(days=140), faster.since)
    )
    # Follow-ups bring as many orders as before; customers who are new, and growth, bring a little more.
    assert faster.value - 0.15 < after / before < faster.value + 0.1


def test_those_who_live_by_a_script_order_on_its_days_and_on_no_other(demo: Demo, orders: Orders) -> None:
    numbers = {row[1]: row[0] for row in records(demo.folder / "accounts.csv")[1:]}
    for name, dates in scripts().items():
        assert sorted(orders[numbers[name]].values()) == list(dates)
        assert not [row for row in visits(demo) if row[0] == numbers[name]]


def test_the_truth_names_representatives_customers_and_days_that_there_are() -> None:
    with_effect, without = TRUTH["with effect"].who, TRUTH["without effect"].who
    assert sorted([*with_effect, *without]) == [rep[0] for rep in REPS]
    assert TRUTH["late claims"].who == TRUTH["split orders"].who
    assert set(TRUTH["late claims"].who) < set(without)
    assert {*TRUTH["ageing"].who, *TRUTH["comes back"].who} == scripts().keys() == set(PLANTED_NAMES)
    assert [effect_of(rep) > 0 for rep in ("0101", "0102")] == [True, False]
