"""What a run will be made of, and whether it has been made already."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcore import archive
from segcore.errors import ArchiveError
from segcore.runner.identity import (
    Identity,
    code_sha256,
    differences,
    fingerprint,
    packages,
    python_version,
    rule_lines,
)
from segcore.runner.kept_model import Choice, choose_model
from segcore.runner.preflight import Job
from segcore.sources import Extract

READ = (
    "run.json",
    "model.json",
    "candidate.json",
    *(f"data/{name}.parquet" for name in ("customers", "moves", "history", "sizes", "flows")),
)
"""What a run may read of the runs before it."""


@dataclass(frozen=True)
class Plan:
    """A run that is decided upon and not begun.

    Parameters
    ----------
    job
        What it is made of, beside the following.
    run_date
        Its date.
    extracts
        Its inputs.
    earlier
        The published runs before it, ascending; their files were checked.
    choice
        Its model.
    published
        The folder of the published run of this date, None if there is none.
    differs
        In what that run differs from this plan, one sentence for each part.
    """

    job: Job
    run_date: dt.date
    extracts: Sequence[Extract]
    earlier: Sequence[archive.Run]
    choice: Choice
    published: Path | None = None
    differs: Sequence[str] = ()

    @property
    def title(self) -> str:
        """The run in two words."""
        return f"{self.job.study.name} {self.run_date}"

    @property
    def done(self) -> bool:
        """Whether this very run is published."""
        return self.published is not None and not self.differs

    @property
    def only_stale(self) -> bool:
        """Whether the published run differs in nothing but the run that it was compared with."""
        return bool(self.differs) and all(told.startswith("previous ") for told in self.differs)

    @property
    def record(self) -> dict[str, Any]:
        """What stages read in ``run.json``."""
        return {
            "schema": 1,
            "study": self.job.study.name,
            "run_date": self.run_date.isoformat(),
            "inputs": [extract.as_json() for extract in self.extracts],
            "model": self.choice.as_json(),
            "runs": [
                {"run_date": run.manifest["run_date"], "number": number}
                for number, run in enumerate(self.earlier, start=1)
            ],
        }

    def paths(self, staging: Path) -> dict[str, str]:
        """How paths of an execution should read in its notebooks: path → what replaces it."""
        root = self.job.root
        places = {f"{path}{os.sep}": "" for path in (root.absolute(), root.resolve())}
        return {staging.name: self.job.places.published(self.run_date).name, **places}

    @property
    def facts(self) -> dict[str, Any]:
        """What the manifest says beside outputs and seal."""
        identity = identify(self)
        return {
            "study": self.job.study.name,
            "run_date": self.run_date.isoformat(),
            "fingerprint": fingerprint(identity),
            **identity,
        }


def identify(plan: Plan) -> Identity:
    """Everything that the results of a run depend on."""
    return {
        "inputs": [extract.as_json() for extract in plan.extracts],
        "params": plan.job.study.resolved(),
        "rules": rule_lines(plan.job.rules),
        "parameters": dict(plan.job.parameters),
        "notebooks": {notebook.name: notebook.sha256 for notebook in plan.job.notebooks},
        "code": code_sha256(),
        "packages": packages(),
        "python": python_version(),
        "model": plan.choice.as_json(),
        "previous": plan.earlier[-1].reference if plan.earlier else None,
    }


def make_plan(job: Job, run_date: dt.date, extracts: Sequence[Extract], *, force: bool) -> Plan:
    """Decide upon a run.

    Parameters
    ----------
    job, run_date, extracts
        What it is made of.
    force
        Whether a published run of this date may be damaged, for it is going to be replaced.

    Raises
    ------
    UsageError
        If an earlier run was altered, or there is no model for the run.
    """
    folders = [path for path in archive.published(job.places.runs) if path.name < run_date.isoformat()]
    earlier = archive.check_unaltered(folders, READ)
    choice = choose_model(job.study, job.rules, run_date, extracts=extracts, places=job.places)
    plan = Plan(job, run_date, extracts, earlier, choice)
    published = job.places.published(run_date)
    if not published.exists():
        return plan
    differs = _compare(published, identify(plan), force=force)
    return Plan(job, run_date, extracts, earlier, choice, published, differs)


def _compare(published: Path, identity: Identity, *, force: bool) -> list[str]:
    try:
        old = archive.open_run(published)
        damaged = archive.differences(old)
    except ArchiveError as error:
        old, damaged = None, list(error.problems)
    if damaged and not force:
        raise ArchiveError(*damaged)
    return damaged or (differences(old.manifest, identity) if old else [])


def refuse(plans: Sequence[Plan]) -> None:
    """Refuse to publish other runs in the place of published ones.

    Raises
    ------
    ArchiveError
        With every part in which any of them differs.
    """
    told = [f"{plan.title}: {problem}" for plan in plans for problem in plan.differs]
    if told:
        raise ArchiveError(
            *told,
            "a published run must stay as it is; to make it again and keep the old one aside, say --force",
        )
