"""A published run made once more, from nothing but what it recorded, and compared byte by byte."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import archive
from segcore.archive.places import SCRATCH as TRIALS
from segcore.errors import ArchiveError, LockedError, StoppedError
from segcore.files import remove
from segcore.kernels import Kernels
from segcore.outputs import STAGES
from segcore.params import BreaksPolicy
from segcore.params.file import load_study
from segcore.rules import read_rules
from segcore.runner.earlier import read_earlier
from segcore.runner.events import Event, Listener, Telling, unheard
from segcore.runner.identity import differences
from segcore.runner.kept_model import KeptModel
from segcore.runner.notebooks import executed_notebook
from segcore.runner.planning import Plan
from segcore.runner.preflight import Setup
from segcore.runner.stages import execute_stages
from segcore.runner.turn import PATIENCE, memory_held
from segcore.sources import Extract
from segcore.sources.store import kept_before

if TYPE_CHECKING:
    from segcore.params import Study

SCRATCH = Path("runs", TRIALS, "repeat")


@dataclass(frozen=True)
class Repetition:
    """What came of making a run once more.

    Parameters
    ----------
    run
        The published run.
    files
        How many files were compared.
    differs
        One sentence for each file that is another now, and before them what else is another:
        code, packages, Python, earlier runs.
    place
        Where the new one lies, None if it is the same and was removed.
    """

    run: archive.Run
    files: int
    differs: tuple[str, ...]
    place: Path | None

    @property
    def same(self) -> bool:
        """Whether every byte is the same."""
        return self.place is None

    @property
    def line(self) -> str:
        """The outcome in one line."""
        name = f"{self.run.manifest['study']}/{self.run.manifest['run_date']}"
        if self.same:
            return f"{name}: all {self.files} files are the same, byte for byte"
        return f"{name}: is not the same; what was made now lies in {self.place}"


def repeat(folder: Path, *, root: Path, listener: Listener = unheard) -> Repetition:
    """Make a run again from its recorded inputs, parameters, notebooks and model, and compare.

    Nothing is read of ``params/``, ``notebooks/`` and ``data/`` as they are now, and nothing is
    published. The run before it must stand where it stood.

    Parameters
    ----------
    folder
        The run.
    root
        The project's folder; the new run works in ``runs/.scratch/repeat/``.
    listener
        Called with every event.

    Raises
    ------
    ArchiveError
        If the run, one of its inputs or a run before it is not what the run recorded.
    StageError
        If a notebook fails; it stays in the scratch place.
    LockedError
        If another process repeats this run, or others hold the machine's memory.
    """
    run = archive.open_run(folder)
    if run.erased:
        raise ArchiveError(
            f"{folder}: must hold all that it was made of (not repeatable: erased, somebody was taken "
            f"out of it on {', '.join(run.erased['on'])}); verify says whether it is as it was sealed then"
        )
    problems = archive.differences(run)
    if problems:
        raise ArchiveError(*problems)
    plan = _recorded_plan(run, root)
    place = root / SCRATCH / plan.title.replace(" ", "-") / run.manifest["run_date"]
    memory = memory_held(
        plan.setup.study.memory_limit,
        wait=PATIENCE,
        on_wait=lambda told: listener(Event(plan.run_date, "memory", 0, 1, note=told)),
    )
    with _alone(place), memory:
        return _compared(run, plan, root, place, listener)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Hold the scratch place of a run; what is left there by Ctrl-C is removed."""
    from filelock import FileLock, Timeout

    folder = place.parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(folder.with_name(f".{folder.name}.lock")).acquire(timeout=0)
    except Timeout:
        raise LockedError(
            f"{folder}: only one process may repeat a run (another one does); wait until it is done"
        ) from None
    with lock:
        try:
            yield
        except (KeyboardInterrupt, StoppedError):
            remove(folder)
            raise


def _compared(run: archive.Run, plan: Plan, root: Path, place: Path, listener: Listener) -> Repetition:
    """Make the run again at a place that no other process uses, and compare."""
    remove(place.parent)
    _lay_inputs(plan, place.parent / "inputs")
    for name in archive.FOLDERS:
        (place / name).mkdir(parents=True)
    with Kernels(root, wanted=len(STAGES)) as kernels:
        execute_stages(plan, place, kernels, Telling(plan.run_date, listener, place))
    made = archive.outputs_of(place)
    names = sorted({*made, *run.outputs})
    differs = [_told(name, made, run) for name in names if made.get(name) != run.outputs.get(name)]
    if not differs:
        remove(place.parent)
        return Repetition(run, len(made), (), None)
    reasons = [difference.told for difference in differences(run.manifest, plan.identity)]
    # It was compared with all of them, not with the last one only.
    stale = archive.stale(plan.earlier, archive.read_ledger(plan.setup.places.runs).expired)
    reasons += [f"the run of {date} before it is stale: {why}" for date, why in list(stale.items())[:1]]
    return Repetition(run, len(made), (*reasons, *differs), place)


def _told(name: str, made: Mapping[str, Any], run: archive.Run) -> str:
    how = "is missing now" if name not in made else "differs" if name in run.outputs else "was not there"
    return f"{name}: {how}"


def _recorded_plan(run: archive.Run, root: Path) -> Plan:
    """The plan that the run was made by, from what it recorded alone."""
    manifest, name = run.manifest, run.manifest["study"]
    places = archive.Places(root, name)
    files = {path.name: path.read_bytes() for path in sorted((run.folder / archive.STUDY).iterdir())}
    study = _recorded_study(root, files, manifest)
    rules = read_rules(study.rules_path, study, files[study.rules_path.name])
    executed = [
        executed_notebook(
            run.folder / "notebooks" / f"{stage}.ipynb",
            root / "notebooks" / f"{stage}.py",
            manifest["notebooks"][stage],
        )
        for stage in STAGES
    ]
    notebooks, given = tuple(notebook for notebook, _ in executed), executed[0][1]
    own, data_dir = manifest["parameters"], Path(given["data_dir"])
    data_dir = data_dir if data_dir.is_absolute() else root / data_dir
    setup = Setup(study, rules, files, notebooks, own, places, data_dir, ())
    extracts = [Extract.from_json(entry, places.inputs) for entry in run.inputs]
    plan = Plan(setup, run.run_date, extracts, own, _earlier(run, places), _kept(run))
    accepted, beside = manifest.get("accepted", {}), manifest.get("beside", [])
    plan = replace(plan, missing=archive.recorded_missing(run.folder))
    return replace(plan, accepted=accepted, beside=beside, backfill=archive.is_backfill(run.folder))


def _recorded_study(root: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Study:
    """The study as the run used it; a backfill may have said whose breaks are kept."""
    path = root / "params" / f"{manifest['study']}.yaml"
    study = load_study(path, files[path.name])
    return study.model_copy(update={"breaks": BreaksPolicy(**_dated(manifest["params"]["breaks"]))})


def _dated(breaks: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in breaks.items() if value is not None}


def _kept(run: archive.Run) -> KeptModel:
    model, text = run.manifest["model"], run.folder / "kept_model.json"
    date = None if model["from"] is None else archive.date_of(model["from"])
    kept = text.read_text(encoding="utf-8") if text.exists() else None
    return KeptModel(model["policy"], date, model["origin"], kept)


def _earlier(run: archive.Run, places: archive.Places) -> list[archive.Run]:
    """The runs before it, which must be as they were sealed, and those that it was compared with."""
    names = archive.recorded_runs(run.folder) or []
    expired = sorted(date for date, _ in archive.read_ledger(places.runs).expired)
    if gone := [date for date in expired if date in names and not (places.runs / date).exists()]:
        raise ArchiveError(
            f"{run.folder}: the runs before it must be there to repeat it (those of {', '.join(gone)} have "
            "expired); it holds all the same, and segcore verify says whether it is as it was sealed"
        )
    earlier = read_earlier([places.runs / name for name in names])
    recorded = run.manifest["previous"]
    if recorded and earlier[-1].reference != recorded:
        raise ArchiveError(
            f"{run.folder}: the run of {recorded['run_date']} before it must be the one that it was compared "
            "with (it was made again since); this run is stale, and segcore backfill makes it again"
        )
    return earlier


def _lay_inputs(plan: Plan, store: Path) -> None:
    """The inputs beside the new run, and nothing that was parsed of them before."""
    records = [extract.as_json() for extract in plan.extracts]
    store.mkdir(parents=True)
    for extract in kept_before(records, plan.setup.data_dir, plan.setup.places.inputs):
        shutil.copyfile(extract.path, store / extract.path.name)
