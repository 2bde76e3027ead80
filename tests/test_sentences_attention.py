from __future__ import annotations

import datetime as dt

import pytest

from segcore.sentences import attention as say

BEFORE, NOW = dt.date(2026, 2, 14), dt.date(2026, 3, 31)
TARGETS = ("Champions", "Loyal")


def row(customers, there, low=0.0, high=1.0, run_date=NOW, **rest) -> dict[str, object]:
    share = there / customers if customers else None
    return {"run_date": run_date, "segment": "At risk", "customers": customers, "in_target": there,
            "few": customers < 20, "share": share, "low": low, "high": high, **rest}  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ((388, 409), "**388 are in At risk**, 21 fewer"),
        ((388, 387), "**388 are in At risk**, 1 more"),
        ((1, 1), "**1 customer is in At risk**, as many as before"),
        ((0, 3), "no customer is in At risk, 3 fewer"),
        ((5, None), "**5 are in At risk**"),
    ],
)
def test_who_needs_attention_is_in_a_segment_of_the_study(counts, text):
    assert say.attention("At risk", *counts) == text


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ((409, 39), "Of 409 customers in At risk on 14 February, **39 are now Champions or Loyal**"),
        ((409, 1), "Of 409 customers in At risk on 14 February, **1 is now Champions or Loyal**"),
        ((409, 0), "Of 409 customers in At risk on 14 February, **none is now Champions or Loyal**"),
        ((3, 3), "Of 3 customers in At risk on 14 February, **all 3 are now Champions or Loyal**"),
        ((2, 2), "Of 2 customers in At risk on 14 February, **both are now Champions or Loyal**"),
        ((1, 1), "The one customer in At risk on 14 February **is now Champions or Loyal**"),
        ((1, 0), "The one customer in At risk on 14 February **is not Champions or Loyal**"),
        ((0, 0), "No customer was in At risk on 14 February"),
    ],
)
def test_the_headline(counts, text):
    assert say.headline(row(*counts), TARGETS, BEFORE) == text


def test_the_headline_says_how_sure_it_is():
    sure = say.headline(row(409, 39, 0.0706, 0.1277), TARGETS, BEFORE, sure=True)
    assert sure.endswith("**39 are now Champions or Loyal** (10%, 95% interval 7–13%)")
    few = say.headline(row(19, 3), TARGETS, BEFORE, sure=True)
    assert few.endswith("**3 are now Champions or Loyal** (fewer than 20, too few for a percentage)")
    assert say.headline(row(0, 0), TARGETS, BEFORE, sure=True) == "No customer was in At risk on 14 February"


def test_an_interval_never_makes_nearly_all_of_them_all():
    assert say.interval(row(1000, 996, 0.98, 0.999)) == "over 99%, 95% interval 98% to over 99%"
    assert say.interval(row(20, 20, 0.84, 1.0)) == "100%, 95% interval 84–100%"


def test_what_became_of_the_others_leaves_out_nobody_and_nothing():
    counts = {"still": 129, "rose": 0, "fell": 111, "gone": 1}
    text = "**The others:** 129 still in At risk, 111 in a worse one and 1 gone."
    assert say.others(row(400, 159, **counts)) == text
    assert say.others(row(4, 4, **dict.fromkeys(counts, 0))) == ""


def test_few_customers_are_not_held_against_anything():
    assert say.series([row(100, 30)], row(100, 30)) == []
    both = say.series([row(100, 30), row(19, 19)], row(119, 49, 0.3, 0.5))
    assert both == [
        "Over two runs it was 49 of 119 (41%, 95% interval 30–50%); a customer who was in At risk "
        "several times counts each time."
    ]
    renamed = say.series([row(0, 0), row(100, 30), row(19, 19)], row(119, 49, 0.3, 0.5))
    assert renamed == ["Before the runs of 31 March 2026 nobody was in a segment of this name.", *both]
    assert say.series([row(5, 1), row(6, 1)], row(11, 2)) == [
        "All runs together have too few customers for a percentage."
    ]


def test_a_notebook_tells_the_headline_the_others_and_all_runs():
    counts = {"still": 60, "rose": 0, "fell": 10, "gone": 0}
    now = row(100, 30, 0.22, 0.40, **counts)
    pooled = row(100, 30, 0.22, 0.40, run_date=None, **counts)
    assert say.told([now, pooled], TARGETS, BEFORE).splitlines() == [
        "Of 100 customers in At risk on 14 February, 30 are now Champions or Loyal "
        "(30%, 95% interval 22–40%).",
        "The others: 60 still in At risk and 10 in a worse one.",
    ]
    assert say.told([], TARGETS, None) == say.NOTHING


def rep(name, customers) -> dict[str, object]:
    return {"name": name, "recorded": name != "", "customers": customers, "few": customers < 20}


def test_customers_without_a_representative_are_counted_apart():
    assert say.not_recorded([rep("A", 38), rep("", 12)]) == (
        "For 12 of 50 customers no representative is recorded."
    )
    assert say.not_recorded([rep("", 12)]) == "No representative is recorded for any of them."
    assert say.not_recorded([rep("A", 12)]) == ""


def test_representatives_who_all_have_too_few_are_one_sentence():
    three = [rep("A", 5), rep("B", 19), rep("C", 1), rep("", 500)]
    assert say.all_few(three) == (
        "All three representatives have fewer than 20 of these customers each: too few to judge."
    )
    assert say.all_few(three[1:]) == (
        "Both representatives have fewer than 20 of these customers each: too few to judge."
    )
    assert say.all_few(three[2:]) == "The only representative, C, has fewer than 20 of these customers."
    assert say.all_few([*three, rep("D", 20)]) == say.all_few(three[3:]) == ""
