"""Dirty files with the outcome that each must have: :data:`CASES`."""

from __future__ import annotations

from . import deliveries, encodings, shapes, structure, values, workbooks
from .builder import Case

MODULES = (values, structure, encodings, deliveries, shapes, workbooks)

CASES: tuple[Case, ...] = tuple(case for module in MODULES for case in module.made())
