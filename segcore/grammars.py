"""Packages that nobody here needs are kept away, for they take seconds to import."""

from __future__ import annotations

import sys

FORMATS = ("rfc3987_syntax", "rfc3986_validator", "isoduration")
"""What builds grammars, for over a second, whenever jsonschema is imported."""


def without_grammars() -> None:
    """Keep packages away that check how addresses and times are written, which no notebook or chart holds.

    Call it before Altair, nbformat or jupytext is imported. They are there only where JupyterLab or the
    tests are installed.
    """
    for name in FORMATS:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
