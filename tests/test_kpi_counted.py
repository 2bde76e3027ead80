"""What the tables of follow-ups hold, with numbers that can be counted by hand."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from conftest import ROOT
from small_kpi import TARGET, TODAY, Company, days_after
from small_runs import SEGMENTS

from segcore import kpi, tables, transitions
from segcore.kpi.persontime import deviation
from segcore.params import FollowUp
from segcore.sentences import books as of_books
from segcore.sentences.rows import rows as as_rows

CHAMPIONS, LOYAL, ATTENTION, RISK, LOST = SEGMENTS
MANY = [f"c{number:03}" for number in range(400)]


@pytest.fixture
def company(tmp_path):
    with Company(tmp_path) as made:
        yield made


def measured(company, folders):
    transitions.headline(company.engine, company.study)
    kpi.gather(company.engine, folders[:-1])
    return kpi.measure(company.engine)


def many(company, followed=160, reps=None, **rest):
    """400 customers: a tenth orders on day 8 and reaches; the first ``followed`` are called on day 4."""
    return company.runs(
        {c: RISK if n % 2 else ATTENTION for n, c in enumerate(MANY)},
        {c: LOYAL if n % 10 == 0 else LOST for n, c in enumerate(MANY)},
        orders=[(c, days_after(8), 100) for n, c in enumerate(MANY) if n % 10 == 0],
        log=[(c, "R1", days_after(4)) for c in MANY[:followed]],
        reps=reps,
        **rest,
    )


def row(company, name, *columns, where="true"):
    return company.engine.rows(f"select {', '.join(columns)} from {name} where {where}")


def test_segments_are_shown_apart_and_together_for_a_run_and_for_all(company):
    rows = measured(company, many(company))
    kpi.followed(company.engine, rows)
    columns = ("run_date", "segment", "eligible", "followed", "reached", "up", "apart", "unfollowed")
    assert row(company, "followed", *columns) == [
        (TODAY, RISK, 200, 80, 0, 0, 0, 120),
        (TODAY, ATTENTION, 200, 80, 40, 40, 0, 120),
        (TODAY, None, 400, 160, 40, 40, 0, 240),
        (None, RISK, 200, 80, 0, 0, 0, 120),
        (None, ATTENTION, 200, 80, 40, 40, 0, 120),
        (None, None, 400, 160, 40, 40, 0, 240),
    ]


def test_expected_is_the_pace_of_the_days_without_a_follow_up(company):
    """Of 120 unfollowed in week 2, 24 order on day 8; so do 16 of 80 followed: as many as expected."""
    rows = measured(company, many(company))
    kpi.followed(company.engine, rows)
    found = row(
        company,
        "followed",
        "after",
        "expected",
        "share",
        where=f"segment = '{ATTENTION}' and run_date is null",
    )
    ((after, expected, share),) = found
    assert (after, share) == (16, 0.2)
    # A hazard is constant within a week, so days after the order in it count in both groups alike.
    assert expected == pytest.approx(16, abs=0.5)


def test_over_all_runs_the_limits_of_chance_allow_for_an_estimated_expectation(company):
    """A run's limits are those of its count; over all runs they are the deviation of the whole log."""
    measure = measured(company, many(company))
    kpi.followed(company.engine, measure)
    columns = ("low95", "high95", "low998", "high998")
    together = "segment is null and run_date is null"
    ((low, high, lowest, highest),) = row(company, "followed", *columns, where=together)
    strays = deviation(measure.rows)
    assert (high, highest) == pytest.approx((1.959964 * strays, 3.090232 * strays))
    assert (low, lowest) == (-high, -highest)
    ((of_run,),) = row(company, "followed", "high95", where="segment is null and run_date is not null")
    assert high > 1.1 * of_run
    # One segment's are made of its own rows.
    ((one,),) = row(company, "followed", "high95", where=f"segment = '{ATTENTION}' and run_date is null")
    own = (measure.rows["segment"] == ATTENTION).to_numpy()
    assert one == pytest.approx(1.959964 * deviation(measure.rows, chosen=own))


def test_value_after_the_follow_up_stands_beside_it(company):
    rows = measured(company, many(company))
    kpi.followed(company.engine, rows)
    assert row(company, "followed", "value_after", where="segment is null and run_date is null") == [
        (Decimal("1600.0000"),)
    ]


def test_with_under_200_unfollowed_customer_runs_there_is_no_comparison(company):
    rows = measured(company, many(company, followed=201))
    assert rows.told is None
    kpi.followed(company.engine, rows)
    kpi.books(company.engine)
    kpi.limits(company.engine)
    assert (
        row(company, "followed", "unfollowed", "expected", "difference", where="segment is null")
        == [(199, None, None)] * 2
    )
    assert row(company, "books", "expected", "low95") == [(None, None)]
    assert row(company, "limits", "*") == []


def test_exactly_200_are_enough(company):
    assert measured(company, many(company, followed=200)).told is not None


def test_books_stand_in_alphabetical_order_with_the_rate_of_colleagues(company):
    reps = {c: ("zorn", "Özil", "Adler", None)[n % 4] for n, c in enumerate(MANY)}
    rows = measured(company, many(company, reps=reps))
    kpi.followed(company.engine, rows)
    kpi.books(company.engine)
    columns = (
        "position",
        "name",
        "recorded",
        "eligible",
        "followed",
        "reached",
        "round(colleagues, 4)",
        "few",
    )
    assert row(company, "books", *columns) == [
        (1, "Adler", True, 100, 40, 20, 0.0667, False),
        (2, "Özil", True, 100, 40, 0, 0.1333, False),
        (3, "zorn", True, 100, 40, 20, 0.0667, False),
        (4, "not recorded", False, 100, 40, 0, None, False),
    ]
    shrunken = row(company, "books", "shrunken", "shrunken_low", "shrunken_high")
    assert all(0 < low < middle < high < 0.3 for middle, low, high in shrunken)
    kpi.limits(company.engine)
    sizes = row(company, "limits", "min(followed)", "round(max(followed), 3)", "count(*)")
    assert sizes == [(0, 43.2, 49)]


def test_a_representative_with_one_customer_is_no_trouble(company):
    reps = dict.fromkeys(MANY, "Adler") | {"c000": "Zorn"}
    rows = measured(company, many(company, reps=reps))
    kpi.followed(company.engine, rows)
    kpi.books(company.engine)
    kpi.suspicions(company.engine, _with_frequency(company))
    assert row(company, "books", "name", "eligible", "followed", "few", where="name = 'Zorn'") == [
        ("Zorn", 1, 1, True)
    ]
    found = {line["name"]: line for line in as_rows(tables.rows(company.engine, "books"))}
    assert of_books.against(found["Zorn"]) == "too few"
    assert of_books.against(found["Adler"]) != "too few"
    assert of_books.outside(list(found.values())) == "No representative is outside the 95% limits."
    kpi.verdict(company.engine, company.study, rows)
    assert row(company, "verdict", "test", "representatives") == [("follow-ups", 2)]


def _with_frequency(company):
    company.engine.execute("alter table customers add column frequency BIGINT default 9")
    return company.own


def test_who_was_held_out_rests_and_stands_in_neither_arm(company, tmp_path):
    first, second = ((tmp_path / day) for day in ("2025-01-01", "2025-02-15"))
    for folder, held in ((first, "a"), (second, "b")):
        (folder / "data").mkdir(parents=True)
        calls = {"customer_id": "VARCHAR", "segment": "VARCHAR", "listed": "BOOLEAN", "held_out": "BOOLEAN"}
        tables.put(
            company.engine, "calls", calls, [(c, ATTENTION, c != held, c == held) for c in ("a", "b", "c")]
        )
        draw = {"segment": "VARCHAR", "published_ahead": "BOOLEAN"}
        tables.put(company.engine, "draw", draw, [(ATTENTION, folder is second)])
        tables.save(company.engine, folder, "calls", "draw")
    members = dict.fromkeys("abc", ATTENTION)
    folders = company.runs(members, members, members, log=[("a", "R1", days_after(3))])
    columns = ("customer_id", "listed", "held_out", "counts", "rests")
    assert sorted(row(company, "eligible", *columns)) == [
        ("a", True, False, True, True),
        ("b", False, True, True, False),
        ("c", True, False, True, False),
    ]
    rows = measured(company, folders)
    assert list(rows.rows["customer_id"]) == ["b", "c"]
    kpi.followed(company.engine, rows)
    columns = ("run_date", "segment", "runs", "eligible", "rests")
    assert row(company, "followed", *columns, where="left_out is null") == [
        (TODAY, ATTENTION, 1, 2, 1),
        (TODAY, None, 1, 2, 1),
        (None, ATTENTION, 1, 2, 1),
        (None, None, 1, 2, 1),
    ]


def test_a_list_that_was_not_published_ahead_does_not_count(company, tmp_path):
    (tmp_path / "2025-02-15" / "data").mkdir(parents=True)
    calls = {"customer_id": "VARCHAR", "segment": "VARCHAR", "listed": "BOOLEAN", "held_out": "BOOLEAN"}
    tables.put(company.engine, "calls", calls, [("a", ATTENTION, False, True)])
    tables.put(
        company.engine, "draw", {"segment": "VARCHAR", "published_ahead": "BOOLEAN"}, [(ATTENTION, False)]
    )
    tables.save(company.engine, tmp_path / "2025-02-15", "calls", "draw")
    company.runs({"a": ATTENTION}, {"a": ATTENTION})
    assert row(company, "eligible", "held_out", "counts") == [(True, False)]


def test_runs_that_do_not_count_stand_there_with_the_reason(company):
    folders = company.runs(
        {"a": ATTENTION}, {"a": ATTENTION}, {"a": ATTENTION}, log=[("a", "R1", days_after(-9))], keep=True
    )
    kpi.followed(company.engine, measured(company, folders))
    assert row(company, "followed", "run_date", "left_out", where="left_out is not null") == [
        (TODAY, "no follow-ups")
    ]
    counted = "run_date is not null and segment is null and left_out is null"
    assert row(company, "followed", "run_date", "eligible", where=counted) == [(dt.date(2025, 2, 15), 1)]


def test_who_stayed_is_asked_at_the_first_run_after_the_drop_date(company):
    """a and d would have fallen before the last run, e on its day, b falls later; c has no date."""
    reached = dict.fromkeys("abcde", LOYAL)
    drops = [("a", "2025-03-01"), ("b", "2025-05-01"), ("d", "2025-03-31"), ("e", "2025-04-01")]
    tables.put(company.engine, "clock", {"customer_id": "VARCHAR", "drop_date": "DATE"}, drops)
    folders = company.runs(
        dict.fromkeys("abcde", ATTENTION),
        reached,
        {"a": CHAMPIONS, "b": LOYAL, "c": LOYAL, "d": RISK, "e": LOYAL},
        orders=[(c, days_after(-5), 9) for c in "abcde"],
        log=[("a", "R1", days_after(-9)), ("a", "R1", days_after(3))],
        keep=True,
    )
    measured(company, folders)
    kpi.sustained(company.engine, company.study)
    columns = ("run_date", "segment", "reached", "undated", "due", "sustained")
    assert row(company, "sustained", *columns) == [
        (dt.date(2025, 2, 15), ATTENTION, 5, 1, 2, 1),
        (dt.date(2025, 2, 15), None, 5, 1, 2, 1),
        (None, ATTENTION, 5, 1, 2, 1),
        (None, None, 5, 1, 2, 1),
    ]


def test_the_effect_says_its_evidence_and_what_a_hold_out_would_show(company):
    rows = measured(company, many(company))
    kpi.overall(company.engine, company.study, rows)
    found = row(company, "effect", "what", "evidence", "why", "customers", "others")
    assert [line[:2] for line in found[:2]] == [("reached", "adjusted"), ("ordered", "adjusted")]
    assert found[2:] == [("placebo", "none", "one_run", 0, 0), ("plan", "none", "", 3200, 320)]


def test_the_plan_counts_who_stood_on_the_last_lists_after_their_cut(company):
    """Of 400 eligible 66 stood on a list, of whom 6 rest; of 33 and of 27 a tenth is 3."""
    found = measured(company, many(company))
    listed, rests = [n < 66 for n in range(400)], [n < 12 and n % 2 == 1 for n in range(400)]
    rows = replace(found, rows=found.rows.assign(listed=listed, rests=rests))
    for holdout, others in ((0.1, 48), (0.2, 96), (0.01, 0)):
        wanted = FollowUp(target=TARGET, capacity=11, holdout=holdout)
        kpi.overall(company.engine, company.study.model_copy(update={"follow_up": wanted}), rows)
        found = row(company, "effect", "customers", "others", "detectable is null", where="what = 'plan'")
        assert found == [(480, others, not others)]


def test_without_anybody_to_follow_up_there_is_no_effect(company):
    folders = company.runs({"a": LOYAL}, {"a": LOYAL}, log=[("a", "R1", days_after(3))])
    kpi.overall(company.engine, company.study, measured(company, folders))
    assert row(company, "effect", "*") == []


def test_without_a_log_representatives_are_compared_by_who_reached(company):
    reps = {c: "Adler" if n < 200 else "Zorn" for n, c in enumerate(MANY)}
    many(company, followed=0, reps=reps)
    transitions.headline(company.engine, company.study)
    kpi.verdict(company.engine, company.study, None)
    assert row(company, "verdict", "test", "representatives", "customers") == [("reached", 2, 200)]


@pytest.mark.parametrize("reps", [None, dict.fromkeys(MANY, "Adler")])
def test_one_book_or_none_is_not_compared(company, reps):
    many(company, followed=0, reps=reps)
    transitions.headline(company.engine, company.study)
    kpi.verdict(company.engine, company.study, None)
    assert row(company, "verdict", "*") == [("none", None, 0, 0)]


def test_without_follow_ups_no_library_of_statistics_is_imported(tmp_path):
    """They take seconds, and most studies have no follow-ups."""
    code = f"""
import sys, pathlib
from small_kpi import Company
from segcore import kpi, transitions
with Company(pathlib.Path({str(tmp_path)!r})) as company:
    company.runs({{"a": "At risk", "b": "At risk"}}, {{"a": "Loyal"}}, log=[], reps={{"a": "x", "b": "y"}})
    transitions.headline(company.engine, company.study)
    kpi.verdict(company.engine, company.study, None)
    assert not kpi.has_log(company.engine)
print(sorted({{name.partition('.')[0] for name in sys.modules}} & {{"scipy", "statsmodels"}}))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "tests", capture_output=True, text=True, check=False,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PATH": ""},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("[]\n", "")
