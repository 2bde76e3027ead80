"""The list in parts: by segment, and in the order of the customers' numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.customers.listed import LISTED
from segcore.engine.sql import literal
from segcore.sentences import customers as say

if TYPE_CHECKING:
    from segcore.engine import Engine

FOLDER = "customers"
"""Where the parts lie, beside the page."""


@dataclass(frozen=True)
class Part:
    """A part of the list.

    Parameters
    ----------
    file
        Its page in :data:`FOLDER`; the segment's name is in it as far as it is letters and digits.
    title
        What it is, with its number where the segment has several.
    says
        The title with how many customers it has, and with which numbers.
    segment
        The segment, None for those who are gone.
    where
        The condition on ``listed``.
    """

    file: str
    title: str
    says: str
    segment: str | None
    where: str


@dataclass(frozen=True)
class Link:
    """A link to a page: its address, what it says, and whom it shows."""

    href: str
    says: str
    segment: str | None


def parts(engine: Engine, segments: Sequence[str], most: int) -> Iterator[Part]:
    """The parts of the list, best segment first, with at most so many customers in each."""
    found = engine.rows(
        f"""select *, count(*) over (partition by segment) as parts from (
            select segment, (place - 1) // {most} as part, count(*), min(customer_id), max(customer_id)
            from {LISTED} group by all)"""
    )
    places = {segment: number for number, segment in enumerate((*segments, None), start=1)}
    for segment, part, customers, first, last, every in sorted(found, key=lambda r: (places[r[0]], r[1])):
        title = say.part(say.STATES["gone"] if segment is None else segment, part + 1, every)
        name = "gone" if segment is None else f"{places[segment]}-{slug(segment)}".strip("-")
        condition = "segment is null" if segment is None else f"segment = {literal(segment)}"
        yield Part(
            file=f"{name}-{part + 1}.html",
            title=title,
            says=say.part_holds(title, customers, first, last),
            segment=segment,
            where=f"{condition} and (place - 1) // {most} = {part}",
        )


def write_parts(
    engine: Engine, segments: Sequence[str], folder: Path, *, most: int, page: Callable[[Part], str]
) -> list[Link]:
    """Write the parts of the list, each as soon as it is made; gives the links to them.

    Parameters
    ----------
    engine
        Holds ``listed``.
    segments
        The segments of the run, best first.
    folder
        The run's folder ``report``.
    most
        Up to how many customers a part has.
    page
        A part → its page.
    """
    from segcore.files import make_folder, write_text

    links = []
    for part in parts(engine, segments, most):
        make_folder(folder / FOLDER)
        write_text(folder / FOLDER / part.file, page(part))
        links.append(Link(f"{FOLDER}/{part.file}", part.says, part.segment))
    return links


def slug(name: str) -> str:
    """A name as far as it fits into the name of a file on every system.

    Examples
    --------
    >>> slug("Größte Kunden / A+")
    'grosste-kunden-a'
    """
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
