from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_runs import SEGMENTS, make_run, make_runs, put_customers, put_orders, start_run

from segcore import tables
from segcore.engine import ENGINES
from segcore.errors import ArchiveError
from segcore.transitions import MOVES, accounts, crosstab, matrix, movers, moves

CHAMPIONS, LOYAL, ATTENTION, RISK, LOST = SEGMENTS


@pytest.fixture(params=ENGINES)
def engine(request):
    engine = ENGINES[request.param]()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def one_engine():
    """For tests that look at very many small runs."""
    engine = ENGINES["duckdb"]()
    yield engine
    engine.close()


def moved(engine) -> list[tuple]:
    return engine.rows("from moves order by customer_id")


def cells(engine, *columns: str, where: str = "true") -> list[tuple]:
    return engine.rows(f"select {', '.join(columns)} from matrix where {where} order by position")


def put_moves(engine, counts, segments=SEGMENTS):
    """The table ``moves`` from counts by (state, from_segment, to_segment)."""
    engine.execute(
        "create or replace table moves (customer_id VARCHAR, from_segment VARCHAR, to_segment VARCHAR, "
        "from_rank SMALLINT, to_rank SMALLINT, state VARCHAR)"
    )
    rank = {segment: place for place, segment in enumerate(reversed(segments))}
    for (state, before, after), customers in counts.items():
        engine.execute(
            "insert into moves select $state || $before || $after || i, nullif($before, ''), "
            "nullif($after, ''), $from_rank, $to_rank, $state from range($customers) t(i)",
            {
                "state": state,
                "before": before or "",
                "after": after or "",
                "from_rank": rank.get(before),
                "to_rank": rank.get(after),
                "customers": customers,
            },
        )


# Moves


def test_everybody_of_this_or_the_previous_run_has_one_state(engine, tmp_path):
    make_runs(
        engine,
        tmp_path,
        {"back": LOYAL, "left long ago": LOST, "same": LOYAL},
        {"up": ATTENTION, "down": CHAMPIONS, "same": LOYAL, "away": LOST},
        {"up": LOYAL, "down": LOST, "same": LOYAL, "back": RISK, "first": LOST},
    )
    assert moved(engine) == [
        ("away", LOST, None, 0, None, "gone"),
        ("back", None, RISK, None, 1, "returned"),
        ("down", CHAMPIONS, LOST, 4, 0, "down"),
        ("first", None, LOST, None, 0, "new"),
        ("same", LOYAL, LOYAL, 3, 3, "stayed"),
        ("up", ATTENTION, LOYAL, 2, 3, "up"),
    ]


def test_the_first_run_has_no_moves_but_the_table_is_typed(engine, tmp_path):
    (run,) = make_runs(engine, tmp_path, {"a": LOYAL})
    engine.read_parquet(run / "data" / "moves.parquet", "written")
    assert engine.rows("from written") == []
    assert engine.columns("written") == {
        "customer_id": "VARCHAR",
        "from_segment": "VARCHAR",
        "to_segment": "VARCHAR",
        "from_rank": "SMALLINT",
        "to_rank": "SMALLINT",
        "state": "VARCHAR",
    }


def test_ranks_of_both_runs_are_those_of_this_order_of_segments(engine, tmp_path):
    before = make_run(
        engine, tmp_path / "2025-01-01", {"a": LOYAL, "b": "Sleeping"}, segments=(LOYAL, "Sleeping")
    )
    put_customers(engine, {"a": LOYAL, "b": LOST})
    put_orders(engine, dt.date(2025, 2, 15))
    moves(engine, SEGMENTS, [before])
    assert moved(engine) == [
        ("a", LOYAL, LOYAL, 3, 3, "stayed"),
        ("b", "Sleeping", LOST, None, 0, "unranked"),
    ]


def test_a_column_of_the_study_may_be_called_like_one_of_ours(engine, tmp_path):
    put_orders(engine, dt.date(2025, 1, 1))
    put_customers(engine, {"a": LOYAL}, code=("VARCHAR", {"a": "x"}), path=("VARCHAR", {"a": "y"}))
    moves(engine, SEGMENTS, [])
    tables.save(engine, tmp_path / "2025-01-01", "customers", "moves")
    put_customers(engine, {"a": LOST}, code=("VARCHAR", {"a": "x"}), path=("VARCHAR", {"a": "y"}))
    moves(engine, SEGMENTS, [tmp_path / "2025-01-01"])
    assert moved(engine) == [("a", LOYAL, LOST, 3, 0, "down")]


def test_hostile_names_are_only_text(engine, tmp_path):
    hostile = ("Robert'); drop table moves;--", 'New "best"')
    first = make_run(engine, tmp_path / "2025-01-01", {"a'b": hostile[0]}, segments=hostile)
    make_run(engine, tmp_path / "2025-02-15", {"a'b": hostile[1]}, segments=hostile, earlier=[first])
    assert moved(engine) == [("a'b", hostile[0], hostile[1], 1, 0, "down")]


def test_every_file_that_an_earlier_run_lacks_is_named(engine, tmp_path):
    runs = make_runs(engine, tmp_path, {"a": LOYAL}, {"a": LOYAL}, {"a": LOYAL})
    (runs[0] / "data" / "moves.parquet").unlink()
    (runs[2] / "data" / "customers.parquet").unlink()
    with pytest.raises(ArchiveError) as error:
        moves(engine, SEGMENTS, runs)
    assert str(error.value) == (
        f"{runs[0]}: the run of 2025-01-01 must have data/moves.parquet (there is none); "
        "put it back from a copy, or make that run again with --force\n"
        f"{runs[2]}: the run of 2025-04-01 must have data/customers.parquet (there is none); "
        "put it back from a copy, or make that run again with --force"
    )


def test_the_bytes_do_not_depend_on_the_order_in_which_runs_were_made(engine, tmp_path):
    days = ({"a": LOYAL, "b": LOST}, {"b": RISK, "c": LOYAL}, {"a": LOST, "b": RISK, "d": LOYAL})
    ascending = make_runs(engine, tmp_path / "up", *days)
    descending = [tmp_path / "down" / run.name for run in ascending]
    for run, members in reversed(list(zip(descending, days, strict=True))):
        make_run(engine, run, members)
    make_run(engine, descending[2], days[2], earlier=descending[:2])
    for name in ("customers", "moves", "history", "sizes"):
        files = [runs[2] / "data" / f"{name}.parquet" for runs in (ascending, descending)]
        assert files[0].read_bytes() == files[1].read_bytes(), name


def test_the_same_tables_are_written_with_the_same_bytes(engine, tmp_path):
    """Over several row groups of Parquet, which two threads fill."""
    written = []
    put_orders(engine, dt.date(2025, 1, 1))
    for attempt in ("first", "second"):
        engine.execute(
            "create or replace table customers as select i::VARCHAR as customer_id, "
            "case when i % 3 = 0 then 'Lost' else 'Loyal' end as segment, "
            "case when i % 3 = 0 then 0 else 3 end::SMALLINT as rank from range(150000) t(i)"
        )
        before = tmp_path / attempt / "2025-01-01"
        moves(engine, SEGMENTS, [])
        tables.save(engine, before, "customers", "moves")
        moves(engine, SEGMENTS, [before])
        tables.save(engine, before.with_name("2025-02-15"), "moves")
        written.append((before.with_name("2025-02-15") / "data" / "moves.parquet").read_bytes())
    assert written[0] == written[1]


def test_who_ordered_up_to_the_last_run_is_not_new(engine, tmp_path):
    """First in the data, or first in a run: of these only the former are new."""
    first, second = tmp_path / "2025-01-01", tmp_path / "2025-02-15"
    start_run(engine, first, {"x": LOYAL}, orders=[("x", "2024-12-01", 5), ("before", "2025-01-01", 5)])
    members = dict.fromkeys(("x", "before", "after", "on no day"), LOYAL)
    orders = [("x", "2024-12-01", 5), ("before", "2025-01-01", 5), ("after", "2025-01-02", 5)]
    start_run(engine, second, members, earlier=[first], orders=orders)
    states = dict(engine.rows("select customer_id, state from moves"))
    assert states == {"x": "stayed", "before": "returned", "after": "new", "on no day": "new"}


def test_moves_of_a_run_that_knew_other_states_are_counted_alike(engine):
    """Up, down and stayed were one state once, and retired ones hid in it, too."""
    count = ", ".join(f"count(*) filter ({condition})" for condition in MOVES.values())
    told = {("A", "A"): 1, ("A", "B"): 2, ("B", "A"): 3, ("Old", "A"): 4}
    for state in (lambda pair: "stayed", lambda pair: NOW[pair]):
        moved = {(state(pair), *pair): n for pair, n in told.items()}
        others = {("new", None, "B"): 5, ("returned", None, "B"): 6, ("gone", "Old", None): 7}
        put_moves(engine, moved | others, segments=("A", "B"))
        counts = dict(zip(MOVES, engine.rows(f"select {count} from moves")[0], strict=True))
        assert counts == {
            "up": 3, "down": 2, "stayed": 1, "unranked": 4, "new": 5, "returned": 6, "gone": 7
        }  # fmt: skip


NOW = {("A", "A"): "stayed", ("A", "B"): "down", ("B", "A"): "up", ("Old", "A"): "unranked"}


# Matrix


def test_row_shares_of_a_published_matrix(engine):
    """Counts and first rate: giddy, ``markov.py`` (Rey 2015)."""
    counts = [
        [729, 71, 1, 0, 0],
        [72, 567, 80, 3, 0],
        [0, 81, 631, 86, 2],
        [0, 3, 86, 573, 56],
        [0, 0, 1, 57, 741],
    ]
    put_moves(
        engine,
        {
            ("stayed", before, after): customers
            for before, row in zip(SEGMENTS, counts, strict=True)
            for after, customers in zip(SEGMENTS, row, strict=True)
        },
    )
    matrix(engine, SEGMENTS)
    inner = cells(engine, "customers", "share", where="state in ('up', 'down', 'stayed')")
    assert [row[0] for row in inner] == [customers for row in counts for customers in row]
    assert round(inner[0][1], 8) == 0.91011236
    sums = engine.rows("select round(sum(share), 12) from matrix where row_total > 0 group by from_segment")
    assert sums == [(1.0,)] * 5


def test_the_matrix_has_every_pair_best_first_and_closes_its_sums(engine):
    put_moves(
        engine,
        {
            ("stayed", "A", "B"): 30,
            ("stayed", "Old", "A"): 2,
            ("gone", "B", None): 1,
            ("new", None, "B"): 19,
            ("returned", None, "A"): 20,
        },
        segments=("A", "B"),
    )
    matrix(engine, ("A", "B"))
    assert cells(engine, "from_segment", "to_segment", "state", "customers", "row_total", "few") == [
        ("A", "A", "stayed", 0, 30, False),
        ("A", "B", "down", 30, 30, False),
        ("A", "Gone", "gone", 0, 30, False),
        ("B", "A", "up", 0, 1, False),
        ("B", "B", "stayed", 0, 1, False),
        ("B", "Gone", "gone", 1, 1, True),
        ("Old", "A", "unranked", 2, 2, True),
        ("Old", "B", "unranked", 0, 2, False),
        ("Old", "Gone", "gone", 0, 2, False),
        ("New", "A", "new", 0, 19, False),
        ("New", "B", "new", 19, 19, True),
        ("Returned", "A", "returned", 20, 20, False),
        ("Returned", "B", "returned", 0, 20, False),
    ]


def test_a_cell_carries_its_share_of_the_row_with_an_interval(engine):
    put_moves(engine, {("stayed", "A", "A"): 100, ("gone", "A", None): 100}, segments=("A", "B"))
    matrix(engine, ("A", "B"))
    first, *_ = cells(engine, "share", "round(low, 7)", "round(high, 7)")
    assert first == (0.5, 0.4313609, 0.5686391)
    empty = cells(engine, "share", "low", "high", where="row_total = 0")
    assert set(empty) == {(None, None, None)}


def test_a_segment_called_new_is_not_a_new_customer(engine):
    put_moves(engine, {("stayed", "New", "New"): 3, ("new", None, "New"): 5}, segments=("New",))
    matrix(engine, ("New",))
    assert cells(engine, "from_segment", "state", "customers", "row_total") == [
        ("New", "stayed", 3, 3),
        ("New", "gone", 0, 3),
        ("New", "new", 5, 5),
        ("Returned", "returned", 0, 0),
    ]


def test_the_matrix_of_a_first_run_is_empty_and_typed(engine, tmp_path):
    make_runs(engine, tmp_path, {"a": LOYAL})
    frame = matrix(engine, SEGMENTS)
    assert cells(engine, "*") == []
    assert engine.columns("matrix") == {
        "position": "SMALLINT",
        "from_segment": "VARCHAR",
        "to_segment": "VARCHAR",
        "state": "VARCHAR",
        "customers": "BIGINT",
        "row_total": "BIGINT",
        "few": "BOOLEAN",
        "share": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
    }
    assert crosstab(frame).shape == (0, 1)


def test_a_matrix_is_read_from_row_to_column(engine, tmp_path):
    many = [f"customer {n}" for n in range(40)]
    before = dict.fromkeys(many, LOYAL) | {"a": LOST, "New": LOST}
    now = dict.fromkeys(many[:30], LOYAL) | dict.fromkeys(many[30:], RISK) | {"a": LOYAL, "b": LOST}
    make_runs(engine, tmp_path, before, now)
    shown = crosstab(matrix(engine, SEGMENTS))
    assert list(shown.columns) == [*SEGMENTS, "Gone", "All"]
    assert {name: list(row) for name, row in zip(shown.index, shown.values, strict=True)} == {
        "Champions": ["0", "0", "0", "0", "0", "0", "0"],
        "Loyal": ["0", "30 (75%)", "0", "10", "0", "0", "40"],
        "Needs attention": ["0", "0", "0", "0", "0", "0", "0"],
        "At risk": ["0", "0", "0", "0", "0", "0", "0"],
        "Lost": ["0", "1", "0", "0", "0", "1", "2"],
        "New": ["0", "0", "0", "0", "1", "–", "1"],
        "Returned": ["0", "0", "0", "0", "0", "–", "0"],
    }


# Any runs at all

customer = st.sampled_from("abcdef")
a_run = st.dictionaries(customer, st.sampled_from(SEGMENTS), min_size=1)


@settings(max_examples=25, deadline=None)
@given(st.lists(a_run, min_size=2, max_size=4))
def test_states_part_the_customers_of_any_two_runs(one_engine, tmp_path_factory, runs):
    make_runs(one_engine, tmp_path_factory.mktemp("runs"), *runs, make=start_run)
    found = {row[0]: row for row in moved(one_engine)}
    *older, before = runs[:-1]
    now = runs[-1]
    ever = {name for members in older for name in members}
    assert set(found) == set(before) | set(now)
    for name, (_, from_segment, to_segment, _, _, state) in found.items():
        assert (from_segment, to_segment) == (before.get(name), now.get(name))
        expected = "returned" if name in ever else "new"
        if name in before:
            places = [SEGMENTS.index(members[name]) for members in (before, now) if name in members]
            step = places[0] - places[-1]
            moved_to = "up" if step > 0 else "down" if step else "stayed"
            expected = moved_to if name in now else "gone"
        assert state == expected
    states = Counter(row[5] for row in found.values())
    movers(one_engine)
    assert dict(one_engine.rows("select move, customers from movers where customers > 0")) == states
    assert len(before) + states["new"] + states["returned"] - states["gone"] == len(now)
    accounts(one_engine)
    matrix(one_engine, SEGMENTS)
    in_cells = "select state, sum(customers)::INTEGER from matrix where customers > 0 group by state"
    assert dict(one_engine.rows(in_cells)) == states


class TestRenumbered:
    """Whom the ERP gave another number is still the same customer."""

    def renumber(self, engine, **becomes):
        columns = {"customer_id": "VARCHAR", "becomes": "VARCHAR"}
        tables.put(engine, "renumbered", columns, list(becomes.items()))

    def test_is_neither_gone_nor_new(self, engine, tmp_path):
        self.renumber(engine, old="now")
        make_runs(engine, tmp_path, {"old": LOYAL, "same": LOST}, {"now": RISK, "same": LOST})
        assert moved(engine) == [
            ("now", LOYAL, RISK, 3, 1, "down"),
            ("same", LOST, LOST, 0, 0, "stayed"),
        ]

    def test_of_two_who_are_one_now_the_better_one_is_the_earlier_self(self, engine, tmp_path):
        self.renumber(engine, old="now", other="now")
        make_runs(
            engine,
            tmp_path,
            {"old": LOYAL, "other": CHAMPIONS, "now": LOST},
            {"now": LOYAL},
        )
        assert moved(engine) == [("now", CHAMPIONS, LOYAL, 4, 3, "down")]
        assert engine.rows("select segment, first_run from history") == [(LOYAL, dt.date(2025, 1, 1))]
        assert engine.rows(
            "select part, sum(customers)::INTEGER from accounts group by part having sum(customers) > 0 "
            "order by part"
        ) == [("down into", 1), ("down out of", 1), ("end", 1), ("start", 1)]
        assert engine.rows("select run_date, sum(customers)::INTEGER from sizes group by 1 order by 1") == [
            (dt.date(2025, 1, 1), 3),
            (dt.date(2025, 2, 15), 1),
        ]


def test_who_comes_from_a_segment_that_nobody_knows_any_more_has_neither_risen_nor_fallen(engine, tmp_path):
    """As in runs of older versions, or of a notebook on its own; a run of today is refused."""
    old, new = ("Champions", "Regular", "Lost"), ("Champions", "Loyal", "Casual", "Lost")
    first = start_run(engine, tmp_path / "2025-01-01", dict.fromkeys("abc", "Regular"), segments=old)
    now = {"a": "Loyal", "b": "Casual", "c": "Lost"}
    start_run(engine, tmp_path / "2025-02-15", now, earlier=(first,), segments=new)
    assert {state for (state,) in engine.rows("select state from moves")} == {"unranked"}
