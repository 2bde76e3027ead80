"""Files on disk: hashes, writes that are whole or not there, and what outlives a power cut."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

PARTIAL = ".segcore-partial"
"""How the name of a file ends that is being written, so that what was left of it can be told apart."""

SCRATCH = ".segcore-"
"""How the name of a folder begins in which something is being made."""

LITTER = re.compile(
    r"\.ipynb_checkpoints|\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.nfs.*|.*\.sw[op]|.*~|\.~lock\..*#"
)
"""What desktops, editors and file servers leave in folders that one looks at."""


def natural(name: str) -> list[tuple[str, int]]:
    """A key that puts sales_9 before sales_10."""
    return [(text, int(number or -1)) for text, number in re.findall(r"(\D*)(\d*)", name)]


def files_in(folder: Path) -> dict[str, Path]:
    """Everything below a folder that is no folder, by path in it and in the order of those paths.

    Links are not followed, and a folder that cannot be opened stands for what is in it; the litter
    of other programs is left out.
    """
    return dict(sorted((path.relative_to(folder).as_posix(), path) for path in _walk(folder)))


def remove_litter(folder: Path) -> None:
    """Remove what :func:`files_in` leaves out, as far as a file server lets it go."""
    for path in [path for path in folder.rglob("*") if LITTER.fullmatch(path.name)]:
        with contextlib.suppress(OSError):
            remove(path)


def _walk(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = folder / entry.name
            if LITTER.fullmatch(entry.name):
                continue
            if not entry.is_dir(follow_symlinks=False):
                yield path
                continue
            try:
                yield from list(_walk(path))
            except OSError:
                yield path


def what_it_is(path: Path) -> str:
    """What lies at a path, in words; "" for a plain file that can be read."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    if stat.S_ISREG(mode):
        return "" if os.access(path, os.R_OK) else "a file that cannot be read"
    if stat.S_ISLNK(mode):
        return "a link" if path.exists() else "a link to nothing"
    return "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"


def sha256_of(path: Path) -> str:
    """Hash of a file's content, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def has_content(path: Path, sha256: str) -> bool:
    """Whether a plain file of this content lies at a path."""
    try:
        return not what_it_is(path) and sha256_of(path) == sha256
    except OSError:
        return False


def json_text(value: Any) -> str:
    """A value as JSON that is the same text for the same value."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON file whole or not at all."""
    write_text(path, json_text(value))


def write_text(path: Path, text: str, *, durable: bool = False, closed: bool = False) -> None:
    """Write a text file whole or not at all.

    Parameters
    ----------
    path, text
        The file, and what stands in it.
    durable
        Whether to wait until the disk has it.
    closed
        Whether nobody may read it but its owner, its group, and whom the folder lets in by an ACL.
    """
    with whole(path, durable=durable) as partial:
        if closed:
            os.close(os.open(partial, os.O_CREAT | os.O_WRONLY, 0o660))
        partial.write_text(text, encoding="utf-8", newline="\n")


@contextlib.contextmanager
def whole(target: Path, *, durable: bool = False) -> Iterator[Path]:
    """Another name to write a file under, which is taken off when it is done.

    Parameters
    ----------
    target
        Where the file appears, whole or not at all, in the place of what is there.
    durable
        Whether to wait until file and folder have reached the disk.
    """
    partial = target.with_name(f".{target.name}.{os.getpid()}{PARTIAL}")
    try:
        yield partial
        if durable:
            flush(partial)
        os.replace(partial, target)
        if durable:
            flush(target.parent)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


def cached(target: Path, make: Callable[[Path], Path]) -> Path:
    """A file that is made once, and made again if it is not as it was made.

    Parameters
    ----------
    target
        Where it is kept; its hash stands beside it. Both may be deleted at any time, and need not
        outlive a power cut.
    make
        Makes the file, somewhere in the folder that it is given, and says where.
    """
    if not is_cached(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=target.parent) as scratch:
            put_cached(make(Path(scratch)), target)
    return target


def is_cached(target: Path) -> bool:
    """Whether a file is there as it was made; its hash stands beside it."""
    try:
        return has_content(target, _beside(target).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return False  # it was not made yet, or not to its end


def put_cached(made: Path, target: Path) -> None:
    """Move a file that was made to where it is kept, and write its hash beside it."""
    digest = sha256_of(made)
    os.replace(made, target)
    write_text(_beside(target), f"{digest}\n")


def _beside(target: Path) -> Path:
    return target.with_suffix(".sha256")


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, and make sure that the disk knows."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
    flush(folder.parent)


def settle(folder: Path) -> None:
    """Make sure that everything in a folder has reached the disk."""
    for path in files_in(folder).values():
        flush(path)
    for path in [*(p for p in folder.rglob("*") if p.is_dir()), folder]:
        flush(path)


def move(source: Path, target: Path) -> None:
    """Rename a file or a folder, and make sure that the disk knows."""
    os.rename(source, target)
    for folder in {source.parent, target.parent}:
        flush(folder)


def put_aside(path: Path, wanted: Path) -> Path:
    """Move a file to a place, or to one beside it if that is taken; gives where it is."""
    numbered = (wanted.with_stem(f"{wanted.stem}-{number}") for number in range(2, 10_000))
    target = next(place for place in (wanted, *numbered) if not os.path.lexists(place))
    make_folder(target.parent)
    move(path, target)
    return target


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove_partial(folder: Path) -> None:
    """Remove what killed processes were writing in a folder; what others hide there stays."""
    if folder.is_dir():
        for path in folder.glob(".*"):
            if is_partial(path.name):
                remove(path)


def is_partial(name: str) -> bool:
    """Whether a path in a folder is of something that is being made."""
    return name.endswith(PARTIAL) or f"/{SCRATCH}" in f"/{name}"


def flush(path: Path) -> None:
    """Wait until a file, or the entries of a folder, have reached the disk."""
    # Folders can be opened for reading only, and that is enough.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
