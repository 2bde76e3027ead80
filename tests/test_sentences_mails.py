"""What mails say around a run's own sentences, in both languages."""

from __future__ import annotations

import datetime as dt

import pytest

from segcore import language
from segcore.sentences import mails, representatives
from segcore.transitions import MARKS, MASKED, MOVES
from segcore.wording import NBSP

DAY = dt.date(2025, 12, 31)
TARGETS = ("Loyal", "Champions")


def row(customers: int, there: int) -> dict[str, object]:
    share = there / customers if customers else None
    return {"segment": "Needs attention", "customers": customers, "in_target": there, "share": share}


@pytest.mark.parametrize(
    ("customers", "there", "english", "german"),
    [
        (
            *(412, 136),
            "33% of 412 in Needs attention reached Loyal or Champions",
            "33 % von 412 aus Needs attention haben Loyal oder Champions erreicht",
        ),
        (
            *(412, 1),
            "1 of 412 in Needs attention reached Loyal or Champions",
            "1 von 412 aus Needs attention hat Loyal oder Champions erreicht",
        ),
        (
            *(412, 0),
            "none of 412 in Needs attention reached Loyal or Champions",
            "keiner von 412 aus Needs attention hat Loyal oder Champions erreicht",
        ),
        (
            *(19, 3),
            "3 of 19 in Needs attention reached Loyal or Champions",
            "3 von 19 aus Needs attention haben Loyal oder Champions erreicht",
        ),
        (
            *(1, 1),
            "1 of 1 in Needs attention reached Loyal or Champions",
            "1 von 1 aus Needs attention hat Loyal oder Champions erreicht",
        ),
        (*(0, 0), "nobody was in Needs attention", "niemand war im Segment Needs attention"),
    ],
)
def test_the_headline_fits_into_a_subject(customers, there, english, german):
    assert mails.reached(row(customers, there), TARGETS) == english
    with language.spoken("de"):
        assert mails.reached(row(customers, there), TARGETS).replace(NBSP, " ") == german


def test_numbers_in_subjects():
    assert mails.subject("Nobody to call", "ACME", DAY) == "Nobody to call – ACME, 31 December 2025"
    assert [mails.customers(1, None), mails.customers(2000, 0), mails.customers(12, -3)] == [
        "1 customer",
        "2,000 customers",
        "12 customers (\N{MINUS SIGN}3)",
    ]
    assert [mails.calls(n, "", "14 February") for n in (0, 1, 2)] == [
        "nobody to call",
        "1 customer to call before 14 February",
        "2 customers to call before 14 February",
    ]
    assert [mails.calls(n, "3 January", "14 February") for n in (0, 1, 2)] == [
        "nobody to call",
        "1 customer to call before 3 January",
        "2 customers to call, the first before 3 January",
    ]
    with language.spoken("de"):
        assert [mails.calls(n, "", "14. Februar") for n in (0, 1, 2)] == [
            "niemand anzurufen",
            "1 Kunde vor dem 14. Februar anrufen",
            "2 Kunden vor dem 14. Februar anrufen",
        ]
        assert [mails.calls(n, "3. Januar", "14. Februar") for n in (0, 1, 2)] == [
            "niemand anzurufen",
            "1 Kunde vor dem 3. Januar anrufen",
            "2 Kunden anrufen, den ersten vor dem 3. Januar",
        ]


WHERE = {
    "segment": ("Loyal", "Lost"),
    "rep": ("0107", "0109"),
    "region": ("Nord",),
    "market": ("Tools",),
    "move": ("up", "new"),
    "cause": ("earned", "masked"),
}


def test_what_somebody_asked_for_is_said_as_it_was_asked():
    assert mails.asked(WHERE, {"0107": "Anke Möller"}) == (
        "in Loyal or Lost, looked after by Anke Möller or representative 0109, of Nord, with orders in "
        "Tools, who moved up or ordered for the first time, who moved because of their orders or whom only "
        "the new model keeps where they were"
    )
    assert [mails.fits(n, "in Loyal") for n in (0, 1, 2)] == [
        "There is no customer in Loyal.",
        "There is 1 customer in Loyal.",
        "There are 2 customers in Loyal.",
    ]
    assert mails.fit(0) == "no customer"
    with language.spoken("de"):
        assert mails.asked(WHERE, {"0107": "Anke Möller"}) == (
            "im Segment Loyal oder Lost, betreut von Anke Möller oder Betreuer 0109, aus Nord, mit "
            "Bestellungen in Tools, aufgestiegen oder mit der ersten Bestellung, gewechselt wegen eigener "
            "Bestellungen oder nur durch das neue Modell ohne Wechsel"
        )
        assert [mails.fits(n, "aus Nord") for n in (0, 1, 2)] == [
            "Kein Kunde ist dabei: aus Nord.",
            "Es ist 1 Kunde: aus Nord.",
            "Es sind 2 Kunden: aus Nord.",
        ]
        told = mails.why("Huber", "weil es so ist", monthly=True)
        assert told == "Diese Mail zur Studie „Huber“ kommt einmal im Monat, weil es so ist."


@pytest.mark.parametrize("spoken", ["en", "de"])
def test_whatever_can_be_asked_for_has_words(spoken):
    """A mail about chosen customers says why its reader gets it."""
    with language.spoken(spoken):
        for key, values in (("move", MOVES), ("cause", (*MARKS.values(), MASKED))):
            for value in values:
                assert mails.asked({key: (value,)}, {}) not in ("", value)
    assert {"up", "gone"} < {*MOVES} and "aged" in MARKS.values()


@pytest.mark.parametrize(
    ("where", "english"),
    [
        ("mailto:a@acme.example", "To get no more of them, write to a@acme.example."),
        ("mailto:a@acme.example?subject=leave", "To get no more of them, write to a@acme.example."),
        ("https://acme.example/leave", "To get no more of them: https://acme.example/leave"),
    ],
)
def test_how_to_get_no_more_of_them(where, english):
    assert mails.leave(where) == english


def test_where_the_others_are_is_said_only_if_there_are_some():
    assert mails.more(0, attached=True) == ""
    assert mails.more(1, attached=True) == "1 more customer in the attached file."
    assert mails.more(2, attached=False) == "2 more customers behind the link."
    assert mails.more(2, attached=False, there=False) == "2 more customers not listed here."


def test_what_there_is_to_do_has_dates_and_no_days_to_count():
    first = ("Ada", dt.date(2026, 1, 3))
    assert [
        representatives.lead(*given) for given in ((0, 0, None), (1, 0, None), (1, 1, first), (9, 1, first))
    ] == [
        "There is nobody on your call list.",
        "**1 customer is on your call list**.",
        "**1 customer is on your call list**: Ada falls on 3 January 2026, unless it orders.",
        "**9 customers are on your call list**. One falls unless it orders: Ada, on 3 January 2026.",
    ]
    assert representatives.lead(9, 9, first).endswith(
        "; all of them fall unless they order. The first to fall is Ada, on 3 January 2026."
    )
    with language.spoken("de"):
        assert [
            representatives.lead(*given)
            for given in ((0, 0, None), (1, 0, None), (1, 1, first), (9, 1, first))
        ] == [
            "Auf der Anrufliste steht niemand.",
            "**1 Kunde steht auf der Anrufliste**.",
            "**1 Kunde steht auf der Anrufliste**: Ada steigt ohne Bestellung am 3. Januar 2026 ab.",
            "**9 Kunden stehen auf der Anrufliste**. Einer steigt ohne Bestellung ab: Ada, "
            "am 3. Januar 2026.",
        ]
        assert representatives.lead(9, 4, first).endswith(
            "; 4 von ihnen steigen ohne Bestellung ab. Zuerst steigt Ada ab, am 3. Januar 2026."
        )


def test_the_headline_of_a_mail_says_of_which_days_it_is():
    found = [mails.headline({**row(*n), "run_date": DAY}, TARGETS, DAY.replace(month=11, day=16))
             for n in ((0, 0), (1, 0), (1, 1), (2, 2), (9, 0), (9, 1), (9, 4))]  # fmt: skip
    then, goal = "in Needs attention on 16 November", "Loyal or Champions on 31 December 2025"
    assert found == [
        f"No customer was {then}",
        f"The one customer {then} was not {goal}",
        f"The one customer {then} was {goal}",
        f"Of 2 customers {then}, both were {goal}",
        f"Of 9 customers {then}, none was {goal}",
        f"Of 9 customers {then}, 1 was {goal}",
        f"Of 9 customers {then}, 4 were {goal}",
    ]
    with language.spoken("de"):
        told = mails.headline({**row(9, 4), "run_date": DAY}, TARGETS, DAY.replace(month=11, day=16))
    assert told == (
        "Von 9 Kunden, die am 16. November im Segment Needs attention waren, waren am 31. Dezember 2025 4 "
        "im Segment Loyal oder Champions"
    )
