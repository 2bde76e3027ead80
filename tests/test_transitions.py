from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_runs import SEGMENTS, make_run, make_runs, put_customers, start_run

from segcore import tables
from segcore.engine import ENGINES
from segcore.errors import ArchiveError, SegcoreError
from segcore.transitions import accounting, matrix, moves

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
        ("down", CHAMPIONS, LOST, 4, 0, "stayed"),
        ("first", None, LOST, None, 0, "new"),
        ("same", LOYAL, LOYAL, 3, 3, "stayed"),
        ("up", ATTENTION, LOYAL, 2, 3, "stayed"),
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
    moves(engine, SEGMENTS, [before])
    assert moved(engine) == [
        ("a", LOYAL, LOYAL, 3, 3, "stayed"),
        ("b", "Sleeping", LOST, None, 0, "stayed"),
    ]


def test_a_column_of_the_study_may_be_called_like_one_of_ours(engine, tmp_path):
    put_customers(engine, {"a": LOYAL}, code=("VARCHAR", {"a": "x"}), path=("VARCHAR", {"a": "y"}))
    moves(engine, SEGMENTS, [])
    tables.save(engine, tmp_path / "2025-01-01", "customers", "moves")
    put_customers(engine, {"a": LOST}, code=("VARCHAR", {"a": "x"}), path=("VARCHAR", {"a": "y"}))
    moves(engine, SEGMENTS, [tmp_path / "2025-01-01"])
    assert moved(engine) == [("a", LOYAL, LOST, 3, 0, "stayed")]


def test_hostile_names_are_only_text(engine, tmp_path):
    hostile = ("Robert'); drop table moves;--", 'New "best"')
    first = make_run(engine, tmp_path / "2025-01-01", {"a'b": hostile[0]}, segments=hostile)
    make_run(engine, tmp_path / "2025-02-15", {"a'b": hostile[1]}, segments=hostile, earlier=[first])
    assert moved(engine) == [("a'b", hostile[0], hostile[1], 1, 0, "stayed")]


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


# Accounting


def test_the_books_of_two_runs_balance(engine, tmp_path):
    make_runs(
        engine,
        tmp_path,
        {"x": LOYAL},
        {"a": ATTENTION, "b": CHAMPIONS, "c": LOYAL, "d": LOST, "e": RISK},
        {"a": LOYAL, "b": LOST, "c": LOYAL, "x": RISK, "f": LOST, "g": LOST},
    )
    book = accounting(engine)
    assert vars(book) == {
        "start": 5,
        "new": 2,
        "returned": 1,
        "gone": 2,
        "end": 6,
        "stayed": 3,
        "up": 1,
        "down": 1,
        "same": 1,
        "unranked": 0,
    }


def test_who_comes_from_a_retired_segment_went_neither_up_nor_down(engine, tmp_path):
    before = make_run(
        engine, tmp_path / "2025-01-01", {"a": "Sleeping", "b": LOYAL}, segments=(LOYAL, "Sleeping")
    )
    make_run(engine, tmp_path / "2025-02-15", {"a": LOST, "b": CHAMPIONS}, earlier=[before])
    book = accounting(engine)
    assert (book.stayed, book.up, book.down, book.same, book.unranked) == (2, 1, 0, 0, 1)


def test_the_first_run_has_no_books(engine, tmp_path):
    make_runs(engine, tmp_path, {"a": LOYAL})
    assert accounting(engine) is None


def test_books_that_do_not_balance_are_refused(engine, tmp_path):
    make_runs(engine, tmp_path, {"a": LOYAL, "b": LOST}, {"a": LOYAL, "c": LOST})
    engine.execute("delete from moves where state = 'new'")
    engine.execute("update moves set to_rank = NULL, to_segment = 'elsewhere' where state = 'stayed'")
    with pytest.raises(SegcoreError) as error:
        accounting(engine)
    assert str(error.value) == (
        "moves: start + new + returned − gone must be end (got 1 and 2); make this run again\n"
        "moves: up + down + same + unranked must be stayed (got 0 and 1); make this run again"
    )


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
    frame = matrix(engine, SEGMENTS)
    inner = frame[frame["state"] == "stayed"]
    assert inner["customers"].tolist() == [customers for row in counts for customers in row]
    assert round(inner["share"].iloc[0], 8) == 0.91011236
    assert inner.groupby("from_segment")["share"].sum().round(12).tolist() == [1.0] * 5


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
    frame = matrix(engine, ("A", "B"))
    columns = ["from_segment", "to_segment", "state", "customers", "row_total", "few"]
    assert frame[columns].values.tolist() == [
        ["A", "A", "stayed", 0, 30, False],
        ["A", "B", "stayed", 30, 30, False],
        ["A", "Gone", "gone", 0, 30, False],
        ["B", "A", "stayed", 0, 1, False],
        ["B", "B", "stayed", 0, 1, False],
        ["B", "Gone", "gone", 1, 1, True],
        ["Old", "A", "stayed", 2, 2, True],
        ["Old", "B", "stayed", 0, 2, False],
        ["Old", "Gone", "gone", 0, 2, False],
        ["New", "A", "new", 0, 19, False],
        ["New", "B", "new", 19, 19, True],
        ["Returned", "A", "returned", 20, 20, False],
        ["Returned", "B", "returned", 0, 20, False],
    ]


def test_a_cell_carries_its_share_of_the_row_with_an_interval(engine):
    put_moves(engine, {("stayed", "A", "A"): 100, ("gone", "A", None): 100}, segments=("A", "B"))
    frame = matrix(engine, ("A", "B"))
    assert frame.loc[0, ["share", "low", "high"]].astype(float).round(7).tolist() == [
        0.5,
        0.4313609,
        0.5686391,
    ]
    assert frame.loc[frame["row_total"] == 0, ["share", "low", "high"]].isna().all(axis=None)


def test_a_segment_called_new_is_not_a_new_customer(engine):
    put_moves(engine, {("stayed", "New", "New"): 3, ("new", None, "New"): 5}, segments=("New",))
    frame = matrix(engine, ("New",))
    assert frame[["from_segment", "state", "customers", "row_total"]].values.tolist() == [
        ["New", "stayed", 3, 3],
        ["New", "gone", 0, 3],
        ["New", "new", 5, 5],
        ["Returned", "returned", 0, 0],
    ]


def test_the_matrix_of_a_first_run_is_empty_and_typed(engine, tmp_path):
    make_runs(engine, tmp_path, {"a": LOYAL})
    frame = matrix(engine, SEGMENTS)
    assert len(frame) == 0
    assert frame.dtypes.astype(str).to_dict() == {
        "from_segment": "str",
        "to_segment": "str",
        "state": "str",
        "customers": "int64",
        "row_total": "int64",
        "few": "bool",
        "share": "float64",
        "low": "float64",
        "high": "float64",
    }


# Any runs at all

customer = st.sampled_from("abcdef")
a_run = st.dictionaries(customer, st.sampled_from(SEGMENTS), min_size=1)


@settings(max_examples=25, deadline=None)
@given(st.lists(a_run, min_size=2, max_size=4))
def test_states_part_the_customers_of_any_two_runs(one_engine, tmp_path_factory, runs):
    folders = make_runs(one_engine, tmp_path_factory.mktemp("runs"), *runs[:-1], make=start_run)
    put_customers(one_engine, runs[-1])
    moves(one_engine, SEGMENTS, folders)
    found = {row[0]: row for row in moved(one_engine)}
    *older, before = runs[:-1]
    now = runs[-1]
    ever = {name for members in older for name in members}
    assert set(found) == set(before) | set(now)
    for name, (_, from_segment, to_segment, _, _, state) in found.items():
        assert (from_segment, to_segment) == (before.get(name), now.get(name))
        expected = "returned" if name in ever else "new"
        if name in before:
            expected = "stayed" if name in now else "gone"
        assert state == expected
    book = accounting(one_engine)
    states = Counter(row[5] for row in found.values())
    assert book.start + states["new"] + states["returned"] - states["gone"] == book.end == len(now)
    cells = matrix(one_engine, SEGMENTS)
    assert cells["customers"].sum() == len(found)
