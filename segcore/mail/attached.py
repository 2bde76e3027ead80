"""Pages that go with a mail: read elsewhere, so nothing in them may lead to a file beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser
from itertools import accumulate
from urllib.parse import urljoin

_FAR = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|[/\\]{2}|#|$)", re.IGNORECASE)
"""How links begin that lead to another site or to a place of the page itself."""


def read_elsewhere(page: bytes, address: str | None) -> bytes:
    """A page as it can be attached: its links lead where the page itself can be read.

    Parameters
    ----------
    page
        A page in UTF-8. Links to places within it, and to other sites, stay as they are.
    address
        Where the page is read else; None where nobody says it, and then its links are plain text.
    """
    text = page.decode("utf-8")
    links = _Links(text, address)
    links.feed(text)
    links.close()
    done, parts = 0, []
    for start, length, tag in links.found:
        parts += [text[done:start], tag]
        done = start + length
    return "".join([*parts, text[done:]]).encode("utf-8")


class _Links(HTMLParser):
    """The links of a page that lead out of it, each with its place and the tag that takes its place."""

    def __init__(self, text: str, address: str | None) -> None:
        super().__init__(convert_charrefs=True)
        self._address = address
        self._lines = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
        self.found: list[tuple[int, int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a link that leads to a file near the page."""
        if tag != "a" or not any(name == "href" and not _FAR.match(value or "") for name, value in attrs):
            return
        line, column = self.getpos()
        was = self.get_starttag_text() or ""
        self.found.append((self._lines[line - 1] + column, len(was), self._tag(attrs)))

    def _tag(self, attrs: Sequence[tuple[str, str | None]]) -> str:
        told = [(name, self._led(value or "") if name == "href" else value) for name, value in attrs]
        kept = [(name, value) for name, value in told if name != "href" or value is not None]
        return f"<a{''.join(map(_attribute, kept))}>"

    def _led(self, link: str) -> str | None:
        """Where a link leads from elsewhere; one to the page itself by its name stays within the copy."""
        if self._address is None:
            return None
        there = urljoin(self._address, link)
        own, _, place = there.partition("#")
        return f"#{place}" if own == self._address and place else there


def _attribute(told: tuple[str, str | None]) -> str:
    name, value = told
    return f" {name}" if value is None else f' {name}="{escape(value)}"'
