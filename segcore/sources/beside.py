"""Files beside the extracts that no pattern of the study matches: a delivery that nobody reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from segcore.sources.extracts import Found
from segcore.sources.formats.table import ending_of

ALIKE = 0.9
"""How alike two names are that differ by a slip of the pen."""

RESEMBLES = 0.6
"""How alike the name of a file is at least to those of its source."""


ASIDE = {
    "alt",
    "archiv",
    "archive",
    "backup",
    "bak",
    "done",
    "erledigt",
    "old",
    "readme",
    "liesmich",
    "template",
}
"""Words of files and folders that somebody has laid aside, or that tell of the others."""


def beside(data_dir: Path, found: Sequence[Found], *, since: float | None) -> tuple[str, ...]:
    """Names of files in the folders of the extracts, or one below, that look like extracts and are none.

    Parameters
    ----------
    data_dir
        The data folder.
    found
        The extracts of all sources.
    since
        When the run before was published, in seconds since 1970; files with the ending of the extracts
        beside them count if they are newer, and whatever is named like an extract. None if there is no
        such run: only the latter count.

    Notes
    -----
    With another ending, or in a folder below, a file counts if its name begins with the words of an
    extract, unless it is that extract in another form.
    """
    files = [file for file in found if file.query is None]
    matched = {file.path for file in files}
    places = {(file.path.parent, ending_of(file.name)) for file in files}
    names = {_words(file.path) for file in files}
    stems = {_stem(file.path) for file in files}

    def counts(path: Path) -> bool:
        words = _words(path)
        if (path.parent, ending_of(path.name)) in places:
            newer = since is not None and path.stat().st_mtime > since
            return newer or any(_alike(words, name) for name in names)
        begins = any(words[: len(name)] == name if name else not words for name in names)
        known = ending_of(path.name) and _stem(path) not in stems
        return bool(known) and begins and not ASIDE & {*words}

    others = {path for folder in {folder for folder, _ in places} for path in _around(folder)} - matched
    return tuple(path.relative_to(data_dir).as_posix() for path in sorted(filter(counts, others)))


def resembled(name: str, extracts: Sequence[tuple[str, str]]) -> str:
    """The source with the extract that is named most like a file, or transactions.

    Parameters
    ----------
    name
        The file, relative to the data folder.
    extracts
        Source and name of each extract.
    """
    words = " ".join(_words(Path(name)))
    like = [
        (SequenceMatcher(None, words, " ".join(_words(Path(e)))).ratio(), source) for source, e in extracts
    ]
    best, source = max(like, key=lambda one: one[0], default=(0.0, ""))
    return source if best > RESEMBLES else "transactions"


def _around(folder: Path) -> Iterator[Path]:
    """The files of a folder and of those that it holds; none that is hidden, open or laid aside."""
    inside = [path for path in folder.iterdir() if not path.name.startswith((".", "~"))]
    below = [path for path in inside if path.is_dir() and not ASIDE & {*_words(path)}]
    yield from (path for path in inside if path.is_file())
    for inner in below:
        yield from (path for path in inner.iterdir() if path.name[0] not in ".~" and path.is_file())


def _stem(path: Path) -> str:
    return path.name.lower().removesuffix(ending_of(path.name))


def _words(path: Path) -> tuple[str, ...]:
    """The words of a name; its numbers are mostly dates."""
    return tuple(re.findall(r"[^\W\d_]+", _stem(path)))


def _alike(name: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one name has all words of the other, or nearly is the other."""
    inside = set(name) <= set(other) or set(other) <= set(name)
    return inside or SequenceMatcher(None, " ".join(name), " ".join(other)).ratio() > ALIKE
