"""A new project for an analyst, and what an upgrade brings to one that is there.

What is written lies in ``segcore/template/``: links to this repository's own notebooks, studies and
docs, which a wheel holds as files, and pages that only such a project has.
"""

from __future__ import annotations

import os
import shlex
from importlib import metadata
from pathlib import Path

import segcore
from segcore.errors import UsageError
from segcore.files import write_text
from segcore.project import STUDIES

TEMPLATE = Path(segcore.__file__).parent / "template"
KEPT_UP = ("notebooks/*.py", "docs/**/*.md")
"""What an upgrade brings anew; all else belongs to the user once it is written."""

# The studies come last: they make the folder a project, which is then only compared.
PATTERNS = ("gitignore", "*.*", "runs/*.md", "reports/*.md", *KEPT_UP, "notebooks/*.toml", f"{STUDIES}/*.*")
RENAMED = {"gitignore": ".gitignore"}  # under its own name it would count in this repository


def new_project(folder: Path) -> list[str]:
    """Write a project, or compare the one that is there with what would be written.

    Parameters
    ----------
    folder
        Where; it is made if there is none. Nothing that is in it is overwritten.

    Returns
    -------
    list of str
        What was written, or which notebooks and pages differ, one sentence each.

    Raises
    ------
    UsageError
        If files are in the way, with all of them, or the folder cannot be written to.
    """
    if (folder / STUDIES).is_dir():
        return _differing(folder)
    texts = _texts(PATTERNS)
    in_the_way = [name for name, text in texts.items() if not _free(folder / name, text)]
    if in_the_way:
        raise UsageError(
            *(
                f"{folder / name}: must not be there yet, for segcore new overwrites nothing; move it away, "
                "or choose another folder"
                for name in in_the_way
            )
        )
    try:
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            write_text(folder / name, text)
        (folder / "data").mkdir(exist_ok=True)  # where the extracts go
    except OSError as error:
        raise UsageError(
            f"{folder}: must be a folder that can be written to ({error.strerror}); choose another"
        ) from None
    go = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    return [f"written: {folder / 'README.md'} and {len(texts) - 1} more files; try it:", f"{go}segcore demo"]


def _differing(folder: Path) -> list[str]:
    version = metadata.version("segcore")
    told = []
    for name, text in _texts(KEPT_UP).items():
        mine, new = folder / name, TEMPLATE / name
        if not mine.exists():
            told.append(f"{mine}: is missing, segcore {version} has it; to take it: {_taking(new, mine)}")
        elif not _free(mine, text):
            told.append(f"{mine}: differs from that of segcore {version}: diff -u {_quoted(mine, new)}")
    return told or [f"{folder}: its notebooks and docs are those of segcore {version}"]


def _taking(new: Path, mine: Path) -> str:
    make = "" if mine.parent.is_dir() else f"mkdir -p {_quoted(mine.parent)} && "
    return f"{make}cp {_quoted(new, mine)}"


def _quoted(*paths: Path) -> str:
    return shlex.join(map(str, paths))


def _texts(patterns: tuple[str, ...]) -> dict[str, str]:
    """Path in the project → text."""
    found = {
        path.relative_to(TEMPLATE).as_posix(): path for p in patterns for path in sorted(TEMPLATE.glob(p))
    }
    version = metadata.version("segcore")
    return {
        RENAMED.get(name, name): path.read_text(encoding="utf-8").replace("==VERSION", f"=={version}")
        for name, path in found.items()
    }


def _free(path: Path, text: str) -> bool:
    """Whether this text can stand there without a loss: nothing is there, or the same."""
    if not os.path.lexists(path):
        return True
    return path.is_file() and not path.is_symlink() and path.read_bytes() == text.encode()
