"""How a text may be written in a file: as it is, or with what HTML, JSON, XML, CSV and links make of it."""

from __future__ import annotations

import re
import unicodedata

NAMED = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos", "\u00a0": "nbsp"}
SIGNS = "=+@＝＋－＠-"
"""Before these a file for spreadsheets may have an apostrophe."""

BEFORE = r"(?:(?<![0-9A-Za-z])|(?<=\\[nrt])|(?<=\\u[0-9a-fA-F]{4})|(?<=%[0-9a-fA-F]{2}))"
"""No letter or digit stands before, unless it is the end of an escape."""
AFTER = r"(?![0-9A-Za-z])"

COLOUR = re.compile(r"[0-9A-Fa-f]{6}(?:[0-9A-Fa-f]{2})?")


def written(text: str) -> str:
    """A pattern for a text, however its characters are escaped.

    Examples
    --------
    >>> bool(re.fullmatch(written("A&B"), "A&amp;B")), bool(re.fullmatch(written("Ü"), "\\\\u00dc"))
    (True, True)
    """
    return "".join(map(_character, text))


def token(text: str) -> str:
    """The same where no letter or digit stands beside it."""
    first, last = text[0], text[-1]
    before = BEFORE if _plain(first) else ""
    return f"{before}{written(text)}{AFTER if _plain(last) else ''}"


def alone(text: str) -> str:
    """The same; digits that are no part of an amount, and what could be a colour has no sign of one before.

    Examples
    --------
    >>> bool(re.search(alone("20100342"), "20100342.00")), bool(re.search(alone("20100342"), "of 20100342."))
    (False, True)
    """
    if text.isdigit():
        return rf"(?<!\d\.){token(text)}(?!\.\d|,\d{{1,4}}[;|\t])"
    return f"(?<!#){token(text)}" if COLOUR.fullmatch(text) else token(text)


def core(text: str) -> str:
    """The longest part of a text that nobody escapes; "" if it has none of two characters.

    A letter with a sign above it may be composed of two characters, of which the first is no part of it.
    """
    parts = re.findall(r"[0-9A-Za-z]{2,}", unicodedata.normalize("NFC", text))
    return max(parts, key=len, default="")


def forms(text: str) -> tuple[str, ...]:
    """A text as it may be composed of characters."""
    return tuple(dict.fromkeys((text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD")))))


def _plain(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _character(character: str) -> str:
    if _plain(character):
        return character
    number = ord(character)
    ways = [re.escape(character), f"&#0*{number};", f"(?i:&#x0*{number:x};)", _escaped(character)]
    ways.append("(?i:" + "".join(f"%{byte:02x}" for byte in character.encode("utf-8", "replace")) + ")")
    if character in NAMED:
        ways.append(f"&{NAMED[character]};")
    if number < 256:
        ways.append(rf"(?i:\\+x{number:02x})")
    if character == " ":
        ways += ["\u00a0", "&nbsp;", r"\+"]
    if character in "\"'\\/":
        ways += [rf"\\+{re.escape(character)}", re.escape(character) * 2]
    if not character.isprintable():
        ways += ["\ufffd", rf"_x{number:04X}_", r"\\+[nrt]", " "]
    if character == "_":
        ways.append("_x005F_")
    quoted = "'?" if character in SIGNS else ""
    return f"{quoted}(?:{'|'.join(sorted(set(ways), key=len, reverse=True))})"


def _escaped(character: str) -> str:
    """As JSON and JavaScript write it: one or two units of UTF-16."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(rf"\\+u(?i:{units[at : at + 2].hex()})" for at in range(0, len(units), 2))
