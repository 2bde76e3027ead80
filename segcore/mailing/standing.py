"""How the mails of a study stand: what waits, what went wrong, and what somebody should do about it."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore.archive import Places
from segcore.archive.mail_pages import has_outbox
from segcore.errors import SegcoreError
from segcore.mail import log as of_mails
from segcore.mail import reasons
from segcore.mail.entries import FAILURE, LOST, SETTLED, STATES, WAITING, Entry
from segcore.mail.outbox import Outbox
from segcore.mailing.looking import NONE, looked_at
from segcore.mailing.opening import lost
from segcore.mailing.readers import is_published, latest_reps
from segcore.mailing.unmade import unmade
from segcore.params.file import load_study
from segcore.wording import count

if TYPE_CHECKING:
    from segcore.params import Study

RUNS = 3
"""Of so many runs, the latest ones with mails, it is told what was refused or came back."""

GONE = "gone"
"""What is told in place of the state of a mail that never arrived, and that nobody asks for any more."""

LEFT_OUT = "left out"
"""What is told of somebody who got no mail for a reason that can be mended."""

_REPS = "the reps source"
_WORDS = {SETTLED: "sent again later", GONE: "no longer asked for"}

_NOBODY = re.compile(r"\b5\.1\.(?:1|2|3|10)\b")
"""What servers say of an address that is none (RFC 3463 and 7505): trying once more does not help."""


@dataclass(frozen=True)
class Standing:
    """How the mails of a study stand.

    Parameters
    ----------
    study
        Its name.
    counts
        How many mails there are of every state; those that never arrived, but a later one did, and those
        that nobody asks for any more, apart.
    next
        When the next one is tried; None if none waits.
    troubles
        Run date → state → readers, of those whose mails wait, are in doubt, were refused or came back, and
        of those who got none for a reason that can be mended.
    unread
        What is wrong with the outbox.
    advice
        Run date → what to do about it.
    unmade
        Of which runs somebody wanted mails that are not made.
    """

    study: str
    counts: dict[str, int]
    next: dt.datetime | None = None
    troubles: Mapping[str, dict[str, int]] = field(default_factory=dict)
    unread: Sequence[str] = ()
    advice: Mapping[str, str] = field(default_factory=dict)
    unmade: Sequence[str] = ()

    @property
    def lines(self) -> list[str]:
        """The same as a terminal shows it."""
        if self.unread:
            return [f"{self.study}: {problem}" for problem in self.wrong]
        wrong = [f"  {line}" for line in self.wrong]
        if not any(self.counts.values()):
            return [f"{self.study}: {NONE}", *wrong]
        parts = [f"{count(n)} {_WORDS.get(state, state)}" for state, n in self.counts.items() if n]
        waits = f"; the next attempt is due {self.next.astimezone():%Y-%m-%d %H:%M}" if self.next else ""
        return [f"{self.study}: {', '.join(parts)}{waits}", *wrong]

    @property
    def wrong(self) -> list[str]:
        """What somebody should look at, one line for each run; nothing if all is well."""
        told = [
            f"{run}: {', '.join(f'{count(number)} {state}' for state, number in states.items())}; "
            f"segcore mail log {self.study} --run {run} says more{self.advice.get(run, '')}"
            for run, states in self.troubles.items()
        ]
        return [*self.unread, *self.unmade, *told]

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        when = self.next.astimezone(dt.UTC).isoformat() if self.next else None
        faults = [*self.unread, *self.unmade]
        return {"counts": self.counts, "next": when, "runs": dict(self.troubles), "faults": faults}


def standing_of(places: Places) -> Standing:
    """How the mails of a study stand; an outbox that is lost or cannot be read is told, not raised."""
    waits = unmade(places)
    if gone := lost(places):
        return Standing(places.study, {}, unread=[gone], unmade=waits)
    if not has_outbox(places):
        return Standing(places.study, {}, unmade=waits)
    try:
        with Outbox.open(places.outbox) as outbox:
            entries = of_mails.settled(outbox.log())
    except SegcoreError as error:
        return Standing(places.study, {}, unread=error.problems, unmade=waits)
    asked = _Asked(places) if any(entry.state in LOST for entry in entries) else None
    entries = [_or_gone(entry, asked) for entry in entries]
    found = Counter(entry.state for entry in entries)
    counts = {state: found[state] for state in (*STATES, SETTLED, GONE)}
    due = [entry.due for entry in entries if entry.state in WAITING and entry.due]
    told = _told(entries)
    advice = {run: _advice(places, run, [e for e in told if e.run == run], asked) for run in {*_runs(told)}}
    return Standing(
        places.study, counts, min(due, default=None), _troubles(told), advice=advice, unmade=waits
    )


def standing(root: Path, study: str | None) -> dict[str, Standing]:
    """How the mails of a study stand, or of all studies of which mails are known."""
    found = {places.study: standing_of(places) for places in looked_at(root, study)}
    return {name: one for name, one in found.items() if one.counts or one.unread or one.unmade}


def _told(entries: Sequence[Entry]) -> list[Entry]:
    """The mails of which somebody should know, of the latest runs; those that wait of every run."""
    newest = sorted({entry.run for entry in entries if entry.what != FAILURE}, reverse=True)[:RUNS]
    since, last = min(newest, default=""), max(newest, default="")
    waiting = [entry for entry in entries if entry.state in WAITING]
    failed = [entry for entry in entries if entry.state in LOST and entry.run >= since]
    amiss = [entry for entry in entries if entry.run == last and _is_left_out(entry)]
    return [*waiting, *failed, *amiss]


def _is_left_out(entry: Entry) -> bool:
    return entry.state == "skipped" and reasons.is_amiss(entry.why)


def _runs(entries: Sequence[Entry]) -> list[str]:
    return sorted({entry.run for entry in entries}, reverse=True)


def _troubles(entries: Sequence[Entry]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {run: {} for run in _runs(entries)}
    for entry in entries:
        state = LEFT_OUT if entry.state == "skipped" else entry.state
        found[entry.run][state] = found[entry.run].get(state, 0) + 1
    return found


class _Asked:
    """Who asks for what now: an address that nobody asks for any more wants no mail."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.entries: dict[tuple[str, str], str] | None = None
        try:
            study = load_study(places.root / "params" / f"{places.study}.yaml")
            self.entries = dict(self._entries(study))
        except (SegcoreError, OSError):
            pass  # who cannot be known does not count as gone

    def _entries(self, study: Study) -> list[tuple[tuple[str, str], str]]:
        """What a mail is about and its address → where this address stands."""
        from segcore.mail.subscriptions import ALL, load_subscriptions

        subscriptions = load_subscriptions(study)
        found = [((FAILURE, owner.lower()), f"mail.owners in {study.path}") for owner in _owners(study)]
        reps = latest_reps(self.places) if any(one.kind.own for one in subscriptions) else []
        for place, one in enumerate(subscriptions, 1):
            if not one.kind.own:
                where = f"entry {place} of {study.subscriptions_path}"
                found.append(((one.key, (one.to or "").lower()), where))
                continue
            apart = {name.strip() for name in one.apart}
            for rep in reps:
                if rep.rep == (one.rep or "").strip() or (one.rep == ALL and rep.rep not in apart):
                    found.append(((f"{one.key} {rep.rep}", rep.address.lower()), _REPS))
        return found

    def where(self, entry: Entry) -> str | None:
        """Where the address of a mail stands that is asked for; None if nobody asks for it."""
        if self.entries is None:
            return ""
        return self.entries.get((entry.what, entry.address.lower()))


def _owners(study: Study) -> Sequence[str]:
    return study.mail.owners if study.mail else ()


def _or_gone(entry: Entry, asked: _Asked | None) -> Entry:
    if asked is None or entry.state not in LOST or asked.where(entry) is not None:
        return entry
    return replace(entry, state=GONE)


def _advice(places: Places, run: str, entries: Sequence[Entry], asked: _Asked | None) -> str:
    """What to do about mails of a run that never arrived."""
    told, sends = [], f"segcore send {places.study}/{run}"
    for entry in (entry for entry in entries if entry.state in LOST):
        where = asked.where(entry) if asked else ""
        if where and _NOBODY.search(of_mails.answered(entry)):
            then = "make the run again" if where == _REPS else f"then {sends}"
            mend = f"mend the address {entry.address} in {where}"
            told.append(mend if entry.what == FAILURE else f"{mend}, {then}")
        elif entry.what != FAILURE and is_published(places, run):
            told.append(f"{sends} --again tries once more")
    return "".join(f", {one}" for one in dict.fromkeys(told))
