from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf
from small_runs import SEGMENTS, make_runs

from segcore.engine import ENGINES
from segcore.transitions.stays import median

CHAMPIONS, LOYAL, ATTENTION, RISK, LOST = SEGMENTS
COLUMNS = "customers, entered_now, since_first, days_since_first, stays, ended, median_days, at_least"


@pytest.fixture(params=ENGINES)
def engine(request):
    engine = ENGINES[request.param]()
    yield engine
    engine.close()


def told(engine, segment, columns=COLUMNS):
    (row,) = engine.rows(f"select {columns} from stays where segment = $segment", {"segment": segment})
    return row


# The median


def test_half_of_stays_that_all_ended_are_over_at_their_median():
    assert median([(45, 1, True), (90, 1, True), (135, 1, True)]) == (90, False)
    assert median([(45, 2, True), (90, 2, True)]) == (45, False)  # a half that is met exactly counts


def test_a_stay_that_goes_on_counts_as_longer_than_its_days():
    """Left out, the open ones would make it 45; taken as over, 45 too."""
    assert median([(45, 3, True), (45, 2, False), (90, 2, True), (135, 2, True)]) == (90, False)


def test_a_curve_that_does_not_fall_so_far_says_at_least():
    assert median([(45, 1, True), (90, 3, False)]) == (90, True)
    assert median([(45, 3, False), (0, 9, False)]) == (45, True)


def test_nothing_is_said_of_stays_that_nobody_could_watch():
    assert median([]) == (None, None)
    assert median([(0, 7, False)]) == (None, None)


def test_the_curve_is_that_of_a_second_library():
    """scipy's ecdf of censored data, customer by customer; 200 seeded sets of stays."""
    chance = np.random.default_rng(4)
    for _ in range(200):
        days = 45 * chance.integers(0, 6, size=30)
        ended = (chance.random(30) < 0.6) & (days > 0)
        left = ecdf(CensoredData(uncensored=days[ended], right=days[~ended])).sf
        over = [day for day, share in zip(left.quantiles, left.probabilities, strict=True) if share <= 0.5]
        expected = (over[0], False) if over else (max(days), True)
        stays = [(int(day), 1, bool(over)) for day, over in zip(days, ended, strict=True)]
        assert median(stays) == expected


@pytest.mark.parametrize("shape", [1.0, 0.4, 4.0])
def test_stays_seen_to_begin_tell_how_long_stays_last(shape):
    """20,000 seeded stays watched at ten runs, whose chance to end is steady, falls, or grows."""
    chance = np.random.default_rng(6)
    lengths = chance.gamma(shape, 1, size=20_000)
    lengths *= 110 / np.median(lengths)
    begun = chance.uniform(0, 405, size=20_000)
    entered, left = np.ceil(begun / 45) * 45, np.ceil((begun + lengths) / 45) * 45
    seen = left > entered  # a stay between two runs is seen by none
    days = np.minimum(left, 405) - entered
    stays = [(int(d), 1, bool(o)) for d, o in zip(days[seen], (left <= 405)[seen], strict=True)]
    found, least = median(stays)
    assert not least
    watched = np.median((left - entered)[seen])
    assert abs(found - watched) <= 45


# The table


def test_stays_that_the_first_run_saw_are_told_apart(engine, tmp_path):
    make_runs(
        engine,
        tmp_path,
        {"a": LOYAL, "b": LOYAL, "c": LOST},
        {"a": LOYAL, "b": LOYAL, "c": LOST, "new": LOYAL},
        {"a": LOYAL, "b": LOST, "c": LOST, "new": LOYAL},
        {"a": LOYAL, "b": LOST, "c": LOST, "new": LOYAL},
    )
    # a has been there for 135 days at the least, and nobody knows how long b had been.
    assert told(engine, LOYAL) == (2, 0, 1, 135, 1, 0, 90, True)
    assert told(engine, LOST) == (2, 0, 1, 135, 1, 0, 45, True)
    assert told(engine, CHAMPIONS) == (0, 0, 0, 135, 0, 0, None, None)


def test_stays_of_everybody_count_also_of_those_who_left_long_ago(engine, tmp_path):
    make_runs(
        engine,
        tmp_path,
        {"x": LOST},
        {"x": LOST, "a": LOYAL, "b": LOYAL, "c": LOYAL},
        {"x": LOST, "a": LOST, "c": LOYAL},
        {"x": LOST, "a": LOYAL, "b": RISK, "c": LOYAL},
        {"x": LOST, "a": LOYAL, "b": LOYAL},
    )
    # a: 45 days and 45 that go on; b: 45, for being away ends a stay, and 0 that goes on; c: 90. So of
    # four that were watched for 45 days two ended then, and half were left.
    assert told(engine, LOYAL) == (2, 1, 0, 180, 5, 3, 45, False)
    assert told(engine, RISK) == (0, 0, 0, 180, 1, 1, 45, False)


def test_those_who_came_back_were_better_and_how_most_came(engine, tmp_path):
    make_runs(
        engine,
        tmp_path,
        {"a": CHAMPIONS, "b": CHAMPIONS, "c": RISK, "d": LOYAL},
        {"a": LOYAL, "b": LOYAL, "c": LOYAL, "d": LOYAL},
        {"a": RISK, "b": LOYAL, "d": LOYAL},
        {"a": LOYAL, "b": LOYAL, "c": LOYAL, "d": LOYAL},
    )
    columns = "back_again, were_better, usual_path, took_it"
    assert told(engine, LOYAL, columns) == (2, 2, "At risk > Loyal > away > Loyal", 1)
    assert told(engine, CHAMPIONS, columns) == (0, 0, None, None)


def test_a_first_run_knows_nothing_of_stays(engine, tmp_path):
    make_runs(engine, tmp_path, {"a": LOYAL})
    assert told(engine, LOYAL) == (1, 1, 1, 0, 0, 0, None, None)
    assert told(engine, LOYAL, "usual_path, took_it") == (None, None)
