"""What is said of follow-ups: whole texts, with none, one and many, and never an effect without a lot."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from segcore.sentences import books, evidence
from segcore.sentences import followup as say

TARGETS = ("Champions", "Loyal")


def followed(**given) -> dict[str, object]:
    row = {
        "run_date": None, "segment": None, "left_out": None, "runs": 1, "rests": 0, "eligible": 600,
        "followed": 160, "reached": 203, "up": 203, "apart": 0, "unfollowed": 440,
        "value_after": Decimal("47850.42"), "after": 38.0, "expected": 17.45, "ordered_after": 38.0,
        "expected_ordered": 17.45, "difference": 20.55, "share": 0.338, "low": 0.3, "high": 0.377,
        "low95": -8.22, "high95": 8.18, "low998": -12.0, "high998": 13.8,
    }  # fmt: skip
    return row | given


def effect(**given) -> dict[str, object]:
    row = {
        "what": "reached", "evidence": "adjusted", "why": "nothing_held_out", "difference": 0.08,
        "low": 0.028, "high": 0.132, "share": 0.231, "other": 0.151, "customers": 492, "others": 2995,
        "runs": 7, "outcomes": 620,
        "detectable": 0.051, "day": 22, "overlap": 0.91, "imbalance": 0.403, "imbalance_left": 0.104,
    }  # fmt: skip
    return row | given


PLAN = effect(evidence="none", why="", customers=4960, others=496, detectable=0.063, other=0.3)
RANDOMISED = effect(evidence="randomised", why="", day=None, overlap=None, customers=540, others=60)
NONE = effect(evidence="none", why="few_followed", detectable=None, difference=None)


@pytest.mark.parametrize(
    ("pooled", "text"),
    [
        ({}, "Nobody was to be followed up"),
        (followed(followed=0), "None of the customers who were to be followed up was"),
        (
            followed(expected=None),
            "What follow-ups did cannot be told yet: too few customers were left without one to compare with",
        ),
        (
            followed(),
            "Followed-up customers reached Champions or Loyal more often than expected: 38 against 17 "
            "(not an effect)",
        ),
        (
            followed(after=8.0, difference=-9.45),
            "Followed-up customers reached Champions or Loyal less often than expected: 8 against 17 "
            "(not an effect)",
        ),
        (
            followed(after=20.0, difference=2.55),
            "Followed-up customers reached Champions or Loyal about as often as without a follow-up: 20, "
            "expected 17 (not an effect)",
        ),
    ],
)
def test_the_heading_says_what_was_found(pooled, text):
    assert evidence.finding(pooled, effect(), TARGETS) == text


def test_a_heading_over_several_runs_says_so():
    assert evidence.finding(followed(runs=7), effect(), TARGETS) == (
        "Over seven runs followed-up customers reached Champions or Loyal more often than expected: 38 "
        "against 17 (not an effect)"
    )
    lead = evidence.lead(followed(runs=7), {**RANDOMISED, "low": 0.02}, TARGETS)
    assert lead == (
        "The hold-out shows that the call list helped: over seven runs 23% of those on the list reached "
        "Champions or Loyal, 15% of those held out."
    )


def test_customers_of_nobody_over_several_runs_count_once_in_each():
    table = [book(eligible=5084), book(None, recorded=False, eligible=4)]
    text = "For 4 of 5,088 customers no representative is recorded"
    assert books.unrecorded(table, [followed()]) == f"{text}."
    assert books.unrecorded(table, [followed(runs=7)]) == f"{text}; a customer counts once in every run."
    assert books.unrecorded(table[:1], [followed(runs=7)]) == ""
    assert books.unrecorded(table[1:], [followed(runs=7)]) == (
        "No representative is recorded for any of them."
    )


@pytest.mark.parametrize(
    ("ends", "start"),
    [
        ((0.02, 0.14), "The hold-out shows that the call list helped: "),
        ((-0.02, 0.18), "The hold-out shows no difference beyond chance: "),
        ((-0.2, -0.01), "The hold-out shows that those on the list did worse: "),
    ],
)
def test_only_a_hold_out_shows_anything(ends, start):
    found = evidence.finding(followed(), {**RANDOMISED, "low": ends[0], "high": ends[1]}, TARGETS)
    assert found == (
        f"{start}over seven runs 23% of those on the list reached Champions or Loyal, 15% of those held out"
    )


def test_randomised_evidence_says_so_and_nothing_else_is_an_effect():
    assert evidence.evidence(RANDOMISED) == (
        "**Evidence: randomised.** Who was left off the call list was drawn by lot and published before, and "
        "everybody counts as drawn, called or not. The difference is 8 points (95% interval 3 to 13 points; "
        "over seven runs 540 on the list, 60 held out; a customer counts once in every run)."
    )
    for other in (effect(), effect(evidence="raw", why="nobody_alike"), NONE, {}):
        assert "Not an effect." in evidence.evidence(other)


def test_adjusted_evidence_shows_overlap_and_balance():
    assert evidence.evidence(effect()) == (
        "**Evidence: adjusted, not randomised. Not an effect.** Nobody was held out. Of those who had "
        "not ordered by day 22 after a run (the landmark), the ones followed up by then and the others, "
        "alike in segment, last order and number of orders, differ by 8 points (95% interval 3 to 13 "
        "points). 91% have somebody to compare with; the groups are in balance (largest difference 0.40 "
        "standard deviations before and 0.10 after). Representatives choose whom to follow up, also by what "
        "nobody wrote down; that alone can make a difference of ten points."
    )
    assert evidence.evidence(effect(evidence="raw", why="nobody_alike")).startswith(
        "**Evidence: raw. Not an effect.** Those who were followed up and those who were not have too little "
        "in common. Of those who had not ordered by day 22 after a run (the landmark), the ones followed up "
        "by then and the others differ in their bare shares by 8 points (95% interval 3 to 13 points). "
    )
    assert "the groups are not in balance" in evidence.evidence(effect(imbalance_left=0.2))


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("few_followed", "Fewer than 20 customers were followed up before they ordered."),
        ("few_unfollowed", "Fewer than 200 had no follow-up, though a customer counts once in every run."),
    ],
)
def test_not_enough_data_is_said_where_that_is_the_truth(why, text):
    found = evidence.evidence({**NONE, "why": why})
    assert found == f"**Evidence: not enough data. Not an effect.** {text}"


def test_the_least_difference_that_could_be_found_is_said_in_plain_words():
    assert evidence.enough(effect(), PLAN) == (
        "With 3,487 customers compared (a customer counts once in every run), a difference under 5 points "
        "would be missed more often than one time in five. Only a hold-out shows an effect: with 496 of "
        "4,960 held out, as eight runs like this one would give, one of 6 points or more."
    )
    unsure = evidence.enough(effect(low=-0.02), {})
    assert unsure.endswith("one time in five, so there is not enough data to say that there is none.")
    assert evidence.enough(NONE, {}) == "There is not enough data to compare."
    assert "hold-out" not in evidence.enough(RANDOMISED, PLAN)


def test_a_hold_out_of_lists_that_are_too_short_is_no_promise():
    for others, held in ((0, "none of 24"), (19, "19 of 24")):
        plan = {**PLAN, "customers": 24, "others": others, "detectable": None}
        assert evidence.enough({}, plan) == (
            "Only a hold-out shows an effect, and eight runs with lists like the last ones would hold out "
            f"{held} to be followed up: too few to compare."
        )
        assert evidence.enough(RANDOMISED, plan) == evidence.enough(RANDOMISED, PLAN)


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({}, ""),
        (effect(evidence="none", why="one_run"), ""),
        (
            effect(evidence="none", why="few_before", customers=1700, others=172, outcomes=1),
            "**A check on the comparison** is not possible: it looks at orders in the period before, and of "
            "1,872 customers to be followed up in both periods 1 had ordered in the first, for whoever "
            "orders leaves these segments. So it says nothing for the comparison, and nothing against it.",
        ),
        (
            effect(evidence="none", why="few_before", customers=1, others=0, outcomes=0),
            "**A check on the comparison** is not possible: it looks at orders in the period before, and of "
            "1 customer to be followed up in both periods none had ordered in the first, for whoever orders "
            "leaves these segments. So it says nothing for the comparison, and nothing against it.",
        ),
        (
            effect(difference=0.004, low=-0.03, high=0.038),
            "**A check on the comparison:** the same of orders in the period before, which no call of this "
            "one can have changed, gives under 1 point (95% interval −3 to 4 points): no more than chance, "
            "as it should be.",
        ),
        (
            effect(difference=-0.05, low=-0.09, high=-0.01),
            "**A check on the comparison:** the same of orders in the period before, which no call of this "
            "one can have changed, gives −5 points (95% interval −9 to −1 points): so the groups differed "
            "before anybody called, and the figures above are not to be believed.",
        ),
    ],
)
def test_the_placebo_says_whether_the_comparison_can_be_trusted(row, text):
    assert evidence.placebo(row) == text


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({}, "Since March nobody was to be followed up."),
        (
            followed(),
            "Since March 600 customers were to be followed up and 160 were; whether or not they were, 203 "
            "reached a target and ordered in between (34%, 95% interval 30–38%).",
        ),
        (
            followed(eligible=1, followed=1, reached=1),
            "Since March 1 customer was to be followed up and 1 was; whether or not they were, 1 reached a "
            "target and ordered in between.",
        ),
        (
            followed(runs=7),
            "Since March 600 customers were to be followed up and 160 were; whether or not they were, 203 "
            "reached a target and ordered in between (34%, 95% interval 30–38%); a customer counts once in "
            "every run.",
        ),
        (
            followed(eligible=2, followed=0, reached=0),
            "Since March 2 customers were to be followed up and none was; whether or not they were, none "
            "reached a target and ordered in between.",
        ),
    ],
)
def test_who_was_to_be_followed_up_and_was(row, text):
    assert say.since(row, "since March") == text


@pytest.mark.parametrize(
    ("rests", "text"),
    [
        (0, ""),
        (
            1,
            "On 16 November 2025 1 more customer was to be followed up but does not count here: the list "
            "before had left it alone on purpose, so it stood first on that day's and belongs to neither "
            "group.",
        ),
        (
            38,
            "On 16 November 2025 38 more customers were to be followed up but do not count here: the list "
            "before had left them alone on purpose, so they stood first on that day's and belong to neither "
            "group.",
        ),
    ],
)
def test_those_who_rest_are_told(rests, text):
    assert say.resting(followed(rests=rests), dt.date(2025, 11, 16)) == text
    assert say.resting({}, dt.date(2025, 11, 16)) == ""


def test_observed_stands_beside_expected_and_the_limits_of_chance():
    start = (
        "In the days after a follow-up 38 ordered for the first time since that run and reached a target; at "
        "the pace of days without a follow-up 17.4 would have: "
    )
    assert say.expected(followed(expected=17.44, difference=20.56)) == (
        f"{start}+20.6, and chance alone stays between −8.2 and +8.2, so that is more than chance; whether "
        "the follow-ups did it or whom they went to, these numbers cannot tell."
    )
    assert say.expected(followed(difference=1.0)).endswith("so the difference may be chance.")
    assert say.expected(followed(difference=-9.0)).endswith("so fewer than chance alone makes likely.")


def test_without_unfollowed_customers_there_is_no_comparison():
    end = "had no follow-up, and under 200 the rate to expect without one is not known"
    for number, who in ((0, "no customer"), (1, "only 1 customer"), (199, "only 199 customers")):
        assert say.expected(followed(expected=None, unfollowed=number)) == f"**No comparison:** {who} {end}."
    assert say.expected(followed(expected=None, unfollowed=199, runs=2)) == (
        f"**No comparison:** only 199 customers {end}; a customer counts once in every run."
    )
    assert say.expected(followed(followed=0)) == (
        "Nobody of them was followed up, so there is nothing to compare."
    )


def test_a_sentence_says_where_target_and_up_coincide():
    assert say.coincide(followed(), TARGETS) == (
        "Reaching Champions or Loyal is the same as moving up here: 203 moved up and ordered, 203 reached, 0 "
        "did only one of the two. One order mostly lifts to a target."
    )
    assert say.coincide(followed(apart=10), TARGETS).startswith(
        "Reaching Champions or Loyal is nearly the same as moving up here"
    )
    assert say.coincide(followed(apart=11), TARGETS) == ""
    assert say.coincide(followed(up=0, reached=0), TARGETS) == ""


def test_revenue_never_stands_alone():
    assert say.revenue(followed(), "since March", "EUR") == (
        "Since March those who were followed up ordered for €\u00a047,900 after it. How much of that would "
        "have come anyway is not known, so it says nothing by itself."
    )
    assert say.revenue(followed(followed=0), "since March", "EUR") == ""


def kept(**given) -> dict[str, object]:
    row = {"reached": 50, "undated": 2, "due": 40, "sustained": 30, "share": 0.75, "low": 0.6, "high": 0.86}
    return row | given


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({}, ""),
        (kept(reached=0), ""),
        (
            kept(undated=50, due=0),
            "**Who stayed** is not known: no run held the dates on which those who reached a target would "
            "fall without another order.",
        ),
        (
            kept(due=0),
            "**Who stayed** is not known yet: no run lies after the date on which those who reached a target "
            "would fall.",
        ),
        (
            kept(),
            "**Who stayed:** of 40 customers who reached a target and would have fallen by now without "
            "another order, 30 are still there (75%, 95% interval 60–86%); whoever reached one several times "
            "counts each time.",
        ),
        (
            kept(due=1, sustained=1),
            "**Who stayed:** the one customer who reached a target and would have fallen by now without "
            "another order is still there.",
        ),
        (
            kept(due=1, sustained=0),
            "**Who stayed:** the one customer who reached a target and would have fallen by now without "
            "another order is no longer there.",
        ),
        (
            kept(due=12, sustained=0),
            "**Who stayed:** of 12 customers who reached a target and would have fallen by now without "
            "another order, none is still there; whoever reached one several times counts each time.",
        ),
        (
            kept(due=12, sustained=12),
            "**Who stayed:** of 12 customers who reached a target and would have fallen by now without "
            "another order, all 12 are still there; whoever reached one several times counts each time.",
        ),
    ],
)
def test_who_stayed(row, text):
    assert say.sustained(row) == text


def test_runs_that_do_not_count_are_named():
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=45 * n) for n in range(6)]
    table = [followed(run_date=day, left_out="not kept") for day in days[:1]]
    table += [followed(run_date=day, left_out="no follow-ups") for day in days[1:]]
    assert say.left_out(table) == [
        "Left out: the run of 1 January 2025 (made before follow-ups were counted).",
        "Left out: the runs of 15 February 2025, 1 April 2025 and 3 more (no follow-up is recorded in their "
        "time).",
    ]


def test_the_notebook_says_the_same_without_marks():
    now = dt.date(2025, 4, 1)
    table = [followed(run_date=now), followed(segment="At risk"), followed()]
    before = dt.date(2025, 2, 15)
    text = say.told(table, before, TARGETS, "EUR")
    assert text.split("\n") == [
        *(said.replace("**", "") for said in say.compared(table, before, "EUR")),
        *say.beside(table, TARGETS),
        say.NOT_SHOWN["followed"],
    ]
    assert text.startswith("Since 15 February 2025 600 customers were")
    assert "Over the one run" not in text
    assert "Since 15 February 2025 those who were followed up ordered for" in text
    assert "**" not in text
    assert say.told(table, None, TARGETS, "EUR") == say.FIRST
    assert say.told([], now, TARGETS, "EUR").split("\n") == [say.NOBODY, say.NOT_SHOWN["followed"]]
    older = say.told(table, now, TARGETS, "EUR")
    assert older.startswith("No follow-up is recorded since the last run.\nOver the one run so far 600")
    assert "ordered for €" not in older


def test_where_the_two_coincide_the_notebook_says_so_too():
    table = [followed(up=203, reached=203, apart=0)]
    assert say.beside(table, TARGETS) == [say.coincide(table[0], TARGETS)]
    assert say.coincide(table[0], TARGETS) in say.told(table, dt.date(2025, 2, 15), TARGETS, "EUR")


def book(name="Adler", **given) -> dict[str, object]:
    return {
        "name": name, "recorded": True, "few": False, "expected": 5.2, "difference": 1.0, "low95": -4.5,
        "high95": 4.5, **given,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "within"),
        ({"difference": 4.6}, "above"),
        ({"difference": -4.6}, "below"),
        ({"difference": 9.0, "few": True}, "too few"),
        ({"expected": None, "difference": None}, "no comparison"),
    ],
)
def test_a_book_against_the_limits(given, text):
    assert books.against(book(**given)) == text


def test_twelve_books_say_how_often_chance_alone_puts_one_outside():
    twelve = [book(f"R{n}") for n in range(12)]
    assert books.by_chance(twelve) == (
        "Among twelve representatives one or more falls outside by chance alone in about 46% of reports."
    )
    assert books.by_chance(twelve[:1]) == ""
    assert books.outside(twelve) == "No representative is outside the 95% limits."
    few, uncompared = {"few": True}, {"expected": None, "difference": None, "low95": None, "high95": None}
    for unjudged in (few, uncompared):
        assert books.outside([book("Zorn", **unjudged)]) == ""
        assert books.outside([*twelve, book("Zorn", **unjudged)]) == books.outside(twelve)
    assert books.limits_told([book(**uncompared)], followed(expected=None, difference=None)) == ""
    told = books.limits_told([*twelve, book("Zorn", difference=7.0)], followed())
    assert told == (
        "Outside the 95% limits: Zorn (above). Among 13 representatives one or more falls outside by chance "
        "alone in about 49% of reports, so wait for a second report. All together lie above what was "
        "expected, and what they share is no difference between them."
    )


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (
            ("follow-ups", 0.763, 12),
            "The twelve representatives differ no more than chance would make them (p = 0.76, exchanging "
            "whole customers).",
        ),
        (
            ("reached", 0.0005, 2),
            "The two representatives differ more than chance would make them (p < 0.001, exchanging whole "
            "customers).",
        ),
        (
            ("reached", 0.0501, 3),
            "The three representatives differ no more than chance would make them (p = 0.0501, exchanging "
            "whole customers).",
        ),
        (("none", None, 0), "There are no two representatives to compare."),
    ],
)
def test_one_verdict_on_representatives(found, text):
    test, p, number = found
    assert books.verdict({"test": test, "p_value": p, "representatives": number}) == text


def test_without_a_headline_there_is_no_verdict():
    assert books.verdict({}) == ""
