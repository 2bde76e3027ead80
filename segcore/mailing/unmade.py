"""Runs that are published and of which no mails are made, though somebody wanted them; and why not."""

from __future__ import annotations

from collections.abc import Sequence

from segcore import archive
from segcore.archive import Places
from segcore.archive.promised import promised
from segcore.errors import SegcoreError
from segcore.params.file import load_study


def unmade(places: Places) -> list[str]:
    """The published runs that somebody wanted to be told about and nobody was, one sentence each."""
    told = []
    for date in promised(places):
        if not places.published(date).is_dir():
            continue
        why = "; ".join(in_the_way(places, str(date)))
        made = f"segcore send {places.study}/{date} makes them"
        told.append(
            f"{date}: its mails are not made{f': {why}; once that is mended, ' if why else '; '}{made}"
        )
    return told


def in_the_way(places: Places, run: str) -> Sequence[str]:
    """Why no mails about a published run can be made, one sentence each; nothing is changed or locked."""
    from segcore.mail.contents import missing, opened
    from segcore.mail.people import recipients
    from segcore.mail.subscriptions import load_subscriptions
    from segcore.mailing.ready import settings
    from segcore.representatives import secret

    folder = places.runs / run
    try:
        study = load_study(places.root / "params" / f"{places.study}.yaml")
        settings(study)
        subscriptions = load_subscriptions(study)
        if wrong := archive.differences(archive.open_run(folder), quick=True):
            return wrong
        with opened(study, folder, places.reports / run, secret()) as found:
            recipients(study, found.engine, subscriptions)
            return missing(found, subscriptions)
    except SegcoreError as error:
        return error.problems
