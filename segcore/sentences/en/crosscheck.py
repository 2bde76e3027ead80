"""How the candidate's edges stand beside those of a second method."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    parts = found.assign(
        fact=[_fact(*row) for row in zip(found["worse_by"], found["same_edges"], strict=True)]
    )
    said = []
    for fact, text in _FACTS.items():
        for method, rows in parts[parts["fact"] == fact].groupby("method"):
            names = _names(rows["variable"].tolist(), len(found))
            said.append(text.format(method=_METHODS.get(str(method), method), names=names))
    return " ".join(sentence(text) for text in said)


def _fact(worse_by: float | None, same_edges: bool | None) -> str:
    if worse_by is None or worse_by != worse_by:
        return "none"
    if worse_by == 0:
        return "same" if same_edges else "tied"
    return "worse" if worse_by > 0 else "better"


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
