"""Where the extracts lie, and the patterns by which the next deliveries will be found too."""

from __future__ import annotations

import datetime as dt
import glob
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segcore.errors import InputError
from segcore.init.looking import Look
from segcore.sources.formats.table import ending_of, endings

DATES = {
    r"\d{4}-\d{2}-\d{2}": "%Y-%m-%d",
    r"\d{8}": "%Y%m%d",
    r"\d{4}_\d{2}_\d{2}": "%Y_%m_%d",
    r"\d{2}\.\d{2}\.\d{4}": "%d.%m.%Y",
    r"\d{2}-\d{2}-\d{4}": "%d-%m-%Y",
    r"\d{4}-\d{2}": "%Y-%m",
    r"\d{4}_\d{2}": "%Y_%m",
    r"\d{6}": "%Y%m",
}
"""Dates in names, and their forms; those of months sort as text."""

ISO = "%Y-%m-%d"


@dataclass(frozen=True)
class Folder:
    """The data folder: its path, and what the study must say about it ("" if nothing)."""

    path: Path
    data_dir: str


@dataclass(frozen=True)
class Files:
    """``files`` of a source; ``delivered``, ``date`` and ``note`` are "" if there is nothing to say."""

    patterns: tuple[str, ...]
    delivered: str = ""
    date: str = ""
    note: str = ""


def check_files(files: Sequence[Path]) -> None:
    """Check that there are files, and that segcore reads what they are.

    Raises
    ------
    InputError
        With every file that there is not, or that is of another kind.
    """
    problems = [f"{path}: there must be such a file (no such file)" for path in files if not path.is_file()]
    problems += [
        f"{path}: must end in one of {', '.join(endings())}; export the file as CSV"
        for path in files
        if path.is_file() and not ending_of(path.name)
    ]
    if not files:
        problems.append("segcore init must be given at least one extract with orders")
    if problems:
        raise InputError(*problems)


def folder_of(files: Sequence[Path], root: Path) -> Folder:
    """The data folder if all files lie in it, else the folder that they share."""
    usual = (root / (os.environ.get("SEGCORE_DATA_DIR") or "data")).resolve()
    parents = [path.resolve().parent for path in files]
    if all(parent.is_relative_to(usual) for parent in parents):
        return Folder(usual, "")
    common = Path(os.path.commonpath(parents))
    if common.is_relative_to(root.resolve()):
        return Folder(common, common.relative_to(root.resolve()).as_posix())
    from_root = Path(os.path.relpath(files[0].parent, root))
    if not files[0].is_absolute() and (root / from_root).resolve() == common:
        return Folder(common, from_root.as_posix())
    return Folder(common, common.as_posix())


def with_deliveries(files: Sequence[Path]) -> list[Path]:
    """The files, and those beside them that differ in the date in their name only, by name."""
    found = dict.fromkeys(map(Path, files))
    for path in list(found):
        parts = _around_date(path.name)
        if parts:
            pattern = f"{glob.escape(parts[0])}*{glob.escape(parts[1])}"
            alike = (other for other in path.parent.glob(pattern) if _around_date(other.name) == parts)
            found |= dict.fromkeys(sorted(alike))
    return list(found)


def files_of(looks: Sequence[Look], folder: Folder) -> Files:
    """How a source finds these files, and those of later deliveries that are called alike."""
    names = [look.path.resolve().relative_to(folder.path).as_posix() for look in looks]
    around = {_around_date(name) for name in names}
    parts = around.pop()
    if parts and not around:
        before, after, date = parts
        pattern = f"{glob.escape(before)}*{glob.escape(after)}"
        if len(list(folder.path.glob(pattern))) == len(names):
            if "%d" not in DATES[date]:
                return Files((pattern,), note="the month in the name says which delivery is the later")
            form = DATES[date] if DATES[date] != ISO else ""
            note = "the date in the name says which delivery is the later"
            return Files((pattern,), f"{re.escape(before)}({date})", form, note)
    note = "please check: where they overlap, the later one in this list counts" if len(names) > 1 else ""
    return Files(tuple(glob.escape(name) for name in names), note=note)


def dates_of(looks: Sequence[Look]) -> list[dt.date]:
    """The dates in the names of files that differ in them only, of months their first day; else none."""
    names = {look.path.name for look in looks}
    around = {_around_date(name) for name in names}
    parts = around.pop()
    if not parts or around:
        return []
    before, after, date = parts
    texts = [name[len(before) : len(name) - len(after)] for name in names]
    return [dt.datetime.strptime(text, DATES[date]).date() for text in texts]


def _around_date(name: str) -> tuple[str, str, str] | None:
    """What stands before and after the date in a name, and the expression for it."""
    for date, form in DATES.items():
        parts = re.fullmatch(rf"(.*?)(?<!\d)({date})(?!\d)(.*)", name)
        if parts and _is_date(parts[2], form):
            return parts[1], parts[3], date
    return None


def _is_date(text: str, form: str) -> bool:
    try:
        return 1990 < dt.datetime.strptime(text, form).year < 2100
    except ValueError:
        return False
