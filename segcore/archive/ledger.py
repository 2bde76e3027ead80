"""``runs/STUDY/ledger.jsonl``: what became of every run, one line for each decision.

A line is written, and has reached the disk, before the rename that it tells of. So the ledger says
which run must be published, and whoever finds another state after a crash can finish the work.
"""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from segcore.errors import ArchiveError
from segcore.files import flush, write_text

LEDGER = "ledger.jsonl"
CHAIN = "chain"
STANDING = ("sealed", "superseded", "withdrawn", "restored", "abandoned", "expired", "erased")
"""Events after which the run ``new`` is the one that must be published; None for none."""

EVENTS = (*STANDING, "pruned")


@dataclass(frozen=True)
class Entry:
    """One line of a ledger.

    Parameters
    ----------
    event
        sealed, superseded (by a run that was made anew), withdrawn, restored, pruned, abandoned
        (a run that was to be published and was lost before), expired (removed, for it was kept as long as
        the study says), or erased (somebody was taken out of it, and it was sealed anew).
    run_date
        The run's date; None where an input was pruned.
    old, new
        Hashes of manifests: what was published before and after. Of what was pruned, ``old`` is the
        hash of the manifest or of the input.
    on, because
        When a person decided it, and why.
    damaged
        Whether ``old`` was not as it was sealed any more.
    """

    event: str
    run_date: str | None
    old: str | None = None
    new: str | None = None
    on: str | None = None
    because: str | None = None
    damaged: bool | None = None


@dataclass(frozen=True)
class Ledger:
    """The entries of a study, what is wrong with its lines, and the last link of the chain of entries."""

    entries: Sequence[Entry] = ()
    faults: Sequence[str] = ()
    chain: str = ""

    def last(self, date: dt.date | str) -> Entry | None:
        """The latest decision about what is published of a date.

        Somebody is erased from runs that are kept aside as well, which says nothing of what is published.
        """
        last: Entry | None = None
        for entry in self.entries:
            if entry.run_date != str(date) or entry.event not in STANDING:
                continue
            if entry.event != "erased" or (last and last.new and last.new == entry.old):
                last = entry
        return last

    def standing(self, date: dt.date | str) -> str | None:
        """The hash of the run that must be published at a date, None if there must be none."""
        last = self.last(date)
        return last.new if last else None

    @property
    def dates(self) -> list[dt.date]:
        """The run dates that it knows, ascending."""
        return sorted({dt.date.fromisoformat(e.run_date) for e in self.entries if e.run_date})

    @property
    def withdrawn(self) -> list[Entry]:
        """The runs that are withdrawn now, ascending by run date."""
        last = (self.last(date) for date in self.dates)
        found = (entry for entry in last if entry and entry.event == "withdrawn")
        return [replace(entry, old=self.now(entry.run_date or "", entry.old)) for entry in found]

    def now(self, date: str, sha256: str | None) -> str | None:
        """The hash that a run has since somebody was erased from it; its own if nobody was."""
        for entry in self.entries:
            if entry.event == "erased" and (entry.run_date, entry.old) == (date, sha256):
                sha256 = entry.new
        return sha256

    def knows(self, date: str, sha256: str) -> bool:
        """Whether a run of this hash was published at a date at any time."""
        return any(e.run_date == date and sha256 in (e.old, e.new) for e in self.entries)

    def was_damaged(self, date: dt.date | str, sha256: str) -> bool:
        """Whether a run was damaged already when it was taken out."""
        return any(e.damaged and (e.run_date, e.old) == (str(date), sha256) for e in self.entries)

    @property
    def expired(self) -> frozenset[tuple[str, str]]:
        """Run date and hash of the published runs that were removed because they were kept long enough.

        A run out of which somebody was taken before is the same run; one that was superseded or withdrawn
        before is not among them, for whatever was compared with it is stale.
        """
        stood: dict[str, set[str]] = {}
        found: set[tuple[str, str]] = set()
        for entry in self.entries:
            date, mine = entry.run_date or "", stood.get(entry.run_date or "", set())
            if entry.event == "expired":
                found |= {(date, sha256) for sha256 in mine} if entry.old in mine else set()
            if entry.event in STANDING and not (entry.event == "expired" and entry.old not in mine):
                same = mine if entry.event == "erased" and entry.old in mine else set()
                stood[date] = same | ({entry.new} if entry.new else set())
        return frozenset(found)

    @property
    def aside(self) -> list[tuple[str, str]]:
        """Run date and hash of the superseded and withdrawn runs that must be kept aside now."""
        kept: dict[tuple[str, str], None] = {}
        for entry in self.entries:
            key, back = (entry.run_date or "", entry.old or ""), (entry.run_date or "", entry.new or "")
            if entry.event in ("superseded", "withdrawn") and entry.old and entry.old != entry.new:
                kept[key] = None
            elif entry.event in ("pruned", "expired"):
                kept.pop(key, None)
            elif entry.event in ("restored", "abandoned"):
                kept.pop(back, None)
            elif entry.event == "erased" and key in kept:
                kept = {back if one == key else one: None for one in kept}
        return list(kept)


def read_ledger(study_runs: Path) -> Ledger:
    """The ledger of a study; empty if there is none yet.

    Raises
    ------
    ArchiveError
        If it cannot be read at all.
    """
    path = study_runs / LEDGER
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return Ledger()
    except OSError as error:
        raise ArchiveError(f"{path}: must be a file that can be read ({error.strerror}); mend that") from None
    entries, faults, chain = [], [], ""
    # Behind the last line end stands nothing, or a line that was not written to its end.
    for number, line in enumerate(lines[:-1], start=1):
        entry, linked = _parsed(line)
        if entry is None or linked != _link(chain, entry):
            faults.append(
                f"{path}, line {number}: must be as it was written (it was altered, or a line before it "
                "is gone); put the ledger back from a copy"
            )
        if entry:
            entries.append(entry)
        chain = linked or chain
    return Ledger(entries, faults, chain)


def record(study_runs: Path, entry: Entry) -> None:
    """Append an entry, and wait until the disk has it; the caller holds the study's lock."""
    path = study_runs / LEDGER
    told = {**_told(entry), CHAIN: _link(read_ledger(study_runs).chain, entry)}
    line = json.dumps(told, ensure_ascii=False).encode() + b"\n"
    with path.open("ab", buffering=0) as file:
        end = path.read_bytes().rfind(b"\n") + 1  # without a line that was not written to its end
        try:
            file.truncate(end)
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            raise
    flush(study_runs)


def reword(study_runs: Path, say: Callable[[str], str]) -> None:
    """Write the reasons in a ledger anew, with its chain; the caller holds the study's lock.

    Parameters
    ----------
    study_runs
        The runs of the study.
    say
        A reason → what stands there instead; for most it is the same.
    """
    ledger = read_ledger(study_runs)
    entries = [replace(one, because=say(one.because)) if one.because else one for one in ledger.entries]
    if entries == list(ledger.entries) or ledger.faults:
        return
    chain, lines = "", []
    for entry in entries:
        chain = _link(chain, entry)
        lines.append(json.dumps({**_told(entry), CHAIN: chain}, ensure_ascii=False) + "\n")
    write_text(study_runs / LEDGER, "".join(lines), durable=True)


def _told(entry: Entry) -> dict[str, Any]:
    always = ("run_date", "old", "new")
    return {name: value for name, value in vars(entry).items() if value or name in always}


def _link(chain: str, entry: Entry) -> str:
    """A hash over an entry and all before it, for a damaged line must be noticed even if it is old."""
    return hashlib.sha256((chain + json.dumps(_told(entry))).encode()).hexdigest()[:16]


def _parsed(line: bytes) -> tuple[Entry | None, str]:
    """The entry of a line and its link to those before it; None and "" for a line that is no entry."""
    try:
        told = json.loads(line)
        linked = str(told.pop(CHAIN))
        entry = Entry(**told)
        for day in filter(None, (entry.run_date, entry.on)):
            dt.date.fromisoformat(day)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None, ""
    texts = (getattr(entry, field.name) for field in fields(entry) if field.name != "damaged")
    known = entry.event in EVENTS and all(text is None or isinstance(text, str) for text in texts)
    return (entry, linked) if known else (None, "")
