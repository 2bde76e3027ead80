"""Customers at a date: the fast steps give what the definitions in segcore.variables say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_model import study as small_study
from small_sources import DAY, study_in

from segcore.engine import DuckDB, Engine
from segcore.errors import InputError, ParamsError
from segcore.features import build, describe
from segcore.params import Study
from segcore.variables import VARIABLES

OWN = {
    "big_orders": "count(distinct order_id) filter (where amount > 50)",
    "largest": "max(amount)",
    "orders_in_x": "coalesce(sum(amount) filter (where market = 'X'), -1)",
    "days_known": "date_diff('day', min(order_date), $run_date)",
}
ALL = {**{name: variable.sql for name, variable in VARIABLES.items()}, **OWN}
Line = tuple[str, str, dt.date, str, Decimal]
Windows = dict[str, str | None]
Order = tuple[str, str, str, str | None]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def put(
    engine: Engine,
    lines: Sequence[Line],
    since: dict[str, dt.date | None] | None = None,
    **more: Windows,
) -> None:
    """Make ``transactions``, and ``customers_source`` if somebody says something about customers."""
    engine.execute("drop table if exists customers_source")
    engine.execute(
        "create or replace table transactions (customer_id VARCHAR, order_id VARCHAR, order_date DATE, "
        "market VARCHAR, amount DECIMAL(18, 4))"
    )
    if lines:
        rows = ", ".join(f"('{c}', '{o}', '{d}', '{m}', {a})" for c, o, d, m, a in lines)
        engine.execute(f"insert into transactions values {rows}")
    if since is None and not more:
        return
    extra = "".join(f", {name} VARCHAR" for name in more)
    engine.execute(
        f"create table customers_source (file VARCHAR, record BIGINT, customer_id VARCHAR, since DATE{extra})"
    )
    for number, customer in enumerate(
        sorted({*(since or {}), *(c for values in more.values() for c in values)})
    ):
        values = {f"v{i}": column.get(customer) for i, column in enumerate(more.values())}
        places = "".join(f", ${name}" for name in values)
        engine.execute(
            f"insert into customers_source values ('a.csv', $n, $c, $s{places})",
            {"n": number, "c": customer, "s": (since or {}).get(customer), **values},
        )


def study(folder: Path, windows: Windows | None = None, active: str | None = None) -> Study:
    """A study with these variables (all, if none are named) and their windows."""
    told = {
        name: {"classes": 2, "window": window} for name, window in (windows or dict.fromkeys(ALL)).items()
    }
    for name in OWN.keys() & told.keys():
        told[name]["sql"] = OWN[name]
    text = study_in(folder).model_dump(by_alias=True)
    return Study(**{**text, "variables": told, "population": {"active_within": active}})


def by_definition(engine: Engine, people: list[str], windows: Windows) -> dict[str, list[object]]:
    """The aggregates as they are written, per customer; over nothing a sum is 0."""
    table = "(select *, NULL::DATE as since from transactions)"
    if engine.has("customers_source"):
        table = "(select t.*, c.since from transactions t left join customers_source c using (customer_id))"
    made: dict[str, list[object]] = {customer: [] for customer in people}
    for name, window in windows.items():
        windowed = window and (name in OWN or VARIABLES[name].windowed)
        start = f"where order_date > $run_date - interval '{window}'" if windowed else ""
        values = {"run_date": DAY}
        found = dict(engine.rows(f"select customer_id, {ALL[name]} from {table} {start} group by 1", values))
        ((nothing,),) = engine.rows(f"select {ALL[name]} from {table} where false", values)
        for customer, mine in made.items():
            value = found.get(customer, nothing)
            mine.append(0 if value is None and ALL[name].startswith("sum(") else value)
    return made


days = st.dates(dt.date(2023, 10, 1), DAY)
lines = st.tuples(
    st.sampled_from(["K1", "K2", "K3"]),
    st.sampled_from(["A", "B", "C", "D"]),
    days | st.sampled_from([DAY, dt.date(2025, 10, 31), dt.date(2025, 11, 1), dt.date(2024, 2, 29)]),
    st.sampled_from(["X", "Y", "Z"]),
    st.decimals(-99, 99, places=4),
)
windows = st.sampled_from([None, "1 day", "61 days", "2 months", "22 months", "1 year"])


@settings(deadline=None, max_examples=15)
@given(
    bought=st.lists(lines, min_size=1, max_size=25),
    window=st.fixed_dictionaries(dict.fromkeys(ALL, windows)),
    since=st.none() | st.fixed_dictionaries({"K1": st.none() | days, "K3": days, "K9": days}),
    active=st.sampled_from([None, "61 days", "2 months", "1 year"]),
)
def test_every_variable_is_what_its_definition_says(
    engine: Engine,
    tmp_path_factory: pytest.TempPathFactory,
    bought: list[Line],
    window: Windows,
    since: dict[str, dt.date | None] | None,
    active: str | None,
) -> None:
    # Orders belong to one customer; the customer is part of their number here.
    bought = [(customer, customer + order, *rest) for customer, order, *rest in bought]  # type: ignore[misc]
    put(engine, bought, since)
    start = engine.rows(f"select (DATE '{DAY}' - interval '{active or '99 years'}')::DATE")[0][0]
    people = sorted({customer for customer, _, day, *_ in bought if day > start})
    mine = study(tmp_path_factory.mktemp("features"), window, active)
    if not people:
        with pytest.raises(InputError):
            build(engine, mine, DAY)
        return
    build(engine, mine, DAY)
    assert list(engine.columns("features"))[-len(ALL) :] == list(window)
    made = engine.rows(f"select customer_id, {', '.join(window)} from features")
    assert {row[0]: list(row[1:]) for row in made} == by_definition(engine, people, window)


def test_the_variables_of_a_customer_counted_by_hand(engine: Engine, tmp_path: Path) -> None:
    def order(number: str, day: dt.date, market: str, amount: str) -> Line:
        return ("K1", number, day, market, Decimal(amount))

    put(
        engine,
        [
            order("A1", dt.date(2023, 12, 31), "X", "10.00"),
            order("A2", dt.date(2025, 6, 30), "X", "20.00"),
            order("A2", dt.date(2025, 6, 30), "Y", "5.50"),
            order("A3", dt.date(2025, 12, 21), "X", "-1.00"),
        ],
    )
    build(engine, study(tmp_path, dict.fromkeys(VARIABLES)), DAY)
    assert engine.rows("from features") == [
        ("K1", None, None, 10, 3, 731, 2, Decimal("34.5")),
    ]
    build(engine, study(tmp_path, dict.fromkeys(VARIABLES, "6 months")), DAY)
    # 2025-06-30 is six months before 2025-12-31, so it does not count; recency and years have no window.
    assert engine.rows("from features") == [("K1", None, None, 10, 1, 731, 1, Decimal(-1))]


def test_an_order_on_the_run_date_has_recency_0(engine: Engine, tmp_path: Path) -> None:
    put(engine, [("K1", "A1", DAY, "X", Decimal(1))])
    build(engine, study(tmp_path, {"recency": None, "years": None}), DAY)
    assert engine.rows("select recency, years from features") == [(0, 0)]


def test_counts_and_days_are_whole_numbers_and_money_is_decimal(engine: Engine, tmp_path: Path) -> None:
    put(engine, [("K1", "A1", DAY, "X", Decimal(1))])
    build(engine, study(tmp_path, dict.fromkeys(VARIABLES)), DAY)
    types = engine.columns("features")
    assert [types[name] for name in ("recency", "frequency", "years", "products")] == ["BIGINT"] * 4
    assert types["monetary"].startswith("DECIMAL")


def test_over_nothing_in_the_window_counts_and_sums_are_0(engine: Engine, tmp_path: Path) -> None:
    old = dt.date(2024, 1, 1)
    put(engine, [("K1", "A1", old, "X", Decimal(9)), ("K2", "A2", DAY, "X", Decimal(60))])
    build(engine, study(tmp_path, dict.fromkeys(("frequency", "products", "monetary", *OWN), "1 year")), DAY)
    assert engine.rows("select * exclude (name, rep) from features order by 1") == [
        ("K1", 0, 0, Decimal(0), 0, None, Decimal(-1), None),
        ("K2", 1, 1, Decimal(60), 1, Decimal(60), Decimal(60), 0),
    ]


class TestThePopulation:
    """Who is in a run if only active customers are."""

    def people(self, engine: Engine, folder: Path, active: str) -> list[str]:
        build(engine, study(folder, {"recency": None}, active), DAY)
        return [customer for (customer,) in engine.rows("select customer_id from features order by 1")]

    def test_the_day_before_the_window_does_not_count(self, engine: Engine, tmp_path: Path) -> None:
        put(
            engine,
            [
                ("K1", "A1", dt.date(2025, 10, 2), "X", Decimal(1)),
                ("K2", "A2", dt.date(2025, 10, 3), "X", Decimal(1)),
            ],
        )
        assert self.people(engine, tmp_path, "90 days") == ["K2"]
        assert self.people(engine, tmp_path, "91 days") == ["K1", "K2"]

    def test_months_are_those_of_the_calendar(self, engine: Engine, tmp_path: Path) -> None:
        put(
            engine, [("K1", "A1", dt.date(2025, 11, 30), "X", Decimal(1)), ("K2", "A2", DAY, "X", Decimal(1))]
        )
        # One month before 31 December is 30 November, which is the last day that does not count.
        assert self.people(engine, tmp_path, "1 month") == ["K2"]

    def test_nobody_left_is_told(self, engine: Engine, tmp_path: Path) -> None:
        put(engine, [("K1", "A1", dt.date(2024, 1, 1), "X", Decimal(1))])
        mine = study(tmp_path, {"recency": None}, "6 weeks")
        with pytest.raises(InputError) as caught:
            build(engine, mine, DAY)
        assert str(caught.value) == (
            f"{mine.path}: population.active_within: at least one customer must have ordered within 6 weeks "
            "up to 2025-12-31 (none did); deliver newer extracts, or widen the population"
        )


class TestTheRepresentative:
    """The customers source knows best, then the latest order."""

    def reps(
        self, engine: Engine, folder: Path, orders: list[tuple[str, str, str, str | None]]
    ) -> list[object]:
        engine.execute("alter table transactions add column rep VARCHAR")
        for customer, order, day, rep in orders:
            engine.execute(
                "insert into transactions values ($c, $o, $d, 'X', 1, $r)",
                {"c": customer, "o": order, "d": dt.date.fromisoformat(day), "r": rep},
            )
        build(engine, study(folder, {"recency": None}), DAY)
        return engine.rows("select customer_id, rep from features order by 1")  # type: ignore[return-value]

    def test_of_the_latest_order_and_of_the_greatest_number_on_one_day(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        put(engine, [])
        assert self.reps(
            engine,
            tmp_path,
            [
                ("K1", "A9", "2025-01-01", "first"),
                ("K1", "A1", "2025-02-01", "smaller"),
                ("K1", "A2", "2025-02-01", "greater"),
                ("K2", "A3", "2025-01-01", "known"),
                ("K2", "A4", "2025-02-01", None),
                ("K3", "A5", "2025-01-01", None),
            ],
        ) == [("K1", "greater"), ("K2", "known"), ("K3", None)]

    def test_of_the_customers_source_unless_it_says_nothing(self, engine: Engine, tmp_path: Path) -> None:
        put(engine, [], rep={"K1": "source", "K2": None})
        lines = [(customer, f"A{customer}", "2025-01-01", "order") for customer in ("K1", "K2", "K3")]
        assert self.reps(engine, tmp_path, lines) == [("K1", "source"), ("K2", "order"), ("K3", "order")]


def test_attributes_are_passed_through_as_delivered(engine: Engine, tmp_path: Path) -> None:
    put(
        engine,
        [("K1", "A1", DAY, "X", Decimal(1)), ("K2", "A2", DAY, "X", Decimal(1))],
        {"K1": dt.date(2012, 5, 1)},
        name={"K1": "=cmd|' & Söhne"},
        city={"K1": "Köln", "K9": "Bonn"},
    )
    build(engine, study(tmp_path, {"recency": None}), DAY)
    assert list(engine.columns("features")) == ["customer_id", "name", "rep", "since", "city", "recency"]
    assert engine.rows("from features order by 1") == [
        ("K1", "=cmd|' & Söhne", None, dt.date(2012, 5, 1), "Köln", 0),
        ("K2", None, None, None, None, 0),
    ]


def test_sql_of_a_variable_that_fails_for_an_order_is_the_study_s_fault(
    engine: Engine, tmp_path: Path
) -> None:
    put(engine, [("K1", "A1", DAY, "X", Decimal(1))])
    mine = study(tmp_path, {"recency": None})
    bad = mine.model_dump(by_alias=True) | {
        "variables": {"size": {"classes": 2, "sql": "max(order_id::INTEGER)"}}
    }
    with pytest.raises(ParamsError) as caught:
        build(engine, Study(**bad), DAY)
    assert str(caught.value) == (
        f"{mine.path}: variables.size.sql: must work for all records (got Conversion Error: "
        "Could not convert string 'A1' to INT32 when casting from source column order_id); "
        "try_cast gives NULL where cast fails"
    )


def test_orders_after_the_run_date_cannot_get_into_features(engine, tmp_path):
    put(engine, [("A", "1", DAY, "X", Decimal(1)), ("A", "2", DAY + dt.timedelta(days=3), "X", Decimal(1))])
    with pytest.raises(InputError) as caught:
        build(engine, study_in(tmp_path), DAY)
    assert caught.value.problems == (
        f"the order lines of the run of {DAY} must end with that day (got 1 later ones, the newest of "
        f"{DAY + dt.timedelta(days=3)}); they were made for another run date: run ingest for this one first",
    )


def test_a_description_is_in_the_units_that_people_read(engine):
    wanted = small_study({name: {"classes": 2} for name in ("recency", "years", "monetary")})
    engine.execute(
        "create or replace table features as from (values ('A', 3, 365, 1.50), ('B', 9, 1461, -2.00), "
        "('C', 1400, 4000, 1234.56)) as t(customer_id, recency, years, monetary)"
    )
    frame = describe(engine, wanted)
    assert list(frame.columns) == [
        "variable", "unit", "lowest", "quarter", "median", "three_quarters", "highest", "distinct_values"
    ]  # fmt: skip
    assert [tuple(row) for row in frame.itertuples(index=False)] == [
        ("recency", "days ago", "3", "3", "9", "1,400", "1,400", 3),
        ("years", "years", "1.0", "1.0", "4.0", "11", "11", 3),
        ("monetary", "EUR", "−2.00", "−2.00", "1.50", "1,235", "1,235", 3),
    ]
