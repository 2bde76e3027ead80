"""Where in a text people read: words stand there, and not the signs that make its format.

A customer's number may be an amount in JSON, a length on a slide or the name of a part of a workbook as well.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable

Where = Callable[[int, int], bool]
"""Whether words may stand from one place of a text to another."""

ATTRIBUTES = re.compile(
    r"(?:title|alt|descr|summary|content|placeholder|label|value|aria-[a-z]+|data-[a-z0-9-]+|"
    r"tooltip|display|author|promptTitle|prompt|errorTitle|error)\Z",
    re.IGNORECASE,
)
"""Attributes that people read, or that scripts read of a row."""
LINKS = re.compile(r"(?:xlink:)?href\Z|src\Z|action\Z", re.IGNORECASE)
"""Attributes that are a link; one to a place in the same page is none."""
PARTS = re.compile(r"(?:Target|location)\Z")
"""The same in workbooks and slides, where most lead to another part of the same file."""

TAG = re.compile(r"<[A-Za-z/!?][^<>]*>")
PAIR = re.compile(r"""([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')""")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
SCRIPT = re.compile(r"<(script|style)\b([^>]*)>")
QUOTED = re.compile(
    r"""(?P<quote>["'])(?:(?!(?P=quote))[^\\\n]|\\.)*(?P=quote)|`(?:[^`\\]|\\.)*`|//[^\n]*|/\*.*?\*/"""
    r"""|(?<=[(,=:\[!&|?{};>])\s*(?P<pattern>/(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/)""",
    re.DOTALL,
)
"""Texts and comments in a script, and patterns, in which quotes begin nothing."""
SIGNS = re.compile(r"[A-Za-z0-9+/]*")
LONG = 120
"""Signs of base64 in a row from which they are something packed."""
CELL = re.compile(r"<c\b[^>]*>")


def of(text: str) -> Where:
    """Where words stand in a text, by what it looks like: HTML or XML, JSON, or neither."""
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return lambda begin, end: _in_markup(text, begin, end)
    if start.startswith(("{", "[")) and _is_json(start):
        return strings(text)
    return lambda begin, end: not _is_packed(text, begin, end)


def strings(text: str) -> Where:
    """The strings of JSON."""
    found = [match.span() for match in STRING.finditer(text)]
    starts = [start for start, _ in found]

    def is_inside(begin: int, end: int) -> bool:
        place = bisect_right(starts, begin) - 1
        return place >= 0 and end <= found[place][1] and not _is_packed(text, begin, end)

    return is_inside


def _is_json(text: str) -> bool:
    """Whether a text is JSON, or one of such values in each line."""
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return text[end:].lstrip()[:1] in ("", "{", "[")


def _in_markup(text: str, begin: int, end: int) -> bool:
    if _is_packed(text, begin, end):
        return False
    held = max(text.rfind("<script", 0, begin), text.rfind("<style", 0, begin))
    head = SCRIPT.match(text, held) if held >= 0 else None
    if head and head.end() <= begin and text.find(f"</{head[1]}", held, begin) < 0:
        return _in_script(text, head, begin, end)
    opened = text.rfind("<", 0, begin)
    tag = TAG.match(text, opened) if opened >= 0 else None
    if tag and tag.end() > begin:
        return tag[0].startswith("<!--") or _in_attribute(tag[0], begin - opened)
    return not (tag and _is_amount(text, tag, opened))


def _in_attribute(tag: str, place: int) -> bool:
    for pair in PAIR.finditer(tag):
        if pair.start(2) <= place < pair.end(2):
            name, value = pair[1], pair[2]
            linked = LINKS.match(name) and value[1:2] != "#"
            outside = PARTS.match(name) and re.search(r"[:?]", value)
            of_sheet = name == "name" and tag.startswith("<sheet ")
            return bool(ATTRIBUTES.match(name) or linked or outside or of_sheet)
    return False


def _in_script(text: str, head: re.Match[str], begin: int, end: int) -> bool:
    """Whether a place is within a string of JSON, or within a text or some words of a script."""
    if head[1] == "style":
        return False
    close = text.find("</script", end)
    close = close if close >= 0 else len(text)
    if "json" in head[2]:
        return strings(text[head.end() : close])(begin - head.end(), end - head.end())
    return " " in text[begin:end] or any(
        one.start() <= begin and end <= one.end() and not one["pattern"]
        for one in QUOTED.finditer(text, head.end(), close)
    )


def _is_amount(text: str, tag: re.Match[str], opened: int) -> bool:
    """Whether what a tag opens is a number of a sheet or a chart."""
    if tag[0] == "<v>":
        cell = CELL.match(text, max(text.rfind("<c ", 0, opened), 0))
        return not (cell and re.search(r"\bt=\"(?:str|inlineStr|e)\"", cell[0]))
    if tag[0] == "<c:v>":
        return text.rfind("<c:numCache", 0, opened) > text.rfind("<c:strCache", 0, opened)
    return False


def _is_packed(text: str, begin: int, end: int) -> bool:
    """Whether a place is amid something packed as base64, in which no words stand."""
    if text[begin - 1 : begin] not in ("+", "/") and text[end : end + 1] not in ("+", "/", "="):
        return False
    before = SIGNS.match(text[max(begin - LONG, 0) : begin][::-1])
    after = SIGNS.match(text, begin, begin + LONG)
    return sum(len(run[0]) for run in (before, after) if run) >= LONG
