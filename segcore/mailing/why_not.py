"""Why no mail is known of a run, or of somebody: what the log answers where it has nothing to list."""

from __future__ import annotations

import shlex

from segcore import archive
from segcore.archive import Places
from segcore.errors import MailError, SegcoreError
from segcore.mailing.readers import is_published, why_none
from segcore.mailing.unmade import in_the_way
from segcore.params.file import load_study


def of_run(places: Places, date: str) -> str | None:
    """Why nobody was told of a run; None if the study never had one of this date."""
    run, last = f"{places.study} {date}", archive.read_ledger(places.runs).last(date)
    if is_published(places, date):
        does = f"segcore send {places.study}/{date} does it"
        if why := in_the_way(places, date):
            return f"{run}: nobody was told of it: {'; '.join(why)}; once that is mended, {does}"
        return f"{run}: nobody was told of it yet; {does}"
    if last is None:
        return None
    if last.event == "expired":
        return f"{run}: has expired, and what was known of its mails with it"
    if last.event == "withdrawn":
        return f"{run}: was withdrawn on {last.on}, and nobody had been told of it"
    return f"{run}: is not published any more, and nobody had been told of it"


def of_somebody(places: Places, to: str, date: str | None) -> str | None:
    """Why somebody has no mail, or none about a run; None for somebody whom the study does not know."""
    about = f"{places.study} {date}" if date else places.study
    file = places.root / "params" / f"{places.study}.yaml"
    try:
        why = why_none(places, load_study(file), to)
    except SegcoreError as error:
        return f"{about}: no mail to {to} is known, and why is not known either: {error.problems[0]}"
    if why is None:
        return None
    if why:
        return f"{about}: {why}"
    named = date or (dates[-1].name if (dates := archive.published(places.runs)) else None)
    if named is None:
        return f"{about}: {to} is to get mails, but no run is published yet"
    does = f"segcore send {places.study}/{named} --to {shlex.quote(to)} does it"
    there = is_published(places, named)
    return f"{about}: {to} is to get mails, and was not told yet{f'; {does}' if there else ''}"


def nothing_of(studies: list[Places], runs: dict[str, bool], to: str | None, date: str | None) -> list[str]:
    """What to say where no mail is found.

    Parameters
    ----------
    studies
        Where it was looked for.
    runs
        Study → whether any mail about the run is known there.
    to, date
        Whose mails, and of which run, were asked for.

    Raises
    ------
    MailError
        If no study has the run, or knows somebody of this name.
    """
    told: list[str | None] = []
    if date:
        without = [places for places in studies if not runs.get(places.study)]
        told = [of_run(places, date) for places in without]
        if len(without) == len(studies) and not any(told):
            names = ", ".join(places.study for places in studies)
            raise MailError(f"--run must be a run of {names} (got {date}; there is none); see segcore list")
        studies = [places for places in studies if runs.get(places.study)]
    if to and studies:
        some = [of_somebody(places, to, date) for places in studies]
        if not any([*some, *told]):
            names = ", ".join(places.study for places in studies)
            raise MailError(
                f"--to must be the address, number or name of somebody who gets mails of {names} "
                f"(got {to!r}): no subscription is for it, and no representative of the latest run is it"
            )
        told += some
    return [one for one in told if one]
