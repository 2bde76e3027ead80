"""Somebody is taken out: stored extracts first, then the runs in the order of their dates, then the rest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import archive
from segcore.archive import Entry, Places
from segcore.archive.ledger import reword
from segcore.files import flush, remove
from segcore.keeping import Decision
from segcore.outputs import PAGE, PAPER
from segcore.privacy import finding
from segcore.privacy.files import FOREIGN
from segcore.privacy.filtering import Filtered, filtered
from segcore.privacy.finding import Sealed
from segcore.privacy.mails import drop
from segcore.privacy.resealing import Change, made_anew, put_in_place
from segcore.wording import plural

if TYPE_CHECKING:
    from segcore.privacy.erasing import Findings
    from segcore.privacy.extracts import Stored


def done(found: Findings, places: Places, decision: Decision) -> Iterator[str]:
    """Take the person out of all that was found; says what was done, one sentence each."""
    inputs = _inputs(found, places)
    for one in found.sealed:
        yield from _run(one, found, places, (inputs, decision))
    for path in found.loose:
        yield _taken_out(path, found, places)
    reword(places.runs, found.eraser.person.taken_out)
    for sha256, kept in inputs.items():
        path = found.stored[sha256].extract.path
        remove(path)
        gone = plural(len(found.theirs.lines.get(sha256, ())), "line")
        yield f"{path}: {f'{gone} taken out; it is {kept.path.name} now' if kept else 'removed'}"
    for path in (*found.orphans, *found.caches):
        remove(path.with_suffix(".sha256"))
        remove(path)
    if inputs or found.orphans:
        flush(places.inputs)
    yield from drop(places, found.eraser.person)


def can_filter(one: Stored, found: Findings) -> bool:
    """Whether a file can be written that lacks the person's records only."""
    unread = one.extract.sha256 in found.theirs.unread
    return not unread and (one.is_text or one.extract.path.suffix == ".parquet")


def _inputs(found: Findings, places: Places) -> dict[str, Filtered | None]:
    """The person's stored extracts → what is kept in their place; the old ones stay until runs follow."""
    made: dict[str, Filtered | None] = {}
    for sha256 in sorted(found.theirs.hashes):
        one = found.stored[sha256]
        lines = found.theirs.lines.get(sha256, frozenset())
        made[sha256] = (
            filtered(one, places.inputs, lines, found.eraser.engine) if can_filter(one, found) else None
        )
    return made


def _run(
    one: Sealed,
    found: Findings,
    places: Places,
    how: tuple[dict[str, Filtered | None], Decision],
) -> Iterator[str]:
    """Seal a run anew, if there is a reason to."""
    run, (inputs, decision) = one.run, how
    change = Change(run, one.files, inputs, _previous(run, places))
    if not change:
        return
    copies = [copy for name in one.files if (copy := finding.copy_of(places, run, name))]
    published = run.folder == places.published(run.run_date)
    stage = places.staging(run.run_date) if published else run.folder.with_name(f".segcore-{run.folder.name}")
    made = made_anew(change, finding.of_run(run, found.eraser, found.theirs), stage, str(decision.on))
    entry = Entry("erased", str(run.run_date), run.sha256, made.sha256, str(decision.on), decision.because)
    put_in_place(places, run, made, entry)
    for copy in copies:
        copy.unlink(missing_ok=True)
    if f"report/{PAGE}" in one.files:
        (places.reports / run.folder.name / PAPER).unlink(missing_ok=True)
    gone = sorted({*one.files} - {*made.outputs})
    yield from (f"{run.folder / name}: removed whole: {FOREIGN}" for name in gone)
    yield f"{run.folder}: {plural(len(one.files), 'file')} changed, sealed anew; not repeatable: erased"


def _previous(run: archive.Run, places: Places) -> dict[str, str] | None:
    """What a run says of the one before it, by the hash that that one has now."""
    told = run.manifest["previous"]
    if not told:
        return None
    now = archive.read_ledger(places.runs).now(told["run_date"], told["manifest_sha256"])
    return {**told, "manifest_sha256": now or told["manifest_sha256"]}


def done_to_loose(path: Path, found: Findings, places: Places) -> str:
    """What is done to a file that no seal covers."""
    if path.is_dir() and finding.copy_around(path / "x", places):
        return finding.COPY_REMOVED
    beside = replace(found.eraser, beside=True)
    return finding.REMOVED if _is_made_again(path, found) else beside.what(path)


def _is_made_again(path: Path, found: Findings) -> bool:
    return (
        path.is_dir() or path.name == PAPER or finding.is_ours(path) or finding.is_extract(path, found.theirs)
    )


def _taken_out(path: Path, found: Findings, places: Places) -> str:
    """Take the person out of a file that no seal covers."""
    eraser = replace(found.eraser, beside=True)
    if path.is_dir() and finding.copy_around(path / "x", places):
        remove(path)
        return f"{path}: removed whole, a copy of a run; open it again from the run"
    if _is_made_again(path, found):
        remove(path)
        return f"{path}: removed; it is made again when it is needed"
    if not path.exists():
        return f"{path}: removed with what else was left of a run that failed"
    if eraser.is_foreign(path):
        remove(path)
        return f"{path}: removed whole: {FOREIGN}"
    mode = path.stat().st_mode & 0o777
    try:
        what = eraser.rewrite(path, path)
        os.chmod(path, mode)
        if not eraser.holds(path):
            return f"{path}: {what}"
    except (*finding.UNREADABLE, eraser.engine.errors):
        pass
    remove(path)
    return f"{path}: removed, for nobody can take somebody out of such a file"
