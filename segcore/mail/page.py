"""``mail.html`` of a study: who got which mails about its runs, and why not, for the analyst.

It holds what the outbox tells: addresses, subjects, answers of servers. No customer, no link to anybody's own
page, and nothing of what stands in a mail is on it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from segcore import language
from segcore.mail import log, reasons
from segcore.mail.entries import FAILURE, LOST, SETTLED, STATES, WAITING, Entry
from segcore.mail.gets import GETS
from segcore.own_code import code_sha256
from segcore.report.parts import Cell, Table, environment, number
from segcore.report.written import css, policy
from segcore.sentences import mailings as say
from segcore.wording import count, long_date

SOURCE = re.compile(r'<meta name="segcore-source" content="([0-9a-f]{64})">')

LISTED = 500
"""So many mails of a run stand on the page, those first that went wrong; the command lists all."""

RUNS = 24
"""So many runs have a list of their own, the latest ones."""

LABELS = {**{name: state.label for name, state in STATES.items()}, SETTLED: "sent again later"}
"""State → how the page calls it."""

KINDS: Mapping[str, str] = {**{name: kind.label for name, kind in GETS.items()}, FAILURE: "for the owners"}
"""What mails are about → how the page calls it."""

OWN: frozenset[str] = frozenset(name for name, kind in GETS.items() if kind.own)
"""What is about a representative's own accounts: the number stands behind it."""

HEADS = ("Recipient", "What", "State", "When", "Answer, or why not")
"""The columns of the mails of a run."""

WRONG = (*reversed(LOST), *reversed(WAITING))
"""The states of mails that somebody should look at, the worst first."""

FIRST = (*WRONG, "skipped", SETTLED, "sent")
"""Which mails stand first."""


@dataclass(frozen=True)
class Page:
    """What the page is about.

    Parameters
    ----------
    study, title
        The study's name, and how it calls itself.
    language
        In which the page is written.
    entries
        What the outbox tells.
    withdrawn
        The runs that are withdrawn now, and when that was.
    """

    study: str
    title: str
    language: str
    entries: Sequence[Entry]
    withdrawn: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OfRun:
    """The mails about one run: its date, its heading, their list, and how many are not on it."""

    date: str
    heading: str
    table: Table
    left_out: int


def source(page: Page) -> str:
    """The fingerprint of what a page is made of."""
    told = hashlib.sha256(f"{code_sha256()} {page.study} {page.title} {page.language}".encode())
    told.update(repr(sorted(page.withdrawn.items())).encode())
    for entry in page.entries:
        told.update(json.dumps(log.as_json(entry), sort_keys=True, ensure_ascii=True).encode())
    return told.hexdigest()


def source_of(text: str) -> str | None:
    """The fingerprint that a page says it was made of, None if it says none."""
    found = SOURCE.search(text, 0, 2000)
    return found[1] if found else None


def render(page: Page, made_of: str) -> str:
    """The page; the same entries give the same text."""
    from markupsafe import Markup

    with language.spoken(page.language):
        entries = log.settled(page.entries)
        runs, totals = _by_run(entries), _counts(entries)
        lead = (
            say.summed(totals["sent"], sum(totals[s] for s in WRONG), totals["skipped"])
            if entries
            else say.none()
        )
        text = (
            environment()
            .get_template("mail.html.j2")
            .render(
                source=made_of,
                policy=policy(),
                css=Markup(css({})),
                study=page.study,
                title=page.title,
                lead=lead,
                summary=_summary(runs),
                runs=[_of_run(*one, page.withdrawn) for one in list(runs.items())[:RUNS]],
            )
        )
    return text.rstrip("\n") + "\n"


def _by_run(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The mails of each run, the latest run first, and in it those first that went wrong."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.run, []).append(entry)
    return {
        run: sorted(found[run], key=lambda e: (FIRST.index(e.state), e.address, e.what, e.edition))
        for run in sorted(found, reverse=True)
    }


def _counts(entries: Iterable[Entry]) -> dict[str, int]:
    totals = dict.fromkeys(LABELS, 0)
    for entry in entries:
        totals[entry.state] += 1
    return totals


def _summary(runs: dict[str, list[Entry]]) -> Table:
    counted = {run: _counts(mails) for run, mails in runs.items()}
    shown = [state for state in LABELS if any(totals[state] for totals in counted.values())]
    heads = [Cell(language.say("Run")), *(Cell(_state(state), kind="num") for state in shown)]
    rows = [
        [Cell(_day(run), kind="nb"), *(number(totals[state]) for state in shown)]
        for run, totals in counted.items()
    ]
    return Table(heads, rows, caption=language.say("Mails of each run, the newest first"))


def _of_run(run: str, mails: Sequence[Entry], withdrawn: Mapping[str, str]) -> OfRun:
    heads = [Cell(language.say(head)) for head in HEADS]
    rows = [_row(entry) for entry in mails[:LISTED]]
    caption = language.say("Mails of {day}", day=_day(run))
    if run in withdrawn:
        caption = language.say("{mails}, withdrawn since: on {day}", mails=caption, day=_day(withdrawn[run]))
    left_out = max(0, len(mails) - LISTED)
    return OfRun(run, caption, Table(heads, rows, kind="mails"), left_out)


def _row(entry: Entry) -> list[Cell]:
    tries = len(entry.tries)
    attempts = language.say("{number} attempts", number=count(tries)) if tries > 1 else ""
    return [
        Cell(entry.name or entry.address or entry.rep or "", small=entry.address if entry.name else ""),
        Cell(_matter(entry), small=entry.subject),
        Cell(_state(entry.state), small=attempts),
        Cell(_moment(entry.changed), kind="nb"),
        Cell(reasons.shown(log.answered(entry))),
    ]


def _matter(entry: Entry) -> str:
    told = _what(entry.what)
    return (
        language.say("{what}, edition {number}", what=told, number=str(entry.edition))
        if entry.edition > 1
        else told
    )


def _what(what: str) -> str:
    """What somebody asked for, in the language that is spoken, and whose own it is."""
    kind = next((kind for kind in KINDS if what == kind or what.startswith(f"{kind} ")), None)
    if kind is None:
        return what
    rep = what.removeprefix(kind) if kind in OWN else ""
    return f"{language.say(KINDS[kind])}{rep}"


def _state(state: str) -> str:
    return language.say(LABELS[state])


def _day(run: str) -> str:
    try:
        return long_date(dt.date.fromisoformat(run))
    except ValueError:
        return run


def _moment(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M}"
