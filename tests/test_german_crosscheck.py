from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from segcore import language
from segcore.sentences import crosscheck as say


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


def hard(text: str) -> str:
    """The text with no-break spaces, which stand as tildes in it."""
    return text.replace("~", "\u00a0")


def compared(*rows) -> str:
    return say.compared(pd.DataFrame(rows, columns=["variable", "method", "worse_by", "same_edges"]))


def test_what_a_second_method_found():
    assert (
        compared(("recency", "jenkspy", 0.0, True), ("years", "jenkspy", 0.0, True))
        == "Jenkspy findet dieselben Grenzen für beide Variablen."
    )
    assert compared(("recency", "jenkspy", 0.0, True)) == "Jenkspy findet dieselben Grenzen für recency."
    assert compared(("recency", "jenkspy", 0.5, False), ("years", "jenkspy", 0.0, False)) == (
        "Jenkspy findet für recency **bessere Grenzen als der Kandidat**: vor dem Übernehmen als "
        "Fehler von segcore melden. Jenkspy findet andere Grenzen für years, die ebenso gut "
        "sind."
    )
    assert compared(("recency", "textbook", -0.5, False), ("years", "textbook", None, None)) == (
        "Das Lehrbuchverfahren findet schlechtere Grenzen für recency; die des Kandidaten "
        "bleiben also. Für years wurde kein zweites Verfahren versucht (das Lehrbuchverfahren)."
    )
