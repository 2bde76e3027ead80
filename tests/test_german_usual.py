"""What is usual, in German."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from test_sentences_usual import OFF, TODAY, judged, rate, size, stay

from segcore import language
from segcore.sentences import usual as say


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


def test_how_long_customers_stay() -> None:
    assert say.stays(
        [
            stay(
                884,
                stays=900,
                median_days=90.0,
                at_least=False,
                since_first=120,
                entered_now=70,
                back_again=313,
                were_better=1,
                usual_path="Champions > Loyal",
                took_it=36,
            )
        ]
    ) == (
        "Loyal (884 Kunden): Die Hälfte aller Aufenthalte ist nach 90 Tagen zu Ende; 120 sind seit "
        "mindestens 315 Tagen dort, seit dem ersten Lauf oder länger; 70 sind in diesem Lauf "
        "dazugekommen; 313 sind nicht zum ersten Mal dort; 1 ist schon einmal in einem besseren "
        "Segment gewesen; der häufigste Weg dorthin war Champions > Loyal (36 Kunden)."
    )
    assert say.stays([stay(20, stays=20, median_days=225.0, at_least=True, since_first=1)]) == (
        "Loyal (20 Kunden): Mehr als die Hälfte aller Aufenthalte dauert länger als 225 Tage; 1 ist "
        "seit mindestens 315 Tagen dort, seit dem ersten Lauf oder länger."
    )
    assert say.stays([stay(20, since_first=20)]) == (
        "Loyal (20 Kunden): Alle 20 sind seit mindestens 315 Tagen dort, seit dem ersten Lauf oder länger."
    )
    assert say.stays([stay(1, since_first=1, were_better=1)]) == (
        "Loyal (1 Kunde): Er ist seit mindestens 315 Tagen dort, seit dem ersten Lauf oder länger; er "
        "ist schon einmal in einem besseren Segment gewesen."
    )
    assert say.stays(
        [
            stay(
                2,
                stays=3,
                median_days=45.0,
                at_least=False,
                entered_now=2,
                back_again=2,
                took_it=1,
                usual_path="Lost > Loyal",
            )
        ]
    ) == (
        "Loyal (2 Kunden): Seit dem ersten Lauf haben zu wenige Aufenthalte begonnen, um zu sagen, wie "
        "lange einer dauert (3); beide sind in diesem Lauf dazugekommen; beide sind nicht zum ersten "
        "Mal dort."
    )
    assert say.stays([stay(0, stays=30, median_days=45.0, at_least=False)]) == ""


def test_how_fast_customers_move() -> None:
    assert say.rates([]) == (
        "Es gibt noch keine Quoten: Mit dem heutigen Modell wurden noch keine Wechsel beobachtet."
    )
    assert say.rates([rate("Lost", 400.4), rate("Lost", 400.4), rate("Good", 98.0)]) == (
        "Nach den Wechseln von 3 Läufen dauert ein Aufenthalt im Durchschnitt 98 Tage in Good und 400 "
        "Tage in Lost."
    )
    assert say.rates([rate("Lost", None, 1), rate("Good", 98.0, 1)]) == (
        "Nach den Wechseln eines Laufs dauert ein Aufenthalt im Durchschnitt 98 Tage in Good. Bisher "
        "hat niemand Lost verlassen."
    )
    assert say.rates([rate("Lost", None), rate("Good", None)]) == (
        "Bisher hat niemand Good oder Lost verlassen."
    )


def test_whether_a_run_is_unusual() -> None:
    assert say.unusual([]) == (
        "Ob dieser Lauf ungewöhnlich ist, lässt sich noch nicht sagen: Dazu braucht es drei Läufe in "
        "Folge, deren Segmente aus demselben Modell stammen."
    )
    assert say.unusual([judged("all runs", 0.04, degrees=36), judged("this run", 0.51, **OFF)]) == (
        "Dieser Lauf ist nicht ungewöhnlich: Die Kunden haben, vom Zufall abgesehen, so gewechselt wie "
        "in den 4 Läufen davor (Chi-Quadrat 12,3, 9 Freiheitsgrade, p = 0,51). Alle 5 Läufe zusammen "
        "unterscheiden sich stärker, als durch Zufall zu erwarten wäre (Chi-Quadrat 12,3, 36 "
        "Freiheitsgrade, p = 0,040)."
    )
    assert say.unusual(
        [judged("all runs", 0.2, degrees=36), judged("this run", 0.0004, degrees=1, **OFF)]
    ) == (
        "Dieser Lauf ist ungewöhnlich: Die Kunden haben anders gewechselt als in den 4 Läufen davor, "
        "und zwar stärker, als durch Zufall zu erwarten wäre (Chi-Quadrat 12,3, 1 Freiheitsgrad, p "
        "unter 0,001). Am weitesten weicht der Weg von Loyal nach At risk ab: 31 Kunden, zu erwarten "
        "waren 14. Alle 5 Läufe zusammen unterscheiden sich nicht stärker, als durch Zufall zu "
        "erwarten wäre (Chi-Quadrat 12,3, 36 Freiheitsgrade, p = 0,20)."
    )
    assert say.unusual([judged("this run", 0.01, 2, **OFF | {"customers": 1, "expected": 5.04})]) == (
        "Dieser Lauf ist ungewöhnlich: Die Kunden haben anders gewechselt als im Lauf davor, und zwar "
        "stärker, als durch Zufall zu erwarten wäre (Chi-Quadrat 12,3, 9 Freiheitsgrade, p = 0,010). "
        "Am weitesten weicht der Weg von Loyal nach At risk ab: 1 Kunde, zu erwarten waren 5,0."
    )
    assert say.unusual([judged("this run", 0.01, **OFF), judged("usual spread", 0.3)]) == (
        "Dieser Lauf ist nicht ungewöhnlich: Hier gleicht kein Lauf dem anderen. Er unterscheidet sich "
        "von den 4 Läufen davor stärker, als durch Zufall zu erwarten wäre (Chi-Quadrat 12,3, 9 "
        "Freiheitsgrade, p = 0,010), aber so, wie sich auch jene voneinander unterscheiden (p = 0,30). "
        "Am weitesten weicht der Weg von Loyal nach At risk ab: 31 Kunden, zu erwarten waren 14."
    )
    assert say.unusual([judged("this run", 0.04, **OFF), judged("usual spread", 0.001)]) == (
        "Dieser Lauf ist ungewöhnlich: Die Kunden haben anders gewechselt als in den 4 Läufen davor, "
        "und zwar stärker, als durch Zufall zu erwarten wäre (Chi-Quadrat 12,3, 9 Freiheitsgrade, p = "
        "0,040), und stärker, als sich jene voneinander unterscheiden (p = 0,001). Am weitesten weicht "
        "der Weg von Loyal nach At risk ab: 31 Kunden, zu erwarten waren 14."
    )
    assert say.unusual([judged("all runs", None), judged("this run", None)]) == (
        "Ein Vergleich ist nicht möglich: Kein Segment hatte in diesem Lauf und zuvor Kunden."
    )


def test_what_the_next_run_is_going_to_show() -> None:
    assert say.forecast([size("Good", 1207.6, 1190, 1225), size("Lost", 3.27, 0, 7, arrivals=0)]) == (
        "Wenn Kunden weiter so wechseln, kommen und gehen wie bisher, sind am 31. März 2026 zu "
        "erwarten: 1.208 Good (1.190 bis 1.225) und 3 Lost (0 bis 7); 2 davon neu oder "
        "zurückgekehrt."
    )
    assert say.in_the_end([size("Good", 1207.6, 1190, 1225), size("Lost", 3.27, 0, 7, arrivals=0)]) == (
        "Ginge es immer so weiter, wären am Ende von allen Kunden 50\u00a0% Good und 50\u00a0% Lost."
    )
    assert say.in_the_end([size("Good", 5, 4, 6, end=None)]) == ""
    assert say.forecast([]) == (
        "Es gibt keine Prognose: Dazu braucht es zwei Läufe in Folge, deren Segmente aus demselben "
        "Modell stammen."
    )


def test_how_the_last_forecast_did() -> None:
    assert say.held([size("Good", 5, 4, 6)], TODAY) == ""
    assert say.held([size("Good", 5, 4, 6, 6, day=TODAY)], TODAY) == (
        "Die letzte Prognose, für den 14. Februar 2026, ist für das Segment eingetroffen."
    )
    assert say.held([size("Good", 5, 4, 6, 6, day=TODAY), size("Lost", 5, 4, 6, 4, day=TODAY)], TODAY) == (
        "Die letzte Prognose, für den 14. Februar 2026, ist für alle Segmente eingetroffen."
    )
    assert say.held(
        [
            size("Good", 5, 4, 6, 5, day=dt.date(2026, 2, 10)),
            size("Lost", 5, 4, 6, 7, day=dt.date(2026, 2, 10)),
            size("Low", 5, 4, 6, 3, day=dt.date(2026, 2, 10)),
        ],
        TODAY,
    ) == (
        "Die letzte Prognose, für den 10. Februar 2026, ist für 1 von 3 Segmenten eingetroffen: Lost "
        "hat 7, vorhergesagt waren 4 bis 6; Low hat 3, vorhergesagt waren 4 bis 6. Dieser Lauf ist vom "
        "14. Februar 2026."
    )
