"""A package that nobody here needs is kept away, for it takes seconds to import."""

from __future__ import annotations

import sys


def without_grammars() -> None:
    """Keep a package away that builds grammars for over a second whenever jsonschema is imported.

    Call it before Altair, nbformat or jupytext is imported. It checks how addresses are written, which
    no notebook and no chart holds, and is there only where JupyterLab or the tests are installed.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
