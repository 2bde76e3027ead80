"""Which of the records that could not be read are a person's."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable

from segcore.privacy.extracts import Caches, Stored, parsed, place_of_numbers
from segcore.privacy.person import Person, raw_form
from segcore.sources.formats import glue


def judge(one: Stored, caches: Caches, person: Person, texts: Iterable[str]) -> Callable[[str], bool]:
    """What says of a record that could not be read, as it stands there, whether it is the person's.

    The column of numbers tells, where one of the person or of somebody else stands in it. Of other records
    of a source with such a column those are the person's in which a number stands that is nobody else's,
    and that is no amount.

    Parameters
    ----------
    one, caches
        The extract, and where parsed forms are.
    person
        Who is looked for.
    texts
        The records.
    """
    if one.column is None:
        return lambda text: False
    place, mark = place_of_numbers(one), glue(one.layout)
    padded, suffix = one.column.zero_pad, one.column.strip_suffix
    own = {number: raw_form(number, padded=padded, suffix=suffix) for number in person.ids}
    telling = [form for number, form in own.items() if number not in person.common]
    told = re.compile("|".join(rf"(?<!\d[.,]){form}(?![.,]\d)" for form in telling) or "(?!)")
    whole = re.compile("|".join(own.values()))

    def cell(text: str) -> str:
        fields = next(csv.reader([text], delimiter=mark), []) if len(mark) == 1 else [text]
        return fields[place].strip() if place is not None and place < len(fields) else ""

    others = _others(one, caches, {_plain(cell(text), suffix) for text in texts})

    def is_theirs(text: str) -> bool:
        if whole.fullmatch(cell(text)) or whole.fullmatch(text.strip()):
            return True
        return _plain(cell(text), suffix) not in others and told.search(text) is not None

    return is_theirs


def _plain(number: str, suffix: str | None) -> str:
    return number.removesuffix(suffix or "").lstrip("0")


def _others(one: Stored, caches: Caches, cells: set[str]) -> set[str]:
    """Those of some numbers, without zeros in front, that are customers' in the extract."""
    with parsed(one, caches) as (engine, rows):
        asked = (
            f"select distinct ltrim(customer_id, '0') as number {rows} "
            "where number in (select unnest($cells::VARCHAR[]))"
        )
        return {number for (number,) in engine.rows(asked, {"cells": sorted(cells)})}
