"""Which model a run uses: breaks are kept, from a date that the study names.

The model of a date is the one that the customers of that date give: the candidate of the published
run of that date, or, if there is no such run yet, what the same code fits from the extracts at hand.
So it does not matter in which order runs are made. If the run of that date has expired, a later run that
used its breaks holds them. Where the study names several dates, a run uses the breaks of the latest one
that does not lie after it, and those of the first one before that.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import archive
from segcore.errors import ArchiveError, ModelError, ParamsError, UsageError
from segcore.files import cached, write_text
from segcore.own_code import code_sha256
from segcore.runner.identity import rule_lines

if TYPE_CHECKING:
    from segcore.params import Study
    from segcore.rules import RuleTable
    from segcore.sources import Extract

CANDIDATE = "candidate.json"
KEPT = "kept_model.json"
CUSTOMERS = "data/customers.parquet"


@dataclass(frozen=True)
class KeptModel:
    """The model whose breaks a run keeps.

    Parameters
    ----------
    policy
        What the study says: keep or refit.
    date
        The date of the breaks; None if each run fits its own.
    origin
        Where the model comes from: a published "run", "fitted-as-of" its date, or "this run".
    text
        The model as JSON, None if this run fits its own.
    advice
        What the user should do about it, "" for nothing.
    """

    policy: str
    date: dt.date | None
    origin: str
    text: str | None = None
    advice: str = ""

    def as_json(self) -> dict[str, Any]:
        """What the run records."""
        return {
            "policy": self.policy,
            "from": self.date.isoformat() if self.date else None,
            "origin": self.origin,
            "sha256": hashlib.sha256(self.text.encode()).hexdigest() if self.text else None,
        }


def choose_model(
    study: Study,
    rules: RuleTable,
    run_date: dt.date,
    *,
    extracts: Sequence[Extract],
    places: archive.Places,
) -> KeptModel:
    """The model that a run is given.

    Parameters
    ----------
    study
        Says ``breaks``.
    rules
        The rule table as it is now.
    run_date
        The run's date.
    extracts
        The extracts at hand, for a date that has no run yet.
    places
        The folders of the study.

    Raises
    ------
    ParamsError
        If the study must say ``breaks.from`` and does not.
    ModelError
        If the model does not belong to the study, with every difference.
    ArchiveError
        If the run of the date was altered.
    """
    if study.breaks.policy == "refit":
        return KeptModel("refit", None, "this run")
    date = study.breaks.at(run_date)
    if date is None:
        return _first(study, run_date, places)
    if date == run_date:
        return KeptModel("keep", date, "this run")
    published = places.published(date)
    if published.exists():
        run, *_ = archive.check_unaltered([published], [CANDIDATE, CUSTOMERS])
        origin, text = "run", _candidate(run, study, places.inputs)
    elif held := _after_expiry(places, date):
        origin, text = "run", _handed(held[-1])
    else:
        origin, text = "fitted-as-of", fit_at(study, rules, date, extracts=extracts, store=places.inputs)
    from segcore.model import Model, check_belongs

    check_belongs(Model.from_json(text, file=str(published / CANDIDATE)), study)
    return KeptModel("keep", date, origin, text, _fitted_anew(study, date, origin, places))


def holders(places: archive.Places, date: dt.date) -> list[Path]:
    """The published runs that keep the breaks of a date and hold them, ascending; the date's own is none."""
    runs, _ = archive.opened(archive.published(places.runs))
    return [run.folder for run in runs if _holds(run, date)]


def _holds(run: archive.Run, date: dt.date) -> bool:
    model = run.manifest["model"]
    sealed = run.outputs.get(KEPT, {}).get("sha256")
    return model["from"] == date.isoformat() and sealed is not None and sealed == model.get("sha256")


def _after_expiry(places: archive.Places, date: dt.date) -> list[Path]:
    """The runs that hold the breaks of a run that has expired; none if that run has not."""
    last = archive.read_ledger(places.runs).last(date)
    return holders(places, date) if last and last.event == "expired" else []


def _handed(folder: Path) -> str:
    """The model that a run was given, which must be as it was sealed."""
    archive.check_unaltered([folder], [KEPT])
    return (folder / KEPT).read_text(encoding="utf-8")


def _fitted_anew(study: Study, date: dt.date, origin: str, places: archive.Places) -> str:
    """What to say if the breaks of a run that has expired are in no other run."""
    last = archive.read_ledger(places.runs).last(date)
    if origin == "run" or not (last and last.event == "expired"):
        return ""
    return (
        f"warning: {study.path}: breaks.from names {date}, whose run has expired, and no published run holds "
        "its breaks; they were fitted anew from the extracts at hand"
    )


def _first(study: Study, run_date: dt.date, places: archive.Places) -> KeptModel:
    """A study that does not say ``breaks.from``: allowed for its first run only."""
    others = [path for path in archive.published(places.runs) if path.name != run_date.isoformat()]
    if others:
        used = archive.open_run(others[-1]).manifest["model"]["from"] or others[-1].name
        raise ParamsError(
            f"{study.path}: breaks.from must say whose breaks are kept, for the study has runs already "
            f"(it is missing); write breaks: {{policy: keep, from: {used}}}"
        )
    line = f"breaks: {{policy: keep, from: {run_date}}}"
    return KeptModel(
        "keep",
        run_date,
        "this run",
        None,
        f"{study.path}: write {line}, for further runs must keep the same breaks",
    )


def _candidate(run: archive.Run, study: Study, store: Path) -> str:
    """The candidate of a run with the intervals of its edges, as JSON.

    A run does not look for them until its candidate is used; the customers whom it was fitted on
    stand beside it, so that the same comes out as if it had been fitted here.
    """
    from segcore import model, tables
    from segcore.engine import open_engine

    path = run.folder / CANDIDATE
    text = path.read_text(encoding="utf-8")

    def look(scratch: Path) -> Path:
        fitted = model.Model.from_json(text, file=str(path))
        engine = open_engine(study, run.folder)
        try:
            tables.load(engine, run.folder, "customers")
            whole = model.with_intervals(engine, fitted, "customers").to_json()
        except engine.errors as error:
            raise ArchiveError(
                f"{run.folder / CUSTOMERS}: must hold the customers whom {CANDIDATE} was fitted on (got "
                f"{str(error).splitlines()[0]}); make that run again with --force"
            ) from None
        finally:
            engine.close()
        write_text(scratch / CANDIDATE, whole)
        return scratch / CANDIDATE

    sealed = [run.outputs.get(name, {}).get("sha256") for name in (CANDIDATE, CUSTOMERS)]
    return cached(_kept(store, sealed), look).read_text(encoding="utf-8")


def check_version(earlier: Sequence[archive.Run]) -> None:
    """Make sure that this version knows the model of the last run before, through which moves are seen.

    Raises
    ------
    ModelError
        If it does not.
    """
    from segcore.model import Model

    for run in earlier[-1:]:
        path = run.folder / "model.json"
        found = _schema(path)
        if found not in (None, Model.schema):
            raise ModelError(
                f"{path}: must be a model with schema {Model.schema}, for moves are looked at through it too "
                f"(got {found!r}, of another version of segcore); make that run again: "
                f"segcore run {run.manifest['study']} --date {run.folder.name} --force"
            )


def _schema(path: Path) -> object:
    """The number of a model's schema; None if nobody can tell, which is for the notebook to say."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found.get("schema") if isinstance(found, dict) else None


def fit_at(study: Study, rules: RuleTable, date: dt.date, *, extracts: Sequence[Extract], store: Path) -> str:
    """The model that the customers of a date give, from the extracts at hand, with intervals, as JSON.

    Parameters
    ----------
    study, rules
        What the model is for.
    date
        The date; orders after it do not exist.
    extracts
        The extracts.
    store
        The store of inputs; the model is kept in its folder ``models/``, which may be deleted at
        any time.

    Raises
    ------
    UsageError
        If the extracts give no model at that date; each problem says that it is about
        ``breaks.from``.
    """
    from segcore import features, model, sources
    from segcore.engine import open_engine

    def fit(scratch: Path) -> Path:
        engine = open_engine(study, store)
        try:
            sources.ingest(engine, study, date, extracts, store)
            features.build(engine, study, date)
            fitted = model.fit(engine, study, rules, date)
            text = model.with_intervals(engine, fitted).to_json()
        except UsageError as error:
            told = (f"breaks.from {date}: {problem}" for problem in error.problems)
            raise type(error)(*told) from None
        finally:
            engine.close()
        write_text(scratch / CANDIDATE, text)
        return scratch / CANDIDATE

    parts = [
        study.resolved(date),
        rule_lines(rules),
        date.isoformat(),
        [extract.as_json() for extract in extracts],
    ]
    return cached(_kept(store, parts), fit).read_text(encoding="utf-8")


def _kept(store: Path, parts: Sequence[Any]) -> Path:
    """Where a model is kept that is made of these parts by this code."""
    key = hashlib.sha256(json.dumps([*parts, code_sha256()], sort_keys=True).encode()).hexdigest()
    return store / "models" / f"{key}.json"
