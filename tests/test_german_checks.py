from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from segcore import language
from segcore.sentences import checks as say


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


def hard(text: str) -> str:
    """The text with no-break spaces, which stand as tildes in it."""
    return text.replace("~", "\u00a0")


def late(kind: str, *customers: str) -> list[dict]:
    return [{"kind": kind, "customer_id": one, "date": dt.date(2025, 2, 9)} for one in customers]


def test_follow_ups_that_cannot_be_what_they_say():
    assert say.late(late("unknown customer", "y", "z")) == [
        (
            "2 Kontakte gehören zu Kunden, die weder die Bestellungen noch der Kundenstamm "
            "kennen; die Nummern sind zu berichtigen (y am 9.2.2025; z am 9.2.2025)."
        ),
    ]
    assert say.late(late("unknown customer", "y")) == [
        (
            "1 Kontakt gehört zu einem Kunden, den weder die Bestellungen noch der Kundenstamm "
            "kennen; die Nummer ist zu berichtigen (y am 9.2.2025)."
        ),
    ]
    assert say.late(late("before the first order", "z")) == [
        ("1 Kontakt liegt vor der ersten Bestellung des Kunden und zählt nirgends (z am 9.2.2025)."),
    ]
    assert say.late(late("before the first order", "v", "w", "x", "y", "z")) == [
        (
            "5 Kontakte liegen vor der ersten Bestellung des Kunden und zählen nirgends (v am "
            "9.2.2025; w am 9.2.2025; x am 9.2.2025; 2 weitere)."
        ),
    ]
    assert say.late(late("logged late", "z")) == [
        (
            "1 Kontakt wurde verspätet erfasst: Der frühere Lauf kannte ihn nicht und hat den "
            "Kunden als nicht kontaktiert gezählt, falls es keinen anderen Kontakt gab; frühere "
            "Läufe bleiben, wie sie sind, und niemand wechselt deshalb die Gruppe (z am "
            "9.2.2025)."
        ),
    ]
    assert say.late(late("logged late", "y", "z")) == [
        (
            "2 Kontakte wurden verspätet erfasst: Der frühere Lauf kannte sie nicht und hat die "
            "Kunden als nicht kontaktiert gezählt, falls es keinen anderen Kontakt gab; frühere "
            "Läufe bleiben, wie sie sind, und niemand wechselt deshalb die Gruppe (y am "
            "9.2.2025; z am 9.2.2025)."
        ),
    ]
    assert say.late(late("unknown representative", "z")) == [
        (
            "1 Kontakt stammt von einem Betreuer, der nicht in der Liste der Betreuer steht; für "
            "den Kunden zählt er (z am 9.2.2025)."
        ),
    ]
    assert say.late(late("unknown representative", "y", "z")) == [
        (
            "2 Kontakte stammen von Betreuern, die nicht in der Liste der Betreuer stehen; für "
            "die Kunden zählen sie (y am 9.2.2025; z am 9.2.2025)."
        ),
    ]
    assert say.late(late("twice", "z")) == [
        (
            "1 Kontakt ist mit demselben Kunden, Tag und Betreuer schon einmal erfasst; er zählt "
            "einmal (z am 9.2.2025)."
        ),
    ]
    assert say.late(late("twice", "y", "z")) == [
        (
            "2 Kontakte sind mit demselben Kunden, Tag und Betreuer schon einmal erfasst; sie "
            "zählen einmal (y am 9.2.2025; z am 9.2.2025)."
        ),
    ]
    assert say.late(late("after the order", "z")) == [
        (
            "1 Kontakt kam nach der Bestellung des Kunden und wird nicht angerechnet: Die Tage "
            "bis zur Bestellung zählen als Tage ohne Kontakt (z am 9.2.2025)."
        ),
    ]
    assert say.late(late("after the order", "y", "z")) == [
        (
            "2 Kontakte kamen nach der Bestellung des Kunden und werden nicht angerechnet: Die "
            "Tage bis zur Bestellung zählen als Tage ohne Kontakt (y am 9.2.2025; z am "
            "9.2.2025)."
        ),
    ]


def after_run_date(number: int) -> list[dict]:
    return [{"source": "followups", "after_run_date": number}]


def test_follow_ups_of_the_future():
    assert say.future(after_run_date(0)) == ""
    assert say.future(after_run_date(1)) == "1 Kontakt liegt nach dem Stichtag und zählt noch nicht."
    assert (
        say.future(after_run_date(1002)) == "1.002 Kontakte liegen nach dem Stichtag und zählen noch nicht."
    )


def of_book(check: str, detail: str | None = None) -> dict:
    return {
        "check": check, "name": "Adler", "customer_id": None, "detail": detail, "hits": 12, "of": 40,
        "others_hits": 20, "others_of": 1400,
    }  # fmt: skip


def test_what_is_asked_of_a_representative():
    assert say.suspicions([of_book("just above an edge", "Umsatz")]) == [
        hard(
            "**Adler: knapp über einer Grenze.** Von den Kunden nahe an einer Grenze von "
            "„Umsatz“ liegen auffällig viele knapp darüber: 12 von 40 Kunden (30~%), bei allen "
            "anderen 20 von 1.400 (1~%). Zu klären ist, ob Bestellungen so zugeschnitten wurden, "
            "dass sie die Grenze überschreiten."
        ),
    ]
    assert say.suspicions([of_book("orders on adjacent days")]) == [
        hard(
            "**Adler: Bestellungen an aufeinanderfolgenden Tagen.** Von den Kunden, die bestellt "
            "haben, haben auffällig viele zwei Bestellungen innerhalb eines Tages: 12 von 40 "
            "Kunden (30~%), bei allen anderen 20 von 1.400 (1~%). Zu klären ist, ob eine "
            "Bestellung als zwei erfasst wurde."
        ),
    ]
    assert say.suspicions([of_book("credited afterwards")]) == [
        hard(
            "**Adler: nachträglich gutgeschrieben.** Von den Kunden, die aufgestiegen sind, "
            "haben auffällig viele mindestens die Hälfte wieder gutgeschrieben bekommen: 12 von "
            "40 Kunden (30~%), bei allen anderen 20 von 1.400 (1~%). Ihre Bestellungen zählen "
            "weiterhin; zu klären ist, ob sie ernst gemeint waren."
        ),
    ]
    assert say.suspicions([of_book("followed up after the order")]) == [
        hard(
            "**Adler: nach der Bestellung kontaktiert.** Auffällig viele erste Kontakte lagen in "
            "der Woche nach einer Bestellung: 12 von 40 Kunden (30~%), bei allen anderen 20 von "
            "1.400 (1~%). Sie werden nicht angerechnet; zu klären ist, ob sie erfasst werden, um "
            "als Erfolg zu gelten."
        ),
    ]
    assert say.suspicions([of_book("followed up by another")]) == [
        hard(
            "**Adler: Kunden anderer kontaktiert.** Von den Kunden, die dieser Betreuer "
            "kontaktiert hat, gehören auffällig viele zu einem anderen: 12 von 40 Kunden (30~%), "
            "bei allen anderen 20 von 1.400 (1~%). Sie zählen für den anderen; zu klären ist, "
            "wer sie betreut."
        ),
    ]


def fact(check: str, customer: str, detail: str) -> dict:
    return {"check": check, "name": "Adler", "customer_id": customer, "detail": detail}


def test_what_is_asked_of_customers():
    assert say.suspicions([fact("another representative now", "c1", "Bussard")]) == [
        (
            "1 Kunde hat einen anderen Betreuer als beim letzten Lauf und zählt für den "
            "damaligen (c1: Adler, jetzt Bussard)."
        ),
    ]
    assert say.suspicions([fact("another representative now", f"c{n}", "Bussard") for n in range(5)]) == [
        (
            "5 Kunden haben einen anderen Betreuer als beim letzten Lauf und zählen für den "
            "damaligen (c0: Adler, jetzt Bussard; c1: Adler, jetzt Bussard; c2: Adler, jetzt "
            "Bussard; 2 weitere)."
        ),
    ]
    assert say.suspicions([fact("in two books", "c1", "Adler / Bussard")]) == [
        (
            "1 Kunde hat seit dem letzten Lauf Bestellungen von zwei Betreuern und zählt für "
            "den, der beim letzten Lauf zuständig war (c1: Adler und Bussard)."
        ),
    ]
    assert say.suspicions(
        [fact("in two books", "c1", "Adler / Bussard"), fact("in two books", "c2", "Adler / Dohle")]
    ) == [
        (
            "2 Kunden haben seit dem letzten Lauf Bestellungen von zwei Betreuern und zählen für "
            "den, der beim letzten Lauf zuständig war (c1: Adler und Bussard; c2: Adler und "
            "Dohle)."
        ),
    ]


def test_a_notebook_tells_all_of_them():
    assert say.told([], after_run_date(1), []) == [
        "1 Kontakt liegt nach dem Stichtag und zählt noch nicht.",
        "Die Prüfungen haben nichts gefunden, wonach zu fragen wäre.",
    ]
    assert say.not_shown(late("after the order", "z"), [of_book("credited afterwards")]) == [
        (
            "Das zeigt keinen bösen Willen: Ein Anruf nach der Bestellung gehört zum guten Ton, "
            "er wird nur nicht angerechnet."
        ),
        "Das zeigt nicht, dass jemand betrügt; es zeigt, wo nachzufragen ist.",
    ]
    assert say.not_shown([], []) == []
