from __future__ import annotations

from collections.abc import Iterator

import pytest

from segcore import language
from segcore.sentences import evidence as say

TARGETS = ("Champions", "Loyal")


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


def hard(text: str) -> str:
    """The text with no-break spaces, which stand as tildes in it."""
    return text.replace("~", "\u00a0")


def followed(**given) -> dict[str, object]:
    row = {
        "run_date": None, "segment": None, "runs": 1, "followed": 160, "after": 38.0, "expected": 17.45,
        "difference": 20.55, "low95": -8.22, "high95": 8.18,
    }  # fmt: skip
    return row | given


def effect(**given) -> dict[str, object]:
    row = {
        "what": "reached", "evidence": "adjusted", "why": "nothing_held_out", "difference": 0.08,
        "low": 0.028, "high": 0.132, "share": 0.231, "other": 0.151, "customers": 492, "others": 2995,
        "runs": 7, "outcomes": 620,
        "detectable": 0.051, "day": 22, "overlap": 0.91, "imbalance": 0.403, "imbalance_left": 0.104,
    }  # fmt: skip
    return row | given


PLAN = effect(evidence="none", why="", customers=4960, others=496, detectable=0.063, other=0.3)
RANDOMISED = effect(evidence="randomised", why="", day=None, overlap=None, customers=540, others=60)
NONE = effect(evidence="none", why="few_followed", detectable=None, difference=None)
CALM = effect(what="placebo", difference=0.004, low=-0.03, high=0.038)


def test_the_heading_says_what_was_found():
    assert say.finding({}, effect(), TARGETS) == "Niemand war zum Nachfassen vorgesehen"
    assert say.finding(followed(followed=0), effect(), TARGETS) == (
        "Keiner der Kunden, die zum Nachfassen vorgesehen waren, wurde kontaktiert"
    )
    assert say.finding(followed(expected=None), effect(), TARGETS) == (
        "Was das Nachfassen bewirkt hat, lässt sich noch nicht sagen: Zu wenige Kunden blieben "
        "zum Vergleich ohne Kontakt"
    )
    assert say.finding(followed(), effect(), TARGETS) == (
        "Kontaktierte Kunden haben Champions oder Loyal öfter erreicht als erwartet: 38 statt 17 "
        "(kein Wirkungsnachweis)"
    )
    assert say.finding(followed(runs=7), effect(), TARGETS) == (
        "In sieben Läufen haben kontaktierte Kunden Champions oder Loyal öfter erreicht als "
        "erwartet: 38 statt 17 (kein Wirkungsnachweis)"
    )
    assert say.finding(followed(after=8.0, difference=-9.45), effect(), TARGETS) == (
        "Kontaktierte Kunden haben Champions oder Loyal seltener erreicht als erwartet: 8 statt 17 "
        "(kein Wirkungsnachweis)"
    )
    assert say.finding(followed(after=20.0, difference=2.55), effect(), TARGETS) == (
        "Kontaktierte Kunden haben Champions oder Loyal etwa so oft erreicht wie ohne Kontakt: "
        "20, erwartet 17 (kein Wirkungsnachweis)"
    )


def test_only_a_hold_out_shows_anything():
    assert say.finding(followed(), {**RANDOMISED, "low": 0.02}, TARGETS) == hard(
        "Die Kontrollgruppe zeigt, dass die Anrufliste geholfen hat: In sieben Läufen haben 23~% "
        "der Kunden auf der Liste Champions oder Loyal erreicht, von den zurückgehaltenen 15~%"
    )
    assert say.finding(followed(), {**RANDOMISED, "low": -0.02}, TARGETS) == hard(
        "Die Kontrollgruppe zeigt keinen Unterschied, der über Zufall hinausgeht: In sieben "
        "Läufen haben 23~% der Kunden auf der Liste Champions oder Loyal erreicht, von den "
        "zurückgehaltenen 15~%"
    )
    assert say.finding(followed(), {**RANDOMISED, "low": -0.2, "high": -0.01, "runs": 1}, TARGETS) == hard(
        "Die Kontrollgruppe zeigt, dass Kunden auf der Liste schlechter abschnitten: Im bisher "
        "einzigen Lauf haben 23~% der Kunden auf der Liste Champions oder Loyal erreicht, von "
        "den zurückgehaltenen 15~%"
    )
    assert say.lead(followed(), {**RANDOMISED, "low": 0.02}, TARGETS) == hard(
        "Die Kontrollgruppe zeigt, dass die Anrufliste geholfen hat: In sieben Läufen haben 23~% "
        "der Kunden auf der Liste Champions oder Loyal erreicht, von den zurückgehaltenen 15~%."
    )
    assert say.lead(followed(), effect(), TARGETS) == (
        "Kontaktierte Kunden haben Champions oder Loyal öfter erreicht als erwartet: 38 statt "
        "17; ohne Kontrollgruppe ist das kein Nachweis einer Wirkung."
    )


def test_the_evidence_is_said():
    assert say.evidence(RANDOMISED) == (
        "**Datenlage: zufällige Kontrollgruppe.** Wer von der Anrufliste wegblieb, entschied das "
        "Los, und das Ergebnis lag vorher vor; jeder zählt so, wie das Los entschied, angerufen "
        "oder nicht. Der Unterschied beträgt 8 Prozentpunkte (95-%-Intervall 3 bis 13 "
        "Prozentpunkte; in sieben Läufen 540 auf der Liste, 60 zurückgehalten; ein Kunde zählt "
        "in jedem Lauf einmal)."
    )
    assert say.evidence(effect()) == hard(
        "**Datenlage: bereinigter Vergleich, nicht ausgelost. Kein Nachweis einer Wirkung.** "
        "Niemand wurde zufällig zurückgehalten. Verglichen werden Kunden, die bis Tag 22 nach "
        "einem Lauf nicht bestellt hatten: die bis dahin kontaktierten mit den übrigen. Bei "
        "gleichem Segment, ähnlich langer Zeit seit der letzten Bestellung und ähnlich vielen "
        "Bestellungen beträgt der Unterschied 8 Prozentpunkte (95-%-Intervall 3 bis 13 "
        "Prozentpunkte). Für 91~% gibt es jemanden zum Vergleich; die Gruppen sind ausgeglichen "
        "(größter Unterschied 0,40 Standardabweichungen vor und 0,10 nach der Bereinigung). "
        "Betreuer wählen selbst, bei wem sie nachfassen, auch nach Gründen, die nirgends erfasst "
        "sind; das allein kann einen Unterschied von zehn Prozentpunkten ausmachen."
    )
    assert say.evidence(effect(evidence="raw", why="nobody_alike")) == (
        "**Datenlage: einfacher Vergleich. Kein Nachweis einer Wirkung.** Die kontaktierten "
        "Kunden und die übrigen sind einander zu unähnlich. Verglichen werden Kunden, die bis "
        "Tag 22 nach einem Lauf nicht bestellt hatten: die bis dahin kontaktierten mit den "
        "übrigen. Ihre Anteile unterscheiden sich, ohne jede Bereinigung, um 8 Prozentpunkte "
        "(95-%-Intervall 3 bis 13 Prozentpunkte). Betreuer wählen selbst, bei wem sie "
        "nachfassen, auch nach Gründen, die nirgends erfasst sind; das allein kann einen "
        "Unterschied von zehn Prozentpunkten ausmachen."
    )
    assert say.evidence(NONE) == (
        "**Datenlage: zu wenige Daten. Kein Nachweis einer Wirkung.** Weniger als 20 Kunden "
        "wurden kontaktiert, bevor sie bestellt haben."
    )
    assert say.evidence({**NONE, "why": "few_unfollowed"}) == (
        "**Datenlage: zu wenige Daten. Kein Nachweis einer Wirkung.** Ohne Kontakt sind weniger "
        "als 200, auch wenn jeder Kunde in jedem Lauf einmal zählt."
    )


def test_all_but_a_draw_says_that_it_is_no_effect():
    for other in (effect(), effect(evidence="raw", why="nobody_alike"), NONE, {}):
        assert "Kein Nachweis einer Wirkung." in say.evidence(other)
    assert "die Gruppen sind nicht ausgeglichen" in say.evidence(effect(imbalance_left=0.2))


def test_differences_are_points_of_a_percentage():
    assert [say.points(share) for share in (0.08, -0.01, 0.004, 0.0)] == [
        "8 Prozentpunkte",
        "−1 Prozentpunkt",
        "unter 1 Prozentpunkt",
        "0 Prozentpunkte",
    ]


def test_the_least_difference_that_could_be_found():
    assert say.enough(effect(), PLAN) == (
        "Bei 3.487 verglichenen Kunden (ein Kunde zählt in jedem Lauf einmal) würde ein "
        "Unterschied unter 5 Prozentpunkten in mehr als einem von fünf Fällen übersehen. Nur "
        "eine Kontrollgruppe weist eine Wirkung nach: Werden 496 von 4.960 Kunden zurückgehalten "
        "(so viele ergäben acht Läufe wie dieser), zeigt sich eine Wirkung ab 6 Prozentpunkten."
    )
    assert say.enough(effect(low=-0.02, runs=1), {}) == (
        "Bei 3.487 verglichenen Kunden würde ein Unterschied unter 5 Prozentpunkten in mehr als "
        "einem von fünf Fällen übersehen; die Daten reichen also nicht, um einen Unterschied "
        "auszuschließen."
    )
    assert say.enough(NONE, {}) == "Für einen Vergleich gibt es zu wenige Daten."
    for others in (0, 19):
        assert say.enough({}, {**PLAN, "customers": 24, "others": others, "detectable": None}) == (
            "Nur eine Kontrollgruppe weist eine Wirkung nach. Mit so kurzen Listen wie den letzten umfasst "
            f"sie nach acht Läufen {others} von 24 Kunden: zu wenige für einen Vergleich."
        )


def test_the_placebo_says_whether_the_comparison_can_be_trusted():
    assert say.placebo({}) == ""
    assert say.placebo(effect(evidence="none", why="few_before", customers=1700, others=172, outcomes=1)) == (
        "**Eine Gegenprobe ist nicht möglich:** Sie betrachtet die Bestellungen im Zeitraum "
        "davor, und von 1.872 Kunden, die in beiden Zeiträumen zum Nachfassen vorgesehen waren, "
        "hatte 1 im ersten bestellt; denn wer bestellt, verlässt diese Segmente. Sie sagt "
        "deshalb nichts für und nichts gegen den Vergleich."
    )
    assert say.placebo(effect(evidence="none", why="few_before", customers=1, others=0, outcomes=0)) == (
        "**Eine Gegenprobe ist nicht möglich:** Sie betrachtet die Bestellungen im Zeitraum "
        "davor, und von 1 Kunden, der in beiden Zeiträumen zum Nachfassen vorgesehen war, hatte "
        "keiner im ersten bestellt; denn wer bestellt, verlässt diese Segmente. Sie sagt deshalb "
        "nichts für und nichts gegen den Vergleich."
    )
    assert say.placebo(CALM) == (
        "**Gegenprobe:** Der gleiche Vergleich mit den Bestellungen im Zeitraum davor, an denen "
        "die Anrufe seither nichts ändern konnten, ergibt unter 1 Prozentpunkt (95-%-Intervall "
        "−3 bis 4 Prozentpunkte). Das ist nicht mehr, als der Zufall erklärt, und so soll es "
        "sein."
    )
    assert say.placebo(effect(difference=-0.05, low=-0.09, high=-0.01)) == (
        "**Gegenprobe:** Der gleiche Vergleich mit den Bestellungen im Zeitraum davor, an denen "
        "die Anrufe seither nichts ändern konnten, ergibt −5 Prozentpunkte (95-%-Intervall −9 "
        "bis −1 Prozentpunkte). Die Gruppen haben sich also schon unterschieden, bevor jemand "
        "angerufen hat; die Zahlen oben sind nicht belastbar."
    )


def test_a_notebook_tells_it_all_without_marks():
    table = [RANDOMISED, {**PLAN, "what": "plan"}, CALM]
    assert say.told(table, [followed()], TARGETS).split("\n") == [
        hard(
            "Die Kontrollgruppe zeigt, dass die Anrufliste geholfen hat: In sieben Läufen haben "
            "23~% der Kunden auf der Liste Champions oder Loyal erreicht, von den "
            "zurückgehaltenen 15~%."
        ),
        (
            "Datenlage: zufällige Kontrollgruppe. Wer von der Anrufliste wegblieb, entschied das "
            "Los, und das Ergebnis lag vorher vor; jeder zählt so, wie das Los entschied, "
            "angerufen oder nicht. Der Unterschied beträgt 8 Prozentpunkte (95-%-Intervall 3 bis "
            "13 Prozentpunkte; in sieben Läufen 540 auf der Liste, 60 zurückgehalten; ein Kunde "
            "zählt in jedem Lauf einmal)."
        ),
        (
            "Bei 600 verglichenen Kunden (ein Kunde zählt in jedem Lauf einmal) würde ein "
            "Unterschied unter 5 Prozentpunkten in mehr als einem von fünf Fällen übersehen."
        ),
        (
            "Gegenprobe: Der gleiche Vergleich mit den Bestellungen im Zeitraum davor, an denen "
            "die Anrufe seither nichts ändern konnten, ergibt unter 1 Prozentpunkt "
            "(95-%-Intervall −3 bis 4 Prozentpunkte). Das ist nicht mehr, als der Zufall "
            "erklärt, und so soll es sein."
        ),
        (
            "Das zeigt nicht, was ein Kontakt bei einem einzelnen Kunden bewirkt, und nicht, was "
            "er bei Kunden bewirkt, die auf keiner Liste standen."
        ),
    ]
    assert say.told([], [], TARGETS) == (
        "Niemand war zum Nachfassen vorgesehen, oder in die Zeit der gezählten Läufe fiel kein Kontakt."
    )
