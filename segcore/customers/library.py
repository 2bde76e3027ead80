"""The table library of the page: DataTables as the package ``itables`` ships it, made fit for one page."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from segcore.errors import SegcoreError
from segcore.report.written import inert

BUNDLE = ("itables", "dt_bundle.js")
EXPORTS = re.compile(r"export\s*\{([^{}]*)\}\s*;?")
JQUERY = re.compile(r"(?:^|,)\s*([\w$]+) as jQuery\s*(?:,|$)")


@lru_cache(maxsize=1)
def library() -> str:
    """The library as the text of a module script; it leaves ``jQuery``, which carries it, to the next one.

    Notes
    -----
    The package makes a module that others import; nothing can be imported in a page that may ask nobody
    for anything, so what the module exports is left to the page instead.

    Raises
    ------
    SegcoreError
        If the package is not as it was when this was written.
    """
    package, path = BUNDLE
    spec = find_spec(package)  # it is not imported, for that takes long and does more
    if spec is None or spec.origin is None:
        raise SegcoreError(f"{package} must be installed (it is not); install segcore again: make install")
    text = Path(spec.origin).with_name("html").joinpath(path).read_text(encoding="utf-8")
    exports = EXPORTS.findall(text)
    found = JQUERY.search(exports[0]) if len(exports) == 1 else None
    if found is None:
        raise SegcoreError(
            f"{package} must export jQuery once in {path} (version {version(package)} does not); install "
            "the version of the lock file: make install"
        )
    text = EXPORTS.sub(lambda _: f"globalThis.segcoreLibrary={found[1]};", text)
    return inert(text)
