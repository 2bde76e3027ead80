"""What movers have in common, in German."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from test_sentences_insights import level, quiet

from segcore import language
from segcore.sentences import insights as say


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


def test_what_stands_out() -> None:
    assert say.told([level(), quiet()]) == [
        (
            "Region Süd: Von 1.483 Kunden sind 120 aufgestiegen, nach ihren Segmenten waren 86 zu "
            "erwarten; das ist das 1,39-Fache (95-%-Intervall 1,20 bis 1,61), aus welchem Grund auch immer."
        ),
    ]
    assert say.told(
        [level(direction="down", movers=0, customers=41, expected=8.26, lift=0.0, low=0.0, high=0.447)]
    ) == [
        (
            "Region Süd: Von 41 Kunden ist keiner abgestiegen, nach ihren Segmenten waren 8,3 zu "
            "erwarten; das ist das 0,00-Fache (95-%-Intervall 0,00 bis 0,45), aus welchem Grund auch immer."
        ),
    ]
    assert say.told(
        [level(kind="age", attribute="Jahre als Kunde", name="über 2,1", movers=1, variable=True)]
    ) == [
        (
            "Jahre als Kunde über 2,1: Von 1.483 Kunden ist 1 aufgestiegen, nach ihren Segmenten waren "
            "86 zu erwarten; das ist das 1,39-Fache (95-%-Intervall 1,20 bis 1,61), aus welchem "
            "Grund auch immer; auch die Segmente beruhen darauf."
        ),
    ]
    assert say.headed([level(movers=2)]) == [
        (
            "**Wer sie sind.** Region Süd: Von 1.483 Kunden sind 2 aufgestiegen, nach ihren Segmenten "
            "waren 86 zu erwarten; das ist das 1,39-Fache (95-%-Intervall 1,20 bis 1,61), aus welchem "
            "Grund auch immer."
        ),
    ]


def test_where_nothing_stands_out_it_says_what_was_tested() -> None:
    assert say.told(
        [
            quiet(kind="age", attribute="Jahre als Kunde"),
            quiet(kind="representative", attribute="Betreuer"),
            quiet(),
        ]
    ) == [
        (
            "Unter denen, die gewechselt haben, fällt nichts auf: Von 3 Ausprägungen (Region, Betreuer "
            "und Jahre als Kunde) wechselte keine häufiger oder seltener, als es ihre Segmente und der "
            "Zufall erwarten lassen."
        ),
    ]
    assert say.told([quiet(q_value=0.001), quiet(name="Ost")]) == [
        (
            "Unter denen, die gewechselt haben, fällt nichts auf: Von 2 Ausprägungen (Region) "
            "wechselte keine um mindestens ein Zehntel häufiger oder seltener, als es ihre Segmente "
            "erwarten lassen."
        ),
    ]
    assert say.told([quiet(p_value=None)]) == [
        (
            "Zu wenige Kunden haben etwas gemeinsam, um zu sagen, was die verbindet, die gewechselt "
            "haben (weniger als 20)."
        ),
    ]
    assert say.told([]) == [
        "Niemand hat gewechselt, bei dem sich nach Gemeinsamkeiten fragen ließe.",
    ]


def test_what_the_figures_rest_on() -> None:
    assert say.NOT_SHOWN == (
        "Erwartet heißt: So viele hätten gewechselt, wenn die Kunden einer Ausprägung so gewechselt "
        "hätten wie alle in denselben Segmenten. Ausprägungen mit weniger als 20 Kunden werden nicht "
        "geprüft; auf lange Sicht beruhen bis zu 2\u00a0% der Aussagen auf Zufall. Wer nur durch "
        "unsere Methode gewechselt hat, zählt nicht mit."
    )
    assert [say.about(3.14), say.about(1234.5)] == [
        "3,1",
        "1.234",
    ]
