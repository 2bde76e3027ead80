"""Lines of a mail's head, written by hand.

What Python's own package makes of a text for a header differs from version to version: some decode what
looks encoded, with the line ends in it, and write those as lines of their own. Here a text only becomes a
header once nothing in it can be decoded or ends a line, and the bytes are the same whatever the version.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

from segcore.printable import UNPRINTABLE

WIDEST = 76
"""Of a line, in bytes; words in another encoding may not have more (RFC 2047, 2)."""

_WORD = 45
"""Bytes of UTF-8 in an encoded word: in base64, with ``=?utf-8?b?`` and ``?=`` around it, 72 characters."""

_HALVES = re.compile("[\ud800-\udfff]")
_BEGIN_OR_END = re.compile(r"(?<==)(?=\?)|(?<=\?)(?==)")
_PLAIN = re.compile(r"[ -~]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_LEADING = re.compile(
    r"\b(?:(?:https?|ftps?|file)(?=://)|(?:mailto|javascript)(?=:\S)|www(?=\.\w))", re.IGNORECASE
)
_NO_FILE = re.compile(r'[/\\:*?"<>|;,%]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_NO_JOIN = "\u200c"


def harmless(text: str, most: int) -> str:
    """One line of a text without what hides, ends lines, is decoded or becomes a link by itself.

    Parameters
    ----------
    text
        Any text, also of a customer's name.
    most
        How many characters are kept; of a longer text the last one kept is an ellipsis.
    """
    line = " ".join(UNPRINTABLE.sub(" ", _HALVES.sub("\N{REPLACEMENT CHARACTER}", text[: 2 * most])).split())
    line = _BEGIN_OR_END.sub(" ", line)
    line = _LEADING.sub(rf"\g<0>{_NO_JOIN}", line)
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def header(name: str, value: str) -> str:
    """A header of what is ASCII and may be folded at its blanks."""
    return f"{name}: {value}\r\n"


def unstructured(name: str, text: str) -> str:
    """A header for people, a subject say, of a text that is :func:`harmless`."""
    words = text.split(" ")
    if not _PLAIN.fullmatch(text) or any(len(word) > WIDEST - len(name) - 2 for word in words):
        words = list(_encoded(text, len(name) + 2))
    return header(name, _folded(words, len(name) + 2))


def mailbox(name: str, owner: str, address: str) -> str:
    """A header with one address and the name of its owner, both checked."""
    owner = " ".join(owner.split())
    if not owner or owner == address:
        return header(name, address)
    if not _PLAIN.fullmatch(owner):
        words = list(_encoded(owner, len(name) + 2))
    elif _ATOMS.fullmatch(owner):
        words = owner.split(" ")
    else:
        words = [f'"{owner}"']
    return header(name, _folded([*words, f"<{address}>"], len(name) + 2))


def file_name(text: str) -> str:
    """What an attachment may be called on any machine, whatever it is to be called."""
    line = _NO_FILE.sub("_", harmless(text, len(text) + 1).replace(_NO_JOIN, ""))
    stem, dot, ending = line.strip(" .").rpartition(".")
    if not dot or len(ending) > 8:
        stem, ending = f"{stem}{dot}{ending}", ""
    short = f"{stem[:60].rstrip(' .')}{'.' if ending else ''}{ending}"
    return f"_{short}" if _DEVICE.match(short) else short or "file"


def named(kind: str, name: str) -> str:
    """The type of a part, with the name of its file for programs that look there."""
    return header("Content-Type", f'{kind};\r\n name="{_ascii(name)}"')


def disposed(how: str, name: str) -> str:
    """How a part is shown, ``inline`` or as an ``attachment``, and its name by RFC 2231."""
    if _PLAIN.fullmatch(name):
        return header("Content-Disposition", f'{how};\r\n filename="{name}"')
    return header("Content-Disposition", f"{how};\r\n filename*=utf-8''{quote(name, safe='')}")


def _ascii(name: str) -> str:
    apart = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(c for c in apart if not unicodedata.combining(c))
    return re.sub(r"[^ -~]|%", "_", plain).replace('"', "_").replace("\\", "_")


def _encoded(text: str, used: int) -> Iterator[str]:
    """The text in encoded words, none of which ends within a character; ``used`` is of the first line."""
    held, room = b"", (WIDEST - used - 12) // 4 * 3
    for character in text:
        more = character.encode()
        if len(held) + len(more) > room:
            yield _word(held)
            held, room = b"", _WORD
        held += more
    yield _word(held)


def _word(held: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(held).decode('ascii')}?="


def _folded(words: list[str], used: int) -> str:
    lines, width = [words[0]], used + len(words[0])
    for word in words[1:]:
        if width + 1 + len(word) > WIDEST:
            lines.append(word)
            width = 1 + len(word)
        else:
            lines[-1] += f" {word}"
            width += 1 + len(word)
    return "\r\n ".join(lines)
