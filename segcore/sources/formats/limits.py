"""How much a packed file may unpack to: looked up in its directory before a byte of it is unpacked."""

from __future__ import annotations

import os
import struct
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from segcore.errors import InputError

MIB = 1024 * 1024


MEMBERS = 10_000
"""The most members of an archive."""

RATIO = 300
"""The most bytes that a packed byte may unpack to, of members over 10 MiB. Real extracts reach about 50; only
long repetitions of one byte reach 1,000."""

ARCHIVE, WORKBOOK = 20 * 1024 * MIB, 4 * 1024 * MIB
"""The most bytes that all members unpack to."""

DIRECTORY = 16 * MIB
"""The largest directory of an archive that is read."""

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")


def members_of(path: Path, name: str, most: int = ARCHIVE) -> list[zipfile.ZipInfo]:
    """The members of a ZIP archive, if they keep within the limits.

    Raises
    ------
    InputError
        If it is cut off, encrypted, or would unpack to more than it may.
    """
    _check_directory(path, name)
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise InputError(_damaged(name)) from error
    if problems := list(_beyond(members, name, most)):
        raise InputError(problems[0])
    return members


def unpacked(file: IO[bytes], name: str, most: int = ARCHIVE, *, packed: int) -> Iterator[bytes]:
    """What a file unpacks to, in pieces of 1 MiB, as long as it keeps within the limits.

    For what a directory says of sizes may be wrong, and a gzip file has none.

    Parameters
    ----------
    file
        The unpacking file, like one of :mod:`gzip`.
    name
        Its name as delivered.
    most
        How many bytes it may unpack to.
    packed
        How many bytes it has packed.
    """
    size = 0
    while piece := file.read(MIB):
        size += len(piece)
        if problem := too_large(size, packed, name, most):
            raise InputError(problem)
        yield piece


def _beyond(members: list[zipfile.ZipInfo], name: str, most: int) -> Iterator[str]:
    if any(one.flag_bits & 1 for one in members):
        yield f"{name} must not be encrypted; deliver it without a password"
    member, times = Counter(member.filename for member in members).most_common(1)[0] if members else ("", 1)
    if times > 1:
        yield f"{name} must hold each member once (it holds {member!r} {times} times); deliver it again"
    for one in members:
        if problem := too_large(one.file_size, one.compress_size, name, most):
            yield problem
    if sum(one.file_size for one in members) > most:
        yield _too_much(name, most)


def too_large(size: int, packed: int, name: str, most: int = ARCHIVE) -> str:
    """What to say of so many bytes unpacked from so many; "" if that may be."""
    if size > most:
        return _too_much(name, most)
    if size > 10 * MIB and size > RATIO * max(packed, 1):
        return (
            f"{name} must not unpack to more than {RATIO} times its size, as only long repetitions "
            f"do; look at what was packed and deliver it again"
        )
    return ""


def _too_much(name: str, most: int) -> str:
    return f"{name} must not unpack to more than {most // MIB:,} MiB; deliver it in several files"


def _damaged(name: str) -> str:
    return f"{name} must be a whole archive (it is cut off or damaged); deliver it again"


def _check_directory(path: Path, name: str) -> None:
    """Refuse a directory that alone would fill the memory, by what the end of the file says of it."""
    with path.open("rb") as file:
        tail_at = max(0, os.fstat(file.fileno()).st_size - 65_557 - 56 - 20)
        file.seek(tail_at)
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + _END.size > len(tail):
        raise InputError(_damaged(name))
    said = [_END.unpack_from(tail, end)[4:6]]
    far = tail.rfind(b"PK\x06\x06", 0, end)
    if far >= 0 and far + _END64.size <= len(tail):
        said.append(_END64.unpack_from(tail, far)[7:9])
    # All ones say that the number stands in the longer form.
    count = max((count for count, _ in said if count != 0xFFFF), default=0xFFFF)
    size = max((size for _, size in said if size != 0xFFFFFFFF), default=0xFFFFFFFF)
    if count > MEMBERS:
        raise InputError(
            f"{name} must not hold more than {MEMBERS:,} members (it says {count:,}); "
            f"deliver it in several files"
        )
    if size > DIRECTORY:
        raise InputError(_damaged(name))
