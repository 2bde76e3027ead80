"""What a run will be made of, and whether it has been made already."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from segcore import archive
from segcore.errors import ArchiveError
from segcore.files import json_text
from segcore.own_code import code_sha256
from segcore.runner.earlier import check_segments, read_earlier
from segcore.runner.identity import (
    DAMAGE,
    Difference,
    Identity,
    differences,
    fingerprint,
    newer_inputs,
    packages,
    python_version,
    rule_lines,
)
from segcore.runner.kept_model import KeptModel, check_version, choose_model
from segcore.runner.notebooks import Notebook
from segcore.runner.preflight import Setup
from segcore.sources import Extract
from segcore.wording import plural


@dataclass(frozen=True)
class Plan:
    """A run that is decided upon and not begun.

    Parameters
    ----------
    setup
        What it is made of, beside the following.
    run_date
        Its date.
    extracts
        Its inputs.
    parameters
        What the user gives to notebooks beside what every run sets.
    earlier
        The published runs before it, ascending; their files were checked.
    kept
        The model whose breaks it keeps.
    published
        The folder of the published run of this date, None if there is none.
    differs
        In what that run differs from this plan.
    newer
        Names of deliveries that the published run did not read, and this plan does not either.
    accepted
        Gates that it may pass: gate, or source and gate joined by a dot → why.
    beside
        Files that lay beside its extracts and that nobody reads.
    backfill
        Whether it is made afterwards, as one of a history: nobody could act upon it.
    lost
        The date of a run that the published one was compared with and that has expired since, so that what
        is made now cannot be; "" if there is none.
    missing
        The dates of published runs that would stand between it and the last of ``earlier``, and are gone.
    """

    setup: Setup
    run_date: dt.date
    extracts: Sequence[Extract]
    parameters: Mapping[str, Any]
    earlier: Sequence[archive.Run]
    kept: KeptModel
    published: Path | None = None
    differs: Sequence[Difference] = ()
    newer: Sequence[str] = ()
    accepted: Mapping[str, str] = field(default_factory=dict)
    beside: Sequence[str] = ()
    backfill: bool = False
    lost: str = ""
    missing: Sequence[str] = ()

    @property
    def title(self) -> str:
        """The run in two words."""
        return f"{self.setup.study.name} {self.run_date}"

    @property
    def done(self) -> bool:
        """Whether this very run is published."""
        return self.published is not None and not self.differs

    @property
    def only_stale(self) -> bool:
        """Whether the published run differs in nothing but the run that it was compared with."""
        return {difference.part for difference in self.differs} == {"previous"}

    @property
    def advice(self) -> tuple[str, ...]:
        """What the user should know or do, one sentence each."""
        told = [f"warning: {warning}" for warning in self.setup.rules.warnings]
        if self.kept.advice:
            told.append(self.kept.advice)
        if self.newer:
            newer = plural(len(self.newer), "newer delivery", "newer deliveries")
            told.append(f"{self.title}: {newer}; --force uses {'it' if len(self.newer) == 1 else 'them'}")
        return tuple(told)

    @property
    def record(self) -> dict[str, Any]:
        """What stages read in ``run.json``."""
        return {
            "schema": 1,
            "study": self.setup.study.name,
            "run_date": self.run_date.isoformat(),
            "inputs": [extract.as_json() for extract in self.extracts],
            "model": self.kept.as_json(),
            "accepted": dict(self.accepted),
            "beside": list(self.beside),
            **({"backfill": True} if self.backfill else {}),
            **({"missing": list(self.missing)} if self.missing else {}),
            **({"erased": True} if self.earlier and self.earlier[-1].erased else {}),
            "runs": [
                {"run_date": run.manifest["run_date"], "number": number}
                for number, run in enumerate(self.earlier, start=1)
            ],
        }

    @property
    def handed(self) -> dict[str, bytes]:
        """What stages find in their folder: path in it → content."""
        study = {f"{archive.STUDY}/{name}": content for name, content in self.setup.files.items()}
        kept = {"kept_model.json": self.kept.text.encode()} if self.kept.text is not None else {}
        return {"run.json": json_text(self.record).encode(), **study, **kept}

    def given(self, notebook: Notebook, folder: Path) -> dict[str, Any]:
        """The parameters of a notebook that works in a folder: name → value of a JSON type."""
        setup = self.setup
        always = {
            "study": setup.from_root(setup.study.path),
            "run_date": self.run_date.isoformat(),
            "run_dir": setup.from_root(folder),
            "previous_run_dir": setup.from_root(self.earlier[-1].folder) if self.earlier else "",
            "data_dir": setup.from_root(setup.data_dir),
        }
        own = {name: value for name, value in self.parameters.items() if name in notebook.declared}
        return {**always, **own}

    def paths(self, folder: Path) -> dict[str, str]:
        """How paths of an execution should read in its notebooks: path → what replaces it."""
        setup = self.setup
        published = setup.places.published(self.run_date)
        roots = {f"{path}{os.sep}": "" for path in (setup.root.absolute(), setup.root.resolve())}
        return {**roots, setup.from_root(folder): setup.from_root(published), folder.name: published.name}

    @property
    def identity(self) -> Identity:
        """Everything that the results of the run depend on."""
        setup = self.setup
        return {
            "inputs": [extract.as_json() for extract in self.extracts],
            "params": setup.study.resolved(self.run_date),
            "rules": rule_lines(setup.rules),
            "parameters": dict(self.parameters),
            "accepted": dict(self.accepted),
            "beside": list(self.beside),
            "notebooks": {notebook.name: notebook.sha256 for notebook in setup.notebooks},
            "code": code_sha256(),
            "packages": packages(),
            "python": python_version(),
            "model": self.kept.as_json(),
            "previous": self.earlier[-1].reference if self.earlier else None,
        }

    @property
    def facts(self) -> dict[str, Any]:
        """What the manifest says beside outputs and seal."""
        identity = self.identity
        return {
            "study": self.setup.study.name,
            "run_date": self.run_date.isoformat(),
            "fingerprint": fingerprint(identity),
            **identity,
        }


def make_plan(
    setup: Setup,
    run_date: dt.date,
    extracts: Sequence[Extract],
    *,
    force: bool,
    accepted: Mapping[str, str],
) -> Plan:
    """Decide upon a run.

    A published run is compared with what it would be of its own inputs and parameters: new
    deliveries alone leave it as it is.

    Parameters
    ----------
    setup, run_date
        What it is made of.
    extracts
        The extracts at hand.
    force
        Whether a published run of this date is to be made of these, and may be damaged.
    accepted
        Gates that may be passed; if there are none, those that a published run passed, unless it is
        made of other extracts.

    Raises
    ------
    UsageError
        If an earlier run was altered, the last one has a segment of which the study knows nothing, or its
        model is of another version, or there is no model for the run.
    """
    places = setup.places
    folders = [path for path in archive.published(places.runs) if path.name < run_date.isoformat()]
    earlier = read_earlier(folders)
    check_version(earlier)
    old, damage = _published(places.published(run_date), force=force)
    parameters, newer = setup.parameters or (old.manifest["parameters"] if old else {}), list[str]()
    others = setup.beside
    if old and not force:
        newer = newer_inputs(old.read, [extract.as_json() for extract in extracts])
        extracts = [Extract.from_json(entry, places.inputs) for entry in old.inputs]
        accepted, others = accepted or old.manifest.get("accepted", {}), old.manifest.get("beside", [])
    kept = choose_model(setup.study, setup.rules, run_date, extracts=extracts, places=places)
    given = Plan(
        setup, run_date, extracts, parameters, earlier, kept, missing=_missing(places, run_date, earlier)
    )
    plan = replace(given, newer=newer, accepted=accepted, beside=others)
    if force or not old:
        check_segments(setup.study, earlier)  # what is published as it is need not be compared again
    if not (old or damage):
        return plan
    identity, lost = plan.identity, ""
    before = old.manifest["previous"] if old else None
    if old and before and before != identity["previous"] and archive.holds(old, earlier, places):
        identity, lost = {**identity, "previous": before}, before["run_date"]
    same = old is not None and old.manifest["fingerprint"] == fingerprint(identity)
    if old and old.erased and not (same or force):
        _check_complete(old, plan.title)
    differs = damage or ([] if same or old is None else differences(old.manifest, identity))
    made = replace(plan, published=places.published(run_date), differs=differs, lost=lost)
    if made.only_stale:
        check_segments(setup.study, earlier)
    return made


def _missing(places: archive.Places, run_date: dt.date, earlier: Sequence[archive.Run]) -> list[str]:
    after = earlier[-1].run_date if earlier else dt.date.min
    gone = archive.missing(places, archive.read_ledger(places.runs))
    return [str(date) for date in gone if after < date < run_date]


def _check_complete(run: archive.Run, title: str) -> None:
    """Make sure that a run is made again of all its extracts: some could not be kept without somebody."""
    if lost := (run.erased or {})["inputs"]:
        raise ArchiveError(
            f"{title}: must have all its extracts to be made again (somebody was erased, and without them "
            f"{', '.join(lost)} could not be kept); to make it of those at hand, say --force"
        )


def _published(folder: Path, *, force: bool) -> tuple[archive.Run | None, list[Difference]]:
    """The published run of a folder, and what is damaged in it."""
    if not folder.exists():
        return None, []
    try:
        run = archive.open_run(folder)
        damaged = archive.differences(run)
    except ArchiveError as error:
        run, damaged = None, list(error.problems)
    if damaged and not force:
        raise ArchiveError(*damaged)
    return run, [Difference(DAMAGE, problem) for problem in damaged]


def refuse(plans: Sequence[Plan]) -> None:
    """Refuse to publish other runs in the place of published ones.

    Raises
    ------
    ArchiveError
        With every part in which any of them differs.
    """
    told = [f"{plan.title}: {difference.told}" for plan in plans for difference in plan.differs]
    if told:
        raise ArchiveError(
            *told,
            "a published run must stay as it is; to make it again and keep the old one aside, say --force",
        )
