"""What is said of variables and their cuts, in German."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pandas as pd
import pytest
from test_sentences_model import DAY

from segcore import language
from segcore.sentences import model as say


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


VALUES = {
    "variable": "recency", "unit": "days ago", "lowest": "0", "quarter": "25", "median": "95",
    "three_quarters": "379", "highest": "1.738",
}  # fmt: skip
ALTERNATIVES = pd.DataFrame(
    [
        ("recency", 4, False, 0.9569),
        ("recency", 5, True, 0.9698),
        ("years", 2, True, 1.0),
        ("products", 2, True, 0.694),
        ("products", 3, False, 0.99999),
        ("products", 4, False, 1.0000000001),
    ],
    columns=["variable", "classes", "in_study", "gvf"],
)
CLASSES = pd.DataFrame(
    {
        "variable": ["recency", "recency", "years", "years"],
        "class": [1, 2, 1, 2],
        "customers": [0, 300, 299, 1],
        "share": [0.0, 1.0, 0.9967, 0.0033],
    }
)


def cut(used: list[str], candidate: list[str], same: list[bool], beyond: int = 0) -> list[str]:
    frame = pd.DataFrame({"variable": "years", "unit": "years", "used": used})
    bars = pd.DataFrame({"upper": [1.0, None], "customers": [9, beyond]})
    return say.cuts(frame.assign(candidate=candidate, same=same), {"years": bars})


def moves(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["from_segment", "to_segment", "customers"])


def thin(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["variable", "class", "customers", "other_scale", "other_sizes"])


def test_quarters_are_said_so_that_ties_keep_them_true() -> None:
    assert say.described(
        pd.DataFrame(
            [
                VALUES,
                VALUES | {"unit": "Jahre", "highest": "2,5"},
                VALUES | {"unit": "", "highest": "0"},
                VALUES | {"unit": "orders", "highest": "1", "lowest": "1"},
            ]
        )
    ) == [
        (
            "recency: von 0 bis 1.738 Tagen, der Median ist 95. Höchstens ein Viertel der Kunden liegt "
            "unter 25, höchstens ein Viertel über 379."
        ),
        (
            "recency: von 0 bis 2,5 Jahren, der Median ist 95. Höchstens ein Viertel der Kunden liegt "
            "unter 25, höchstens ein Viertel über 379."
        ),
        "recency: Alle Kunden haben 0.",
        "recency: Alle Kunden haben 1 Bestellung.",
    ]


def test_other_numbers_of_classes_are_told_by_what_they_leave_unexplained() -> None:
    assert say.alternatives(ALTERNATIVES) == [
        "recency: 5 Klassen lassen 3,0\u00a0% der Streuung unerklärt; mit 4 wären es 4,3\u00a0%.",
        "years: 2 Klassen lassen 0,0\u00a0% der Streuung unerklärt.",
        (
            "products: 2 Klassen lassen 30,6\u00a0% der Streuung unerklärt; mit 3 wären es unter "
            "0,1\u00a0% und mit 4 0,0\u00a0%."
        ),
    ]


def test_breaks_are_this_runs_own_only_if_they_move_nobody() -> None:
    assert say.made(DAY, DAY, 0) == "Die Klassengrenzen wurden aus den Kunden dieses Laufs bestimmt."
    assert say.made(DAY, DAY, 1) == (
        "Es gelten die Klassengrenzen vom 30. Juni 2026; die eigenen dieses Laufs würden 1 Kunden in "
        "ein anderes Segment bringen."
    )
    assert say.made(dt.date(2025, 12, 31), DAY, 0) == (
        "Es gelten die Klassengrenzen vom 31. Dezember 2025; die eigenen dieses Laufs würden niemanden "
        "in ein anderes Segment bringen."
    )
    assert say.made(dt.date(2026, 12, 31), DAY, 1234) == (
        "Es gelten die Klassengrenzen vom 31. Dezember 2026, also von einem Tag nach diesem Lauf; die "
        "eigenen dieses Laufs würden 1.234 Kunden in ein anderes Segment bringen."
    )


def test_how_the_picture_is_read() -> None:
    assert [say.ANEW, say.SOLID, say.DOTTED] == [
        (
            "Die Grenzen werden in jedem Lauf neu bestimmt; ein Kunde kann also auch deshalb wechseln, "
            "weil sich eine Grenze verschoben hat."
        ),
        (
            "**Durchgezogene Linien** sind die geltenden Grenzen zwischen den Klassen; die Zahlen "
            "darüber sind die Klassen, die höchste ist die beste. Die Balken haben die Farben der "
            "Segmente."
        ),
        (
            "**Gepunktete Linien** sind die Grenzen, die sich aus den Kunden dieses Laufs ergäben. Sie "
            "werden gezeigt, aber nicht verwendet: Solange die Grenzen bleiben, bewegen sich nur die "
            "Kunden."
        ),
    ]


def test_edges_are_the_same_only_if_they_are_to_the_day() -> None:
    assert cut(["0,7", "1,5"], ["0,7", "1,5"], [True, True]) == [
        "years: Grenzen bei 0,7 und 1,5 Jahren; die dieses Laufs sind dieselben.",
    ]
    assert cut(["0,7", "1,5"], ["0,7", "1,5"], [True, False], 1) == [
        (
            "years: Grenzen bei 0,7 und 1,5 Jahren; die dieses Laufs liegen um wenige Tage anders. 1 "
            "Kunde liegt weiter rechts als die Balken."
        ),
    ]
    assert cut(["0,7", "1,5"], ["0,7", "1,6"], [True, False], 5) == [
        (
            "years: Grenzen bei 0,7 und 1,5 Jahren; die dieses Laufs liegen bei 0,7 und 1,6. 5 Kunden "
            "liegen weiter rechts als die Balken."
        ),
    ]
    assert cut(["0,7"], ["0,7"], [True]) == [
        "years: Grenze bei 0,7 Jahren; die dieses Laufs ist dieselbe.",
    ]
    assert cut(["0,7"], ["0,9"], [False]) == [
        "years: Grenze bei 0,7 Jahren; die dieses Laufs liegt bei 0,9.",
    ]


def test_a_variable_is_cut_elsewhere_if_one_of_its_edges_is() -> None:
    assert say.edges(
        pd.DataFrame({"variable": ["recency", "recency", "years"], "same": [True, True, True]})
    ) == ("Die eigenen Grenzen dieses Laufs liegen bei jeder Variable gleich.")
    assert say.edges(
        pd.DataFrame({"variable": ["recency", "recency", "years"], "same": [False, True, False]})
    ) == ("Die eigenen Grenzen dieses Laufs liegen bei jeder Variable anders.")
    assert say.edges(
        pd.DataFrame({"variable": ["recency", "recency", "years"], "same": [True, False, True]})
    ) == ("Die eigenen Grenzen dieses Laufs liegen bei recency anders, bei years gleich.")


def test_whom_other_breaks_would_move_the_largest_first() -> None:
    assert say.differences(moves()) == []
    assert say.differences(moves(("A", "B", 1))) == [
        "Nach den eigenen Grenzen dieses Laufs käme 1 Kunde von A nach B.",
    ]
    assert say.differences(moves(("A", "B", 1), ("B", "A", 3))) == [
        "Nach den eigenen Grenzen dieses Laufs kämen 3 Kunden von B nach A und 1 von A nach B.",
    ]
    assert say.differences(
        moves(("A", "B", 1), ("B", "A", 3), ("B", "C", 1200), ("C", "A", 1), ("C", "B", 1))
    ) == [
        (
            "Nach den eigenen Grenzen dieses Laufs kämen 1.200 Kunden von B nach C, 3 von B nach A, 1 "
            "von A nach B und 2 auf anderen Wegen."
        ),
    ]


def test_the_largest_class_and_those_with_nobody() -> None:
    assert say.classes(CLASSES) == (
        "Die größte Klasse ist Klasse 2 von recency mit 100\u00a0% der Kunden. Niemand ist in Klasse 1 "
        "von recency."
    )
    assert say.classes(CLASSES[2:]) == (
        "Die größte Klasse ist Klasse 1 von years mit über 99\u00a0% der Kunden."
    )


def test_thin_classes_with_what_the_other_scale_would_give() -> None:
    assert say.thin(thin(("frequency", 5, 1, "log", "342 · 258"))) == (
        "Eine Klasse ist dünn besetzt: Klasse 5 von frequency (1 Kunde). Auf logarithmischer Skala neu "
        "bestimmt, hätten die Klassen von frequency 342 · 258 Kunden."
    )
    assert say.thin(thin(("share", 1, 3, "log", ""), ("share", 2, 0, "log", ""))) == (
        "2 Klassen sind dünn besetzt: Klasse 1 von share (3 Kunden) und Klasse 2 von share (0 Kunden)."
    )
    assert say.thin(thin()) == "Keine Klasse ist dünn besetzt."
