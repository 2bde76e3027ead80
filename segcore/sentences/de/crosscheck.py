"""How the candidate's edges stand beside those of a second method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.sentences.facts import crosscheck as facts
from segcore.wording import all_of, join, sentence

if TYPE_CHECKING:
    import pandas as pd


def compared(found: pd.DataFrame) -> str:
    """What the cross-check found, one sentence per fact: ``Jenkspy findet dieselben Grenzen für …``.

    Parameters
    ----------
    found
        variable, method, worse_by and same_edges of :func:`segcore.crosscheck.against_jenkspy`.
    """
    said = [
        _FACTS[fact].format(method=_METHODS.get(method, method), names=_names(names, len(found)))
        for fact, method, names in facts.found(found)
    ]
    return " ".join(sentence(text) for text in said)


def _names(names: list[str], of: int) -> str:
    return join(names) if len(names) < of or of == 1 else f"{all_of(of)} Variablen"


_METHODS = {"textbook": "das Lehrbuchverfahren"}
_FACTS = {
    "worse": "{method} findet für {names} **bessere Grenzen als der Kandidat**: "
    "vor dem Übernehmen als Fehler von segcore melden.",
    "same": "{method} findet dieselben Grenzen für {names}.",
    "tied": "{method} findet andere Grenzen für {names}, die ebenso gut sind.",
    "better": "{method} findet schlechtere Grenzen für {names}; die des Kandidaten bleiben also.",
    "none": "für {names} wurde kein zweites Verfahren versucht ({method}).",
}
