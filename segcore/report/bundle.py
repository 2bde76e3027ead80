"""The scripts that draw charts in a page: Vega, Vega-Lite and Vega-Embed, packed.

vl-convert brings them along, but needs more than a second to put them together. So they are made
once for each version and kept in the user's cache: the repository holds nothing generated, all
clones and environments of a user share them, and nobody else can write there, which matters because
the page's policy lets them run. Removing the cache costs a second and nothing else.

``python -m segcore.report.bundle`` makes them ahead of time.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import os
import tempfile
import zlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

SNIPPET = "window.vegaEmbed=vegaEmbed;"


@lru_cache(maxsize=1)
def packed() -> str:
    """The scripts as gzip in base64; the same text for the same versions."""
    return base64.b64encode(_kept()).decode("ascii")


def cache() -> Path:
    """Where the packed scripts are kept, for this version of vl-convert."""
    home = os.environ.get("XDG_CACHE_HOME")
    folder = Path(home) if home else Path.home() / ".cache"
    return (
        folder / "segcore" / f"vega-{version('vl-convert-python')}-{zlib.crc32(SNIPPET.encode()):08x}.js.gz"
    )


def _kept() -> bytes:
    """The packed scripts from the cache; made, and put there if it can be written, where there are none."""
    path = cache()
    try:
        data = path.read_bytes()
        gzip.decompress(data)  # its checksum tells a file that was cut short
        return data
    except (OSError, EOFError, zlib.error):
        data = _made()
    # A cache that cannot be written costs the next report a second.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as temporary:
            temporary.write(data)
        os.replace(temporary.name, path)
    return data


def _made() -> bytes:
    import vl_convert

    script: str = vl_convert.javascript_bundle(SNIPPET)
    return gzip.compress(script.encode("utf-8"), 9, mtime=0)


if __name__ == "__main__":
    packed()
