"""Whether a file that was written without somebody can be read as the one before could."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from xml.parsers import expat

from segcore.errors import ArchiveError
from segcore.privacy.packed import held, pieces

JSON = (".json", ".ipynb")
XML = (".xml", ".rels", ".vml")
PAGES = (".html", ".htm")


def check(before: Path, made: bytes) -> None:
    """Refuse a file that cannot be read any more.

    Raises
    ------
    ArchiveError
        If it cannot, and the file before it could.
    """
    if not _is_whole(before.name, made) and _is_whole(before.name, before.read_bytes()):
        raise ArchiveError(
            f"{before}: must be readable without the customer (it would not be); it is left as it is: "
            "take the customer out by hand, or remove it, and give the same command again"
        )


def _is_whole(name: str, data: bytes) -> bool:
    kind = Path(name).suffix.lower()
    try:
        if kind in JSON:
            json.loads(data)
        elif kind in PAGES:
            for piece in pieces(data):
                if (packed := held(piece)) and packed.startswith(b'{"columns":'):
                    json.loads(packed)
        elif kind in XML:
            expat.ParserCreate().Parse(data, True)
        elif data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return all(_is_whole(member, archive.read(member)) for member in archive.namelist())
    except (ValueError, RecursionError, expat.ExpatError, zipfile.BadZipFile):
        return False
    return True
