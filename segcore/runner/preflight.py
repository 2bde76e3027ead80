"""Everything that can be known before any work is done, and all that is wrong with it at once."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from segcore import sources
from segcore.archive import Places, published_at
from segcore.disk import standing
from segcore.engine import open_engine
from segcore.errors import InputError, UsageError
from segcore.rules import read_rules, rules_bytes
from segcore.runner.notebooks import Notebook, own_parameters, read_notebooks
from segcore.sources.beside import beside
from segcore.sources.formats.packed import unpacked_size

if TYPE_CHECKING:
    from segcore.params import Study
    from segcore.rules import RuleTable
    from segcore.sources.extracts import Found

T = TypeVar("T")
SPARE = 100_000_000
"""Bytes that must be free beside what the extracts need."""

SPARE_REPORTS = 10_000_000
"""Bytes for the pages and tables for people."""

COPIES = 3
"""Beside the extract itself its text is written unpacked, then parsed, then as order lines of the run."""


@dataclass(frozen=True)
class Setup:
    """What runs of a study are made of; nothing in it depends on a run date.

    Parameters
    ----------
    study, rules
        What the analyst decided.
    files
        The very bytes of the study and of the rule table that these were read from, by name.
    notebooks
        The stages, in order.
    parameters
        What the user gives to notebooks beside what every run sets.
    places
        The folders of the study.
    data_dir
        Where its extracts lie.
    found
        The extracts there.
    beside
        Files beside them that nobody reads.
    """

    study: Study
    rules: RuleTable
    files: Mapping[str, bytes]
    notebooks: tuple[Notebook, ...]
    parameters: Mapping[str, Any]
    places: Places
    data_dir: Path
    found: Sequence[Found]
    beside: Sequence[str] = ()

    @property
    def root(self) -> Path:
        """The project's folder, in which notebooks run."""
        return self.places.root

    def from_root(self, path: Path) -> str:
        """A path as notebooks are given it: seen from the project's folder where that is possible."""
        return os.path.relpath(path, self.root) if self._inside(path) else os.fspath(path)

    def _inside(self, path: Path) -> bool:
        return not path.is_absolute() or path.is_relative_to(self.root.absolute())


def preflight(study: Study, raw: bytes, *, root: Path, parameters: Mapping[str, Any]) -> Setup:
    """Check rule table, notebooks, extracts and disk.

    Parameters
    ----------
    study
        The study.
    raw
        The bytes that it was read from.
    root
        The project's folder.
    parameters
        Name → value of notebooks' own parameters.

    Raises
    ------
    UsageError
        With every problem; of a narrower class if all of them are of one kind.
    """
    places = Places(root, study.name)
    data_dir = sources.data_folder(study, root=root)
    problems = _Problems()
    rule_bytes = problems.of(rules_bytes, study.rules_path, study)
    rules = problems.of(read_rules, study.rules_path, study, rule_bytes) if rule_bytes is not None else None
    notebooks = problems.of(read_notebooks, root / "notebooks")
    own = problems.of(own_parameters, notebooks or (), parameters) if notebooks else {}
    found = problems.of(_check_sources, study, data_dir)
    problems.of(check_space, places, [file.path for file in found or () if not file.query])
    problems.raise_all()
    assert rules is not None and notebooks is not None and own is not None and found is not None
    files = {study.path.name: raw, study.rules_path.name: rule_bytes or b""}
    others = beside(data_dir, found, since=published_at(places.runs))
    return Setup(study, rules, files, notebooks, own, places, data_dir, found, others)


def look_again(setup: Setup) -> Setup:
    """The same with the extracts that lie in its data folder by now.

    Raises
    ------
    UsageError
        If a source has no file, or one of them is not as the study says.
    """
    found = _check_sources(setup.study, setup.data_dir)
    others = beside(setup.data_dir, found, since=published_at(setup.places.runs))
    return replace(setup, found=found, beside=others)


def check_space(places: Places, files: Sequence[Path]) -> None:
    """Make sure that the disks that a run writes to have room for it.

    Parameters
    ----------
    places
        The folders of the study.
    files
        The extracts.

    Raises
    ------
    InputError
        With every disk that has not. Two folders on one disk need the sum.
    """
    packed = sum(file.stat().st_size for file in files)
    needs = {places.runs: SPARE, places.reports: SPARE_REPORTS, Path(tempfile.gettempdir()): SPARE}
    disks: dict[int, tuple[Path, int]] = {}
    for folder, needed in needs.items():
        there = standing(folder)
        first, before = disks.get(there.stat().st_dev, (there, 0))
        disks[there.stat().st_dev] = (first, before + needed)
    runs = standing(places.runs).stat().st_dev
    most = (shutil.disk_usage(disks[runs][0]).free - disks[runs][1] - packed) // COPIES
    disks[runs] = (disks[runs][0], disks[runs][1] + packed + COPIES * unpacked_size(files, most))
    problems = [
        f"{folder.absolute()}: the disk must have {needed / 1e6:,.0f} MB free for a run "
        f"(got {free / 1e6:,.0f} MB); free some space"
        for folder, needed in disks.values()
        if (free := shutil.disk_usage(folder).free) < needed
    ]
    if problems:
        raise InputError(*problems)


def _check_sources(study: Study, data_dir: Path) -> list[Found]:
    with open_engine(study) as engine:
        return sources.check(engine, study, data_dir)


class _Problems:
    """Problems of several checks, gathered."""

    def __init__(self) -> None:
        self._errors: list[UsageError] = []

    def of(self, check: Callable[..., T], *args: Any) -> T | None:
        """The result of a check, or None and its problems kept."""
        try:
            return check(*args)
        except UsageError as error:
            self._errors.append(error)
            return None

    def raise_all(self) -> None:
        """Raise what was gathered as one error."""
        kinds = {type(error) for error in self._errors}
        if kinds:
            kind = kinds.pop() if len(kinds) == 1 else UsageError
            raise kind(*(problem for error in self._errors for problem in error.problems))
