from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest

from segcore import language
from segcore.sentences import followup as say

TARGETS = ("Champions", "Loyal")


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


def hard(text: str) -> str:
    """The text with no-break spaces, which stand as tildes in it."""
    return text.replace("~", "\u00a0")


def followed(**given) -> dict[str, object]:
    row = {
        "run_date": None, "segment": None, "left_out": None, "runs": 1, "rests": 0, "eligible": 600,
        "followed": 160, "reached": 203, "up": 203, "apart": 0, "unfollowed": 440,
        "value_after": Decimal("47850.42"), "after": 38.0, "expected": 17.45, "difference": 20.55,
        "share": 0.338, "low": 0.3, "high": 0.377, "low95": -8.22, "high95": 8.18,
    }  # fmt: skip
    return row | given


def test_who_was_to_be_followed_up_and_was():
    assert say.since({}, "seit dem 1. März") == "Seit dem 1. März war kein Kunde zum Nachfassen vorgesehen."
    assert say.since(followed(), "seit dem 1. März") == hard(
        "Seit dem 1. März waren 600 Kunden zum Nachfassen vorgesehen, 160 wurden kontaktiert; "
        "mit oder ohne Kontakt haben 203 zwischendurch bestellt und ein Zielsegment erreicht "
        "(34~%, 95-%-Intervall 30–38~%)."
    )
    assert say.since(followed(runs=7), say.over(7)) == hard(
        "In sieben Läufen waren 600 Kunden zum Nachfassen vorgesehen, 160 wurden kontaktiert; "
        "mit oder ohne Kontakt haben 203 zwischendurch bestellt und ein Zielsegment erreicht "
        "(34~%, 95-%-Intervall 30–38~%); ein Kunde zählt in jedem Lauf einmal."
    )
    assert say.since(followed(eligible=1, followed=1, reached=1), say.over(1)) == (
        "Im bisher einzigen Lauf war 1 Kunde zum Nachfassen vorgesehen, 1 wurde kontaktiert; mit "
        "oder ohne Kontakt hat 1 zwischendurch bestellt und ein Zielsegment erreicht."
    )
    assert say.since(followed(eligible=2, followed=0, reached=0), "seit dem 1. März") == (
        "Seit dem 1. März waren 2 Kunden zum Nachfassen vorgesehen, keiner wurde kontaktiert; "
        "mit oder ohne Kontakt hat keiner zwischendurch bestellt und ein Zielsegment erreicht."
    )


def test_those_who_rest_are_told():
    assert say.resting(followed(rests=0), dt.date(2025, 11, 16)) == ""
    assert say.resting(followed(rests=1), dt.date(2025, 11, 16)) == (
        "Am 16. November 2025 war 1 weiterer Kunde zum Nachfassen vorgesehen, zählt hier aber "
        "nicht mit: Die Liste davor hatte ihn bewusst zurückgehalten. Deshalb stand er an diesem "
        "Tag an erster Stelle und gehört zu keiner der beiden Gruppen."
    )
    assert say.resting(followed(rests=1038), dt.date(2025, 11, 16)) == (
        "Am 16. November 2025 waren 1.038 weitere Kunden zum Nachfassen vorgesehen, zählen hier "
        "aber nicht mit: Die Liste davor hatte sie bewusst zurückgehalten. Deshalb standen sie "
        "an diesem Tag an erster Stelle und gehören zu keiner der beiden Gruppen."
    )


def test_observed_stands_beside_expected_and_the_limits_of_chance():
    assert say.expected(followed(expected=1017.44, difference=20.56)) == (
        "In den Tagen nach einem Kontakt haben 38 Kunden zum ersten Mal seit dem jeweiligen Lauf "
        "bestellt und ein Zielsegment erreicht. Beim Tempo der Tage ohne Kontakt wären es "
        "1.017,4 gewesen, ein Unterschied von +20,6. Allein durch Zufall läge er zwischen −8,2 "
        "und +8,2. Das ist mehr, als der Zufall erklärt; ob es an den Kontakten lag oder daran, "
        "wer kontaktiert wurde, lässt sich an diesen Zahlen nicht ablesen."
    )
    assert say.expected(followed(after=1.0, difference=0.0)) == (
        "In den Tagen nach einem Kontakt hat 1 Kunde zum ersten Mal seit dem jeweiligen Lauf "
        "bestellt und ein Zielsegment erreicht. Beim Tempo der Tage ohne Kontakt wären es 17,4 "
        "gewesen, ein Unterschied von 0,0. Allein durch Zufall läge er zwischen −8,2 und +8,2. "
        "Er kann also Zufall sein."
    )
    assert say.expected(followed(after=0.0, difference=-9.0)) == (
        "In den Tagen nach einem Kontakt hat kein Kunde zum ersten Mal seit dem jeweiligen Lauf "
        "bestellt und ein Zielsegment erreicht. Beim Tempo der Tage ohne Kontakt wären es 17,4 "
        "gewesen, ein Unterschied von −9,0. Allein durch Zufall läge er zwischen −8,2 und +8,2. "
        "Das ist weniger, als der Zufall erwarten lässt."
    )
    assert say.expected(followed(followed=0)) == (
        "Keiner von ihnen wurde kontaktiert; es gibt also nichts zu vergleichen."
    )


def test_without_unfollowed_customers_there_is_no_comparison():
    assert say.expected(followed(expected=None, unfollowed=0)) == (
        "**Kein Vergleich:** Kein Kunde war ohne Kontakt; bei weniger als 200 lässt sich nicht "
        "sagen, was ohne Kontakt zu erwarten wäre."
    )
    assert say.expected(followed(expected=None, unfollowed=1)) == (
        "**Kein Vergleich:** Nur 1 Kunde war ohne Kontakt; bei weniger als 200 lässt sich nicht "
        "sagen, was ohne Kontakt zu erwarten wäre."
    )
    assert say.expected(followed(expected=None, unfollowed=199, runs=2)) == (
        "**Kein Vergleich:** Nur 199 Kunden waren ohne Kontakt; bei weniger als 200 lässt sich "
        "nicht sagen, was ohne Kontakt zu erwarten wäre; ein Kunde zählt in jedem Lauf einmal."
    )


def test_a_sentence_says_where_target_and_up_coincide():
    assert say.coincide(followed(), TARGETS) == (
        "Champions oder Loyal zu erreichen, ist hier dasselbe wie ein Aufstieg: Mit einer "
        "Bestellung sind 203 Kunden aufgestiegen, ein Zielsegment haben 203 erreicht, nur eines "
        "von beidem hat keiner geschafft. Meist genügt eine einzige Bestellung, um in ein "
        "Zielsegment aufzusteigen."
    )
    assert say.coincide(followed(up=1, reached=1), TARGETS) == (
        "Champions oder Loyal zu erreichen, ist hier dasselbe wie ein Aufstieg: Mit einer "
        "Bestellung ist 1 Kunde aufgestiegen, ein Zielsegment hat 1 erreicht, nur eines von "
        "beidem hat keiner geschafft. Meist genügt eine einzige Bestellung, um in ein "
        "Zielsegment aufzusteigen."
    )
    assert say.coincide(followed(apart=10), TARGETS) == (
        "Champions oder Loyal zu erreichen, ist hier fast dasselbe wie ein Aufstieg: Mit einer "
        "Bestellung sind 203 Kunden aufgestiegen, ein Zielsegment haben 203 erreicht, nur eines "
        "von beidem haben 10 geschafft. Meist genügt eine einzige Bestellung, um in ein "
        "Zielsegment aufzusteigen."
    )
    assert say.coincide(followed(apart=11), TARGETS) == ""


def test_revenue_never_stands_alone():
    assert say.revenue(followed(), "seit dem 1. März", "EUR") == hard(
        "Seit dem 1. März haben kontaktierte Kunden nach dem Kontakt für 47.900~€ bestellt. Wie "
        "viel davon ohnehin gekommen wäre, ist nicht bekannt; für sich allein sagt die Summe "
        "deshalb nichts."
    )
    assert say.revenue(followed(followed=0), "seit dem 1. März", "EUR") == ""


def kept(**given) -> dict[str, object]:
    row = {"reached": 50, "undated": 2, "due": 40, "sustained": 30, "share": 0.75, "low": 0.6, "high": 0.86}
    return row | given


def test_who_stayed():
    assert say.sustained(kept(reached=0)) == ""
    assert say.sustained(kept(undated=50, due=0)) == (
        "**Wer geblieben ist**, ist nicht bekannt: Kein Lauf enthielt das Abstiegsdatum der "
        "Kunden, die ein Zielsegment erreicht haben."
    )
    assert say.sustained(kept(due=0)) == (
        "**Wer geblieben ist**, ist noch nicht bekannt: Kein Lauf liegt nach dem Abstiegsdatum "
        "der Kunden, die ein Zielsegment erreicht haben."
    )
    assert say.sustained(kept()) == hard(
        "**Wer geblieben ist:** Von 40 Kunden, die ein Zielsegment erreicht haben und ohne "
        "weitere Bestellung inzwischen abgestiegen wären, sind 30 noch dort (75~%, "
        "95-%-Intervall 60–86~%); wer mehrmals eines erreicht hat, zählt jedes Mal."
    )
    assert say.sustained(kept(due=1, sustained=1)) == (
        "**Wer geblieben ist:** Der eine Kunde, der ein Zielsegment erreicht hat und ohne "
        "weitere Bestellung inzwischen abgestiegen wäre, ist noch dort."
    )
    assert say.sustained(kept(due=1, sustained=0)) == (
        "**Wer geblieben ist:** Der eine Kunde, der ein Zielsegment erreicht hat und ohne "
        "weitere Bestellung inzwischen abgestiegen wäre, ist nicht mehr dort."
    )
    assert say.sustained(kept(due=12, sustained=0)) == (
        "**Wer geblieben ist:** Von 12 Kunden, die ein Zielsegment erreicht haben und ohne "
        "weitere Bestellung inzwischen abgestiegen wären, ist keiner mehr dort; wer mehrmals "
        "eines erreicht hat, zählt jedes Mal."
    )
    assert say.sustained(kept(due=12, sustained=1)) == (
        "**Wer geblieben ist:** Von 12 Kunden, die ein Zielsegment erreicht haben und ohne "
        "weitere Bestellung inzwischen abgestiegen wären, ist 1 noch dort; wer mehrmals eines "
        "erreicht hat, zählt jedes Mal."
    )
    assert say.sustained(kept(due=12, sustained=12)) == (
        "**Wer geblieben ist:** Von 12 Kunden, die ein Zielsegment erreicht haben und ohne "
        "weitere Bestellung inzwischen abgestiegen wären, sind alle 12 noch dort; wer mehrmals "
        "eines erreicht hat, zählt jedes Mal."
    )
    assert say.stayed([]) == "Noch hat niemand ein Zielsegment erreicht."


def test_runs_that_do_not_count_are_named():
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=45 * n) for n in range(6)]
    table = [followed(run_date=day, left_out="not kept") for day in days[:1]]
    table += [followed(run_date=day, left_out="no follow-ups") for day in days[1:]]
    table += [followed(run_date=day, left_out="nobody") for day in days[:2]]
    assert say.left_out(table) == [
        ("Nicht mitgezählt: der Lauf vom 1. Januar 2025 (entstanden, bevor Kontakte gezählt wurden)."),
        (
            "Nicht mitgezählt: die Läufe vom 15. Februar 2025, 1. April 2025 und 3 weitere (in "
            "ihrer Zeit ist kein Kontakt erfasst)."
        ),
        (
            "Nicht mitgezählt: die Läufe vom 1. Januar 2025 und 15. Februar 2025 (vorgesehen war "
            "niemand, den das Modell davor noch einordnen konnte)."
        ),
    ]


def test_a_notebook_tells_it_all_without_marks():
    now, before = dt.date(2025, 4, 1), dt.date(2025, 2, 15)
    table = [followed(run_date=now), followed(segment="At risk"), followed()]
    assert say.told(table, before, TARGETS, "EUR").split("\n") == [
        hard(
            "Seit dem 15. Februar 2025 waren 600 Kunden zum Nachfassen vorgesehen, 160 wurden "
            "kontaktiert; mit oder ohne Kontakt haben 203 zwischendurch bestellt und ein "
            "Zielsegment erreicht (34~%, 95-%-Intervall 30–38~%)."
        ),
        (
            "In den Tagen nach einem Kontakt haben 38 Kunden zum ersten Mal seit dem jeweiligen "
            "Lauf bestellt und ein Zielsegment erreicht. Beim Tempo der Tage ohne Kontakt wären "
            "es 17,4 gewesen, ein Unterschied von +20,6. Allein durch Zufall läge er zwischen "
            "−8,2 und +8,2. Das ist mehr, als der Zufall erklärt; ob es an den Kontakten lag "
            "oder daran, wer kontaktiert wurde, lässt sich an diesen Zahlen nicht ablesen."
        ),
        hard(
            "Seit dem 15. Februar 2025 haben kontaktierte Kunden nach dem Kontakt für 47.900~€ "
            "bestellt. Wie viel davon ohnehin gekommen wäre, ist nicht bekannt; für sich allein "
            "sagt die Summe deshalb nichts."
        ),
        (
            "Erreicht ist nicht die Zahl „jetzt in einem Zielsegment“ ganz oben: Hier muss der "
            "Kunde zwischendurch bestellt haben, und für beide Stichtage gelten die Grenzen des "
            "vorherigen Laufs."
        ),
        (
            "Champions oder Loyal zu erreichen, ist hier dasselbe wie ein Aufstieg: Mit einer "
            "Bestellung sind 203 Kunden aufgestiegen, ein Zielsegment haben 203 erreicht, nur "
            "eines von beidem hat keiner geschafft. Meist genügt eine einzige Bestellung, um in "
            "ein Zielsegment aufzusteigen."
        ),
        (
            "Die Tabelle zeigt nicht, dass ein Kontakt jemanden zum Bestellen gebracht hat: kein "
            "Nachweis einer Wirkung."
        ),
    ]
    assert say.told(table, now, TARGETS, "EUR").split("\n")[:2] == [
        "Seit dem letzten Lauf ist kein Kontakt erfasst.",
        hard(
            "Im bisher einzigen Lauf waren 600 Kunden zum Nachfassen vorgesehen, 160 wurden "
            "kontaktiert; mit oder ohne Kontakt haben 203 zwischendurch bestellt und ein "
            "Zielsegment erreicht (34~%, 95-%-Intervall 30–38~%)."
        ),
    ]
    assert say.told(table, None, TARGETS, "EUR") == (
        "Dies ist der erste Lauf. Was aus den Kunden wird, die zum Nachfassen vorgesehen sind, "
        "lässt sich ab dem nächsten Lauf sagen."
    )
    assert say.told([], now, TARGETS, "EUR").split("\n") == [
        ("Niemand war zum Nachfassen vorgesehen, oder in die Zeit der gezählten Läufe fiel kein Kontakt."),
        (
            "Die Tabelle zeigt nicht, dass ein Kontakt jemanden zum Bestellen gebracht hat: kein "
            "Nachweis einer Wirkung."
        ),
    ]
    assert say.begun(True, before) == "Kontakte sind erfasst; der Vergleich folgt."
    assert say.begun(False, before) == (
        "Es sind keine Kontakte erfasst. Was das Nachfassen bewirkt hat, lässt sich deshalb nicht sagen."
    )
