"""A sealed run without somebody: made beside it from the files that stay, sealed, and put in its place."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segcore import archive
from segcore.archive import Entry, Places
from segcore.archive.places import MANIFEST, UNSEALED
from segcore.files import files_in, json_text, remove
from segcore.privacy.decoding import OpaqueError
from segcore.privacy.files import Eraser
from segcore.privacy.filtering import Filtered
from segcore.privacy.texts import within
from segcore.runner.identity import PARTS, SINCE, fingerprint

RUN = "run.json"
OF_A_SEAL = ("outputs", "seal", "schema")
FREE = ("accepted", "erased", "inputs", "parameters", "params", "rules")
"""Parts of a manifest in which words of people stand; all others are dates, hashes, versions and the like."""


@dataclass(frozen=True)
class Change:
    """What becomes of a sealed run.

    Parameters
    ----------
    run
        The run.
    files
        Its files that hold the person, by path in it.
    inputs
        Hash of an extract → the one that is kept in its place, None if none is.
    previous
        What it says of the run before it from now on.
    """

    run: archive.Run
    files: Sequence[str]
    inputs: Mapping[str, Filtered | None] = field(default_factory=dict)
    previous: Mapping[str, str] | None = None

    @property
    def entries(self) -> list[dict[str, Any]]:
        """Its inputs as they are kept now, without those that are not."""
        return [made for entry in self.run.inputs if (made := self._entry(entry))]

    @property
    def lost(self) -> list[str]:
        """Names of its inputs that are not kept any more."""
        gone = [e["name"] for e in self.run.inputs if self.inputs.get(e["sha256"], ...) is None]
        return sorted({*(self.run.erased or {}).get("inputs", ()), *gone})

    @property
    def delivered(self) -> list[dict[str, str]]:
        """Its inputs as they were delivered, of those that are not kept so: what was read is not new."""
        before = [dict(told) for told in (self.run.erased or {}).get("delivered", ())]
        gone = [entry for entry in self.run.inputs if entry["sha256"] in self.inputs]
        return [*before, *({name: entry[name] for name in ("name", "sha256")} for entry in gone)]

    def __bool__(self) -> bool:
        named = any(entry["sha256"] in self.inputs for entry in self.run.inputs)
        return bool(self.files) or named or self.previous != self.run.manifest["previous"]

    def _entry(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        if entry["sha256"] not in self.inputs:
            return dict(entry)
        kept = self.inputs[entry["sha256"]]
        return {**entry, "sha256": kept.sha256, "bytes": kept.bytes} if kept else {}


def made_anew(change: Change, eraser: Eraser, stage: Path, on: str) -> archive.Run:
    """Make a run without the person in a folder beside it, and seal it.

    Parameters
    ----------
    change
        What is to be done.
    eraser
        Takes the person out of files.
    stage
        The folder; what a killed command left there goes.
    on
        The day.
    """
    run = change.run
    remove(stage)
    known = {}
    _rewrite(change, eraser, stage)
    for name, path in files_in(run.folder).items():
        target = stage / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name != MANIFEST and name not in change.files:
            _link(path, target)
            if name in run.outputs:
                known[name] = run.outputs[name]
    if (stage / RUN).exists() and change.entries != list(run.inputs):
        known.pop(RUN, None)
        _name_inputs(stage / RUN, within(change.entries, eraser.person))
    modes = {name: (run.folder / name).stat().st_mode for name in UNSEALED if (stage / name).exists()}
    made = archive.seal(stage, _facts(change, eraser, on), known=known)
    for name in modes.keys() - {MANIFEST}:
        (stage / name).chmod(modes[name] & 0o777)
    return made


def _rewrite(change: Change, eraser: Eraser, stage: Path) -> None:
    """Write the files that hold the person, two at a time, beginning with the largest."""

    def write(name: str) -> None:
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        with suppress(OpaqueError):  # it is left out whole
            eraser.rewrite(change.run.folder / name, stage / name)

    sizes = {name: (change.run.folder / name).stat().st_size for name in change.files}
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(write, name) for name in sorted(sizes, key=lambda name: -sizes[name])]:
            done.result()


def put_in_place(places: Places, old: archive.Run, made: archive.Run, entry: Entry) -> None:
    """Publish a run that was made anew, or keep it where the old one was kept aside; the old one goes."""
    if old.folder == places.published(old.run_date):
        archive.record(places.runs, entry)
        archive.publish(places, made, replace=True)
        return
    target = old.folder.with_name(f"{old.run_date}-{made.sha256[:8]}")
    remove(target)
    os.rename(made.folder, target)
    archive.record(places.runs, entry)
    archive.discard(old.folder)


def half_done(places: Places) -> list[Path]:
    """Runs kept aside that a killed command was about to remove, or had made and not recorded."""
    ledger, gone = archive.read_ledger(places.runs), []
    there = {folder: archive.manifest_sha256(folder) for folder in places.asides()}
    for folder, sha256 in there.items():
        date = folder.name[:10]
        now = ledger.now(date, sha256)
        if now != sha256 and now in there.values():
            gone.append(folder)  # it is kept without the person already
        elif sha256 and not ledger.knows(date, sha256) and _is_made_anew(folder):
            gone.append(folder)
    return gone


def _is_made_anew(folder: Path) -> bool:
    runs, _ = archive.opened([folder])
    return any(run.erased for run in runs)


def _link(path: Path, target: Path) -> None:
    """The same file under another name; a copy where it may be written to, or a disk knows no links."""
    if path.name in UNSEALED:
        shutil.copy2(path, target)
        return
    try:
        os.link(path, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(path, target, follow_symlinks=False)


def _name_inputs(path: Path, entries: list[dict[str, Any]]) -> None:
    told = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()  # it may be the very file of the old run under another name
    path.write_text(json_text({**told, "inputs": entries}), encoding="utf-8", newline="\n")


def _facts(change: Change, eraser: Eraser, on: str) -> dict[str, Any]:
    run = change.run
    facts = {name: value for name, value in run.manifest.items() if name not in OF_A_SEAL}
    days = sorted({*(run.erased or {}).get("on", ()), on})
    facts |= {"inputs": change.entries, "previous": change.previous}
    facts["erased"] = {"on": days, "inputs": change.lost}
    if change.delivered:
        facts["erased"]["delivered"] = change.delivered
    facts |= {name: within(facts[name], eraser.person) for name in FREE if name in facts}
    parts = {**SINCE, **facts}
    if all(name in parts for name in PARTS):  # later runs compare what they would be with it
        facts["fingerprint"] = fingerprint(parts)
    return facts
