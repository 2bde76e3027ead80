"""Whom the representatives' source of today knows: a number may be somebody else's since the run was made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from segcore import sources
from segcore.engine import open_engine
from segcore.errors import SegcoreError
from segcore.files import sha256_of
from segcore.mail import reasons
from segcore.mail.people import told_of
from segcore.sources.extracts import Extract
from segcore.temporary import Temporary
from segcore.wording import join

if TYPE_CHECKING:
    from segcore.mail.letter import Recipient
    from segcore.mailing.composing import Wanted
    from segcore.mailing.ready import Ready

MUST = "Make a run with it, or put back the file that the run has read"


def _today(ready: Ready) -> tuple[Mapping[str, tuple[str, str]] | None, str]:
    """Representative → name and address in the file of today; None where nobody knows, and why."""
    study = ready.study
    source = study.sources.given().get("reps")
    if source is None:
        return None, ""
    if source.query is not None:
        return None, "it is a query, which only runs ask"
    folder = sources.data_folder(study, root=ready.places.root)
    try:
        found = sources.find_source(study, "reps", folder)
        extracts = [
            Extract(
                one.source, one.pattern, one.name, one.delivered, one.path.stat().st_size, digest, one.path
            )
            for one in found
            for digest in [sha256_of(one.path)]
        ]
        with Temporary("reps") as scratch, open_engine(study, folder, scratch) as engine:
            sources.ingest_reps(engine, study, ready.run.run_date, extracts, scratch)
            return told_of(engine), ""
    except (SegcoreError, OSError) as error:
        return None, " ".join(str(error).split())


def checked_today(ready: Ready, wanted: Wanted) -> tuple[Ready, Wanted]:
    """Hold the mails to representatives of whom the source of today says something else than the run.

    Who has no address in the run is told as well.

    Returns
    -------
    tuple
        The run with what a user should know of it, and who is told.
    """
    due = [one for one, of in wanted.fates if of.edition]
    reps = [one for one in due if one.rep is not None]
    known, unknown = _today(ready) if reps else (None, "")
    held = _moved(reps, known)
    nowhere = [one for one, of in wanted.fates if of.skip == reasons.NO_ADDRESS]
    told = (*ready.told, *_unknown(ready, unknown), *_sentences(ready, due, held), *_nowhere(ready, nowhere))
    return replace(ready, told=told), wanted.without(held)


def _unknown(ready: Ready, why: str) -> Iterator[str]:
    """What a user should know where nobody can tell what today's source says."""
    if why:
        yield (
            f"warning: {ready.places.study} {ready.date}: mails to representatives go to the addresses of "
            f"the run, for what the reps source says today is not known ({why})"
        )


def _moved(reps: Sequence[Recipient], known: Mapping[str, tuple[str, str]] | None) -> dict[str, str]:
    """Representative → why a mail is held, see :mod:`segcore.mail.reasons`; of those of whom it is."""
    if known is None:
        return {}
    return {str(one.rep): other for one in reps if (other := _other(one, known.get(str(one.rep))))}


def _other(one: Recipient, now: tuple[str, str] | None) -> str:
    if now is None:
        return reasons.MOVED_AWAY
    name, address = now
    if address.lower() != one.address.lower():
        return reasons.MOVED.format(text=address or "no address")
    return reasons.MOVED.format(text=name) if name and one.name and name != one.name else ""


def _sentences(ready: Ready, people: Sequence[Recipient], held: Mapping[str, str]) -> Iterator[str]:
    """What a user should know of mails that are held, and of representatives who share an address."""
    name = f"{ready.places.study} {ready.date}"
    for one in people:
        if one.rep is not None and one.rep in held:
            yield (
                f"warning: {name}: no mail to representative {one.rep}, {one.name or 'without a name'}, at "
                f"{one.address}: {held[one.rep]}. {MUST}"
            )
    shared: dict[str, list[str]] = {}
    for one in people:
        if one.rep is not None and one.rep not in held:
            shared.setdefault(one.address.lower(), []).append(one.rep)
    for address, reps in shared.items():
        if len(reps) > 1:
            yield (
                f"warning: {name}: representatives {join(reps)} have one address, {address}; what is each "
                "one's own goes there"
            )


def _nowhere(ready: Ready, people: Sequence[Recipient]) -> Iterator[str]:
    """What a user should know of representatives without an address."""
    for one in people:
        yield (
            f"warning: {ready.places.study} {ready.date}: no mail to representative {one.rep}, "
            f"{one.name or 'without a name'}: {one.skip}. Add it and make the run again, or write "
            f'except: ["{one.rep}"] at rep: all'
        )
