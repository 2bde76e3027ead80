"""Whom a command is erasing, noted beside the runs until nothing is left: a killed one is finished by it."""

from __future__ import annotations

import json
from typing import Any

from segcore.archive import Places
from segcore.errors import ArchiveError
from segcore.files import flush, json_text, write_text
from segcore.privacy.finding import NOTE
from segcore.privacy.person import Person, as_json


def noted(places: Places, customer: str) -> dict[str, Any]:
    """What a killed command noted of the same customer; nothing if none did.

    Raises
    ------
    ArchiveError
        If it was about somebody else.
    """
    path = places.runs / NOTE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        of = str(told["customer"])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError):
        raise ArchiveError(
            f"{path}: must be as segcore wrote it (it cannot be read); remove it and erase the customer again"
        ) from None
    if of != customer:
        raise ArchiveError(
            f"{path}: the customer who was begun with must be erased first (it is {of!r}); give again: "
            f"segcore erase {places.study} {of} --yes"
        )
    return dict(told)


def write_note(places: Places, customer: str, person: Person) -> None:
    """Note whom a command is about to erase, and wait until the disk has it."""
    write_text(places.runs / NOTE, json_text({"customer": customer, **as_json(person)}), durable=True)


def take_off(places: Places) -> None:
    """Remove the note: nothing is left."""
    (places.runs / NOTE).unlink(missing_ok=True)
    flush(places.runs)
