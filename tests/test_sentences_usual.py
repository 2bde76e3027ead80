from __future__ import annotations

import datetime as dt

import pytest

from segcore.sentences import usual as say

NEXT = dt.date(2026, 3, 31)
TODAY = dt.date(2026, 2, 14)


def stay(customers, **rest) -> dict[str, object]:
    none = dict.fromkeys(("median_days", "at_least", "usual_path", "took_it"))
    zero = dict.fromkeys(("entered_now", "since_first", "stays", "back_again", "were_better"), 0)
    row = {"segment": "Loyal", "customers": customers, "days_since_first": 315, **none, **zero, **rest}
    assert set(row) == set(none) | set(zero) | {"segment", "customers", "days_since_first"}
    return row


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (
            stay(884, stays=900, median_days=90.0, at_least=False, since_first=120, entered_now=70,
                 back_again=313, were_better=1, usual_path="Champions > Loyal", took_it=36),
            "Loyal (884 customers): half of all stays are over after 90 days; 120 have been there for at "
            "least 315 days, since the first run or before it; 70 came in this run; 313 are there not for "
            "the first time; 1 was better once; the most usual way there was Champions > Loyal (36 "
            "customers).",
        ),
        (
            stay(20, stays=20, median_days=225.0, at_least=True, since_first=1),
            "Loyal (20 customers): more than half of all stays last over 225 days; 1 has been there for at "
            "least 315 days, since the first run or before it.",
        ),
        (
            stay(20, since_first=20),
            "Loyal (20 customers): all 20 have been there for at least 315 days, since the first run or "
            "before it.",
        ),
        (
            stay(1, since_first=1, were_better=1),
            "Loyal (1 customer): it has been there for at least 315 days, since the first run or before "
            "it; it was better once.",
        ),
        (
            stay(2, stays=3, median_days=45.0, at_least=False, entered_now=2, back_again=2, took_it=1,
                 usual_path="Lost > Loyal"),
            "Loyal (2 customers): too few stays have begun since the first run to say how long one lasts "
            "(3); both came in this run; both are there not for the first time.",
        ),
        (stay(0, stays=30, median_days=45.0, at_least=False), ""),
    ],
)  # fmt: skip
def test_how_long_customers_stay(row, text):
    assert say.stays([row]) == text


def rate(segment, days, runs=3) -> dict[str, object]:
    return {"from_segment": segment, "sojourn_days": days, "runs": runs}


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([], "There are no rates yet: no moves were seen whose segments the model of today made."),
        (
            [rate("Lost", 400.4), rate("Lost", 400.4), rate("Good", 98.0)],
            "By the moves of 3 runs, a stay lasts on average 98 days in Good and 400 days in Lost.",
        ),
        (
            [rate("Lost", None, 1), rate("Good", 98.0, 1)],
            "By the moves of one run, a stay lasts on average 98 days in Good. Nobody was seen to leave "
            "Lost.",
        ),
        ([rate("Lost", None), rate("Good", None)], "Nobody was seen to leave Good or Lost."),
    ],
)
def test_how_fast_customers_move(rows, text):
    assert say.rates(rows) == text


def judged(name, p, runs=5, statistic=12.34, degrees=9, **rest) -> dict[str, object]:
    return {"test": name, "p_value": p, "runs": runs, "statistic": statistic, "degrees": degrees, **rest}


OFF = {"from_segment": "Loyal", "to_segment": "At risk", "customers": 31, "expected": 14.21}


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (
            [],
            "Whether this run is unusual cannot be told yet: it takes three runs in a row whose segments the "
            "same model made.",
        ),
        (
            [judged("all runs", 0.04, degrees=36), judged("this run", 0.51, **OFF)],
            "This run is not unusual: customers moved as in the 4 runs before, but for chance (chi-squared "
            "12.3, 9 degrees of freedom, p 0.51). All 5 runs together differ by more than chance "
            "(chi-squared 12.3, 36 degrees of freedom, p 0.040).",
        ),
        (
            [judged("all runs", 0.2, degrees=36), judged("this run", 0.0004, degrees=1, **OFF)],
            "This run is unusual: customers moved otherwise than in the 4 runs before, by more than chance "
            "(chi-squared 12.3, 1 degree of freedom, p below 0.001). Furthest off is the way from Loyal to "
            "At risk: 31 customers where 14 were to be expected. All 5 runs together do not differ by more "
            "than chance (chi-squared 12.3, 36 degrees of freedom, p 0.20).",
        ),
        (
            [judged("this run", 0.01, 2, **OFF | {"customers": 1, "expected": 5.04})],
            "This run is unusual: customers moved otherwise than in the run before, by more than chance "
            "(chi-squared 12.3, 9 degrees of freedom, p 0.010). Furthest off is the way from Loyal to At "
            "risk: 1 customer where 5.0 were to be expected.",
        ),
        (
            [judged("all runs", 0.01), judged("this run", 0.01, **OFF), judged("usual spread", 0.3)],
            "This run is not unusual: no run here is like the others. It differs from the 4 runs before by "
            "more than chance (chi-squared 12.3, 9 degrees of freedom, p 0.010), as those differ from each "
            "other (p 0.30). Furthest off is the way from Loyal to At risk: 31 customers where 14 were to "
            "be expected. All 5 runs together differ by more than chance (chi-squared 12.3, 9 degrees of "
            "freedom, p 0.010).",
        ),
        (
            [judged("all runs", 0.2), judged("this run", 0.04, **OFF), judged("usual spread", 0.001)],
            "This run is unusual: customers moved otherwise than in the 4 runs before, by more than chance "
            "(chi-squared 12.3, 9 degrees of freedom, p 0.040), and by more than those differ from each "
            "other (p 0.001). Furthest off is the way from Loyal to At risk: 31 customers where 14 were to "
            "be expected. All 5 runs together do not differ by more than chance (chi-squared 12.3, 9 "
            "degrees of freedom, p 0.20).",
        ),
        (
            [judged("all runs", None), judged("this run", None)],
            "Nobody can be compared: no segment had customers both in this run and before.",
        ),
    ],
)
def test_whether_a_run_is_unusual(rows, text):
    assert say.unusual(rows) == text


def size(segment, expected, low, high, actual=None, *, day=NEXT, arrivals=1.5, end=0.5):
    names = ("run_date", "segment", "expected", "low", "high", "arrivals", "actual", "in_the_end")
    values = (day, segment, expected, low, high, arrivals, actual, end if actual is None else None)
    return dict(zip(names, values, strict=True))


def test_what_the_next_run_is_going_to_show():
    rows = [size("Good", 1207.6, 1190, 1225), size("Lost", 3.27, 0, 7, arrivals=0)]
    assert say.forecast(rows) == (
        "If customers go on moving, coming and going as so far, there will be on 31 March 2026: 1,208 Good "
        "(1,190 to 1,225) and 3 Lost (0 to 7); 2 of them new or returned."
    )
    assert say.in_the_end(rows) == (
        "If it went on so for ever, of all customers 50% Good and 50% Lost would be the mix in the end."
    )
    assert say.in_the_end([size("Good", 5, 4, 6, end=None)]) == ""
    assert say.forecast([]) == (
        "There is no forecast: it takes two runs in a row whose segments the same model made."
    )


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([size("Good", 5, 4, 6)], ""),
        (
            [size("Good", 5, 4, 6, 6, day=TODAY)],
            "The last forecast, for 14 February 2026, held for the segment.",
        ),
        (
            [size("Good", 5, 4, 6, 6, day=TODAY), size("Lost", 5, 4, 6, 4, day=TODAY), size("Lost", 5, 4, 6)],
            "The last forecast, for 14 February 2026, held for every segment.",
        ),
        (
            [
                size("Good", 5, 4, 6, 5, day=dt.date(2026, 2, 10)),
                size("Lost", 5, 4, 6, 7, day=dt.date(2026, 2, 10)),
            ],
            "The last forecast, for 10 February 2026, held for 1 of 2 segments: Lost has 7 where 4 to 6 were "
            "forecast. This run is of 14 February 2026.",
        ),
    ],
)
def test_how_the_last_forecast_did(rows, text):
    assert say.held(rows, TODAY) == text


def test_a_day_with_a_time_as_frames_have_it_is_that_day():
    row = size("Good", 5, 4, 6, 6, day=dt.datetime(2026, 2, 14))
    assert say.held([row], TODAY) == "The last forecast, for 14 February 2026, held for the segment."
