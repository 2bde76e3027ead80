"""Text in gzip and ZIP files, as one stream of bytes, within limits.

What a file is, its first bytes say; nothing of an archive is ever written under a name of its own.
"""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from segcore.errors import InputError
from segcore.files import LITTER, natural
from segcore.sources.formats import MARKS
from segcore.sources.formats.limits import ARCHIVE, members_of, unpacked

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
WORKBOOK = "[Content_Types].xml"

LONGEST = 2_000_000
"""Characters of a line, at up to four bytes each; what is longer is no line of a table."""

UNPROVEN = 100_000_000
"""Bytes that may be unpacked before it is asked what they were packed in."""

DEFLATED = 1032
"""How many bytes one packed byte can become: 258 for every two bits."""

METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
DAMAGE = (
    EOFError,
    gzip.BadGzipFile,
    zlib.error,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


def is_packed(path: Path) -> bool:
    """Whether a file is a gzip or a ZIP file, by its ending or its first bytes."""
    return path.suffix.lower() in (".gz", ".zip") or _start(path).startswith((GZIP, ZIP, EMPTY_ZIP))


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def unpacked_size(files: Sequence[Path], most: int) -> int:
    """Bytes of the files' texts, or a number that is at most, or more than, ``most`` like them.

    What a packed file says of itself is not believed: it is unpacked, unless even the most that it
    may become would do, and no further than is needed.
    """
    packed = [path for path in files if is_packed(path)]
    plain = sum(path.stat().st_size for path in files if path not in packed)
    longest = plain + sum(path.stat().st_size for path in packed) * DEFLATED
    if longest <= most:
        return longest
    total = plain
    for piece in chain.from_iterable(chunks(path, name=path.name) for path in packed):
        total += len(piece)
        if total > most:
            break
    return total


def chunks(path: Path, *, name: str, size: int = 1 << 22) -> Iterator[bytes]:
    """The text of a file as bytes in pieces, unpacked; the members of an archive one after the other.

    Parameters
    ----------
    path
        The file: plain, gzip or ZIP.
    name
        What messages call it.
    size
        Bytes of a piece, where the file is not packed.

    Raises
    ------
    InputError
        If it is damaged, unpacks to more than it may, or has a line without end.
    """
    try:
        start, ending = _start(path), path.suffix.lower()
        if start.startswith(GZIP) or (ending == ".gz" and not start.startswith(ZIP)):
            pieces, what = _of_gzip(path, name), "gzip"
        elif start.startswith((ZIP, EMPTY_ZIP)) or ending == ".zip":
            pieces, what = _of_archive(path, name), "ZIP"
        else:
            pieces, what = _of_file(path, size), ""
        yield from _with_lines(pieces, name)
    except DAMAGE as error:
        raise InputError(f"{name}: must be a whole {what} file ({error}); deliver it again") from None
    except OSError as error:
        raise InputError(f"{name}: must be a file that can be read ({error.strerror})") from None


def _of_file(path: Path, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(size):
            yield piece


def _of_gzip(path: Path, name: str) -> Iterator[bytes]:
    size = 0
    with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) as file:
        for piece in unpacked(file, name, packed=path.stat().st_size):  # type: ignore[arg-type]
            size += len(piece)
            # What comes of the part that was read tells sooner than what comes of the whole.
            if size > UNPROVEN and size > ARCHIVE.ratio * raw.tell():
                raise InputError(
                    f"{name}: must not unpack to more than {ARCHIVE.ratio} times its size, as only long "
                    "repetitions do; look at what was packed and deliver it again"
                )
            yield piece


def _with_lines(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The pieces, as long as lines end in them: gigabytes of zeros are given up after the first."""
    since = 0
    for piece in pieces:
        if b"\n" in piece or b"\r" in piece:
            since = len(piece) - 1 - max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        else:
            since += len(piece)
        if since > 4 * LONGEST:
            raise InputError(
                f"{name}: must be text whose lines have at most {LONGEST:,} characters (one is longer); "
                "ask for the export again, one record in each line"
            )
        yield piece


def _of_archive(path: Path, name: str) -> Iterator[bytes]:
    """The members in natural order; each ends with a line end, and only the first has a mark."""
    members = _text_members(members_of(path, name), name)
    mark, last = b"", b""
    with zipfile.ZipFile(path) as archive:
        for member in members:
            with archive.open(member) as file:
                start = file.read(4)
                if not start:
                    continue
                if start.startswith((GZIP, ZIP)):
                    raise InputError(_refused(name, f"{member.filename!r} is packed itself"))
                found = next((m for m, _ in MARKS if start.startswith(m)), b"")
                if last and found != mark:
                    raise InputError(_refused(name, f"{member.filename!r} has another encoding"))
                if last and not _ends_a_line(last):
                    raise InputError(
                        f"{name}: every file in it must end with a line end (the one before "
                        f"{member.filename!r} does not, so it may be cut off); deliver the files themselves"
                    )
                begun = start[len(mark) :] if last else start
                mark, last = found, begun[-2:]
                yield begun
                for piece in unpacked(file, name, packed=path.stat().st_size):
                    last = (last + piece)[-2:]
                    yield piece


def _ends_a_line(last: bytes) -> bool:
    """Whether the last two bytes of a text are, or hold, a line end; in UTF-16 it has two."""
    return last.rstrip(b"\0")[-1:] in (b"\n", b"\r")


def _text_members(members: Sequence[zipfile.ZipInfo], name: str) -> list[zipfile.ZipInfo]:
    names = [member.filename for member in members]
    if WORKBOOK in names:
        raise InputError(f"{name}: must not be a workbook under this name; give it the ending .xlsx")
    kept = [member for member in members if not _is_litter(member.filename)]
    if not kept:
        raise InputError(_refused(name, "it holds no file"))
    for member in kept:
        if re.search(r"[/\\]|^\.\.?$", member.filename):
            raise InputError(_refused(name, f"{member.filename!r} lies in a folder"))
        if member.compress_type not in METHODS:
            raise InputError(_refused(name, f"{member.filename!r} is packed in another way than deflate"))
    endings = sorted({Path(member.filename).suffix.lower() for member in kept})
    if len(endings) > 1:
        raise InputError(_refused(name, f"it holds {' and '.join(map(repr, endings))}"))
    return sorted(kept, key=lambda member: (natural(member.filename), member.filename))


def _is_litter(name: str) -> bool:
    """What macOS and desktops put into archives beside the files."""
    return name.startswith("__MACOSX/") or bool(LITTER.fullmatch(name))


def _refused(name: str, found: str) -> str:
    return (
        f"{name}: must hold text files of one kind and nothing else ({found}); deliver the files themselves"
    )
