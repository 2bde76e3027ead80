"""Files beside the extracts that no pattern of the study matches: a delivery that nobody reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

from segcore.sources.extracts import Found
from segcore.sources.formats.table import ending_of

ALIKE = 0.9
"""How alike two names are that differ by a slip of the pen."""


def beside(data_dir: Path, found: Sequence[Found], *, since: float | None) -> tuple[str, ...]:
    """Names of files in the folders of the extracts, with their endings, that are no extracts.

    Parameters
    ----------
    data_dir
        The data folder.
    found
        The extracts of all sources.
    since
        When the run before was published, in seconds since 1970; files that are newer count, and
        whatever is named like an extract. None if there is no such run: only these count.
    """
    matched = {file.path for file in found}
    places = {(file.path.parent, ending_of(file.name)) for file in found}
    names = {_words(file.path) for file in found}
    others = sorted(
        path
        for folder in {folder for folder, _ in places}
        for path in folder.iterdir()
        if path not in matched and (folder, ending_of(path.name)) in places and path.is_file()
    )
    return tuple(
        path.relative_to(data_dir).as_posix()
        for path in others
        if any(_alike(_words(path), name) for name in names)
        or (since is not None and path.stat().st_mtime > since)
    )


def _words(path: Path) -> tuple[str, ...]:
    """The words of a name; its numbers are mostly dates."""
    return tuple(re.findall(r"[^\W\d_]+", path.name.lower().removesuffix(ending_of(path.name))))


def _alike(name: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one name has all words of the other, or nearly is the other."""
    inside = set(name) <= set(other) or set(other) <= set(name)
    return inside or SequenceMatcher(None, " ".join(name), " ".join(other)).ratio() > ALIKE
