"""What figures do not show, in German: the same figures as in English."""

from __future__ import annotations

from segcore import language
from segcore.sentences import unshown
from segcore.sentences.en import unshown as english


def test_every_figure_has_its_sentence_in_german() -> None:
    with language.spoken("de"):
        told = unshown.NOT_SHOWN
    assert list(told) == list(english.NOT_SHOWN)
    assert not set(told.values()) & set(english.NOT_SHOWN.values())


def test_a_rate_holds_no_other_season_in_german() -> None:
    with language.spoken("de"):
        assert unshown.NOT_SHOWN["sure"] == (
            "Eine Quote zeigt nicht, was der nächste Lauf bringt: Ihr Intervall enthält den Zufall, nicht "
            "eine andere Saison."
        )
