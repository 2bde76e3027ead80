"""Whom a command is erasing, noted beside the runs until nothing is left: a killed one is finished by it."""

from __future__ import annotations

import json
import os
from typing import Any

from segcore.archive import Places
from segcore.archive.places import ERASING
from segcore.errors import ArchiveError
from segcore.files import flush, json_text, whole
from segcore.privacy.person import Person, as_json


def noted(places: Places, customer: str) -> dict[str, Any]:
    """What a killed command noted of the same customer; nothing if none did.

    Raises
    ------
    ArchiveError
        If it was about somebody else.
    """
    path = places.runs / ERASING
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
    """Note whom a command is about to erase, for nobody else to read, and wait until the disk has it."""
    text = json_text({"customer": customer, **as_json(person)})
    with whole(places.runs / ERASING, durable=True) as partial:
        partial.unlink(missing_ok=True)
        with open(
            os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)


def take_off(places: Places) -> None:
    """Remove the note: nothing is left."""
    (places.runs / ERASING).unlink(missing_ok=True)
    flush(places.runs)
