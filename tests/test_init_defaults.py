"""What `segcore init` proposes: windows, a population, variables and rules, and what it says they come to."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from small_init import deliver, made, used

from segcore.engine import DuckDB
from segcore.init import InitResult
from segcore.init.defaults import BEST, LEAST, RECENT, VARIABLES, rules_text
from segcore.init.pace import Window, window_of
from segcore.model import apply, fit
from segcore.params import Study
from segcore.rules import lint, parse_rules, read_rules

END = dt.date(2025, 11, 30)
SEGMENTS = ("Champions", "Loyal", "Needs attention", "At risk", "Lost")
OPTIONAL = ("years", "products", "monetary")
LEFT_OUT = [names for count in range(4) for names in combinations(OPTIONAL, count)]


@pytest.fixture(autouse=True)
def _no_other_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEGCORE_DATA_DIR", raising=False)


# --- the rules --------------------------------------------------------------------------------


@pytest.mark.parametrize("left_out", LEFT_OUT, ids=lambda names: " ".join(names) or "none")
def test_the_rules_are_sound_with_every_set_of_variables(left_out: tuple[str, ...]) -> None:
    variables = {name: classes for name, classes in VARIABLES.items() if name not in left_out}
    least = {name: LEAST[name] for name in variables}
    for classes in (variables, variables | {"frequency": 3}, variables | {"recency": 4}, least):
        for recent in (RECENT, str(classes["recency"])):
            text = rules_text(classes, recent=recent)
            table = parse_rules(text, file="mine.rules.csv", variables=classes, segments=SEGMENTS)
            assert lint(table) == [], (classes, recent)


def test_without_order_value_the_rules_are_the_shipped_ones() -> None:
    shipped = Path(__file__).parents[1] / "params" / "online_retail.rules.csv"
    assert rules_text([name for name in VARIABLES if name != "monetary"]) == shipped.read_text("utf-8")


def test_the_rules_in_the_docs_are_the_ones_that_are_written() -> None:
    page = (Path(__file__).parents[1] / "docs" / "rules.md").read_text("utf-8")
    assert f"\n```csv\n{rules_text(VARIABLES)}```\n" in page


# --- the window -------------------------------------------------------------------------------


def pace(days: dict[str, list[int]], *, over: int) -> Window:
    """The window for customers who ordered so many days ago; the oldest order is `over` days old."""
    rows = [(name, END - dt.timedelta(days=ago)) for name, all_ago in days.items() for ago in all_ago]
    with DuckDB() as engine:
        engine.execute("create table transactions (customer_id VARCHAR, order_date DATE)")
        for row in [*rows, ("first", END - dt.timedelta(days=over))]:
            engine.execute(
                "insert into transactions values ($name, $day)", dict(zip(("name", "day"), row, strict=True))
            )
        return window_of(engine, END)


def silent(count: int, back: int, *, ago: int, after: int) -> dict[str, list[int]]:
    """Customers with an order so many days ago, some of whom ordered again so many days later."""
    return {f"{ago}-{n}": [ago, ago - after] if n < back else [ago] for n in range(count)}


def test_who_seldom_comes_back_after_a_year_is_gone_after_a_year() -> None:
    assert pace(silent(39, 7, ago=700, after=500), over=1000) == Window(
        12, "of 40 customers who had ordered nothing for 12 months, 18% ordered in the 6 after"
    )


def test_where_customers_come_back_after_a_year_two_years_are_tried() -> None:
    days = silent(30, 20, ago=2000, after=500) | silent(30, 0, ago=1500, after=0)
    assert pace(days, over=3000) == Window(
        24, "of 61 customers who had ordered nothing for 24 months, 0% ordered in the 12 after"
    )


def test_orders_must_be_old_enough_to_tell() -> None:
    assert pace(silent(30, 0, ago=300, after=0), over=400) == Window(
        note="the orders span 13 months, and a window of 12 months needs 18"
    )
    assert pace(silent(30, 15, ago=700, after=400), over=800) == Window(
        note="of 31 customers who had ordered nothing for 12 months, 48% ordered in the 6 after, and "
        "the orders span 26 months, and a window of 24 months needs 36"
    )


def test_where_nobody_is_ever_silent_a_year_will_do() -> None:
    days = {f"c{n}": list(range(0, 900, 30)) for n in range(30)}
    assert pace(days, over=900) == Window(
        12, "fewer than 20 customers had ever ordered nothing for 12 months"
    )


def test_where_customers_come_back_even_after_three_years_these_must_do() -> None:
    days = {f"c{n}": [3400, 2900, 1900, 400] for n in range(30)}
    assert pace(days, over=3500) == Window(
        36,
        "of 31 customers who had ordered nothing for 36 months, 97% ordered in the 18 after, and "
        "a longer window is not usual",
    )


# --- studies nobody has seen ------------------------------------------------------------------


def trade(
    seed: int, *, customers: int, years: float, a_year: float, leaving: float, spread: float, once: float = 0
) -> str:
    """Orders of a made-up trade: how often customers order in the middle, how many leave in a year."""
    chance = random.Random(seed)
    days, records = int(365 * years), []
    for customer in range(customers):
        rate, worth = a_year * chance.lognormvariate(0, spread) / 365, chance.lognormvariate(5, 2 * spread)
        begin = chance.uniform(-days, days) if once else chance.uniform(-days, days / 2)
        end = 0 if chance.random() < once else begin + chance.expovariate(leaving / 365)
        records += [
            (int(day), customer, worth * chance.lognormvariate(0, 0.4), "ABCD"[int(4 * chance.random() ** 2)])
            for day in ordered(chance, begin, end, rate)
            if 0 <= day <= days
        ]
    first = END - dt.timedelta(days=days)
    lines = [
        f"{100 + customer},{n},{first + dt.timedelta(days=day)},{market},{worth:.2f}"
        for n, (day, customer, worth, market) in enumerate(sorted(records))
    ]
    return "\n".join(["CustomerID,OrderNo,OrderDate,Category,Sales", *lines]) + "\n"


def ordered(chance: random.Random, day: float, end: float, rate: float) -> Iterator[float]:
    yield day
    while (day := day + chance.expovariate(rate)) <= end:
        yield day


TRADES = {
    "every month": {"customers": 500, "years": 3, "a_year": 12, "leaving": 0.05, "spread": 0.25},
    "every month, all alike": {"customers": 500, "years": 3, "a_year": 12, "leaving": 0.03, "spread": 0.1},
    "every year": {"customers": 900, "years": 6, "a_year": 0.9, "leaving": 0.1, "spread": 0.5},
    "mostly once": {"customers": 3000, "years": 3, "a_year": 3, "leaving": 0.8, "spread": 1, "once": 0.6},
    "one year of data": {"customers": 500, "years": 1, "a_year": 10, "leaving": 0.3, "spread": 0.7},
}


@dataclass(frozen=True)
class Tried:
    """What init makes of a trade."""

    root: Path
    study: Study
    result: InitResult


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Tried]:
    """Each trade is tried once."""

    @cache
    def try_trade(name: str) -> Tried:
        root = tmp_path_factory.mktemp("trade")
        text = trade(3, **TRADES[name])  # type: ignore[arg-type]
        return Tried(root, *made(root, deliver(root, "orders.csv", text)))

    return try_trade


def best(root: Path, study: Study) -> tuple[float, int]:
    """The share of the best two segments, and the longest recency of the very best."""
    with used(root, study) as engine:
        assert study.breaks.from_ is not None
        model = fit(engine, study, read_rules(study.rules_path, study), study.breaks.from_)
        apply(engine, model)
        ((share, longest),) = engine.rows(
            f"select avg((segment in {BEST})::INTEGER), max(recency) filter (segment = '{BEST[0]}') "
            "from customers"
        )
    return share, longest


@pytest.mark.parametrize(
    ("trade_of", "months", "days"),
    [
        ("every month", 12, 100),
        ("every month, all alike", 12, 60),
        ("every year", 36, 400),
        ("mostly once", 12, 150),
        ("one year of data", 0, 120),
    ],
)
def test_the_best_segments_hold_a_part_of_all_who_ordered_lately(
    trade_of: str, months: int, days: int, tried: Callable[[str], Tried]
) -> None:
    study, result = tried(trade_of).study, tried(trade_of).result
    share, longest = best(tried(trade_of).root, study)
    assert 0.05 < share < 0.6
    assert longest < days
    length = f"{months} months" if months else None
    assert study.population.active_within == length
    assert {study.variables[name].window for name in ("frequency", "products", "monetary")} == {length}
    assert (study.variables["monetary"].scale, study.variables["recency"].window) == ("log", None)
    assert f"would hold {share:.0%} of " in said(result, "Champions and Loyal")


@pytest.mark.parametrize(
    ("trade_of", "sentences"),
    [
        (
            "every month",
            [
                "432 of 473 customers ordered within 12 months; the others stay out until they order again "
                "(of 28 customers who had ordered nothing for 12 months, 0% ordered in the 6 after)",
                "segments: Champions 93, Loyal 132, Needs attention 151, At risk 33, Lost 23; "
                "a follow-up would be asked for 184 customers",
                "Champions and Loyal would hold 52% of 432 customers; "
                "everybody in Champions ordered within the last 63 days",
                "that is over half of all: with 5 under recency in their rows it would be 38%; "
                "docs/rules.md says how to try it",
            ],
        ),
        (
            "every month, all alike",
            [
                "467 of 487 customers ordered within 12 months; the others stay out until they order again "
                "(fewer than 20 customers had ever ordered nothing for 12 months)",
                "segments: Champions 75, Loyal 91, Needs attention 267, At risk 20, Lost 14; "
                "a follow-up would be asked for 287 customers",
                "Champions and Loyal would hold 36% of 467 customers; "
                "everybody in Champions ordered within the last 19 days",
                "their rules ask for recency 5, for with >=4 they would hold 65%",
            ],
        ),
        (
            "one year of data",
            [
                "all orders count (the orders span 12 months, and a window of 12 months needs 18)",
                "segments: Champions 105, Loyal 100, Needs attention 143, At risk 49, Lost 39; "
                "a follow-up would be asked for 192 customers",
                "Champions and Loyal would hold 47% of 436 customers; "
                "everybody in Champions ordered within the last 90 days",
            ],
        ),
    ],
)
def test_the_sizes_are_told(trade_of: str, sentences: list[str], tried: Callable[[str], Tried]) -> None:
    assert list(tried(trade_of).result.lines[3:-2]) == sentences


def test_the_study_explains_what_it_proposes(tried: Callable[[str], Tried]) -> None:
    text = tried("every month").result.study.read_text("utf-8")
    assert (
        text[text.index("# Who") : text.index("breaks:")]
        == """\
# Who has ordered nothing for 12 months is gone until the next order: of 28 customers who had ordered \
nothing for 12 months, 0% ordered in the 6 after.
population: {active_within: 12 months}
variables:                          # what customers are judged by; of the classes of each the last is best
  recency: {classes: 5}             # days since the last order
  frequency: {classes: 5, scale: log, window: 12 months}  # orders
  years: {classes: 3}               # since the first order, or since the account was opened
  products: {classes: 2, window: 12 months}  # markets bought in
  monetary: {classes: 5, scale: log, window: 12 months}  # what the orders were worth
  # scale: log, for a few customers order far more often than most, and are worth far more.
  # window: the last 12 months count. Without it every count grows from run to run.
"""
    )


def test_credits_leave_order_value_out(tmp_path: Path) -> None:
    returned = "9999,999999,2025-11-01,A,10\n9999,999999,2025-11-01,B,-1244.5\n"
    text = trade(3, **TRADES["every month"]) + returned  # type: ignore[arg-type]
    study, result = made(tmp_path, deliver(tmp_path, "orders.csv", text))
    assert said(result, "monetary") == (
        "monetary: the orders of somebody sum to -1,234.50, and log needs more than -1; it is left out; "
        "to use it, exclude credits"
    )
    assert list(study.variables) == ["recency", "frequency", "years", "products"]


def test_credits_of_an_earlier_date_leave_order_value_out_too(tmp_path: Path) -> None:
    """An order left the window before the credit for it: in between, the sum is below zero."""
    lines = "9999,999998,2024-02-01,A,900\n9999,999998,2024-11-01,B,-880.5\n9999,999997,2025-10-01,A,50\n"
    text = trade(3, **TRADES["every month"]) + lines  # type: ignore[arg-type]
    study, result = made(tmp_path, deliver(tmp_path, "orders.csv", text))
    assert said(result, "monetary").startswith("monetary: the orders of somebody sum to -880.50, and log")
    assert "monetary" not in study.variables


def said(result: InitResult, start: str) -> str:
    return next(line for line in result.lines if line.startswith(start))
