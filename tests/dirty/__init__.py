"""Dirty files with the outcome that each must have: :data:`CASES`."""

from __future__ import annotations

from . import encodings, structure, values
from .builder import Case

MODULES = (values, structure, encodings)

CASES: tuple[Case, ...] = tuple(case for module in MODULES for case in module.made())
