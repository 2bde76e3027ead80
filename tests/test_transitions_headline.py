from __future__ import annotations

import math
from pathlib import Path

import pytest
from small_runs import SEGMENTS, make_run

from segcore.engine import ENGINES
from segcore.params import FollowUp, Segment
from segcore.params_file import load_study
from segcore.transitions import by_representative, ends, headline

CHAMPIONS, LOYAL, ATTENTION, RISK, LOST = SEGMENTS
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
    found = headline(engine, changed(study, (ATTENTION, LOST), (LOYAL, CHAMPIONS), steps))
    assert (found.segment, found.targets) == (ATTENTION, (CHAMPIONS, LOYAL))
    assert (found.customers, found.reached, found.still, found.rose, found.fell, found.gone) == (
        7,
        2,
        2,
        1,
        1,
        1,
    )
    assert found.share == 2 / 7
    assert (round(found.low, 4), round(found.high, 4)) == (0.0822, 0.6411)


def test_the_demo_asks_who_became_loyal_or_champion(study):
    assert ends(study) == (ATTENTION, (CHAMPIONS, LOYAL))


def test_the_targets_of_the_study_count_and_not_the_best_segments(study):
    assert ends(changed(study, (ATTENTION,), (LOYAL,))) == (ATTENTION, (LOYAL,))
    assert ends(changed(study, (CHAMPIONS,), (LOST,))) == (CHAMPIONS, (LOST,))


def test_without_targets_the_two_best_segments_above_count(study):
    assert ends(changed(study, (RISK,))) == (RISK, (CHAMPIONS, LOYAL))
    assert ends(changed(study, (LOYAL,))) == (LOYAL, (CHAMPIONS,))


def test_there_is_no_headline_where_nothing_can_be_reached(engine, study, tmp_path):
    two_runs(engine, tmp_path, {"a": CHAMPIONS}, {"a": CHAMPIONS})
    for same in (changed(study), changed(study, (CHAMPIONS,))):
        assert (ends(same), headline(engine, same)) == (None, None)
        assert len(by_representative(engine, same)) == 0


def test_a_first_run_has_no_headline(engine, study, tmp_path):
    make_run(engine, tmp_path / "2025-01-01", {"a": ATTENTION})
    assert headline(engine, study) is None
    assert len(by_representative(engine, study)) == 0


def test_of_nobody_there_is_no_share(engine, study, tmp_path):
    two_runs(engine, tmp_path, {"a": LOST}, {"a": LOYAL})
    found = headline(engine, study)
    assert (found.customers, found.reached) == (0, 0)
    assert math.isnan(found.share)


def test_representatives_are_those_of_the_last_run_in_alphabetical_order(engine, study, tmp_path):
    reps = {"a": "Zorn", "b": "Özil", "c": "adler", "d": "Zorn", "e": None, "f": "  ", "g": "O'Brien"}
    two_runs(
        engine,
        tmp_path,
        dict.fromkeys("abcdefg", ATTENTION),
        dict.fromkeys("abg", LOYAL) | dict.fromkeys("cdef", LOST),
        reps,
    )
    frame = by_representative(engine, study)
    columns = ["rep", "customers", "reached", "still", "rose", "fell", "gone", "few"]
    assert frame["name"].tolist() == frame["rep"].tolist()
    assert frame[columns].values.tolist() == [
        ["adler", 1, 0, 0, 0, 1, 0, True],
        ["O'Brien", 1, 1, 0, 0, 0, 0, True],
        ["Özil", 1, 1, 0, 0, 0, 0, True],
        ["Zorn", 2, 1, 0, 0, 1, 0, True],
        ["not recorded", 2, 0, 0, 0, 2, 0, True],
    ]
    assert list(frame) == ["rep", "name", *columns[1:], "share", "low", "high"]
    assert frame["share"].tolist() == [0.0, 1.0, 1.0, 0.5, 0.0]


def test_representatives_are_called_by_their_names_where_these_are_known(engine, study, tmp_path):
    two_runs(engine, tmp_path, dict.fromkeys("abc", ATTENTION), {}, {"a": "0101", "b": "0102", "c": "0103"})
    engine.execute(
        "create or replace table reps as "
        "from (values ('0101', 'Zorn'), ('0102', 'Adler'), ('9', 'Nobody')) r(rep, name)"
    )
    frame = by_representative(engine, study)
    assert frame[["rep", "name", "gone"]].values.tolist() == [
        ["0103", "0103", 1],
        ["0102", "Adler", 1],
        ["0101", "Zorn", 1],
    ]


def test_twenty_customers_are_enough_for_a_share(engine, study, tmp_path):
    members = {f"customer {n}": ATTENTION for n in range(20)}
    two_runs(engine, tmp_path, members, members, dict.fromkeys(members, "Adler"))
    assert by_representative(engine, study)[["customers", "few"]].values.tolist() == [[20, False]]


def test_without_representatives_everybody_is_in_one_row(engine, study, tmp_path):
    two_runs(engine, tmp_path, {"a": ATTENTION, "b": ATTENTION}, {"a": LOYAL})
    frame = by_representative(engine, study)
    assert frame[["rep", "customers", "reached", "gone"]].values.tolist() == [["not recorded", 2, 1, 1]]
