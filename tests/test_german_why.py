"""The card of one customer, in German."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from segcore import language
from segcore.sentences import why as say


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


DAY = dt.date(2025, 12, 31)
LIFT = {"lift_to": "Champions", "orders": 2, "markets": 1, "needs": ["mindestens 3 Möbelbestellungen"]}
CARD = {
    "study": "acme",
    "run_date": "2025-12-31",
    "customer_id": "0001",
    "name": "Ahrens",
    "representative": "Anke Möller",
    "segment": "Needs attention",
    "action": "Innerhalb von zwei Wochen anrufen",
    "rule": {"line": 6, "says": "letzte Bestellung höchstens 163 Tage her", "note": ""},
    "order_value": "18300.5",
    "value_window": "12 months",
    "last_order": "2025-12-30",
    "variables": [
        {
            "label": "Letzte Bestellung", "says": "1 Tag her", "class": 5, "classes": 5,
            "interval": "letzte Bestellung höchstens 30 Tage her", "near": [],
        },
        {
            "label": "Bestellungen", "says": "3 Bestellungen in 12 Monaten", "class": 2, "classes": 5,
            "interval": "2 bis 4 Bestellungen in 12 Monaten",
            "near": ["die Grenze 4 könnte überall zwischen 2 und 5 liegen"],
        },
    ],
    "fragile": True,
    "drop": {
        "drop_date": "2026-01-01", "falls_to": "At risk", "limit": "163 Tage her",
        "label": "Letzte Bestellung",
    },
    "best": False,
    "lift": LIFT,
    "move": {"state": "down", "from_segment": "Loyal", "to_segment": "Needs attention", "mark": "aged"},
    "history": {
        "path": "Loyal > away > Needs attention", "since": "2025-12-31", "times_entered": 2,
        "days_in_segment": 0, "at_least": False, "best_segment": "Loyal",
    },
    "call": {"position": 3, "reason": "falls", "listed": True, "held_out": False, "first": False},
}  # fmt: skip
BARE = CARD | {
    "name": None, "representative": None, "action": "", "value_window": None, "last_order": None,
    "fragile": None, "drop": None, "lift": None, "call": None, "rule": None,
    "move": dict.fromkeys(CARD["move"]), "history": {"path": None, "since": None},
}  # fmt: skip


def test_where_an_edge_could_lie() -> None:
    assert say.near("4", "2", "5") in CARD["variables"][1]["near"]


def test_the_whole_card_in_words() -> None:
    assert list(say.card(CARD, "EUR")) == [
        "Ahrens (0001), acme am 31. Dezember 2025",
        "  Segment            Needs attention – Innerhalb von zwei Wochen anrufen",
        "  Grund              letzte Bestellung höchstens 163 Tage her (Zeile 6 der Regeltabelle)",
        "  Betreuer           Anke Möller",
        (
            "  Bestellwert        18.300\u00a0€ in den letzten 12 Monaten, letzte Bestellung am 30. "
            "Dezember 2025"
        ),
        "  Letzte Bestellung  1 Tag her: Klasse 5 von 5, letzte Bestellung höchstens 30 Tage her",
        (
            "  Bestellungen       3 Bestellungen in 12 Monaten: Klasse 2 von 5, 2 bis 4 Bestellungen "
            "in 12 Monaten"
        ),
        (
            "  Nahe einer Grenze  unsicher zugeordnet: Wären die Grenzen aus anderen Kunden "
            "bestimmt, könnte das Segment ein anderes sein; "
            "Bestellungen: die Grenze 4 könnte überall zwischen 2 und 5 liegen"
        ),
        (
            "  Steigt ab          am 1. Januar 2026 (in 1 Tag) ins Segment At risk, wenn nichts "
            "bestellt wird: Dann wäre die letzte Bestellung mehr als 163 Tage her; fallen vorher "
            "Bestellungen aus ihrem Zeitfenster, auch früher"
        ),
        (
            "  Steigt auf         heute mit 2 Bestellungen in 1 neuen Markt ins Segment Champions, "
            "wenn damit erreicht wird: mindestens 3 Möbelbestellungen; was bis zum nächsten Lauf aus "
            "dem Zeitfenster fällt, ist nicht berücksichtigt"
        ),
        "  Letzter Wechsel    abgestiegen, aus dem Segment Loyal; durch Zeitablauf",
        "  Weg                Loyal > abwesend > Needs attention",
        (
            "  Hier               seit dem Lauf vom 31. Dezember 2025, 0 Tage, zum 2. Mal; bestes "
            "Segment bisher: Loyal"
        ),
        "  Anrufliste         Nr. 3",
    ]


def test_what_is_not_there_is_said_or_left_out() -> None:
    assert list(say.card(BARE, "EUR")) == [
        "0001, acme am 31. Dezember 2025",
        "  Segment            Needs attention",
        "  Betreuer           nicht erfasst",
        "  Bestellwert        18.300\u00a0€ aus allen Bestellungen",
        "  Letzte Bestellung  1 Tag her: Klasse 5 von 5, letzte Bestellung höchstens 30 Tage her",
        (
            "  Bestellungen       3 Bestellungen in 12 Monaten: Klasse 2 von 5, 2 bis 4 Bestellungen "
            "in 12 Monaten"
        ),
        (
            "  Nahe einer Grenze  nicht bekannt: Das Modell sagt nicht, wie weit seine Grenzen anders "
            "liegen könnten"
        ),
        (
            "  Steigt ab          nicht allein durch Zeitablauf; fallen vorher Bestellungen aus ihrem "
            "Zeitfenster, auch früher"
        ),
        ("  Steigt auf         durch keine Bestellung: Durch Bestellen ist nichts Besseres zu erreichen"),
    ]


def test_somebody_who_is_not_in_the_run() -> None:
    assert list(
        say.card(
            CARD
            | {
                "segment": None,
                "history": {
                    "last_run": "2025-06-30",
                    "previous_segment": "Lost",
                    "path": "Lost > away",
                    "since": None,
                },
                "move": CARD["move"]
                | {"state": "gone", "from_segment": "Lost", "to_segment": None, "mark": None},
            },
            "EUR",
        )
    ) == [
        "Ahrens (0001), acme am 31. Dezember 2025",
        (
            "  Segment          in keinem: keine Bestellung in der Zeit, die der Lauf betrachtet; "
            "zuletzt im Segment Lost, am 30. Juni 2025"
        ),
        "  Letzter Wechsel  weggefallen, aus dem Segment Lost",
        "  Weg              Lost > abwesend",
    ]
    assert say.gone({}) == "in keinem: weder in diesem Lauf noch in einem davor"


def test_who_does_not_fall_by_days_alone_may_still_not_be_counted_any_more() -> None:
    assert say.falls({"drop_date": "2026-06-24", "falls_to": None}, DAY, []) == (
        "nicht allein durch Zeitablauf, zählt aber ohne Bestellung ab dem 24. Juni 2026 (in 175 Tagen) "
        "nicht mehr mit"
    )
    assert say.falls(None, DAY, []) == "nie durch Abwarten allein"
    assert say.falls(None, DAY, ["3 Bestellungen in 12 Monaten"]) == (
        "nicht allein durch Zeitablauf; fallen vorher Bestellungen aus ihrem Zeitfenster, auch früher"
    )
    assert say.falls(
        {"drop_date": "2026-06-24", "falls_to": "Lost", "label": "Tage ohne Besuch", "limit": "30 Tage"},
        DAY,
        [],
    ) == (
        "am 24. Juni 2026 (in 175 Tagen) ins Segment Lost, wenn nichts bestellt wird: Dann gilt: Tage "
        "ohne Besuch mehr als 30 Tage"
    )


def test_what_would_lift() -> None:
    assert say.lifts(LIFT, []) == (
        "heute mit 2 Bestellungen in 1 neuen Markt ins Segment Champions, wenn damit erreicht wird: "
        "mindestens 3 Möbelbestellungen"
    )
    assert say.lifts(LIFT | {"orders": 1, "markets": 2, "needs": []}, ["x"]) == (
        "heute mit 1 Bestellung in 2 neuen Märkten ins Segment Champions; was bis zum nächsten Lauf "
        "aus dem Zeitfenster fällt, ist nicht berücksichtigt"
    )
    assert say.lifts(LIFT | {"orders": 1, "markets": 0, "needs": []}, []) == (
        "heute mit 1 Bestellung ins Segment Champions"
    )
    assert say.lifts(None, [], best=True) == "gar nicht: schon im besten Segment"
    assert say.lifts(None, []) == "durch keine Bestellung: Durch Bestellen ist nichts Besseres zu erreichen"


def test_an_edge_may_be_near() -> None:
    assert say.fragile(False, []) == (
        "nein: Keine Grenze könnte so liegen, dass sich ein anderes Segment ergäbe"
    )
    assert say.fragile(True, []) == (
        "unsicher zugeordnet: Wären die Grenzen aus anderen Kunden bestimmt, könnte das Segment ein "
        "anderes sein"
    )


def test_values_have_units_and_windows() -> None:
    assert [
        say.value(*given)
        for given in (
            ("1", "Bestellungen", "12 months"),
            ("7", "orders", "1 year"),
            ("1", "Tage her", None),
            ("75", "days ago", None),
            ("4,1", "Jahre", None),
            ("1", "Märkte", None),
            ("3", "Besuche", None),
            ("9,50", "EUR", None),
            ("5", "", None),
        )
    ] == [
        "1 Bestellung in 12 Monaten",
        "7 Bestellungen in 1 Jahr",
        "1 Tag her",
        "75 Tage her",
        "4,1 Jahre",
        "1 Markt",
        "3 Besuche",
        "9,50 EUR",
        "5",
    ]


def test_what_became_of_a_customer() -> None:
    assert [
        say.moved({"state": state, "from_segment": "Loyal", "to_segment": to, "mark": mark})
        for state, to, mark in (
            ("up", "Best", "earned"),
            ("stayed", "Loyal", None),
            ("stayed", "Loyal", "masked"),
            ("gone", None, None),
            ("down", "Lost", "boundary"),
        )
    ] == [
        "aufgestiegen, aus dem Segment Loyal; durch eigene Bestellungen",
        "geblieben",
        "geblieben; durch das neue Modell verdeckt",
        "weggefallen, aus dem Segment Loyal",
        "abgestiegen, aus dem Segment Loyal; nur durch verschobene Grenzen",
    ]


def test_how_long_a_customer_has_been_there() -> None:
    assert say.stay(
        {
            "since": "2025-06-30",
            "at_least": True,
            "days_in_segment": 1,
            "times_entered": 1,
            "best_segment": None,
        }
    ) == ("seit dem Lauf vom 30. Juni 2025, mindestens 1 Tag")


def test_the_place_on_the_call_list_is_told() -> None:
    assert [
        say.call(CARD["call"] | found)
        for found in ({"held_out": True}, {"listed": False}, {"first": True, "position": 1}, {})
    ] == [
        "bis zum nächsten Lauf bewusst zurückgehalten: durch Los bestimmt, bitte nicht anrufen",
        "nicht darauf: Die Liste ist auf das gekürzt, was der Betreuer schaffen kann",
        "Nr. 1, zuerst, weil seit dem letzten Lauf zurückgehalten",
        "Nr. 3",
    ]
