from __future__ import annotations

from collections.abc import Iterator

import pytest

from segcore import language
from segcore.sentences import causes as say


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


def hard(text: str) -> str:
    """The text with no-break spaces, which stand as tildes in it."""
    return text.replace("~", "\u00a0")


def marks(fragile=None, **counts) -> list[dict]:
    """The table ``marks``: direction_mark=customers, or (customers, ordered)."""
    found = []
    for name, given in counts.items():
        direction, _, mark = name.partition("_")
        customers, ordered = given if isinstance(given, tuple) else (given, 0)
        row = {"direction": direction, "mark": mark or "masked", "customers": customers, "ordered": ordered}
        found.append({**row, "fragile": fragile})
    return found


def test_why_customers_moved_up():
    assert say.moved(marks(), "up") == "Niemand ist aufgestiegen."
    assert say.moved(marks(up_earned=1), "up") == "Der eine Aufstieg kam durch eigene Bestellungen zustande."
    assert (
        say.moved(marks(up_boundary=1), "up")
        == "Der eine Aufstieg kam nur durch verschobene Grenzen zustande."
    )
    assert say.moved(marks(up_earned=2), "up") == "Beide Aufstiege kamen durch eigene Bestellungen zustande."
    assert (
        say.moved(marks(up_earned=1284), "up")
        == "Alle 1.284 Aufstiege kamen durch eigene Bestellungen zustande."
    )
    assert say.moved(marks(up_earned=97, up_boundary=31, up_rules=14), "up") == (
        "Von 142 Aufstiegen kamen 97 durch eigene Bestellungen, 31 nur durch verschobene Grenzen "
        "und 14 nur durch geänderte Regeln zustande."
    )
    assert say.moved(marks(up_aged=3, up_corrected=2, up_model=1), "up") == (
        "Von 6 Aufstiegen kamen 3 durch Zeitablauf, 2 durch korrigierte oder verspätete frühere "
        "Bestellungen und 1 nur durch das geänderte Modell zustande."
    )


def test_why_customers_moved_down():
    assert say.moved(marks(), "down") == "Niemand ist abgestiegen."
    assert (
        say.moved(marks(down_aged=1), "down")
        == "Der eine Abstieg kam durch Zeitablauf ohne neue Bestellung zustande."
    )
    assert (
        say.moved(marks(down_aged=(1, 1)), "down")
        == "Der eine Abstieg kam durch Zeitablauf trotz einer Bestellung zustande."
    )
    assert (
        say.moved(marks(down_earned=(1, 1)), "down")
        == "Der eine Abstieg kam durch eigene Bestellungen zustande."
    )
    assert (
        say.moved(marks(down_aged=2), "down")
        == "Beide Abstiege kamen durch Zeitablauf ohne neue Bestellung zustande."
    )
    assert say.moved(marks(down_aged=(407, 7)), "down") == (
        "Alle 407 Abstiege kamen durch Zeitablauf (7 davon trotz einer Bestellung) zustande."
    )
    assert say.moved(marks(down_aged=96, down_boundary=24, down_earned=(1, 1)), "down") == (
        "Von 121 Abstiegen kamen 1 durch eigene Bestellungen, 96 durch Zeitablauf ohne neue "
        "Bestellung und 24 nur durch verschobene Grenzen zustande."
    )


def test_how_many_moves_were_the_customers_own():
    assert say.finding(marks()) == "Niemand hat das Segment gewechselt"
    assert say.finding(marks(masked=9)) == "Niemand hat das Segment gewechselt"
    assert say.finding(marks(up_earned=1)) == "Der eine Wechsel geht auf den Kunden selbst zurück"
    assert (
        say.finding(marks(up_earned=284, down_aged=407))
        == "Alle 691 Wechsel gehen auf die Kunden selbst zurück"
    )
    own = "gehen auf die Kunden selbst zurück"
    assert say.finding(marks(1, up_earned=5)) == f"Alle 5 Wechsel {own}"
    assert say.finding(marks(2, up_earned=8)) == f"Alle 8 Wechsel {own}, 2 davon nahe an einer Grenze"
    assert say.finding(marks(8, up_earned=8)) == f"Alle 8 Wechsel {own}, alle davon nahe an einer Grenze"
    assert say.finding(marks(1, up_earned=1)) == (
        "Der eine Wechsel geht auf den Kunden selbst zurück, nahe an einer Grenze"
    )
    assert say.finding(marks(3, up_earned=5, up_rules=3)) == (
        f"5 von 8 Wechseln {own}, 3 auf unsere Methode; 6 der 8 lagen nahe an einer Grenze"
    )
    assert say.finding(marks(up_rules=1)) == "Der eine Wechsel geht auf unsere Methode zurück"
    assert say.finding(marks(up_rules=3, down_boundary=2)) == "Alle 5 Wechsel gehen auf unsere Methode zurück"
    assert say.finding(marks(up_corrected=2)) == (
        "Beide Wechsel gehen auf korrigierte oder verspätete Bestellungen zurück"
    )
    assert say.finding(marks(up_earned=1, up_model=4)) == (
        "1 von 5 Wechseln geht auf die Kunden selbst zurück, 4 auf unsere Methode"
    )
    assert say.finding(marks(up_earned=3, up_corrected=2)) == (
        "3 von 5 Wechseln gehen auf die Kunden selbst zurück, 2 auf korrigierte oder verspätete Bestellungen"
    )
    assert say.finding(marks(up_corrected=2, down_rules=3)) == (
        "Keiner von 5 Wechseln geht auf die Kunden selbst zurück, 3 auf unsere Methode und 2 auf "
        "korrigierte oder verspätete Bestellungen"
    )


def test_who_is_masked():
    assert say.masked(marks(masked=0)) == ""
    assert say.masked(marks(masked=1)) == (
        "1 Kunde, der geblieben ist, hätte mit dem vorherigen Modell gewechselt: Das neue verdeckt es."
    )
    assert say.masked(marks(masked=1012)) == (
        "1.012 Kunden, die geblieben sind, hätten mit dem vorherigen Modell gewechselt: Das neue verdeckt es."
    )


def test_fragile_movers_are_told_where_the_run_knows_them():
    assert say.fragile(marks(up_earned=5)) == ""
    assert say.fragile(marks(fragile=0, up_earned=5)) == "Keiner dieser Kunden ist unsicher zugeordnet."
    assert say.fragile(marks(fragile=0, up_earned=1)) == "Der Kunde ist nicht unsicher zugeordnet."
    assert say.fragile(marks(fragile=1, up_earned=1)) == (
        "Der Kunde ist unsicher zugeordnet: Bei diesem oder beim letzten Lauf lag er so nahe an "
        "einer Grenze, dass der Zufall entschieden haben kann."
    )
    assert say.fragile(marks(fragile=1, up_earned=5)) == (
        "Von diesen 5 Kunden ist 1 unsicher zugeordnet: Bei diesem oder beim letzten Lauf lag er "
        "so nahe an einer Grenze, dass der Zufall entschieden haben kann."
    )
    assert say.fragile(marks(fragile=2, up_earned=5, down_aged=6)) == (
        "Von diesen 11 Kunden sind 4 unsicher zugeordnet: Bei diesem oder beim letzten Lauf "
        "lagen sie so nahe an einer Grenze, dass der Zufall entschieden haben kann."
    )


def test_after_a_change_both_ways_are_told_and_what_is_not_the_customers_own():
    assert say.told_apart([]) == ""
    assert say.told_apart(marks(up_earned=2, down_aged=3)) == (
        "Beide Aufstiege kamen durch eigene Bestellungen zustande. Alle 3 Abstiege kamen durch "
        "Zeitablauf ohne neue Bestellung zustande."
    )
    assert say.meaning(marks(up_earned=2, up_rules=0)) == ""
    assert say.meaning(marks(up_rules=1, up_corrected=1)) == (
        "**Korrigiert oder verspätet:** Bestellungen bis zum letzten Lauf wurden geändert oder "
        "zurückgenommen oder kamen erst später an. **Regeln geändert:** Die Regeltabelle wurde "
        "bearbeitet; mit der alten hätten diese Kunden nicht gewechselt."
    )


def table(*rows) -> list[dict]:
    return [dict(zip(("from_segment", "to_segment", "customers"), row, strict=True)) for row in rows]


SIZES = ("Loyal", "At risk")
ORDER = ("Loyal", "At risk", "Lost")


def test_what_the_new_model_alone_did_to_sizes():
    assert say.resized([], SIZES) == ""
    assert say.resized(
        table(("Loyal", None, 1200), ("At risk", None, 3), (None, "At risk", 1203)), SIZES
    ) == ("Allein durch das neue Modell hat Loyal 1.200 Kunden weniger und At risk 1.200 Kunden mehr.")
    assert (
        say.resized(table((None, "Loyal", 1)), SIZES)
        == "Allein durch das neue Modell hat Loyal einen Kunden mehr."
    )


def test_the_bridge_says_whom_the_new_model_places_elsewhere():
    assert say.bridge([], ORDER) == ""
    assert (
        say.bridge(table(("Loyal", "Loyal", 7)), ORDER)
        == "Das neue Modell ordnet jeden Kunden so ein wie das vorherige."
    )
    assert say.bridge(table(("Loyal", "Loyal", 7), ("Lost", "At risk", 3)), ORDER) == (
        "Das neue Modell ordnet 3 von 10 Kunden in ein anderes Segment ein als das vorherige: in "
        "ein besseres. Alle von Lost nach At risk."
    )
    assert say.bridge(table(("Loyal", "Loyal", 7), ("Lost", "At risk", 1)), ORDER) == (
        "Das neue Modell ordnet 1 von 8 Kunden in ein anderes Segment ein als das vorherige: in "
        "ein besseres. Es geht von Lost nach At risk."
    )
    assert say.bridge(table(("Loyal", "Lost", 1), ("Lost", "At risk", 3), ("Loyal", "Loyal", 6)), ORDER) == (
        "Das neue Modell ordnet 4 von 10 Kunden in ein anderes Segment ein als das vorherige: 3 "
        "in ein besseres und 1 in ein schlechteres. Die meisten, 3, von Lost nach At risk."
    )
    assert say.bridge(table(("Regular", "Loyal", 2)), ORDER) == (
        "Das neue Modell ordnet 2 von 2 Kunden in ein anderes Segment ein als das vorherige. "
        "Alle von Regular nach Loyal."
    )
