from __future__ import annotations

import datetime as dt

import pytest
from small_runs import SEGMENTS, make_runs

from segcore.engine import ENGINES
from segcore.transitions import (
    FIRST_RUN,
    Accounting,
    Headline,
    accounting,
    changed_models,
    crosstab,
    dates,
    equation,
    flows,
    matrix,
    sentence,
    stays,
)

CHAMPIONS, LOYAL, ATTENTION, RISK, LOST = SEGMENTS


@pytest.fixture(params=ENGINES)
def engine(request):
    engine = ENGINES[request.param]()
    yield engine
    engine.close()


def test_the_accounts_are_one_line_that_adds_up():
    book = Accounting(
        start=3000, new=12, returned=1, gone=5, end=3008, stayed=2995, up=140, down=130, same=2725, unranked=0
    )
    assert equation(book) == (
        "3,000 at the last run + 12 new + 1 returned − 5 gone = 3,008 now\n"
        "Of 2,995 who stayed, 140 moved up, 130 moved down, 2,725 kept their segment."
    )


def test_customers_of_a_retired_segment_are_told_apart():
    book = Accounting(start=3, new=0, returned=0, gone=0, end=3, stayed=3, up=0, down=1, same=0, unranked=2)
    assert equation(book).splitlines()[1] == (
        "Of 3 who stayed, 0 moved up, 1 moved down, 0 kept their segment, "
        "2 left a segment that no longer exists."
    )


def test_a_first_run_says_so(engine, tmp_path):
    make_runs(engine, tmp_path, {"a": LOYAL})
    assert equation(accounting(engine)) == FIRST_RUN
    assert crosstab(matrix(engine, SEGMENTS)).shape == (0, 1)


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


def found(**counts) -> Headline:
    numbers = {"customers": 0, "reached": 0, "still": 0, "rose": 0, "fell": 0, "gone": 0} | counts
    rate = (
        {"share": 0.12, "low": 0.08, "high": 0.18}
        if counts
        else dict.fromkeys(("share", "low", "high"), float("nan"))
    )
    return Headline(segment=ATTENTION, targets=(CHAMPIONS, LOYAL), **numbers, **rate)


def test_the_headline_is_a_sentence():
    assert sentence(found(customers=188, reached=23, still=150, rose=1, fell=10, gone=4)) == (
        "Of 188 customers in Needs attention at the last run, 23 reached Champions or Loyal: 12% "
        "(95% interval 8% to 18%). The others: 150 still in Needs attention, "
        "1 in a better segment below that, 10 in a worse one and 4 gone."
    )


def test_the_headline_leaves_out_what_nobody_did():
    assert sentence(found(customers=1, reached=1)) == (
        "Of 1 customer in Needs attention at the last run, 1 reached Champions or Loyal: 12% "
        "(95% interval 8% to 18%)."
    )


def test_the_headline_of_nobody_and_of_nothing():
    assert sentence(found()) == "Nobody was in Needs attention at the last run."
    assert (
        sentence(None) == "There is no headline: this is the first run, or no segment is to be followed up."
    )


def test_charts_name_both_runs(engine, tmp_path):
    make_runs(engine, tmp_path, {"a": LOYAL}, {"a": LOYAL})
    assert dates(engine, dt.date(2025, 2, 15)) == ("1 Jan", "15 Feb")


def test_stays_are_told_by_segment(engine, tmp_path):
    make_runs(
        engine,
        tmp_path,
        {"a": LOYAL, "b": CHAMPIONS, "c": LOST},
        {"a": LOST, "b": LOYAL, "c": LOST, "gone": LOST},
        {"a": LOYAL, "b": LOYAL, "c": LOST},
    )
    assert stays(engine).values.tolist() == [[LOYAL, 2, 1, 22.5, 1, 1], [LOST, 1, 0, 90.0, 0, 0]]
    assert list(stays(engine)) == [
        "segment",
        "customers",
        "entered now",
        "median days",
        "back again",
        "were better",
    ]


def test_dates_at_which_the_model_changed(engine, tmp_path):
    runs = make_runs(engine, tmp_path, {"a": LOYAL}, {"a": LOYAL}, {"a": LOYAL})
    for run, model in zip(runs, ("{}", '{"schema": 1}', '{"schema": 1}'), strict=True):
        (run / "model.json").write_text(model)
    days = [engine.rows("select max(run_date) from flows")[0][0]]
    flows(engine, days[0], run_dir=runs[2], earlier=runs[:2])
    assert [day.isoformat() for day in changed_models(engine)] == ["2025-02-15"]
