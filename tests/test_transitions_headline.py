from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from small_runs import SEGMENTS, make_run, make_runs, start_run

from segcore.engine import ENGINES
from segcore.params import FollowUp, Segment
from segcore.params.file import load_study
from segcore.transitions import ends, headline, representatives

CHAMPIONS, LOYAL, ATTENTION, RISK, LOST = SEGMENTS
SECOND = dt.date(2025, 2, 15)
DEMO = Path(__file__).resolve().parents[1] / "params" / "demo.yaml"


@pytest.fixture(params=ENGINES)
def engine(request):
    engine = ENGINES[request.param]()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def study():
    return load_study(DEMO)


def changed(study, follow_up=(), target=(), segments=SEGMENTS):
    """The study with other segments, other ones to follow up, other targets."""
    names = {name: Segment(follow_up=name in follow_up) for name in segments}
    return study.model_copy(update={"segments": names, "follow_up": FollowUp(target=target)})


def series(engine, study) -> list[tuple]:
    headline(engine, study)
    return engine.rows(
        "select run_date, customers, in_target, still, rose, fell, gone from headline order by run_date"
    )


def told(engine, study, *columns: str) -> list[tuple]:
    representatives(engine, study)
    return engine.rows(f"select {', '.join(columns)} from representatives order by position")


def two_runs(engine, folder, before, now, reps=None, segments=SEGMENTS):
    known = {"rep": ("VARCHAR", reps)} if reps is not None else {}
    first = make_run(engine, folder / "2025-01-01", before, segments=segments, **known)
    make_run(engine, folder / "2025-02-15", now, earlier=[first], segments=segments)


def test_who_needed_attention_is_counted_by_what_became_of_them(engine, study, tmp_path):
    steps = ("Champions", "Loyal", "Promising", "Needs attention", "Lost")
    two_runs(
        engine,
        tmp_path,
        dict.fromkeys("abcdefg", ATTENTION) | {"x": LOST},
        {"a": CHAMPIONS, "b": LOYAL, "c": "Promising", "d": ATTENTION, "e": ATTENTION, "f": LOST, "x": LOYAL},
        segments=steps,
    )
    path = changed(study, (ATTENTION, LOST), (LOYAL, CHAMPIONS), steps)
    assert series(engine, path) == [(SECOND, 7, 2, 2, 1, 1, 1), (None, 7, 2, 2, 1, 1, 1)]
    rate = "segment, few, share, round(low, 4), round(high, 4)"
    assert engine.rows(f"select {rate} from headline") == [(ATTENTION, True, 2 / 7, 0.0822, 0.6411)] * 2


def test_all_runs_make_a_series_and_a_pooled_row(engine, study, tmp_path):
    many = [f"customer {n}" for n in range(25)]
    make_runs(
        engine,
        tmp_path,
        dict.fromkeys(many, ATTENTION),
        dict.fromkeys(many[:5], LOYAL) | dict.fromkeys(many[5:], ATTENTION),
        dict.fromkeys(many[:5], ATTENTION) | dict.fromkeys(many[5:], LOST),
        dict.fromkeys(many, CHAMPIONS),
        make=start_run,
    )
    assert series(engine, study) == [
        (SECOND, 25, 5, 20, 0, 0, 0),
        (dt.date(2025, 4, 1), 20, 0, 0, 0, 20, 0),
        (dt.date(2025, 5, 16), 5, 5, 0, 0, 0, 0),
        (None, 50, 10, 20, 0, 20, 0),
    ]
    assert engine.rows("select few, share from headline order by run_date") == [
        (False, 0.2), (False, 0.0), (True, 1.0), (False, 0.2)
    ]  # fmt: skip


def test_a_run_without_moves_or_without_the_segment_counts_nobody(engine, study, tmp_path):
    """As after a backfill put a run in front, and before the study had the segment."""
    first, second, third = (tmp_path / day for day in ("2025-01-01", "2025-02-15", "2025-04-01"))
    start_run(engine, first, {"a": "Stars"}, segments=("Stars",))
    start_run(engine, second, {"a": ATTENTION})  # knows of no run before it
    start_run(engine, third, {"a": LOST}, earlier=[first, second])
    assert series(engine, study) == [(dt.date(2025, 4, 1), 1, 0, 0, 0, 1, 0), (None, 1, 0, 0, 0, 1, 0)]
    start_run(engine, second, {"a": "Stars"}, segments=("Stars",), earlier=[first])
    start_run(engine, third, {"a": LOST}, earlier=[first, second])
    assert series(engine, study)[0] == (SECOND, 0, 0, 0, 0, 0, 0)


def test_a_segment_that_a_run_had_retired_has_nobody_in_it(engine, study, tmp_path):
    first, second, third = (tmp_path / day for day in ("2025-01-01", "2025-02-15", "2025-04-01"))
    start_run(engine, first, {"a": ATTENTION, "b": LOYAL})
    start_run(engine, second, {"a": LOYAL, "b": LOYAL}, segments=(LOYAL, LOST), earlier=[first])
    start_run(engine, third, {"a": LOYAL, "b": LOYAL}, earlier=[first, second])
    assert series(engine, study)[0] == (SECOND, 0, 0, 0, 0, 0, 0)


def test_the_demo_asks_who_became_loyal_or_champion(study):
    assert ends(study) == (ATTENTION, (CHAMPIONS, LOYAL))


def test_the_targets_of_the_study_count_and_not_the_best_segments(study):
    assert ends(changed(study, (ATTENTION,), (LOYAL,))) == (ATTENTION, (LOYAL,))
    assert ends(changed(study, (CHAMPIONS,), (LOST,))) == (CHAMPIONS, (LOST,))


def test_without_targets_the_two_best_segments_above_count(study):
    assert ends(changed(study, (RISK,))) == (RISK, (CHAMPIONS, LOYAL))
    assert ends(changed(study, (LOYAL,))) == (LOYAL, (CHAMPIONS,))


def test_there_is_no_headline_without_a_target_above_it(engine, study, tmp_path):
    two_runs(engine, tmp_path, {"a": CHAMPIONS}, {"a": CHAMPIONS})
    for same in (changed(study), changed(study, (CHAMPIONS,))):
        assert (ends(same), series(engine, same)) == (None, [])
        assert told(engine, same, "rep") == []


def test_a_first_run_has_no_headline(engine, study, tmp_path):
    make_run(engine, tmp_path / "2025-01-01", {"a": ATTENTION})
    assert series(engine, study) == []
    assert told(engine, study, "rep") == []
    assert list(engine.columns("headline").items())[:3] == [
        ("run_date", "DATE"), ("segment", "VARCHAR"), ("customers", "BIGINT")
    ]  # fmt: skip


def test_of_nobody_there_is_no_share(engine, study, tmp_path):
    two_runs(engine, tmp_path, {"a": LOST}, {"a": LOYAL})
    headline(engine, study)
    found = engine.rows("select customers, in_target, few, share, low, high from headline")
    assert found == [(0, 0, True, None, None, None)] * 2


def test_representatives_are_those_of_the_last_run_in_alphabetical_order(engine, study, tmp_path):
    reps = {"a": "Zorn", "b": "Özil", "c": "adler", "d": "Zorn", "e": None, "f": "  ", "g": "O'Brien"}
    two_runs(
        engine,
        tmp_path,
        dict.fromkeys("abcdefg", ATTENTION),
        dict.fromkeys("abg", LOYAL) | dict.fromkeys("cdef", LOST),
        reps,
    )
    columns = ("rep", "name", "recorded", "customers", "in_target", "fell", "few", "share")
    assert told(engine, study, *columns) == [
        ("adler", "adler", True, 1, 0, 1, True, 0.0),
        ("O'Brien", "O'Brien", True, 1, 1, 0, True, 1.0),
        ("Özil", "Özil", True, 1, 1, 0, True, 1.0),
        ("Zorn", "Zorn", True, 2, 1, 1, True, 0.5),
        (None, "not recorded", False, 2, 0, 2, True, 0.0),
    ]


def test_a_representative_of_that_name_is_recorded(engine, study, tmp_path):
    two_runs(engine, tmp_path, dict.fromkeys("ab", ATTENTION), {}, {"a": "not recorded", "b": None})
    assert told(engine, study, "name", "recorded", "customers") == [
        ("not recorded", True, 1), ("not recorded", False, 1)
    ]  # fmt: skip


def test_representatives_are_called_by_their_names_where_these_are_known(engine, study, tmp_path):
    two_runs(engine, tmp_path, dict.fromkeys("abc", ATTENTION), {}, {"a": "0101", "b": "0102", "c": "0103"})
    engine.execute(
        "create or replace table reps as "
        "from (values ('0101', 'Zorn'), ('0102', 'Adler'), ('0103', '  '), ('9', 'Nobody')) r(rep, name)"
    )
    assert told(engine, study, "rep", "name", "gone") == [
        ("0103", "0103", 1),
        ("0102", "Adler", 1),
        ("0101", "Zorn", 1),
    ]


def test_twenty_customers_are_enough_for_a_share(engine, study, tmp_path):
    members = {f"customer {n}": ATTENTION for n in range(20)}
    two_runs(engine, tmp_path, members, members, dict.fromkeys(members, "Adler"))
    assert told(engine, study, "customers", "few") == [(20, False)]


def test_without_representatives_everybody_is_in_one_row(engine, study, tmp_path):
    two_runs(engine, tmp_path, {"a": ATTENTION, "b": ATTENTION}, {"a": LOYAL})
    assert told(engine, study, "name", "recorded", "customers", "in_target", "gone") == [
        ("not recorded", False, 2, 1, 1)
    ]
