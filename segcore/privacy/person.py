"""Who is erased: the numbers and names under which files know somebody, and how they are found there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import AnyStr

from segcore.privacy import readable
from segcore.privacy.patterns import AFTER, BEFORE, alone, core, forms, token, written

SHORTEST = 4
"""Characters of a name from which it is looked for in running text."""

WIDEST, BESIDE = 24, 160
"""Characters that an escaped one may take, also within what is escaped itself, and what may stand before."""

PLAIN = re.compile(r"{0}(?:[-./:]{0})+|\d+(?:[.,]\d+)+".format(r"(?:\d\d?|(?:19|20)\d\d)"))
"""What may be a date, a time or a part of one, or an amount."""

MARKERS = {"en": "erased", "de": "gelöscht"}
"""Language of a study → what stands where somebody stood."""


@dataclass(frozen=True)
class Person:
    """Somebody who is to be found in files.

    Parameters
    ----------
    ids
        The customer's number and earlier ones, as tables have them.
    names
        Names that nobody else has and that mean nothing else.
    lines
        Whole records that could not be read, as reports may quote them.
    shared
        Those numbers that stand in rows of somebody else as well: ``K-100`` in ``K-100-A``, or an order's.
    marker
        What stands in texts in the place of number and name.
    loose
        Whether every text that is one of the numbers is taken for it.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    marker: str = MARKERS["en"]
    loose: bool = False

    @property
    def told(self) -> tuple[str, ...]:
        """What can be nothing else, wherever it stands."""
        common = self.common
        return tuple(one for one in (*self.lines, *self.names, *self.ids) if one not in common)

    @property
    def common(self) -> tuple[str, ...]:
        """Numbers that may be those of something else as well."""
        if self.loose:
            return ()
        return tuple(one for one in self.ids if one in self.shared or not is_telling(one))

    @property
    def by_number(self) -> Person:
        """The same, found by numbers only."""
        return replace(self, names=(), lines=())

    @property
    def loosely(self) -> Person:
        """The same, found by any text that may be a number, with the zeros in front or without them."""
        bare = (number.lstrip("0") or number for number in self.ids)
        return replace(self, ids=tuple(dict.fromkeys((*self.ids, *bare))), loose=True)

    @cached_property
    def cores(self) -> tuple[str, ...] | None:
        """Texts of which one is in every file that holds the person; None if there are none."""
        found = {core(text) for text in (*self.told, *self.common)}
        return None if "" in found else tuple(sorted(found))

    def may_be_in(self, data: bytes) -> bool:
        """Whether bytes may hold the person: false for most files, and told at once."""
        return self.cores is None or any(text.encode() in data for text in self.cores)

    def is_in(self, text: str) -> bool:
        """Whether a text holds what is told of the person alone, or a common number with what it is."""
        return bool(self.spans(text))

    def is_in_bytes(self, data: bytes) -> bool:
        """Whether bytes have what is told of the person alone, in UTF-8, whatever it is there."""
        return bool(self.places(data))

    def taken_out(self, text: str, where: readable.Where | None = None) -> str:
        """A text with the marker where the person stood."""
        pieces, at = [], 0
        for start, end in self.spans(text, where):
            pieces += [text[at:start], self.marker]
            at = end
        return "".join([*pieces, text[at:]]) if pieces else text

    def spans(self, text: str, where: readable.Where | None = None) -> list[tuple[int, int]]:
        """Where the person stands in a text, ascending; a common number where it is said what it is.

        Parameters
        ----------
        text
            What is looked through.
        where
            Where words stand in it, if it is known better than :func:`readable.of` can tell.
        """
        found = [match.span() for match in self._found(self._told, text)]
        if self.common:
            found += [match.span("number") for match in self._found(self._named, text)]
        if not found:
            return []
        is_read = where or readable.of(text)
        made: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if (not made or start >= made[-1][1]) and is_read(start, end):
                made.append((start, end))
        return made

    def places(self, data: bytes) -> list[int]:
        """Where what is told of the person alone begins in a text in UTF-8, ascending."""
        return [match.start() for match in self._found(self._told_bytes, data)]

    def _found(self, pattern: re.Pattern[AnyStr], text: AnyStr) -> Iterator[re.Match[AnyStr]]:
        """Matches of a pattern; where every match holds a text of :attr:`cores`, only around those."""
        if self.cores is None:
            yield from pattern.finditer(text)
            return
        done = 0
        for near in self._windows(text):
            for match in pattern.finditer(text, max(near[0], done), near[1]):
                yield match
                done = match.end()

    def _windows(self, text: AnyStr) -> list[tuple[int, int]]:
        """The parts of a text in which a match may lie, ascending; none touches another."""
        wide = WIDEST * max(map(len, (*self.told, *self.common)), default=0) + BESIDE
        hits = []
        for part in self.cores or ():
            sought = part.encode() if isinstance(text, bytes) else part
            at = text.find(sought)
            while at >= 0:
                hits.append(at)
                at = text.find(sought, at + 1)
        made: list[tuple[int, int]] = []
        for hit in sorted(hits):
            if made and hit - wide <= made[-1][1]:
                made[-1] = (made[-1][0], min(hit + wide, len(text)))
            else:
                made.append((max(hit - wide, 0), min(hit + wide, len(text))))
        return made

    @cached_property
    def _told(self) -> re.Pattern[str]:
        texts = sorted(self.told, key=len, reverse=True)
        return re.compile("|".join(alone(form) for text in texts for form in forms(text)) or "(?!)")

    @cached_property
    def _told_bytes(self) -> re.Pattern[bytes]:
        texts = sorted(self.told, key=len, reverse=True)
        pattern = "|".join(token(form) for text in texts for form in forms(text)) or "(?!)"
        return re.compile(pattern.encode())

    @cached_property
    def _named(self) -> re.Pattern[str]:
        r"""A common number where a text says that it is a customer's: ``no. 17``, ``customer_id=17``."""
        numbers = "|".join(map(written, self.common))
        words = r"no\.|Nr\.|number|Nummer|Kundennummer|[Cc]ustomer(?: no\.)?|Kunden?(?:nr\.)?"
        space = "(?: |\u00a0|&nbsp;)"
        of_link = r"\bcustomer_id(?:=|%3D|\\*\"?:\s*\\*\"|'?:\s*')"
        of_list = r"\bnumbers (?:\S+ to )?|\bNummern (?:\S+ bis )?"
        end = r"(?![0-9A-Za-z]|[.,]\d|[-\u2010\u2011/_+:=#@*~|.][0-9A-Za-z]|%2[DFdf])"
        return re.compile(rf"(?:\b(?:{words}){space}|{of_link}|{of_list})(?P<number>{numbers}){end}")


def is_telling(number: str) -> bool:
    """Whether a number can hardly be an amount, a count, a year or another part of a date.

    Examples
    --------
    >>> is_telling("0000004711"), is_telling("K-4711"), is_telling("1024"), is_telling("2025-07")
    (True, True, False, False)
    """
    if PLAIN.fullmatch(number):
        return False
    if number.isdigit():
        return len(number) >= 8 or (number[0] == "0" and len(number) >= 5)
    return len(number) >= 5 and any(character.isdigit() for character in number)


def raw_form(number: str, *, padded: int | None = None, suffix: str | None = None) -> str:
    """A pattern for a number as extracts may write it.

    Parameters
    ----------
    number
        As tables have it.
    padded
        Up to how many digits zeros are put before it when it is read.
    suffix
        What is taken off behind it when it is read.
    """
    bare = number.lstrip("0") if padded and number.isdigit() and len(number) == padded else number
    zeros = "0*" if bare != number or (padded and number.isdigit()) else ""
    end = f"(?:{re.escape(suffix)})?" if suffix else ""
    return f"{BEFORE}{zeros}{re.escape(bare or number)}{end}{AFTER}"


def as_json(person: Person) -> dict[str, object]:
    """A person for the note that a killed command leaves."""
    return {"ids": person.ids, "names": person.names, "lines": person.lines}


def joined(one: Person, other: Mapping[str, object]) -> Person:
    """A person and what a killed command noted of the same."""
    texts = {
        key: tuple(dict.fromkeys((*getattr(one, key), *_texts(other.get(key)))))
        for key in ("ids", "names", "lines")
    }
    return replace(one, ids=texts["ids"], names=texts["names"], lines=texts["lines"])


def _texts(found: object) -> Iterator[str]:
    yield from (str(text) for text in found) if isinstance(found, list | tuple) else ()
