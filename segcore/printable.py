"""Characters that no name and no line of a terminal may hold, and how they are shown instead.

Terminals obey control characters (some of them change what was printed before, or what is typed
next), two kinds of line end are none to most programs, marks of writing direction make a text look
like another one, and halves of characters cannot be written to any file.
"""

from __future__ import annotations

import io
import re
from typing import TextIO

UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # the two sets of control characters
    "\u2028\u2029"  # line and paragraph separator
    "\u202a-\u202e\u2066-\u2069"  # marks of writing direction
    "\ud800-\udfff\ufffe\uffff]"  # halves of characters, and what is none
)
LAYOUT = "\t\n\r"
"""What texts of several lines may hold all the same."""


def unprintable(text: str, *, but: str = "") -> str:
    """The first character of a text that must not be printed, as ``U+001B``; "" if there is none.

    Parameters
    ----------
    text
        The text.
    but
        Characters that may be in it.
    """
    found = next((c for c in UNPRINTABLE.findall(text) if c not in but), "")
    return f"U+{ord(found):04X}" if found else ""


def escaped(text: str) -> str:
    r"""The text as a terminal may show it: all but line ends as ``\u001b``, which JSON reads back."""
    return UNPRINTABLE.sub(lambda m: m[0] if m[0] == "\n" else f"\\u{ord(m[0]):04x}", text)


class Escaping(io.TextIOBase):
    """A stream on which everything is printed :func:`escaped`.

    Parameters
    ----------
    stream
        Where it goes.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the stream."""
        return self._stream.encoding

    def write(self, text: str) -> int:
        """Print a text; what the stream's encoding lacks is escaped as well."""
        known = escaped(text).encode(self.encoding, "backslashreplace").decode(self.encoding)
        self._stream.write(known)
        return len(text)

    def flush(self) -> None:
        """Let it be seen."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Whether somebody looks on."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The stream's number."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """It is."""
        return True
