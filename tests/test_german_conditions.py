"""Rules in words, in German."""

from __future__ import annotations

import pytest

from segcore import language
from segcore.model import ModelVariable
from segcore.rules import Rule, read_cell
from segcore.sentences import conditions


@pytest.fixture(autouse=True)
def german():
    with language.spoken("de"):
        yield


def variable(name, edges, **words):
    given = {"unit": "", "better": "high", "shown_per": 1.0, "window": None, **words}
    return ModelVariable(name=name, classes=len(edges) + 1, scale="linear", sql="", edges=edges, **given)


RECENCY = variable("recency", (30, 75, 135, 360), label="Last order", unit="days ago", better="low")
FREQUENCY = variable("frequency", (1, 4, 7, 14), label="Orders", unit="orders", window="12 months")
YEARS = variable("years", (365, 1500), label="With us", unit="years", shown_per=365.25)
PRODUCTS = variable("products", (1,), label="Markets", unit="markets")
VALUE = variable("monetary", (1500,), label="Order value", unit="EUR", window="1 year")
OWN = variable("visits", (1, 3), label="Besuche", unit="Besuche")


@pytest.mark.parametrize(
    ("described", "text", "words"),
    [
        (RECENCY, "5", "letzte Bestellung höchstens 30 Tage her"),
        (RECENCY, "3", "letzte Bestellung 76 bis 135 Tage her"),
        (RECENCY, "1|5", "letzte Bestellung höchstens 30 oder mehr als 360 Tage her"),
        (FREQUENCY, "5", "mindestens 15 Bestellungen in 12 Monaten"),
        (FREQUENCY, "1", "höchstens 1 Bestellung in 12 Monaten"),
        (YEARS, "3", "Kunde seit mehr als 4,1 Jahren"),
        (YEARS, "2", "Kunde seit mehr als 1,0 bis 4,1 Jahren"),
        (PRODUCTS, "2", "mindestens 2 Märkte"),
        (PRODUCTS, "1", "höchstens 1 Markt"),
        (VALUE, "2", "Bestellwert von mindestens 1.501 EUR in 1 Jahr"),
        (OWN, "3", "mindestens 4 Besuche"),
    ],
)
def test_a_rule_in_values(described, text, words):
    cell = read_cell(text, described.name, described.classes)
    assert Rule("Loyal", (cell,)).condition({described.name: described}) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3", "Klasse 3"),
        (">=4", "Klasse 4 oder 5"),
        (">=3", "Klasse 3 oder besser"),
        ("<=3", "Klasse 3 oder schlechter"),
        ("2..4", "Klasse 2 bis 4"),
    ],
)
def test_a_rule_in_classes(text, words):
    rule = Rule("Loyal", (read_cell(text, "recency", 5),))
    assert rule.sentence() == f"Loyal: recency in {words}"


def test_a_rule_without_any_condition():
    assert Rule("Lost", (read_cell("*", "recency", 5),)).sentence() == "Lost: alle übrigen"
    assert conditions.EVERYONE == "alle übrigen"
