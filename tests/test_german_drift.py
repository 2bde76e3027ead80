from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from segcore import language
from segcore.sentences import drift as say

OLD, NEW = dt.date(2025, 12, 31), dt.date(2026, 3, 31)


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


def hard(text: str) -> str:
    """The text with no-break spaces, which stand as tildes in it."""
    return text.replace("~", "\u00a0")


def segments(*rows) -> list[dict]:
    return [dict(zip(("segment", "customers", "fragile"), row, strict=True)) for row in rows]


def test_customers_who_may_be_in_their_segment_by_chance():
    assert say.fragile(620, 2458) == hard(
        "620 von 2.458 Kunden (25~%) liegen so nahe an einer Klassengrenze, dass sie durch "
        "Zufall auch in einem anderen Segment sein könnten."
    )
    assert say.fragile(1, 2458) == hard(
        "1 von 2.458 Kunden (unter 1~%) liegt so nahe an einer Klassengrenze, dass er durch "
        "Zufall auch in einem anderen Segment sein könnte."
    )
    assert say.fragile(0, 2458) == (
        "Kein Kunde liegt so nahe an einer Klassengrenze, dass er durch Zufall auch in einem "
        "anderen Segment sein könnte."
    )


def test_the_least_sure_segment_is_named():
    assert say.by_segment(segments(("Loyal", 10, 1), ("At risk", 4, 2), ("Lost", 0, 0))) == hard(
        "3 von 14 Kunden (21~%) liegen so nahe an einer Klassengrenze, dass sie durch Zufall "
        "auch in einem anderen Segment sein könnten. Am unsichersten ist At risk: 2 von 4 "
        "(50~%)."
    )
    assert say.by_segment(segments(("Loyal", 10, None))) == "Wie sicher die Grenzen sind, ist nicht bekannt."
    assert say.by_segment(segments(("Loyal", 10, 0))) == say.fragile(0, 10)


def followed(*rows) -> str:
    return say.of_followed(segments(*rows), ("Needs attention", "At risk"))


def test_how_sure_the_segments_to_follow_up_are():
    assert followed(("Loyal", 900, 40), ("Needs attention", 480, 159), ("At risk", 290, 96)) == hard(
        "Von den Kunden, die zum Nachfassen vorgesehen sind, könnten durch Zufall 159 von 480 in Needs "
        "attention (33~%) und 96 von 290 in At risk (33~%) auch in einem anderen Segment sein."
    )
    assert followed(("Needs attention", 480, 1), ("At risk", 290, 0)) == hard(
        "Von den Kunden, die zum Nachfassen vorgesehen sind, könnte durch Zufall 1 von 480 in Needs "
        "attention (unter 1~%) auch in einem anderen Segment sein."
    )
    assert followed(("Loyal", 900, 40), ("Needs attention", 480, 0), ("At risk", 290, 0)) == (
        "Niemand im Segment Needs attention oder At risk könnte durch Zufall auch in einem anderen sein."
    )
    assert followed(("Needs attention", 480, None)) == ""
    assert followed(("Loyal", 900, 40)) == ""


ROW = {
    "variable": "recency", "psi": 0.1534, "psi_limit": 0.012, "gvf": 0.95, "gvf_now": 0.9, "gvf_own": 0.925,
    "outside": 1, "judged": True, "says": "refit",
}  # fmt: skip


def test_every_variable_says_whether_its_edges_still_fit():
    assert say.drift([ROW]) == [
        hard(
            "recency: Alle drei Anzeichen sprechen für neue Grenzen. Anzeichen: Verschiebung "
            "(PSI) 0,153, mehr, als der Zufall erklärt (bis 0,012); 10,0~% der Streuung "
            "unerklärt, 7,5~% mit den eigenen Grenzen dieses Laufs; 1 eigene Grenze außerhalb "
            "der Intervalle."
        ),
    ]
    assert say.drift([{**ROW, "psi": 0.004, "outside": 0, "says": "fits"}]) == [
        hard(
            "recency: Die Grenzen passen noch. Anzeichen: Verschiebung (PSI) 0,004, nicht mehr, "
            "als der Zufall erklärt (bis 0,012); 10,0~% der Streuung unerklärt, 7,5~% mit den "
            "eigenen Grenzen dieses Laufs; keine eigene Grenze außerhalb der Intervalle."
        ),
    ]
    assert say.drift([{**ROW, "outside": 2, "psi": None, "gvf_now": None, "says": "signs"}]) == [
        (
            "recency: Nicht alle Anzeichen sprechen für neue Grenzen. Anzeichen: 2 eigene "
            "Grenzen außerhalb der Intervalle."
        ),
    ]
    assert say.drift([{**ROW, "outside": None, "psi": None, "gvf_now": None, "says": "calendar"}]) == [
        ("recency: Wächst mit dem Kalender und wird nicht beurteilt. Kein Anzeichen ist bekannt."),
    ]


def test_a_refit_is_proposed_with_the_line_to_write():
    table = [ROW, {**ROW, "variable": "years", "says": "calendar"}, {**ROW, "variable": "frequency"}]
    assert say.proposal(table, (OLD,), NEW, OLD) == (
        "Vorgeschlagen wird, die Grenzen neu zu bestimmen, denn bei recency und frequency "
        "sprechen alle drei Anzeichen dafür: breaks: {policy: keep, from: [2025-12-31, "
        "2026-03-31]} in die Studie schreiben, dann verwenden Läufe ab diesem die eigenen "
        "Grenzen dieses Laufs."
    )
    assert say.proposal([{**ROW, "says": "signs"}], (OLD,), NEW, OLD) == (
        "Bei keiner Variablen sprechen alle drei Anzeichen für neue Grenzen; deshalb wird nicht "
        "vorgeschlagen, sie neu zu bestimmen. Wer trotzdem die eigenen Grenzen dieses Laufs "
        "verwenden will, schreibt breaks: {policy: keep, from: [2025-12-31, 2026-03-31]} in die "
        "Studie."
    )
    assert say.proposal([ROW], (NEW,), NEW, NEW) == (
        "Die verwendeten Grenzen sind nicht älter als dieser Lauf; es gibt also nichts neu zu bestimmen."
    )


def test_what_stands_in_a_table():
    assert [say.unexplained(None), say.unexplained(0.9), say.places(None), say.places(0.1534)] == [
        "–",
        hard("10,0~%"),
        "–",
        "0,153",
    ]
    assert say.beside(ROW) == hard("bei der Bestimmung 5,0~%, eigene Grenzen 7,5~%")
