from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from segcore import language
from segcore.sentences import attention as say

BEFORE, NOW = dt.date(2026, 2, 14), dt.date(2026, 3, 31)
TARGETS = ("Champions", "Loyal")


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


def hard(text: str) -> str:
    """The text with no-break spaces, which stand as tildes in it."""
    return text.replace("~", "\u00a0")


def row(customers, there, low=0.0, high=1.0, run_date=NOW, **rest) -> dict[str, object]:
    share = there / customers if customers else None
    return {"run_date": run_date, "segment": "At risk", "customers": customers, "in_target": there,
            "few": customers < 20, "share": share, "low": low, "high": high, **rest}  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ((1388, 1409), "**1.388 Kunden sind im Segment At risk**, 21 weniger als zuvor"),
        ((388, 387), "**388 Kunden sind im Segment At risk**, 1 mehr als zuvor"),
        ((1, 1), "**1 Kunde ist im Segment At risk**, ebenso viele wie zuvor"),
        ((0, 3), "kein Kunde ist im Segment At risk, 3 weniger als zuvor"),
        ((5, None), "**5 Kunden sind im Segment At risk**"),
    ],
)
def test_who_needs_attention(counts, text):
    assert say.attention("At risk", *counts) == text


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        (
            (409, 39),
            "Von 409 Kunden, die am 14. Februar im Segment At risk waren, **sind jetzt 39 im Segment "
            "Champions oder Loyal**",
        ),
        (
            (409, 1),
            "Von 409 Kunden, die am 14. Februar im Segment At risk waren, **ist jetzt 1 im Segment "
            "Champions oder Loyal**",
        ),
        (
            (409, 0),
            "Von 409 Kunden, die am 14. Februar im Segment At risk waren, **ist jetzt keiner im Segment "
            "Champions oder Loyal**",
        ),
        (
            (3, 3),
            "Von 3 Kunden, die am 14. Februar im Segment At risk waren, **sind jetzt alle 3 im Segment "
            "Champions oder Loyal**",
        ),
        (
            (2, 2),
            "Von 2 Kunden, die am 14. Februar im Segment At risk waren, **sind jetzt beide im Segment "
            "Champions oder Loyal**",
        ),
        (
            (1, 1),
            "Der eine Kunde, der am 14. Februar im Segment At risk war, **ist jetzt im Segment Champions "
            "oder Loyal**",
        ),
        (
            (1, 0),
            "Der eine Kunde, der am 14. Februar im Segment At risk war, **ist jetzt nicht im Segment "
            "Champions oder Loyal**",
        ),
        ((0, 0), "Am 14. Februar war kein Kunde im Segment At risk"),
    ],
)
def test_the_headline(counts, text):
    assert say.headline(row(*counts), TARGETS, BEFORE) == text


def test_the_headline_says_how_sure_it_is():
    sure = say.headline(row(409, 39, 0.0706, 0.1277), TARGETS, BEFORE, sure=True)
    assert sure.endswith(hard("Champions oder Loyal** (10~%, 95-%-Intervall 7–13~%)"))
    few = say.headline(row(19, 3), TARGETS, BEFORE, sure=True)
    assert few.endswith("Champions oder Loyal** (weniger als 20, zu wenige für eine Prozentzahl)")


def test_what_became_of_the_others():
    counts = {"still": 129, "rose": 2, "fell": 111, "gone": 1}
    assert say.others(row(402, 159, **counts)) == (
        "**Die übrigen Kunden:** 129 weiterhin im Segment At risk, 2 in einem besseren Segment unter dem "
        "Ziel, 111 in einem schlechteren Segment und 1 weggefallen."
    )
    assert say.others(row(4, 4, **dict.fromkeys(counts, 0))) == ""


def test_all_runs_together():
    assert say.series([row(100, 30)], row(100, 30)) == []
    both = say.series([row(100, 30), row(19, 19)], row(119, 49, 0.3, 0.5))
    assert both == [
        hard(
            "In zwei Läufen zusammen waren es 49 von 119 (41~%, 95-%-Intervall 30–50~%); ein Kunde, der "
            "mehrmals im Segment At risk war, zählt jedes Mal."
        )
    ]
    assert say.series([row(5, 1), row(6, 1)], row(11, 2)) == [
        "Alle Läufe zusammen haben zu wenige Kunden für eine Prozentzahl."
    ]


@pytest.mark.parametrize(
    ("empty", "told"),
    [
        (1, "Vor dem Lauf vom 31. März 2026 war niemand in einem Segment dieses Namens."),
        (
            4,
            "Vor den Läufen vom 31. März 2026, 31. März 2026 und 2 weiteren war niemand in einem Segment "
            "dieses Namens.",
        ),
    ],
)
def test_runs_before_a_segment_had_its_name(empty, told):
    found = say.series([*[row(0, 0)] * empty, row(100, 30)], row(100, 30, 0.2, 0.4))
    assert found[0] == told
    assert found[1].startswith("In einem Lauf waren es 30 von 100 (")


def test_a_notebook_tells_the_headline_the_others_and_all_runs():
    counts = {"still": 60, "rose": 0, "fell": 10, "gone": 0}
    now = row(100, 30, 0.22, 0.40, **counts)
    pooled = row(100, 30, 0.22, 0.40, run_date=None, **counts)
    assert say.told([now, pooled], TARGETS, BEFORE).splitlines() == [
        hard(
            "Von 100 Kunden, die am 14. Februar im Segment At risk waren, sind jetzt 30 im Segment "
            "Champions oder Loyal (30~%, 95-%-Intervall 22–40~%)."
        ),
        "Die übrigen Kunden: 60 weiterhin im Segment At risk und 10 in einem schlechteren Segment.",
    ]
    assert say.told([], TARGETS, None) == say.NOTHING


def rep(name, customers) -> dict[str, object]:
    return {"name": name, "recorded": name != "", "customers": customers, "few": customers < 20}


def test_customers_without_a_representative_are_counted_apart():
    assert say.not_recorded([rep("A", 38), rep("", 12)]) == (
        "Für 12 von 50 Kunden ist kein Betreuer erfasst."
    )
    assert say.not_recorded([rep("", 12)]) == "Für keinen dieser Kunden ist ein Betreuer erfasst."
    assert say.not_recorded([rep("A", 12)]) == ""


def test_representatives_who_all_have_too_few_are_one_sentence():
    three = [rep("A", 5), rep("B", 19), rep("C", 1), rep("", 500)]
    assert say.all_few(three) == (
        "Alle drei Betreuer haben jeweils weniger als 20 dieser Kunden: zu wenige für ein Urteil."
    )
    assert say.all_few(three[1:]) == (
        "Beide Betreuer haben jeweils weniger als 20 dieser Kunden: zu wenige für ein Urteil."
    )
    assert say.all_few(three[2:]) == "Der einzige Betreuer, C, hat weniger als 20 dieser Kunden."
    assert say.all_few([*three, rep("D", 20)]) == ""
