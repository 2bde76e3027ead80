"""What is said of the segments, in German."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pandas as pd
import pytest
from test_sentences_segments import JUNE, MARCH, deciding, table

from segcore import language
from segcore.sentences import segments as say


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


PROFILE = pd.DataFrame(
    {
        "segment": ["Loyal", "At risk", "Lost"],
        "recency, Tage her": ["6–21 (9)", "50 (50)", "427–632 (546)"],
        "years, Jahre": ["1,0–5,5 (2,1)", "1,0 (1,0)", "−0,1 bis 4,0 (−0,1)"],
    }
)


def facts(*row: object) -> pd.DataFrame:
    columns = ["customers", "first_order", "newest_order", "value_window", "years_cut_off"]
    return pd.DataFrame([row], columns=columns).astype(
        {"first_order": "datetime64[s]", "newest_order": "datetime64[s]", "years_cut_off": "float64"}
    )


def ruled(customers: list[int], fits: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"line": [2, 3, 4], "customers": customers, "fits": fits})


def test_a_title_becomes_the_subject() -> None:
    assert [say.company(title) for title in ("ACME customers", "ACME-Kunden", "Online Retail II")] == [
        "ACME hat",
        "ACME hat",
        "Online Retail II:",
    ]


def test_how_many_there_are_against_the_run_before() -> None:
    assert say.size("ACME hat", 3012, 2961, (MARCH, JUNE)) == (
        "ACME hat **3.012 Kunden**, 51 mehr als im März."
    )
    assert say.size("ACME hat", 1, 2, (MARCH, JUNE)) == "ACME hat **1 Kunden**, 1 weniger als im März."
    assert say.size("Online Retail II:", 1, 1, (MARCH, JUNE)) == (
        "Online Retail II: **1 Kunde**, ebenso viele wie im März."
    )
    assert say.size("ACME hat", 5, 4, (dt.date(2025, 6, 30), JUNE)) == (
        "ACME hat **5 Kunden**, 1 mehr als im Juni 2025."
    )
    assert say.size("ACME hat", 5, 4, (dt.date(2026, 6, 1), JUNE)) == (
        "ACME hat **5 Kunden**, 1 mehr als am 1. Juni."
    )
    assert say.size("ACME hat", 5, None, None) == "ACME hat **5 Kunden**."


def test_the_last_12_months_are_named_only_if_the_data_are_that_long() -> None:
    assert say.known(facts(2458, "2024-01-02", "2025-12-30", "12 months", None)) == (
        "2.458 Kunden, Bestellungen vom 2. Januar 2024 bis 30. Dezember 2025. Als Bestellwert zählt, "
        "was in den letzten 12 Monaten bestellt wurde."
    )
    assert say.known(facts(1, "2025-12-30", "2025-12-30", None, 0.996)) == (
        "1 Kunde, Bestellungen vom 30. Dezember 2025. Als Bestellwert zählen alle Bestellungen, denn "
        "die Daten reichen nicht weiter zurück. Über 99\u00a0% der Kunden haben in den ersten 30 Tagen "
        "der Daten zum ersten Mal bestellt."
    )
    assert [
        say.window({"value_window": window, "first_order": MARCH})
        for window in ("12 months", "1 month", "1 week", "1 year", None)
    ] == [
        "letzte 12 Monate",
        "letzter Monat",
        "letzte Woche",
        "letzte 12 Monate",
        "alle Bestellungen seit dem 31. März 2026",
    ]
    assert say.MIDDLE_HALF == (
        "Mittlere Hälfte: Höchstens ein Viertel des Segments liegt unter dem Bereich, höchstens ein "
        "Viertel darüber."
    )


def test_what_the_best_segments_are_and_bring() -> None:
    assert say.two_best(table([30, 30, 20, 20], [0.6, 0.27, 0.13, 0.0])) == (
        "Die beiden besten Segmente, Champions und Loyal, umfassen 60\u00a0% der Kunden und bringen "
        "87\u00a0% des Bestellwerts."
    )
    assert say.two_best(table([40, 30, 30], [0.5, 0.3, 0.2])) == (
        "Das beste Segment, Champions, umfasst 40\u00a0% der Kunden und bringt 50\u00a0% des Bestellwerts."
    )
    assert say.two_best(table([996, 0, 2, 2], [None] * 4)) == (
        "Die beiden besten Segmente, Champions und Loyal, umfassen über 99\u00a0% der Kunden; der "
        "Bestellwert ergibt in der Summe nichts, was sich aufteilen ließe."
    )


def test_a_segment_over_half_is_said_with_what_to_try() -> None:
    assert say.largest(table([50, 30, 20], [None] * 3)) == (
        "Kein Segment hat mehr als die Hälfte der Kunden; die meisten hat Champions: 50 von 100 Kunden."
    )
    assert say.largest(table([30, 503, 467], [None] * 3)) == (
        "Loyal hat 503 von 1.000 Kunden, mehr als die Hälfte: Das sagt wenig über den einzelnen Kunden "
        "aus. Mögliche Abhilfe: eine engere Regel für dieses Segment, mehr Klassen oder ein "
        "Zeitfenster für die Variablen, nach denen seine Regeln fragen."
    )
    assert say.largest(table([0, 0, 1], [None] * 3)) == (
        "At risk hat den einzigen Kunden, mehr als die Hälfte: Das sagt wenig über den einzelnen "
        "Kunden aus. Mögliche Abhilfe: eine engere Regel für dieses Segment, mehr Klassen oder ein "
        "Zeitfenster für die Variablen, nach denen seine Regeln fragen."
    )
    assert say.largest(table([0, 7, 0], [None] * 3)) == (
        "Loyal hat alle 7 Kunden, mehr als die Hälfte: Das sagt wenig über den einzelnen Kunden aus. "
        "Mögliche Abhilfe: eine engere Regel für dieses Segment, mehr Klassen oder ein Zeitfenster für "
        "die Variablen, nach denen seine Regeln fragen."
    )


def test_rules_that_take_nobody_are_named_by_their_lines_with_why() -> None:
    assert say.rules(ruled([3, 1, 5], [3, 1, 9])) == "Jede Regel gilt für mindestens einen Kunden."
    assert say.rules(ruled([3, 0, 5], [3, 0, 8])) == (
        "Die Regel in Zeile 3 der Regeltabelle gilt für niemanden: Sie passt auf keinen Kunden. "
        "Mögliche Abhilfe: weniger verlangen oder sie streichen."
    )
    assert say.rules(ruled([9, 0, 0], [9, 9, 1])) == (
        "Die Regeln in den Zeilen 3 und 4 der Regeltabelle gelten für niemanden: Weiter oben stehende "
        "Regeln gelten schon für alle Kunden, auf die sie passen würden. Mögliche Abhilfe: sie nach "
        "oben schieben oder streichen."
    )
    assert say.rules(ruled([0, 9, 0], [0, 9, 1])) == (
        "Die Regel in Zeile 4 der Regeltabelle gilt für niemanden: Weiter oben stehende Regeln gelten "
        "schon für alle Kunden, auf die sie passen würde. Mögliche Abhilfe: sie nach oben schieben "
        "oder streichen. Die Regel in Zeile 2 der Regeltabelle gilt für niemanden: Sie passt auf "
        "keinen Kunden. Mögliche Abhilfe: weniger verlangen oder sie streichen."
    )


def test_who_decides_and_who_decides_nothing() -> None:
    assert say.decides(deciding(recency=10, years=4), 10) == [
        (
            "Am meisten hängt von recency ab: Mit einer anderen Klasse nur dieser Variable könnten "
            "alle 10 Kunden in einem anderen Segment sein."
        ),
    ]
    assert say.decides(deciding(recency=7, frequency=7, years=0), 10) == [
        (
            "Am meisten hängt von recency und frequency ab: Mit einer anderen Klasse nur einer dieser "
            "beiden Variablen könnten 7 von 10 Kunden in einem anderen Segment sein."
        ),
        (
            "Kein Segment hängt von years ab: Auch mit jeder anderen Klasse nur dieser Variable bleibt "
            "jeder Kunde in seinem Segment. Mögliche Abhilfe: eine Regel, die danach fragt, oder die "
            "Variable aus der Studie nehmen."
        ),
    ]
    assert say.decides(deciding(recency=1, years=0, products=0), 10) == [
        (
            "Am meisten hängt von recency ab: Mit einer anderen Klasse nur dieser Variable könnte 1 "
            "von 10 Kunden in einem anderen Segment sein."
        ),
        (
            "Kein Segment hängt von years oder products ab: Auch mit jeder anderen Klasse nur einer "
            "dieser Variablen bleibt jeder Kunde in seinem Segment. Mögliche Abhilfe: eine Regel, die "
            "nach ihnen fragt, oder eine von ihnen aus der Studie nehmen."
        ),
    ]
    assert say.decides(deciding(a=2, b=2, c=2), 10) == [
        (
            "Am meisten hängt von a, b und c ab: Mit einer anderen Klasse nur einer dieser Variablen "
            "könnten 2 von 10 Kunden in einem anderen Segment sein."
        ),
    ]
    assert say.decides(deciding(recency=0, years=0), 10) == [
        (
            "Keine Variable entscheidet über ein Segment: Eine andere Klasse in nur einer von ihnen "
            "ändert bei niemandem das Segment."
        ),
    ]
    assert say.decides(deciding(recency=1), 1) == [
        (
            "Am meisten hängt von recency ab: Mit einer anderen Klasse nur dieser Variable könnte der "
            "einzige Kunde in einem anderen Segment sein."
        ),
    ]


def test_all_that_is_amiss_is_to_be_tried() -> None:
    assert [
        text.partition(":")[0]
        for text in say.to_try(
            table([4, 6], [None] * 2), ruled([0, 5, 5], [0, 5, 5]), deciding(recency=10, years=0)
        )
    ] == [
        "Loyal hat 6 von 10 Kunden, mehr als die Hälfte",
        "Die Regel in Zeile 2 der Regeltabelle gilt für niemanden",
        "Kein Segment hängt von years ab",
    ]
    assert say.to_try(table([5, 5], [None] * 2), ruled([1, 1, 8], [1, 1, 8]), deciding(recency=10)) == []
    assert say.to_try(table([5, 5], [None] * 2), ruled([1, 1, 8], [1, 1, 8]), deciding(years=0)) == [
        (
            "Keine Variable entscheidet über ein Segment: Eine andere Klasse in nur einer von ihnen "
            "ändert bei niemandem das Segment."
        ),
    ]


def test_the_best_and_the_worst_segment_are_set_side_by_side() -> None:
    assert say.profile(PROFILE) == "Mediane von Loyal und Lost: recency 9 und 546; years 2,1 und −0,1."
    assert say.profile(PROFILE[:1]) == "Alle Kunden sind in einem Segment."
