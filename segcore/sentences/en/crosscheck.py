"""How the candidate's edges stand beside those of a second method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.sentences.facts import crosscheck as facts
from segcore.wording import all_of, join, sentence

if TYPE_CHECKING:
    import pandas as pd


def compared(found: pd.DataFrame) -> str:
    """What the cross-check found, one sentence per fact.

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
    return join(names) if len(names) < of or of == 1 else f"{all_of(of)} variables"


_METHODS = {"jenkspy": "jenkspy", "textbook": "the textbook method"}
_FACTS = {
    "worse": "{method} finds **better edges than the candidate's** for {names}: "
    "report this as a defect of segcore before you accept them.",
    "same": "{method} finds the same edges for {names}.",
    "tied": "{method} finds other edges for {names}, which are equally good.",
    "better": "{method} finds worse edges for {names}, so the candidate's stand.",
    "none": "no second method was tried for {names} ({method}).",
}
