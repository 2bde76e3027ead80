"""Records of extracts that could not be read: whether they are somebody's."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from segcore.privacy.person import Person, raw_form
from segcore.sources.formats import glue

if TYPE_CHECKING:
    from segcore.params import Format
    from segcore.params.sources import Column


def judge(column: Column | None, place: int | None, layout: Format, person: Person) -> Callable[[str], bool]:
    """What says of a record that could not be read, as it stands there, whether it is the person's.

    It is if it has a number that is nobody else's, or a common one where the column of numbers stands.

    Parameters
    ----------
    column, place
        What the study says of the customers' numbers, and where in a record they stand, from 0.
    layout
        How the text is laid out.
    person
        Who is looked for.
    """
    padded, suffix = (column.zero_pad, column.strip_suffix) if column else (None, None)
    own = [raw_form(number, padded=padded, suffix=suffix) for number in person.ids]
    told = re.compile(
        "|".join(form for form, one in zip(own, person.ids, strict=True) if one not in person.common)
        or "(?!)"
    )
    whole = re.compile("|".join(own))
    mark = glue(layout)

    def is_theirs(text: str) -> bool:
        if told.search(text):
            return True
        fields = next(csv.reader([text], delimiter=mark), []) if len(mark) == 1 else [text]
        cell = fields[place].strip() if place is not None and place < len(fields) else ""
        return whole.fullmatch(cell) is not None or whole.fullmatch(text.strip()) is not None

    return is_theirs
