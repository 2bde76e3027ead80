"""Beschriftungen auf Deutsch, nach der Stelle, an der sie vorkommen."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

LABELS: dict[str, str] = {}
"""Englische Beschriftung → deutsche, aus allen Modulen hier."""

for _found in iter_modules(__path__):
    LABELS |= import_module(f"{__name__}.{_found.name}").LABELS
