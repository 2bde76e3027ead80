"""Who moved and what they did, in German."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from test_sentences_moves import account, cell, movers, stay

from segcore import language
from segcore.sentences import moves as say
from segcore.sentences.en import moves as english


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


NONE = {"up": 0, "down": 0, "stayed": 0, "unranked": 0}


def worth_of(*moves: str) -> list[dict[str, object]]:
    values = {"up": 1351626.25, "down": 0, "gone": 46201.97}
    return [row | {"value": values.get(str(row["move"]), 7)} for row in movers(**dict.fromkeys(moves, (2,)))]


def test_everything_has_a_name_of_its_own() -> None:
    for german_words, words in ((say.MOVES, english.MOVES), (say.IN, english.IN), (say.OUT, english.OUT)):
        assert list(german_words) == list(words)
        assert not set(german_words.values()) & set(words.values())


def test_the_accounts_are_one_line_that_adds_up() -> None:
    assert say.equation(
        movers(up=(140,), down=(130,), stayed=(2723,), unranked=(2,), new=(12,), returned=(1,), gone=(5,))
    ) == ("3.000 beim letzten Lauf + 12 neu + 1 zurückgekehrt − 5 weggefallen = 3.008 jetzt.")
    assert say.equation([]) == "Dies ist der erste Lauf; Wechsel gibt es ab dem nächsten Lauf."


def test_who_moved_ordered_or_did_not() -> None:
    assert say.moved(movers(up=(284, 284), down=(407, 7), stayed=(9, 9), new=(4, 4))) == (
        "284 Kunden sind aufgestiegen, alle haben bestellt; 407 sind abgestiegen, 400 davon ohne Bestellung"
    )
    assert say.moved(movers(up=(2, 2), down=(2, 0), stayed=(9, 9), new=(4, 4))) == (
        "2 Kunden sind aufgestiegen, beide haben bestellt; 2 sind abgestiegen, beide ohne Bestellung"
    )
    assert say.moved(movers(up=(5, 0), down=(3, 3), stayed=(9, 9), new=(4, 4))) == (
        "5 Kunden sind aufgestiegen, keiner davon hat bestellt; 3 sind abgestiegen, alle trotz Bestellung"
    )
    assert say.moved(movers(up=(1, 1), down=(1, 0), stayed=(9, 9), new=(4, 4))) == (
        "1 Kunde ist aufgestiegen und hat bestellt; 1 Kunde ist ohne Bestellung abgestiegen"
    )
    assert say.moved(movers(up=(1, 0), down=(1, 1), stayed=(9, 9), new=(4, 4))) == (
        "1 Kunde ist ohne Bestellung aufgestiegen; 1 Kunde ist trotz Bestellung abgestiegen"
    )
    assert say.moved(movers(up=(3, 1), down=(0, 0), stayed=(9, 9), new=(4, 4))) == (
        "3 Kunden sind aufgestiegen, 1 davon hat bestellt; niemand ist abgestiegen"
    )
    assert say.moved(movers(up=(0, 0), down=(0, 0), stayed=(9, 9), new=(4, 4))) == (
        "Kein Kunde hat das Segment gewechselt"
    )


def test_after_a_date_the_verb_comes_first() -> None:
    assert say.moved(
        movers(up=(284, 283), down=(407, 0), stayed=(9, 9), new=(4, 4)), since="14. Februar"
    ) == (
        "Seit dem 14. Februar sind 284 Kunden aufgestiegen, 283 davon haben bestellt; 407 sind "
        "abgestiegen, alle ohne Bestellung"
    )
    assert say.moved(movers(up=(1, 1), down=(1, 0), stayed=(9, 9), new=(4, 4)), since="14. Februar") == (
        "Seit dem 14. Februar ist 1 Kunde aufgestiegen und hat bestellt; 1 Kunde ist ohne Bestellung "
        "abgestiegen"
    )
    assert say.moved(movers(up=(0, 0), down=(2, 0), stayed=(9, 9), new=(4, 4)), since="14. Februar") == (
        "Seit dem 14. Februar ist niemand aufgestiegen; 2 Kunden sind abgestiegen, beide ohne Bestellung"
    )
    assert say.moved(movers(up=(0, 0), down=(0, 0), stayed=(9, 9), new=(4, 4)), since="14. Februar") == (
        "Seit dem 14. Februar hat kein Kunde das Segment gewechselt"
    )


def test_where_there_is_little_room() -> None:
    assert say.ordered_shortly(movers(up=(284, 284), down=(407, 7))) == "davon bestellt: 284 / 7"
    assert say.ordered_shortly(movers(stayed=(9,))) == "niemand hat gewechselt"


def test_who_came_from_a_segment_that_no_longer_exists_is_told_of() -> None:
    assert say.moved(movers(unranked=(486, 3))) == (
        "Kein anderer Kunde hat das Segment gewechselt; 486 Kunden kamen aus einem aufgelösten Segment"
    )
    assert say.moved(movers(up=(1, 1), unranked=(1, 1)), since="3. März") == (
        "Seit dem 3. März ist 1 Kunde aufgestiegen und hat bestellt; niemand ist abgestiegen; 1 Kunde "
        "kam aus einem aufgelösten Segment"
    )


def test_who_stayed_ordered_or_did_not() -> None:
    assert say.what_others_did(movers(up=(9, 9), stayed=(1704, 929))) == (
        "1.704 Kunden sind in ihrem Segment geblieben, 929 davon haben bestellt."
    )
    assert say.what_others_did(movers(up=(9, 9), stayed=(5, 5))) == (
        "5 Kunden sind in ihrem Segment geblieben, alle haben bestellt."
    )
    assert say.what_others_did(movers(up=(9, 9), stayed=(2, 2))) == (
        "2 Kunden sind in ihrem Segment geblieben, beide haben bestellt."
    )
    assert say.what_others_did(movers(up=(9, 9), stayed=(5, 0))) == (
        "5 Kunden sind in ihrem Segment geblieben, keiner davon hat bestellt."
    )
    assert say.what_others_did(movers(up=(9, 9), stayed=(1, 1))) == (
        "1 Kunde ist in seinem Segment geblieben und hat wieder bestellt."
    )
    assert say.what_others_did(movers(up=(9, 9), stayed=(1, 0))) == (
        "1 Kunde ist in seinem Segment geblieben und hat nichts bestellt."
    )
    assert say.what_others_did(movers(up=(9, 9), stayed=(0, 0))) == ""


def test_movers_have_an_order_value() -> None:
    assert say.worth(worth_of("up", "down", "gone"), "EUR", "12 months") == (
        "Bestellwert der letzten 12 Monate: 1,35\u00a0Mio.\u00a0€ von Aufgestiegenen, 0,00\u00a0€ von "
        "Abgestiegenen und 46.200\u00a0€ von Weggefallenen."
    )
    assert say.worth(worth_of("stayed", "new", "returned"), "EUR", None) == (
        "Bestellwert aller Bestellungen: 7,00\u00a0€ von neuen Kunden und 7,00\u00a0€ von Zurückgekehrten."
    )
    assert say.worth(worth_of("stayed"), "EUR", None) == ""


def test_who_came_and_went() -> None:
    assert say.came_and_went(movers(up=(7,), new=(63,), returned=(5,), gone=(12,))) == (
        "63 Kunden sind neu, 5 sind zurückgekehrt und 12 sind weggefallen."
    )
    assert say.came_and_went(movers(up=(7,), new=(1,), returned=(1,), gone=(1,))) == (
        "1 Kunde ist neu, 1 ist zurückgekehrt und 1 ist weggefallen."
    )
    assert say.came_and_went(movers(up=(7,), new=(0,), returned=(2,), gone=(0,))) == (
        "2 Kunden sind zurückgekehrt."
    )
    assert say.came_and_went(movers(up=(7,), new=(0,), returned=(0,), gone=(1,))) == (
        "1 Kunde ist weggefallen."
    )
    assert say.came_and_went(movers(up=(7,), new=(0,), returned=(0,), gone=(0,))) == ""


def test_who_is_gone_is_gone_for_a_reason() -> None:
    assert say.gone(movers(up=(3,), gone=(54, 0, 0)), "36 months") == (
        "54 Kunden sind weggefallen: Sie haben seit 36 Monaten nichts bestellt."
    )
    assert say.gone(movers(up=(3,), gone=(54, 0, 4)), "36 months") == (
        "54 Kunden sind weggefallen: 50 haben seit 36 Monaten nichts bestellt, 4 sind nicht mehr in "
        "den Daten."
    )
    assert say.gone(movers(up=(3,), gone=(54, 0, 53)), "36 months") == (
        "54 Kunden sind weggefallen: 1 hat seit 36 Monaten nichts bestellt, 53 sind nicht mehr in den Daten."
    )
    assert say.gone(movers(up=(3,), gone=(54, 0, 54)), "36 months") == (
        "54 Kunden sind weggefallen: Sie sind nicht mehr in den Daten."
    )
    assert say.gone(movers(up=(3,), gone=(1, 0, 0)), "1 year") == (
        "1 Kunde ist weggefallen: Er hat seit 1 Jahr nichts bestellt."
    )
    assert say.gone(movers(up=(3,), gone=(1, 0, 1)), "36 months") == (
        "1 Kunde ist weggefallen: Er ist nicht mehr in den Daten."
    )
    assert say.gone(movers(up=(3,), gone=(2, 0, 0)), None) == (
        "2 Kunden sind weggefallen: Sie sind nicht mehr in den Daten."
    )
    assert say.gone(movers(up=(3,), gone=(0, 0, 0)), "36 months") == ""


def test_a_segment_says_what_came_in_and_went_out() -> None:
    assert say.account(
        account(
            start=861, up_into=166, down_into=14, new=11, returned=6, up_out_of=50, down_out_of=124, end=884
        )
    ) == (
        "Loyal ist um 23 auf 884 Kunden gewachsen. Zugänge: 166 aufgestiegen, 14 abgestiegen, 11 neu "
        "und 6 zurückgekehrt. Abgänge: 50 aufgestiegen und 124 abgestiegen."
    )
    assert say.account(account(start=2, gone=1, end=1)) == (
        "Loyal ist um 1 auf 1 Kunden geschrumpft. Zugänge: keine. Abgänge: 1 weggefallen."
    )
    assert say.account(account(start=5, end=5)) == (
        "Loyal hat weiterhin 5 Kunden. Zugänge: keine. Abgänge: keine."
    )
    assert say.account(account(start=5, other_into=2, down_out_of=2, end=5)) == (
        "Loyal hat weiterhin 5 Kunden. Zugänge: 2 aus einem aufgelösten Segment. Abgänge: 2 abgestiegen."
    )
    assert say.account(account("Sleeping", None, start=3, other_out_of=2, gone=1)) == (
        "Sleeping gibt es nicht mehr. Abgänge: 2 in andere Segmente und 1 weggefallen."
    )
    assert say.accounts([*account("A", 1, start=5, end=5), *account("B", 0, start=1, end=2, new=1)]) == (
        "A hat weiterhin 5 Kunden. Zugänge: keine. Abgänge: keine.\nB ist um 1 auf 2 Kunden gewachsen. "
        "Zugänge: 1 neu. Abgänge: keine."
    )


def test_a_matrix_says_of_which_segments_most_and_fewest_stayed() -> None:
    assert say.kept([stay("A", 0.88), stay("B", 0.5), stay("C", 0.324)]) == (
        "In A sind 88\u00a0% der Kunden geblieben, der höchste Anteil, in C 32\u00a0%, der niedrigste."
    )
    assert say.kept([stay("A", 0.88), stay("B", 0.88), stay("C", 0.3), stay("D", 0.3)]) == (
        "In A und B sind jeweils 88\u00a0% der Kunden geblieben, der höchste Anteil, in C und D "
        "jeweils 30\u00a0%, der niedrigste."
    )
    assert say.kept([stay("A", 0.88), stay("B", 0.88)]) == (
        "In A und B sind jeweils 88\u00a0% der Kunden geblieben."
    )
    assert say.kept([stay("A", 0.996), stay("B", 0.99, 19)]) == (
        "In A sind über 99\u00a0% der Kunden geblieben."
    )
    assert say.kept([]) == (
        "Kein Segment hatte beim letzten Lauf 20 oder mehr Kunden; Anteile würden wenig aussagen."
    )


def test_a_matrix_says_how_sure_its_rates_are() -> None:
    assert say.sure([cell(30, 0.25, 0.35), cell(20, 0.1, 0.5), cell(3), cell(0)]) == (
        "2 von 3 besetzten Zellen enthalten 20 oder mehr Kunden. Am unsichersten ist dabei die Quote "
        "von A nach B: 30\u00a0%, 95-%-Intervall 10–50\u00a0%."
    )
    assert say.sure([cell(30, 0.25, 0.35), cell(3)]) == (
        "1 von 2 besetzten Zellen enthält 20 oder mehr Kunden. Am unsichersten ist dabei die Quote von "
        "A nach B: 30\u00a0%, 95-%-Intervall 25–35\u00a0%."
    )
    assert say.sure([cell(30, 0.25, 0.35)]) == (
        "Die einzige besetzte Zelle enthält 20 oder mehr Kunden. Am unsichersten ist dabei die Quote "
        "von A nach B: 30\u00a0%, 95-%-Intervall 25–35\u00a0%."
    )
    assert say.sure([cell(30) | {"state": "new", "from_segment": "New"}]) == (
        "Die einzige besetzte Zelle enthält 20 oder mehr Kunden. Am unsichersten ist dabei die Quote "
        "von neuen Kunden nach B: 30\u00a0%, 95-%-Intervall 0–100\u00a0%."
    )
    assert say.sure([cell(30) | {"state": "returned"}]) == (
        "Die einzige besetzte Zelle enthält 20 oder mehr Kunden. Am unsichersten ist dabei die Quote "
        "von zurückgekehrten Kunden nach B: 30\u00a0%, 95-%-Intervall 0–100\u00a0%."
    )
    assert say.sure([cell(30) | {"state": "gone", "to_segment": "Gone"}]) == (
        "Die einzige besetzte Zelle enthält 20 oder mehr Kunden. Am unsichersten ist dabei die Quote "
        "der Weggefallenen aus A: 30\u00a0%, 95-%-Intervall 0–100\u00a0%."
    )
    assert say.sure([cell(19)]) == "Keine Zelle enthält 20 Kunden, deshalb sagt keine Quote viel aus."


def test_how_the_picture_is_read_leaves_out_what_is_not_there() -> None:
    assert say.how_to_read(NONE) == [
        (
            "**Lesehilfe.** Jedes farbige Band ist eine Gruppe von Kunden, die das Segment gewechselt "
            "haben. Es hat die Farbe des Segments, aus dem sie kommen; je dicker, desto mehr Kunden."
        ),
    ]
    assert say.how_to_read(NONE | {"down": 1, "stayed": 1, "unranked": 1})[1:] == [
        "Bänder, die nach rechts steigen, zeigen Aufstiege, fallende zeigen Abstiege.",
        "Das graue Band ist der eine Kunde, der in seinem Segment geblieben ist.",
        "1 Kunde kam aus einem aufgelösten Segment.",
    ]
    assert say.how_to_read(NONE | {"stayed": 1700, "unranked": 2})[1:] == [
        (
            "Graue Bänder sind die 1.700 Kunden, die in ihrem Segment geblieben sind. Sie sind alle "
            "gleich dick, damit man die Wechsel sieht."
        ),
        "2 Kunden kamen aus einem aufgelösten Segment.",
    ]


def test_who_is_not_drawn_is_named() -> None:
    assert say.not_drawn(movers(new=(57,), returned=(6,), gone=(12,))) == (
        "Nicht dargestellt: 57 neue Kunden, 6 zurückgekehrte Kunden und 12 weggefallene Kunden."
    )
    assert say.not_drawn(movers(new=(1,), gone=(1,))) == (
        "Nicht dargestellt: 1 neuer Kunde und 1 weggefallener Kunde."
    )
    assert say.not_drawn(movers(up=(3,))) == ""
