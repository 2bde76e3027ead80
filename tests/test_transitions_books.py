from __future__ import annotations

import datetime as dt

import pytest
from small_runs import SEGMENTS, make_run, put_orders, start_run

from segcore.engine import ENGINES
from segcore.errors import SegcoreError
from segcore.transitions import MOVES, PARTS, accounts, across, movers, moves

CHAMPIONS, LOYAL, ATTENTION, RISK, LOST = SEGMENTS
FIRST, SECOND = dt.date(2025, 1, 1), dt.date(2025, 2, 15)


@pytest.fixture(params=ENGINES)
def engine(request):
    engine = ENGINES[request.param]()
    yield engine
    engine.close()


def two_runs(engine, folder, before, now, orders=(), segments=SEGMENTS):
    first = start_run(engine, folder / FIRST.isoformat(), before, segments=segments)
    return start_run(engine, folder / SECOND.isoformat(), now, earlier=[first], orders=orders)


def told(engine) -> dict[str, tuple]:
    """Move → customers, ordered, idle, value and missing, of those that somebody made."""
    movers(engine)
    rows = engine.rows("select * exclude (position) from movers where customers > 0 order by position")
    return {move: (*counts, float(value), lost) for move, *counts, value, lost in rows}


def book(engine, segment) -> dict[str, tuple]:
    rows = engine.rows(f"from accounts where segment = '{segment}' and customers > 0 order by position")
    return {part: (*counts, float(value)) for _, _, part, _, *counts, value in rows}


# Movers


def test_movers_are_counted_with_their_orders_since_the_last_run(engine, tmp_path):
    two_runs(
        engine,
        tmp_path,
        {"up": LOST, "also up": LOST, "down": LOYAL, "same": LOYAL, "away": LOST, "removed": LOST},
        {"up": LOYAL, "also up": RISK, "down": LOST, "same": LOYAL, "first": LOYAL, "back": LOST},
        [
            ("up", "2024-06-01", 1),
            ("up", "2025-01-02", 10),  # the first day that is after the last run
            ("also up", "2025-01-01", 100),  # its last day
            ("down", "2024-02-15", 5),  # a day too early for the window of 12 months
            ("down", "2024-02-16", 7),
            ("first", "2025-02-15", 20),
            ("back", "2024-12-01", 30),
            ("back", "2025-02-01", 40),
            ("away", "2024-01-15", 3),  # in the window of the last run, and not in that of this one
            ("away", "2025-01-20", 9),
        ],
    )
    assert told(engine) == {
        "up": (2, 1, 1, 111.0, 0),
        "down": (1, 0, 1, 7.0, 0),
        "stayed": (1, 0, 1, 0.0, 1),
        "new": (1, 1, 0, 20.0, 0),
        "returned": (1, 1, 0, 70.0, 0),
        "gone": (2, 1, 1, 3.0, 1),
    }


def test_every_kind_of_move_has_a_row_also_without_customers(engine, tmp_path):
    two_runs(engine, tmp_path, {"a": LOYAL}, {"a": LOYAL})
    movers(engine)
    assert engine.rows("select move, position, customers from movers order by position") == [
        (move, place, 1 if move == "stayed" else 0) for place, move in enumerate(MOVES, start=1)
    ]


def test_without_a_window_all_orders_count(engine, tmp_path):
    first = start_run(engine, tmp_path / FIRST.isoformat(), {"a": LOYAL, "b": LOST})
    second = tmp_path / SECOND.isoformat()
    start_run(engine, second, {"a": LOYAL}, earlier=[first])
    orders = [("a", "2019-01-01", 1), ("a", "2025-02-01", 2), ("b", "2019-01-01", 4), ("b", "2025-02-01", 8)]
    put_orders(engine, SECOND, *orders, window=None)
    moves(engine, SEGMENTS, [first])
    assert told(engine) == {"stayed": (1, 1, 0, 3.0, 0), "gone": (1, 1, 0, 4.0, 0)}


def test_a_first_run_has_neither_movers_nor_accounts(engine, tmp_path):
    make_run(engine, tmp_path / FIRST.isoformat(), {"a": LOYAL})
    assert engine.rows("from movers") == engine.rows("from accounts") == []
    assert engine.columns("movers") == {
        "move": "VARCHAR",
        "position": "SMALLINT",
        "customers": "BIGINT",
        "ordered": "BIGINT",
        "idle": "BIGINT",
        "value": "DECIMAL(38,4)",
        "missing": "BIGINT",
    }
    assert engine.columns("accounts") == {
        "segment": "VARCHAR",
        "rank": "SMALLINT",
        "part": "VARCHAR",
        "position": "SMALLINT",
        "customers": "BIGINT",
        "ordered": "BIGINT",
        "idle": "BIGINT",
        "value": "DECIMAL(38,4)",
    }


# Accounts


def test_a_segment_says_what_came_in_and_what_went_out(engine, tmp_path):
    two_runs(
        engine,
        tmp_path,
        {"a": LOST, "b": CHAMPIONS, "c": LOYAL, "d": LOYAL, "e": LOYAL, "f": LOYAL},
        {"a": LOYAL, "b": LOYAL, "c": LOYAL, "d": CHAMPIONS, "e": LOST, "g": LOYAL, "h": LOYAL},
        [
            ("a", "2025-02-01", 1),
            ("d", "2025-02-01", 2),
            ("g", "2025-02-01", 4),
            ("h", "2024-12-31", 8),
            ("c", "2025-02-01", 16),
            ("f", "2024-12-01", 32),
        ],
    )
    accounts(engine)
    assert book(engine, LOYAL) == {
        "start": (4, 2, 2, 50.0),
        "up into": (1, 1, 0, 1.0),
        "down into": (1, 0, 1, 0.0),
        "new": (1, 1, 0, 4.0),
        "returned": (1, 0, 1, 8.0),
        "up out of": (1, 1, 0, 2.0),
        "down out of": (1, 0, 1, 0.0),
        "gone": (1, 0, 1, 32.0),
        "end": (5, 3, 2, 29.0),
    }


def test_every_segment_has_every_part(engine, tmp_path):
    two_runs(engine, tmp_path, {"a": LOYAL}, {"a": LOYAL})
    accounts(engine)
    rows = engine.rows("select segment, rank, part, position from accounts order by rank desc, position")
    assert rows == [
        (segment, 4 - place, part, position)
        for place, segment in enumerate(SEGMENTS)
        for position, part in enumerate(PARTS, start=1)
    ]


def test_accounts_are_read_across(engine, tmp_path):
    two_runs(engine, tmp_path, {"a": LOST, "b": LOST}, {"a": LOYAL, "b": LOST}, [("a", "2025-02-01", 3)])
    shown = across(accounts(engine), "customers")
    assert list(shown.columns) == ["start", "up into", "up out of", "end"]
    assert shown.loc[[LOYAL, LOST]].values.tolist() == [[0, 1, 0, 1], [2, 0, 1, 1]]
    assert list(shown.index) == list(SEGMENTS)
    assert across(accounts(engine), "value").loc[LOYAL].tolist() == [0, 3, 0, 3]


def test_a_first_run_has_accounts_without_rows(engine, tmp_path):
    start_run(engine, tmp_path / FIRST.isoformat(), {"a": LOYAL})
    assert across(accounts(engine), "customers").shape == (0, 2)


def test_a_retired_segment_closes_its_account(engine, tmp_path):
    before = {"a": "Sleeping", "b": "Sleeping", "c": LOST}
    two_runs(engine, tmp_path, before, {"a": LOST, "c": LOST}, segments=("Sleeping", LOST))
    accounts(engine)
    assert book(engine, "Sleeping") == {
        "start": (2, 0, 2, 0.0),
        "other out of": (1, 0, 1, 0.0),
        "gone": (1, 0, 1, 0.0),
    }
    assert book(engine, LOST) == {
        "start": (1, 0, 1, 0.0),
        "other into": (1, 0, 1, 0.0),
        "end": (2, 0, 2, 0.0),
    }
    assert engine.rows("select distinct rank from accounts where segment = 'Sleeping'") == [(None,)]


def test_accounts_that_do_not_close_are_refused(engine, tmp_path):
    two_runs(engine, tmp_path, {"a": LOYAL, "b": LOST}, {"a": LOYAL, "c": LOST}, [("c", "2025-02-01", 3)])
    engine.execute("delete from moves where state = 'new'")
    with pytest.raises(SegcoreError) as error:
        accounts(engine)
    assert str(error.value) == (
        "accounts of Lost: customers, start + in − out, must be those of the end (got 0 and 1); "
        "make this run again\n"
        "accounts of Lost: ordered, start + in − out, must be those of the end (got 0 and 1); "
        "make this run again\n"
        "accounts of Lost: value, start + in − out, must be those of the end (got 0 and 3); "
        "make this run again"
    )
