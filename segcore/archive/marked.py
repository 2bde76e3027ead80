"""Pages that stand in no run: each ends with its own hash, so that an edited one is told from an old one."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

MARK = re.compile(r"(?s)(.*\n)<!-- ([0-9a-f]{64}) -->\n")
"""The page ends with the hash of what is before, for the runs that made an older one may be gone."""


def marked(page: str) -> str:
    """A page, which ends with a line break, with its hash behind."""
    return f"{page}<!-- {hashlib.sha256(page.encode()).hexdigest()} -->\n"


def is_ours(text: str) -> bool:
    """Whether a page is as :func:`marked` left it."""
    found = MARK.fullmatch(text)
    return found is not None and hashlib.sha256(found[1].encode()).hexdigest() == found[2]


def there(path: Path) -> str:
    """What a file says, "" if there is none that can be read as text."""
    try:
        return path.read_bytes().decode()
    except (OSError, ValueError):
        return ""
