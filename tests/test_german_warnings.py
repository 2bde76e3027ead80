"""What a reader must know before acting, in German."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from segcore import language
from segcore.sentences import warnings
from segcore.sentences.en import warnings as english

DAY = dt.date(2026, 3, 31)
NBSP = "\u00a0"


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


@pytest.mark.parametrize(
    ("newest", "told"),
    [
        (dt.date(2026, 3, 28), ""),
        (
            dt.date(2026, 3, 5),
            "Die neueste Bestellung ist vom 5. März 2026, 26 Tage vor dem Stichtag. Allein durch veraltete "
            "Daten steigen Kunden ab: Bevor nach diesem Bericht gehandelt wird, bitte prüfen, ob eine "
            "Lieferdatei fehlt.",
        ),
    ],
)
def test_old_data(newest: dt.date, told: str) -> None:
    assert warnings.stale(newest, DAY, 7) == told


def test_data_of_the_day_before_are_one_day_old() -> None:
    assert ", 1 Tag vor dem Stichtag." in warnings.stale(dt.date(2026, 3, 30), DAY, 0)


MADE_OTHERWISE = (
    "Die Segmente vom 31. März 2026 beruhen auf anderen Regeln oder Klassengrenzen, auf einem anderen "
    "Kundenkreis oder auf anderen Ausschlüssen. Ein Teil der Wechsel geht also nicht auf die Kunden zurück; "
    "„Warum sie gewechselt haben“ zeigt, welcher."
)


@pytest.mark.parametrize(
    ("again", "held_out", "told"),
    [
        (None, False, ""),
        ("", False, " Das ist in jedem Lauf so, denn die Studie bestimmt ihre Grenzen jedes Mal neu."),
        (
            "segcore run demo",
            False,
            " Um Gleiches mit Gleichem zu vergleichen, die früheren Läufe wiederholen: segcore run demo",
        ),
        (
            "segcore run demo",
            True,
            " Läufe, die wiederholt werden, verlieren ihre Kontrollgruppen und damit, was diese über die "
            "Wirkung des Nachfassens sagen. Um Gleiches mit Gleichem zu vergleichen, die früheren Läufe "
            "wiederholen: segcore run demo",
        ),
    ],
)
def test_another_model(again: str | None, held_out: bool, told: str) -> None:
    assert warnings.other_model(DAY, again, held_out=held_out) == MADE_OTHERWISE + told


def test_an_earlier_run_that_is_missing() -> None:
    may, june = dt.date(2025, 5, 20), dt.date(2025, 6, 3)
    assert warnings.missing([may], dt.date(2025, 4, 5)) == (
        "Der Lauf vom 20. Mai 2025 wurde veröffentlicht und fehlt jetzt: Dieser Lauf ist mit dem vom "
        "5. April 2025 verglichen. Bitte ihn aus einer Kopie zurücklegen und diesen Lauf neu erstellen."
    )
    assert warnings.missing([may, june], None) == (
        "Die Läufe vom 20. Mai 2025 und 3. Juni 2025 wurden veröffentlicht und fehlen jetzt: Dieser Lauf hat "
        "keinen Lauf zum Vergleich. Bitte sie aus einer Kopie zurücklegen und diesen Lauf neu erstellen."
    )
    assert warnings.missing([], may) == ""


def test_somebody_was_erased() -> None:
    assert warnings.erased(dt.date(2025, 5, 20)) == (
        "Aus dem Lauf vom 20. Mai 2025 wurden seither Kunden gelöscht. Dieser Bericht vergleicht mit denen, "
        "die noch darin stehen: Seine Zahlen zu diesem Tag können kleiner sein als auf der Seite jenes Laufs."
    )


def test_years_that_cannot_be_trusted() -> None:
    assert warnings.cut_off(0.62) == (
        f"62{NBSP}% der Kunden haben in den ersten 30 Tagen der Daten zum ersten Mal bestellt. Viele sind "
        "also schon länger Kunde, als ihre Jahre sagen. Abhilfe: in der Studie eine Spalte für since: "
        "angeben."
    )


def test_gates_that_warn_or_were_passed() -> None:
    found = [
        {"source": "transactions", "gate": "match", "state": "warned", "told": "transactions: 10 fehlen"},
        {
            "source": "transactions", "gate": "months", "state": "accepted",
            "told": "transactions: keine ist vom Mai 2025", "because": "geschlossen",
        },
        {"source": "customers", "gate": "quarantine", "state": "ok", "told": "nichts"},
    ]  # fmt: skip
    assert warnings.gates(found) == [
        ("Unbekannte Schlüssel.", "transactions: 10 fehlen."),
        (
            "Einmal zugelassen: transactions.months.",
            "transactions: keine ist vom Mai 2025. Begründung: geschlossen.",
        ),
    ]


def test_every_gate_has_a_name_of_its_own() -> None:
    assert list(warnings.NAMES) == list(english.NAMES)
    assert not set(warnings.NAMES.values()) & set(english.NAMES.values())


def test_a_capacity_that_leaves_hardly_anybody_to_follow_up():
    draw = [{"eligible": 60, "listed": 3}, {"eligible": 50, "listed": 0}]
    told = warnings.starved(draw, 20)
    assert told == (
        "Durch die Kürzung auf follow_up.capacity: 20 stehen nur 3 von 110 Kunden, bei denen nachzufassen "
        "ist, auf den Anruflisten, weniger als 20: zu wenige, um zu sagen, was das Nachfassen bewirkt. Die "
        "übrigen Plätze gehen an Kunden, denen der Abstieg droht und die mehr wert sind. Abhilfe: capacity "
        "erhöhen."
    )
    none = warnings.starved([{"eligible": 60, "listed": 0}], 20)
    assert none.startswith("Durch die Kürzung auf follow_up.capacity: 20 steht keiner von 60 Kunden, bei")
    assert warnings.starved(draw, None) == ""


def test_a_capacity_that_leaves_hardly_anybody_to_follow_up_in_english():
    draw = [{"eligible": 60, "listed": 3}, {"eligible": 50, "listed": 0}]
    assert english.starved(draw, 20) == (
        "Cut to follow_up.capacity: 20, the lists hold 3 of 110 customers to be followed up, fewer than 20: "
        "too few to say what follow-ups do. The other places go to customers who fall and are worth more; to "
        "follow up more, raise capacity."
    )
    for every, listed, said in (
        (110, 19, True),
        (110, 20, False),
        (7, 7, False),
        (7, 6, True),
        (0, 0, False),
    ):
        assert bool(english.starved([{"eligible": every, "listed": listed}], 20)) is said
    assert english.starved(draw, None) == english.starved([], 20) == ""
