"""Why a customer is in its segment: the card of one customer in one run, from what the run kept.

:mod:`segcore.why.looking` finds the customer, :mod:`segcore.why.card` reads the card, and its words stand
in :mod:`segcore.sentences.why`.
"""

from __future__ import annotations

from segcore.why.card import Card, why
from segcore.why.looking import find
from segcore.why.many import cards
from segcore.why.told import Told

__all__ = ["Card", "Told", "cards", "find", "why"]
