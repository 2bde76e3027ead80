"""In which currency amounts are: as a column, the name of a column, or a sign beside the numbers says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from segcore.init.forms import SIGNS
from segcore.init.guesses import Guess

USUAL = "EUR"


def currency_of(guesses: Sequence[Guess]) -> tuple[str, str]:
    """The currency of a study, and from where it is known."""
    for guess in guesses:
        for seen in guess.seen("currency")[:1]:
            named = Counter(value for value in seen.values if re.fullmatch("[A-Z]{3}", value))
            if named:
                first, *others = named
                more = f"; {', '.join(others[:3])} will be set aside" if others else ""
                return first, f"from {seen.name}{more}"
    for name in ("amount", "gross", "price"):
        for seen in guesses[0].seen(name)[:1]:
            for text, source in (
                (" ".join(seen.values[:50]), "beside the numbers"),
                (seen.name, "in the name"),
            ):
                for sign, currency in SIGNS.items():
                    if sign in text:
                        return currency, f"from {sign} {source} of {seen.name}"
    return USUAL, "please check: no column says it"
