"""Pages that lead to each other, walked from disk or from a server on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit
from urllib.request import urlopen

CUSTOMERS = "customers.html"
"""Fragments of this page say what it is to show; those of all others are the names of places."""


class Links(HTMLParser):
    """Where a page leads, and the names of its places; also what only readers without scripts see."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("a", "link", "area") and given.get("href"):
            self.hrefs.append(given["href"] or "")
        self.places.add(given.get("id") or "")


def walked(start: str) -> tuple[list[str], list[str]]:
    """All addresses that a page leads to, on this machine, and those where nothing is."""
    found: dict[str, Links | None] = {}
    lost, wanted, todo = [], {}, [start]
    while todo:
        address = todo.pop()
        if address in found:
            continue
        try:
            found[address] = links = _read(address)
        except (OSError, URLError) as error:
            lost.append(f"{address}: {error}")
            found[address] = links = None
        for href in links.hrefs if links else ():
            target, place = urldefrag(urljoin(address, href))
            if urlsplit(target).scheme not in ("file", urlsplit(start).scheme):
                continue  # a link of an analyst to the web
            wanted[(target, unquote(place))] = address
            todo.append(target)
    for (target, place), page in wanted.items():
        there = found[target]
        if place and there and not target.endswith(f"/{CUSTOMERS}") and place not in there.places:
            lost.append(f"{target}#{place}, of {page}")
    return sorted(found), sorted(lost)


def _read(address: str) -> Links:
    if address.startswith("file:"):
        content = Path(unquote(urlsplit(address).path)).read_bytes()
    else:
        with urlopen(address, timeout=20) as answer:
            content = answer.read()
    links = Links()
    if address.endswith(".html"):
        links.feed(content.decode())
    return links


class _Quiet(SimpleHTTPRequestHandler):
    """A folder below a path of the server."""

    below = ""

    def translate_path(self, path: str) -> str:
        inside = unquote(urlsplit(path).path).startswith(self.below)
        return super().translate_path(quote("/" + unquote(path)[len(self.below) :]) if inside else "/no/such")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path, below: str) -> Iterator[str]:
    """The folder on a server of this machine, below a path; gives its address."""
    handler = type("Below", (_Quiet,), {"below": f"/{below}/"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{quote(below)}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
