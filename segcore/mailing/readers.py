"""Whom a study has mails for, and why somebody of whom no mail is known has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from segcore import archive, representatives
from segcore.archive import Places
from segcore.errors import SegcoreError
from segcore.mail import reasons
from segcore.mail.subscriptions import ALL, Subscription
from segcore.mail.who import Reader, meant

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study


def reps_of(engine: Engine) -> list[Reader]:
    """The representatives of the run whose tables an engine holds."""
    columns = engine.columns("reps") if engine.has("reps") else {}
    found: dict[str, str] = {}
    if "email" in columns:
        found = dict(engine.rows("select trim(rep), coalesce(trim(email::VARCHAR), '') from reps"))
    return [Reader(found.get(rep, ""), name, rep) for _, rep, name in representatives.people(engine)]


def is_published(places: Places, run: str) -> bool:
    """Whether a run stands published."""
    date = archive.date_of(run)
    return date is not None and places.published(date).is_dir()


def latest_reps(places: Places) -> list[Reader]:
    """The representatives of the latest run; none if there is no run, or it does not tell."""
    from segcore.representatives.making import opened

    runs, _ = archive.opened(archive.published(places.runs))
    if not runs:
        return []
    with opened(archive.study_of(runs[-1].folder, f"{places.study}.yaml"), runs[-1].folder) as engine:
        return reps_of(engine) if engine.has("listed") else []


def is_subscribed(rep: str, subscriptions: Sequence[Subscription]) -> bool:
    """Whether mails about the own accounts of a representative are asked for."""
    own = [one for one in subscriptions if one.kind.own]
    apart = {name.strip() for one in own for name in one.apart}
    mine = any((one.rep or "").strip() == rep for one in own)
    return mine or (any(one.rep == ALL for one in own) and rep not in apart)


def _left_out(rep: str, subscriptions: Sequence[Subscription]) -> int:
    """The entry from which a representative is left out; 0 if there is none."""
    places = enumerate(subscriptions, 1)
    return next((place for place, one in places if rep in [name.strip() for name in one.apart]), 0)


def without(study: Study, one: Reader, subscriptions: Sequence[Subscription]) -> str:
    """Why a representative gets no mails: no subscription, or no address; "" if there is neither reason."""
    if not is_subscribed(one.rep or "", subscriptions):
        if place := _left_out(one.rep or "", subscriptions):
            why = reasons.LEFT_OUT.format(text=place)
            return f"representative {one.rep} is {why} of {study.subscriptions_path}"
        return f"representative {one.rep} has no subscription in {study.subscriptions_path}"
    if not one.address:
        return f"representative {one.rep} has no email in the reps source, where own accounts go"
    return ""


def why_none(places: Places, study: Study, to: str) -> str | None:
    """Why no mail to somebody is known.

    Parameters
    ----------
    places, study
        The study.
    to
        Who, see :func:`segcore.mail.who.meant`.

    Returns
    -------
    str or None
        A reason; "" for somebody who is to get mails, None for somebody whom the study does not know.
    """
    from segcore.mail.subscriptions import load_subscriptions

    subscriptions = load_subscriptions(study)
    if meant(to, [Reader(one.to or "", one.name or "", None) for one in subscriptions]):
        return ""
    for rep in meant(to, latest_reps(places)):
        return without(study, rep, subscriptions)
    if study.mail and meant(to, [Reader(owner, "", None) for owner in study.mail.owners]):
        return f"{to} is an owner, who is told of runs that fail"
    return None


def in_words(places: Places) -> dict[str, str]:
    """What mails about chosen customers are about, in words; those of a subscription that is gone stay."""
    from segcore.mail.subscriptions import load_subscriptions
    from segcore.params.file import load_study

    try:
        subscriptions = load_subscriptions(load_study(places.root / "params" / f"{places.study}.yaml"))
    except SegcoreError:
        return {}
    asked = {one.key: one.where.asked for one in subscriptions if one.where.asked}
    return {key: f"customers ({_listed(where)})" for key, where in asked.items()}


def _listed(where: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{name}: {', '.join(some)}" for name, some in where.items())
