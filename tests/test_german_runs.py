"""What all runs together show, in German."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from test_sentences_runs import dates, flow, sizes

from segcore import language
from segcore.sentences import runs as say


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


def test_segments_over_runs() -> None:
    assert say.over_runs(
        sizes({"Promising": [1, 2, 3, 4, 5], "Needs attention": [5, 9, 8, 7, 6], "Lost": [1, 2, 1, 2, 1]})
    ) == ("Promising ist in jedem Lauf gewachsen; Needs attention ist dreimal in Folge geschrumpft")
    assert say.over_runs(
        sizes({"A": [1, 2, 3, 4], "B": [9, 8, 7, 6], "C": [5, 6, 7, 8], "D": [3, 2, 1, 0]})
    ) == ("A und C sind in jedem Lauf gewachsen; B und D sind in jedem Lauf geschrumpft")
    assert say.over_runs(sizes({"A": [5, 4, 6], "B": [5, 7, 4]})) == (
        "A ist seit Februar 2026 am stärksten gewachsen, um 1 Kunden; ebenso stark ist B geschrumpft"
    )
    assert say.over_runs(sizes({"A": [5, 5], "B": [9, 2]})) == (
        "B ist seit Februar 2026 am stärksten geschrumpft, um 7 Kunden"
    )
    assert say.over_runs(sizes({"A": [5, 8], "B": [1, 4], "C": [9, 7]})) == (
        "A und B sind seit Februar 2026 am stärksten gewachsen, um je 3 Kunden"
    )
    assert say.over_runs(sizes({"A": [5, 5], "B": [2, 2]})) == (
        "Jedes Segment ist so groß wie im Februar 2026"
    )
    assert say.over_runs(sizes({"A": [9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]})) == (
        "A ist 14-mal in Folge gewachsen"
    )


def test_sizes_by_another_model_are_not_compared() -> None:
    assert say.over_runs(sizes({"A": (1, 2, 3, 4, 6)}), dates(5)[1:2]) == (
        "Seit dem Modellwechsel ist A in jedem Lauf gewachsen"
    )
    assert say.over_runs(sizes({"A": (1, 2, 3, 4, 6), "B": (9, 9, 8, 7, 6)}), dates(5)[:1]) == (
        "Seit dem Modellwechsel ist A in jedem Lauf gewachsen; B ist dreimal in Folge geschrumpft"
    )
    assert say.over_runs(sizes({"A": (1, 2, 3, 4, 6)}), dates(5)[3:4]) == (
        "A ist seit Juni 2026 am stärksten gewachsen, um 2 Kunden"
    )
    assert say.over_runs(sizes({"A": (1, 2, 3, 4, 6)}), dates(5)[4:]) == (
        "Das Modell ist ein anderes, deshalb lassen sich die Größen nicht mit früheren vergleichen"
    )


def test_how_the_picture_of_all_runs_is_read() -> None:
    assert say.how_to_read(sizes({"A": [1, 2, 3], "B": [1, 1, 1], "C": [0, 0, 0]})) == [
        (
            "Alle drei Diagramme haben denselben Maßstab und beginnen bei null. Zwischen den Läufen "
            "liegen 45 Tage."
        ),
    ]
    assert say.how_to_read(sizes({"A": [1, 2], "Old": [1, 0]}, retired=("Old",)), dates(1)) == [
        (
            "Beide Diagramme haben denselben Maßstab und beginnen bei null. Zwischen den Läufen liegen "
            "45 Tage."
        ),
        (
            "**Anderes Modell:** Wo eine gepunktete Linie steht, stammen die Segmente von da an aus "
            "einem anderen Modell; ein Teil des Sprungs geht also nicht auf die Kunden zurück."
        ),
        "Grau: ein Segment, das es nicht mehr gibt.",
    ]
    assert say.how_to_read(sizes({"A": [1, 2]}), dates(2)) == [
        "Das Diagramm beginnt bei null. Zwischen den Läufen liegen 45 Tage.",
        (
            "**Anderes Modell:** Wo gepunktete Linien stehen, stammen die Segmente von da an aus einem "
            "anderen Modell; ein Teil des Sprungs geht also nicht auf die Kunden zurück."
        ),
    ]
    assert say.how_to_read(sizes({"A": [1]})) == []
    assert say.how_to_read(
        [row | {"run_date": dt.date(2026, 2, 1 + row["customers"])} for row in sizes({"A": [1, 2, 5]})]
    ) == [
        "Das Diagramm beginnt bei null. Zwischen den Läufen liegen 1 bis 3 Tage.",
    ]
    assert say.how_to_read(
        [row | {"run_date": dt.date(2026, 2, 1 + row["customers"])} for row in sizes({"A": [1, 2]})]
    ) == [
        "Das Diagramm beginnt bei null. Zwischen den Läufen liegt 1 Tag.",
    ]


def test_runs_are_compared_with_the_runs_before() -> None:
    assert say.flows([flow(dates(1)[0], 100)]) == "Dies ist der erste Lauf: 100 Kunden."
    assert say.flows([flow(dates(1)[0], 100), flow(dates(2)[1], 101, up=5, down=5, both=100)]) == (
        "101 Kunden, 1 mehr als im ersten Lauf am 14. Februar 2026."
    )
    assert say.flows([flow(day, 1200 - n, up=n, down=n, both=100) for n, day in enumerate(dates(4))]) == (
        "1.197 Kunden, 3 weniger als im ersten Lauf am 14. Februar 2026. Von denen, die in diesem und "
        "im letzten Lauf waren, sind 6\u00a0% auf- oder abgestiegen; zuvor waren es zwischen 0\u00a0% "
        "und 4\u00a0%."
    )
    assert say.flows([flow(day, 1, up=0, down=1, both=1) for day in dates(3)]) == (
        "1 Kunde, ebenso viele wie im ersten Lauf am 14. Februar 2026. Von denen, die in diesem und im "
        "letzten Lauf waren, sind 100\u00a0% auf- oder abgestiegen; zuvor waren es 100\u00a0%."
    )
