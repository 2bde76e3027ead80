from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest

from segcore import language
from segcore.sentences import calls as say


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


def hard(text: str) -> str:
    """The text with no-break spaces, which stand as tildes in it."""
    return text.replace("~", "\u00a0")


MAY, WORTH = "15. Mai", Decimal("463200.12")
TOTAL = {"customers": 80, "falling": 10, "cut": 0, "first": 0}
DRAW = {
    "segment": "Needs attention",
    "eligible": 84,
    "listed": 60,
    "held_out": 6,
    "share": 0.1,
    "published_ahead": True,
    "listed_before": True,
}


def test_how_many_will_fall():
    assert say.falling(1010, WORTH, MAY, "EUR") == hard(
        "1.010 Kunden mit einem Bestellwert von 463.200~€ steigen vor dem Lauf am 15. Mai ab, "
        "wenn sie nicht bestellen"
    )
    assert say.falling(1, WORTH, MAY, "EUR") == hard(
        "Ein Kunde mit einem Bestellwert von 463.200~€ steigt vor dem Lauf am 15. Mai ab, wenn "
        "er nicht bestellt"
    )
    assert say.falling(0, WORTH, MAY, "EUR") == "Vor dem Lauf am 15. Mai steigt kein Kunde ab"
    assert say.falling(10, WORTH, MAY, "EUR", windowed=True) == hard(
        "Mindestens 10 Kunden mit einem Bestellwert von 463.200~€ steigen vor dem Lauf am 15. "
        "Mai ab, wenn sie nicht bestellen"
    )
    assert say.falling(1, WORTH, MAY, "EUR", windowed=True) == hard(
        "Mindestens ein Kunde mit einem Bestellwert von 463.200~€ steigt vor dem Lauf am 15. Mai "
        "ab, wenn er nicht bestellt"
    )
    assert (
        say.falling(0, WORTH, MAY, "EUR", windowed=True)
        == "Vor dem Lauf am 15. Mai steigt allein durch Zeitablauf kein Kunde ab"
    )


def test_how_many_are_to_be_followed_up():
    row = {"falling": 58, "to_follow": 1070, "follow_value": WORTH, "follow_cut": 0}
    assert say.to_follow({**row, "to_follow": 0}, "EUR") == ""
    assert say.to_follow({**row, "to_follow": 1}, "EUR") == hard(
        "1 weiterer Kunde mit einem Bestellwert von 463.200~€ ist zum Nachfassen vorgesehen"
    )
    assert say.to_follow({**row, "to_follow": 1, "falling": 0}, "EUR") == hard(
        "1 Kunde mit einem Bestellwert von 463.200~€ ist zum Nachfassen vorgesehen"
    )
    several = "1.070 weitere Kunden mit einem Bestellwert von 463.200~€ sind zum Nachfassen vorgesehen"
    assert say.to_follow(row, "EUR") == hard(several)
    assert say.to_follow({**row, "to_follow": 70, "falling": 0}, "EUR") == hard(
        "70 Kunden mit einem Bestellwert von 463.200~€ sind zum Nachfassen vorgesehen"
    )
    for cut, told in (
        (107, "; 107 davon passen auf keine Liste mehr"),
        (1, "; 1 davon passt auf keine Liste mehr"),
        (1070, ", passen aber auf keine Liste"),
    ):
        assert say.to_follow({**row, "follow_cut": cut}, "EUR") == hard(several) + told
    assert say.to_follow({**row, "to_follow": 1, "follow_cut": 1}, "EUR") == hard(
        "1 weiterer Kunde mit einem Bestellwert von 463.200~€ ist zum Nachfassen vorgesehen, passt aber auf "
        "keine Liste"
    )


def test_days():
    assert say.day(dt.date(2026, 5, 15), dt.date(2026, 3, 31)) == "15. Mai"
    assert say.day(dt.date(2026, 2, 14), dt.date(2025, 12, 31)) == "14. Februar 2026"


def test_how_far_a_variable_is_from_its_edge():
    assert (
        say.limit("Letzte Bestellung", "131", "Tage her", "135")
        == "Letzte Bestellung 131 Tage her, Grenze 135"
    )
    assert say.limit("Letzte Bestellung", "1", "Tage her", "30") == "Letzte Bestellung 1 Tag her, Grenze 30"
    assert say.limit("Kunde seit", "4,1", "Jahren", "5") == "Kunde seit 4,1 Jahren, Grenze 5"
    assert say.limit("Bestellungen", "3", "Bestellungen", "4") == "Bestellungen 3, Grenze 4"
    assert say.limit("RFM days", "3", "", "4") == "RFM days 3, Grenze 4"


def test_why_a_customer_stands_on_a_list():
    assert (
        say.reason("falls", "At risk", "Letzte Bestellung 1 Tag her, Grenze 30")
        == "Letzte Bestellung 1 Tag her, Grenze 30"
    )
    assert say.reason("follow_up", "At risk", "") == "Nachfassen im Segment At risk"
    assert say.reason("held out", "At risk", "") == "Seit dem letzten Lauf zurückgehalten"
    assert say.reason("held out", "At risk", "Letzte Bestellung 1 Tag her, Grenze 30") == (
        "Seit dem letzten Lauf zurückgehalten; Letzte Bestellung 1 Tag her, Grenze 30"
    )
    assert say.to_do(0, "At risk", "Besuch") == "Letzte Bestellung heute; At risk: Besuch"
    assert say.to_do(1, "At risk", "Besuch") == "Letzte Bestellung vor 1 Tag; At risk: Besuch"
    assert say.to_do(150, "At risk", "") == "Letzte Bestellung vor 150 Tagen; Nachfassen im Segment At risk"


def test_how_long_the_lists_are():
    assert say.lists(TOTAL, 20) == "80 Kunden stehen auf Anruflisten."
    assert say.lists({**TOTAL, "customers": 1}, 20) == "1 Kunde steht auf Anruflisten."
    assert say.lists({**TOTAL, "customers": 0}, 20) == "Niemand ist anzurufen."
    assert say.lists({**TOTAL, "cut": 1204}, 20) == (
        "80 Kunden stehen auf Anruflisten; 1.204 weitere kämen hinzu, aber jede Liste ist auf 20 gekürzt."
    )
    assert say.lists({**TOTAL, "cut": 1}, 20) == (
        "80 Kunden stehen auf Anruflisten; 1 weiterer käme hinzu, aber jede Liste ist auf 20 gekürzt."
    )
    assert say.in_file(80, 20, "call_list.csv") == "60 weitere Kunden in call_list.csv."
    assert say.in_file(21, 20, "call_list.csv") == "1 weiterer Kunde in call_list.csv."
    assert say.in_file(20, 20, "call_list.csv") == ""
    assert (
        say.of_one({"name": "Anke Möller", "customers": 1, "would_fall": 0})
        == "Anke Möller: 1 Kunde anzurufen, 0 mit drohendem Abstieg"
    )
    assert (
        say.of_one({"name": None, "customers": 1038, "would_fall": 12})
        == "Ohne Betreuer: 1.038 Kunden anzurufen, 12 mit drohendem Abstieg"
    )


def test_who_is_left_alone_is_told_with_its_segments():
    two = [DRAW, {**DRAW, "segment": "At risk", "listed": 3, "held_out": 0}]
    assert say.held_out(two, first_run=False) == [
        (
            "**6 von 63 Kunden werden bis zum nächsten Lauf zurückgehalten.** Das betrifft "
            "Kunden der Anruflisten im Segment Needs attention oder At risk; in jedem Segment "
            "entscheidet das Los, damit der nächste Bericht sagen kann, ob Anrufe helfen. Wer "
            "zurückgehalten wird, steht jetzt auf keiner Liste und auf der nächsten an erster "
            "Stelle."
        ),
    ]
    assert say.held_out([{**DRAW, "held_out": 1}], first_run=False) == [
        (
            "**1 von 60 Kunden wird bis zum nächsten Lauf zurückgehalten.** Das betrifft Kunden "
            "der Anruflisten im Segment Needs attention; in jedem Segment entscheidet das Los, "
            "damit der nächste Bericht sagen kann, ob Anrufe helfen. Wer zurückgehalten wird, "
            "steht jetzt auf keiner Liste und auf der nächsten an erster Stelle."
        ),
    ]
    assert say.held_out([{**DRAW, "held_out": 0, "listed_before": False}], first_run=False) == [
        (
            "**Bis zum nächsten Lauf wird niemand zurückgehalten**; über die Wirkung von Anrufen lässt sich "
            "aus diesem Lauf also nichts erfahren. Auf den Anruflisten im Segment Needs attention: 60 "
            "Kunden, zu wenige, um in jedem Segment 10\u00a0% zurückzuhalten."
        ),
        (
            "Der Lauf davor hat keine Liste erstellt; deshalb steht niemand an erster Stelle, "
            "weil er zurückgehalten wurde."
        ),
    ]


def test_a_study_without_a_hold_out_is_told_nothing_of_it():
    assert say.held_out([{**DRAW, "share": 0.0}], first_run=False) == []
    assert say.held_out([{**DRAW, "published_ahead": False}], first_run=False) == [say.NOT_AHEAD]


def test_who_stands_first():
    assert say.first(TOTAL) == ""
    assert say.first({**TOTAL, "first": 1}) == (
        "1 Kunde steht an erster Stelle, weil er seit dem letzten Lauf bewusst zurückgehalten wurde."
    )
    assert say.first({**TOTAL, "first": 1003}) == (
        "1.003 Kunden stehen an erster Stelle, weil sie seit dem letzten Lauf bewusst zurückgehalten wurden."
    )


def test_the_customers_of_nobody():
    lists = [{"position": 0, "recorded": False, "customers": 99}]
    assert say.of_nobody(lists) == ""
    assert (
        say.of_nobody([*lists, {"position": 2, "recorded": False, "customers": 1}])
        == "1 Kunde hat keinen Betreuer; er steht am Ende der Datei."
    )
    assert (
        say.of_nobody([*lists, {"position": 2, "recorded": False, "customers": 3}])
        == "3 Kunden haben keinen Betreuer; sie stehen am Ende der Datei."
    )


def test_what_the_dates_do_not_foresee():
    assert say.windows([]) == "Eine Bestellung vor dem Datum verschiebt es."
    assert say.windows(["12 months", "12 months", "2 years"]) == (
        "Eine Bestellung vor dem Datum verschiebt es. Nicht berücksichtigt sind Bestellungen, "
        "die bis dahin aus den Zeiträumen von 12 Monaten und 2 Jahren herausfallen: Ein Kunde "
        "kann deshalb auch früher absteigen."
    )


def test_the_ten_are_told_from_the_others():
    assert say.named(10, 1047) == (
        "Die zehn mit dem höchsten Bestellwert, nach Datum",
        "Nach Datum sortiert: von 1.047 Kunden, die absteigen, die zehn mit dem höchsten Bestellwert. "
        "Andere können früher absteigen.",
    )
    assert say.named(1, 47) == (
        "Der mit dem höchsten Bestellwert, nach Datum",
        "Nach Datum sortiert: von 47 Kunden, die absteigen, der mit dem höchsten Bestellwert. "
        "Andere können früher absteigen.",
    )
    assert say.named(3, 3) == ("Wer absteigt, nach Datum", "Nach Datum sortiert.")


LAST = {
    "run_date": dt.date(2025, 11, 16), "named": 1075, "fell": 578, "ordered": 490, "gone": 4, "others": 3,
    "unnamed": 47, "unnamed_ordered": 12,
}  # fmt: skip
ONE = {"named": 1, "fell": 0, "ordered": 0, "gone": 0, "others": 0}


def last(**given) -> str:
    return say.last_list([{**LAST, **given}], dt.date(2025, 12, 31))


def test_how_the_last_list_did():
    assert last() == (
        "**Was aus der letzten Liste wurde:** Der Lauf vom 16. November hatte 1.075 Kunden den "
        "Abstieg vorhergesagt, falls sie nicht bestellen: 578 sind abgestiegen, 490 haben "
        "bestellt und sind nicht abgestiegen, 4 sind weggefallen und 3 blieben ohne Bestellung "
        "und ohne Abstieg. 47 andere Kunden sind abgestiegen, 12 davon trotz einer Bestellung. "
        "Das zeigt nicht, was Anrufe bewirkt haben: Es zählt, wer bestellt hat, ob "
        "angerufen oder nicht."
    )
    assert last(named=2, fell=1, ordered=0, gone=1, others=0, unnamed=1, unnamed_ordered=1) == (
        "**Was aus der letzten Liste wurde:** Der Lauf vom 16. November hatte 2 Kunden den "
        "Abstieg vorhergesagt, falls sie nicht bestellen: 1 ist abgestiegen und 1 ist "
        "weggefallen. 1 anderer Kunde ist trotz einer Bestellung abgestiegen. Das zeigt "
        "nicht, was Anrufe bewirkt haben: Es zählt, wer bestellt hat, ob angerufen oder nicht."
    )
    assert last(**{**ONE, "ordered": 1}, unnamed=0) == (
        "**Was aus der letzten Liste wurde:** Der Lauf vom 16. November hatte einem Kunden den "
        "Abstieg vorhergesagt, falls er nicht bestellt: Er hat bestellt und ist nicht "
        "abgestiegen. Sonst ist niemand abgestiegen. Das zeigt nicht, was Anrufe bewirkt "
        "haben: Es zählt, wer bestellt hat, ob angerufen oder nicht."
    )
    assert last(**{**ONE, "others": 1}, unnamed=0) == (
        "**Was aus der letzten Liste wurde:** Der Lauf vom 16. November hatte einem Kunden den "
        "Abstieg vorhergesagt, falls er nicht bestellt: Er blieb ohne Bestellung und ohne "
        "Abstieg. Sonst ist niemand abgestiegen. Das zeigt nicht, was Anrufe bewirkt "
        "haben: Es zählt, wer bestellt hat, ob angerufen oder nicht."
    )
    assert last(**{**ONE, "named": 0}, unnamed=2, unnamed_ordered=0) == (
        "**Was aus der letzten Liste wurde:** Der Lauf vom 16. November hatte niemandem den "
        "Abstieg vorhergesagt. 2 Kunden sind abgestiegen. Das zeigt nicht, was Anrufe "
        "bewirkt haben: Es zählt, wer bestellt hat, ob angerufen oder nicht."
    )
    assert say.last_list([], dt.date(2025, 12, 31)) == ""
