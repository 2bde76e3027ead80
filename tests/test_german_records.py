"""What became of the records, in German."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from test_sentences_records import CLEAN, MANY, MARCH, RULES, by_month, outcomes

from segcore import language
from segcore.sentences import records
from segcore.sentences.en import records as english


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


ONE = outcomes(("transactions", 2, 1, 1, 0, 0, 0), ("reps", 1, 1, 0, 0, 0, 0))
GATES = pd.DataFrame(
    [
        ("transactions", "match", "warned", "transactions: 10 fehlen"),
        ("transactions", "months", "accepted", "transactions: keine vom Mai 2025"),
        ("customers", "quarantine", "ok", "customers: 1 von 1.000"),
        ("customers", "match", "ok", None),
    ],
    columns=["source", "gate", "state", "told"],
)
ACCEPTED = {"transactions.months": "Werk geschlossen", "copied": "Test"}
CONFLICTS = pd.DataFrame(
    [("transactions", "amount", 100), ("reps", "name", 1)], columns=["source", "column", "times"]
)


def test_the_same_parts_are_named_as_in_english() -> None:
    assert list(records.PARTS) == list(english.PARTS)
    assert list(records.STATED) == list(english.STATED)


def test_the_equation_is_that_of_transactions() -> None:
    assert [(part.sign, part.number, part.words) for part in records.equation(MANY)] == [
        ("", 1000, "Datensätze gelesen"),
        ("=", 980, "verwendet"),
        ("+", 5, "Dubletten"),
        ("+", 1, "nach dem Stichtag"),
        ("+", 12, "durch Regel ausgeschlossen"),
        ("+", 2, "in Quarantäne"),
    ]
    assert [part.words for part in records.equation(CLEAN)] == [
        "Datensatz gelesen",
        "verwendet",
        "Dubletten",
        "durch Regel ausgeschlossen",
        "in Quarantäne",
    ]


def test_what_became_of_the_records() -> None:
    assert records.outcome(MANY) == (
        "Von 1.000 Datensätzen zu Bestellungen werden 980 verwendet (98\u00a0%); 5 sind Dubletten, 1 "
        "ist nach dem Stichtag datiert, 12 sind durch eine Regel ausgeschlossen und 2 sind in "
        "Quarantäne."
    )
    assert records.outcome(CLEAN) == "Der einzige Datensatz zu Bestellungen wird verwendet."
    assert records.outcome(ONE) == (
        "Von 2 Datensätzen zu Bestellungen wird 1 verwendet (50\u00a0%); 1 ist eine Dublette."
    )
    assert records.outcome(outcomes(("transactions", 1200, 1200, 0, 0, 0, 0))) == (
        "Alle 1.200 Datensätze zu Bestellungen werden verwendet."
    )


def test_excluded_records_are_told_by_rule() -> None:
    assert records.excluded(RULES, "EUR") == (
        "Ausgeschlossen, nicht verrechnet: no customer 1 (3,00\u00a0€) und cancelled 11 (−13,00\u00a0€)."
    )
    assert records.excluded(RULES[:1], "EUR") == (
        "Kein Datensatz zu Bestellungen wurde durch eine Regel ausgeschlossen."
    )


def test_quarantine_counts_every_source() -> None:
    assert records.refused(MANY) == (
        "In Quarantäne: 1 Datensatz zu Kunden und 2 Datensätze zu Bestellungen. Die Datei "
        "quarantine.parquet des Laufs nennt jeden mit dem Grund."
    )
    assert records.refused(CLEAN) == "Kein Datensatz ist in Quarantäne: Alle ließen sich lesen."


def test_what_is_used_beside_the_transactions() -> None:
    assert records.others(MANY) == [
        (
            "Außerdem verwendet: 49 von 50 Datensätzen zu Kunden, alle 12 Datensätze zu Kontakten und "
            "alle 3 Datensätze zu Betreuern."
        ),
    ]
    assert records.others(ONE) == [
        "Außerdem verwendet: 1 von 1 Datensatz zu Betreuern.",
    ]
    assert records.others(CLEAN) == []
    none = [{"source": "followups", **dict.fromkeys(records.PARTS, 0)}]
    assert records.others(pd.DataFrame(none)) == ["Außerdem verwendet: kein Datensatz zu Kontakten."]
    assert records.notes(ONE, RULES[:1], "EUR") == [
        "Kein Datensatz zu Bestellungen wurde durch eine Regel ausgeschlossen.",
        "Kein Datensatz ist in Quarantäne: Alle ließen sich lesen.",
        "Außerdem verwendet: 1 von 1 Datensatz zu Betreuern.",
    ]


def test_deliveries_are_counted_by_source() -> None:
    assert records.delivered(pd.DataFrame({"source": ["transactions", "transactions", "followups"]})) == (
        "3 Dateien: 2 zu Bestellungen und 1 zu Kontakten."
    )
    assert records.delivered(pd.DataFrame({"source": ["customers"]})) == "1 Datei: 1 zu Kunden."


def test_conflicts_are_told_by_column() -> None:
    assert records.disagreed(CONFLICTS) == (
        "Eine spätere Lieferdatei sagt etwas anderes bei 100 Werten von amount (zu Bestellungen) und 1 "
        "Wert von name (zu Betreuern). Die spätere gilt."
    )
    assert records.disagreed(CONFLICTS[:0]) == (
        "Keine zwei Lieferdateien widersprechen sich zum selben Datensatz."
    )


def test_what_gates_found() -> None:
    assert records.gates(GATES, ACCEPTED) == [
        "Zugelassen: transactions.months; Begründung: Werk geschlossen.",
        (
            "Zugelassen: copied; Begründung: Test. Das war nicht nötig: Die Prüfung hat den Lauf nicht "
            "angehalten."
        ),
        "Warnung: transactions: 10 fehlen.",
        "Einmal zugelassen: transactions: keine vom Mai 2025.",
        "customers: 1 von 1.000.",
    ]
    assert records.gates(GATES[3:], {}) == [
        "Alle Prüfungen sind bestanden: Es ist nichts auffällig.",
    ]
    other = GATES[2:3].assign(gate="match")
    assert records.unsaid(GATES[2:3].to_dict("records")) == []  # the page says it anyway
    assert records.unsaid(other.to_dict("records")) == ["customers: 1 von 1.000."]
    for found in (GATES, other):
        assert records.noted(found.to_dict("records")) == english.noted(found.to_dict("records"))


def test_records_without_one_outcome_each() -> None:
    assert records.unequal({"file": "a.csv", "records": 5, "loaded": 4}, ["loaded"]) == (
        "a.csv: Jeder Datensatz muss verwendet, eine Dublette, nach dem Stichtag, ausgeschlossen oder "
        "in Quarantäne sein (es sind 5 Datensätze und 4 Ergebnisse); der Bericht wird nicht "
        "freigegeben, der Lauf ist zu wiederholen"
    )
    assert records.unequal({"file": "a.csv", "records": 5, "loaded": 5}, ["loaded"]) == ""


def test_months_say_where_orders_are_many_few_and_none() -> None:
    assert records.months(
        by_month(("2024-11-01", 3), ("2024-12-01", 1200), ("2025-02-01", 90), ("2025-03-01", 8)), MARCH
    ) == (
        "Die Bestellungen reichen von November 2024 bis März 2025; die meisten sind vom Dezember 2024 "
        "(1.200). Zwischen dem ersten und dem letzten Monat sind die wenigsten vom Februar 2025 (90). "
        "Keine Bestellung ist vom Januar 2025: Fehlt eine Lieferung?"
    )
    assert records.months(by_month(("2023-12-01", 5), ("2025-01-01", 1)), MARCH) == (
        "Die Bestellungen reichen von Dezember 2023 bis Januar 2025; die meisten sind vom Dezember "
        "2023 (5). Keine Bestellung ist vom März 2025, dem Monat des Stichtags. 12 Monate sind ohne "
        "Bestellung; der letzte davon ist Dezember 2024."
    )
    assert records.months(by_month(("2025-01-01", 5), ("2025-02-01", 7), ("2025-03-01", 6)), MARCH) == (
        "Die Bestellungen reichen von Januar 2025 bis März 2025; die meisten sind vom Februar 2025 "
        "(7). Zwischen dem ersten und dem letzten Monat sind die wenigsten vom Februar 2025 (7). "
        "Dazwischen fehlt kein Monat."
    )
    assert records.months(by_month(("2025-03-01", 1)), MARCH) == "Die einzige Bestellung ist vom März 2025."
    assert records.months(by_month(("2025-03-01", 12)), MARCH) == "Alle 12 Bestellungen sind vom März 2025."
