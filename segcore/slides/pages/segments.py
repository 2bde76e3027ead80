"""Segments today: how large they are and what they bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.sentences import segments as say
from segcore.sentences.unshown import NOT_SHOWN
from segcore.slides.deck import Deck

if TYPE_CHECKING:
    from segcore.report import Report


def add(report: Report, deck: Deck) -> None:
    """Add the slide."""
    told = say.two_best(report.frame("segments"))
    deck.add("Segments today", told.rstrip("."), [told, NOT_SHOWN["segments"]])
