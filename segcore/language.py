"""In which language pages, lists and figures speak: English, unless the study says otherwise.

A language is the package ``segcore.sentences.<language>``: a module for each subject, with the same
functions in every language, and ``labels``, which gives English labels in that language. Whoever makes
something for a study says so once, :func:`use` in a notebook and :func:`spoken` elsewhere; what is said
to the analyst at the command line stays English.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""Language, as ``lang`` in HTML has it → how it calls itself."""

# Of the process, for the cells of a notebook do not share what belongs to a context.
_PROCESS = {"language": "en"}
_WITHIN = threading.local()  # of a thread, for a run makes pages in one and tells of progress in another


def current() -> str:
    """The language that is spoken now."""
    within: list[str] = getattr(_WITHIN, "languages", [])
    return within[-1] if within else _PROCESS["language"]


def use(language: str) -> None:
    """Speak a language of :data:`LANGUAGES` in this process from here on."""
    _PROCESS["language"] = language


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Speak a language of :data:`LANGUAGES` in this thread within a ``with`` block."""
    before: list[str] = getattr(_WITHIN, "languages", [])
    _WITHIN.languages = [*before, language]
    try:
        yield
    finally:
        _WITHIN.languages = before


def say(label: str, /, **values: Any) -> str:
    """A label in the language that is spoken.

    Parameters
    ----------
    label
        The English label, with names in braces for what is filled in: a head, a title, a caption. What
        has grammar is a sentence, and a function of :mod:`segcore.sentences`.
    values
        What is filled in, as text.

    Raises
    ------
    KeyError
        If the language lacks the label; the tests look for every label in every language.
    """
    text = label if current() == "en" else _labels(current())[label]
    return text.format(**values) if values else text


def _labels(language: str) -> dict[str, str]:
    labels: dict[str, str] = import_module(f"segcore.sentences.{language}.labels").LABELS
    return labels
