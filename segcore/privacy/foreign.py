"""Files that segcore did not make: whether somebody stands in them, and whether anybody can tell."""

from __future__ import annotations

import gzip
import html
import io
import quopri
import re
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

from segcore.privacy.decoding import SIGNS, Decoded, OpaqueError
from segcore.privacy.packed import held
from segcore.privacy.patterns import alone, core
from segcore.privacy.person import Person

TAG = re.compile(r"<[^<>]*>")
FOLD = re.compile(r"(?<=[A-Za-z0-9+/]{20})\r?\n(?=[A-Za-z0-9+/=])")
"""Where mails break a line of base64."""
PIECE = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{16,}={0,2}")
ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")
DEEPEST = 5


def holds(path: Path, person: Person) -> bool:
    """Whether number or name surely stands in a file, in its parts or in their names, also cut by tags."""
    found = texts(path.name, path.read_bytes())
    return any(text and (person.is_in(text) or person.is_in(TAG.sub("", text))) for text in found)


def may_hold(path: Path, data: bytes, person: Person) -> bool:
    """Whether number or name may stand in a file in any writing, or its path; or nobody can tell.

    Amounts and signs of formats count as well: whoever is told looks, and nothing is changed for it.
    """
    told = [_plain(one) for one in (*person.names, *person.ids) if one not in person.common]
    sought, parts = re.compile("|".join(map(alone, told)) or "(?!)"), [core(text) for text in told]

    def is_in(text: str) -> bool:
        return any(part in text for part in parts) and sought.search(text) is not None

    found = [str(path), *texts(path.name, data)]
    return any(text is None or any(map(is_in, _writings(text))) for text in found)


def texts(name: str, data: bytes, depth: int = 0) -> Iterator[str | None]:
    """The texts of a file and all that is packed in it, and the names of its parts; None of what is none."""
    if depth > DEEPEST:
        yield None
    elif data.startswith(b"PK\x03\x04"):
        try:
            with ZipFile(io.BytesIO(data)) as archive:
                for member in archive.namelist():
                    yield member
                    yield from texts(member, archive.read(member), depth + 1)
        except (BadZipFile, OSError, RuntimeError, ValueError, zlib.error):
            yield None
    elif data.startswith(b"\x1f\x8b"):
        try:
            yield from texts(name, gzip.decompress(data), depth + 1)
        except (OSError, EOFError, zlib.error):
            yield None
    elif data.startswith(b"PAR1"):
        yield _of_table(data)
    elif data.startswith(SIGNS):
        yield None if not name.startswith("docProps/") else ""
    else:
        yield from _of_text(name, data, depth)


def _of_table(data: bytes) -> str | None:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return "\n".join(map(str, parquet.read_table(io.BytesIO(data)).to_pylist()))
    except (pa.ArrowException, OSError, ValueError):
        return None


def _of_text(name: str, data: bytes, depth: int) -> Iterator[str | None]:
    try:
        text = Decoded.of(data).data.decode("utf-8", "surrogateescape")
    except OpaqueError:
        yield data.decode("utf-8", "replace")
        return
    yield text
    for piece in PIECE.finditer(FOLD.sub("", text)):
        packed = held(piece[0].encode())
        if packed and not packed.startswith(SIGNS[:-2]):  # pictures in pages are looked at by nobody
            yield from (found for found in texts(name, packed, depth + 1) if found)


def _writings(text: str) -> Iterator[str]:
    """A text as it is, without tags, and as mails break it: small letters, single blanks, no escapes."""
    yield _plain(text)
    if "<" in text:
        yield _plain(TAG.sub("", text))
    if "=" in text:
        yield _plain(quopri.decodestring(text.encode("utf-8", "surrogateescape")).decode("utf-8", "replace"))


def _plain(text: str) -> str:
    read = ESCAPE.sub(lambda found: chr(int(found[1], 16)), html.unescape(unquote(text)))
    return " ".join(unicodedata.normalize("NFC", read).casefold().split())
