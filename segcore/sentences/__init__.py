"""What figures mean, in words: one function per fact, for notebooks, report and whatever comes later.

Plain numbers and small frames go in, plain text comes out; ``**so**`` marks what a page sets in bold.
Segments are named as the study names them.

A language is a package here, with the same modules and functions as every other. ``from
segcore.sentences import moves`` gives the module in whichever language is spoken when a function of it
is called, see :mod:`segcore.language`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from segcore import language

if TYPE_CHECKING:
    from segcore.sentences.en import attention as attention
    from segcore.sentences.en import books as books
    from segcore.sentences.en import calls as calls
    from segcore.sentences.en import causes as causes
    from segcore.sentences.en import checks as checks
    from segcore.sentences.en import conditions as conditions
    from segcore.sentences.en import crosscheck as crosscheck
    from segcore.sentences.en import customers as customers
    from segcore.sentences.en import dashboard as dashboard
    from segcore.sentences.en import drift as drift
    from segcore.sentences.en import evidence as evidence
    from segcore.sentences.en import followup as followup
    from segcore.sentences.en import insights as insights
    from segcore.sentences.en import letters as letters
    from segcore.sentences.en import mailings as mailings
    from segcore.sentences.en import mails as mails
    from segcore.sentences.en import model as model
    from segcore.sentences.en import moves as moves
    from segcore.sentences.en import records as records
    from segcore.sentences.en import representatives as representatives
    from segcore.sentences.en import runs as runs
    from segcore.sentences.en import segments as segments
    from segcore.sentences.en import slides as slides
    from segcore.sentences.en import stale_runs as stale_runs
    from segcore.sentences.en import two_runs as two_runs
    from segcore.sentences.en import unshown as unshown
    from segcore.sentences.en import usual as usual
    from segcore.sentences.en import warnings as warnings
    from segcore.sentences.en import why as why
    from segcore.sentences.en import workbook as workbook


class Subject:
    """The sentences on one subject, in the language that is spoken when one is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(_module(language.current(), self._name), name)


@cache  # a page of customers asks for 30,000 sentences
def _module(spoken: str, name: str) -> ModuleType:
    return import_module(f"{__name__}.{spoken}.{name}")


def __getattr__(name: str) -> Subject:
    if name.startswith("_") or find_spec(f"{__name__}.en.{name}") is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: Subject = globals().setdefault(name, Subject(name))
    return found
