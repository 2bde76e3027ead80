from __future__ import annotations

from collections.abc import Iterator

import pytest

from segcore import language
from segcore.sentences import books as say


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


def hard(text: str) -> str:
    """The text with no-break spaces, which stand as tildes in it."""
    return text.replace("~", "\u00a0")


def book(name="Adler", **given) -> dict[str, object]:
    return {
        "name": name, "recorded": True, "few": False, "expected": 5.2, "difference": 1.0, "low95": -4.5,
        "high95": 4.5, **given,
    }  # fmt: skip


def over_all(**given) -> dict[str, object]:
    return {
        "run_date": None, "segment": None, "runs": 1, "expected": 17.45, "difference": 20.55, "low95": -8.22,
        "high95": 8.18, **given,
    }  # fmt: skip


TWELVE = [book(f"R{n}") for n in range(12)]


def test_a_book_against_the_limits():
    assert say.against(book()) == "innerhalb"
    assert say.against(book(difference=4.6)) == "darüber"
    assert say.against(book(difference=-4.6)) == "darunter"
    assert say.against(book(difference=9.0, few=True)) == "zu wenige"
    assert say.against(book(expected=None, difference=None)) == "kein Vergleich"


def test_how_often_chance_alone_puts_one_outside():
    assert say.by_chance(TWELVE) == hard(
        "Bei zwölf Betreuern liegt allein durch Zufall in etwa 46~% der Berichte mindestens einer außerhalb."
    )
    assert say.by_chance(TWELVE[:1]) == ""
    assert say.outside(TWELVE) == "Kein Betreuer liegt außerhalb der 95-%-Grenzen."
    assert say.outside([book(few=True)]) == ""
    assert say.limits_told([*TWELVE, book("Zorn", difference=7.0)], over_all()) == hard(
        "Außerhalb der 95-%-Grenzen: Zorn (darüber). Bei 13 Betreuern liegt allein durch Zufall "
        "in etwa 49~% der Berichte mindestens einer außerhalb; deshalb den nächsten Bericht "
        "abwarten. Alle zusammen liegen über der Erwartung; was sie gemeinsam haben, ist kein "
        "Unterschied zwischen ihnen."
    )
    assert say.limits_told(
        [book("Zorn", difference=7.0), book("Abt", difference=-7.0)], over_all(difference=-9.0)
    ) == hard(
        "Außerhalb der 95-%-Grenzen: Zorn (darüber) und Abt (darunter). Bei zwei Betreuern liegt "
        "allein durch Zufall in etwa 10~% der Berichte mindestens einer außerhalb. Alle zusammen "
        "liegen unter der Erwartung; was sie gemeinsam haben, ist kein Unterschied zwischen "
        "ihnen."
    )


def test_one_verdict_on_representatives():
    assert say.verdict({"test": "follow-ups", "p_value": 0.763, "representatives": 12}) == (
        "Die zwölf Betreuer unterscheiden sich nicht stärker, als es durch Zufall zu erwarten "
        "wäre (p = 0,76; Kunden zufällig unter den Betreuern vertauscht)."
    )
    assert say.verdict({"test": "reached", "p_value": 0.0005, "representatives": 2}) == (
        "Die beiden Betreuer unterscheiden sich stärker, als es durch Zufall zu erwarten wäre (p "
        "< 0,001; Kunden zufällig unter den Betreuern vertauscht)."
    )
    assert say.verdict({"test": "reached", "p_value": 0.0501, "representatives": 13}) == (
        "Die 13 Betreuer unterscheiden sich nicht stärker, als es durch Zufall zu erwarten wäre "
        "(p = 0,0501; Kunden zufällig unter den Betreuern vertauscht)."
    )
    assert (
        say.told([{"test": "none", "p_value": None, "representatives": 0}])
        == "Es gibt keine zwei Betreuer, die sich vergleichen lassen."
    )
    assert say.verdict({}) == ""


def test_customers_of_nobody():
    table = [book(eligible=5084), book(None, recorded=False, eligible=4)]
    assert say.unrecorded(table, [over_all()]) == "Für 4 von 5.088 Kunden ist kein Betreuer erfasst."
    assert say.unrecorded(table, [over_all(runs=7)]) == (
        "Für 4 von 5.088 Kunden ist kein Betreuer erfasst; ein Kunde zählt in jedem Lauf einmal."
    )
    assert say.unrecorded(table[:1], [over_all(runs=7)]) == ""
    assert (
        say.unrecorded(table[1:], [over_all(runs=7)]) == "Für keinen dieser Kunden ist ein Betreuer erfasst."
    )


def test_below_the_funnel():
    assert say.funnel(TWELVE, [over_all(difference=0.0)]) == [
        (
            "**Lesehilfe.** Jeder Punkt ist ein Betreuer. Je höher er liegt, desto mehr seiner "
            "kontaktierten Kunden haben, verglichen mit der Erwartung, bestellt und ein "
            "Zielsegment erreicht. Im dunklen Bereich kann das Zufall sein; ein gestrichelter "
            "Punkt steht für weniger als 20 kontaktierte Kunden. Kein Nachweis einer Wirkung."
        ),
        hard(
            "Kein Betreuer liegt außerhalb der 95-%-Grenzen. Bei zwölf Betreuern liegt allein "
            "durch Zufall in etwa 46~% der Berichte mindestens einer außerhalb."
        ),
        (
            "Das Bild zeigt nicht, wer besser arbeitet, und ist kein Nachweis einer Wirkung: "
            "Betreuer haben unterschiedliche Kunden und unterschiedlich viel Glück."
        ),
    ]
