"""A run's models on disk: the one that was put there for it, the one it used, its own candidate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segcore.errors import ModelError
from segcore.model.belonging import keep_breaks
from segcore.model.definition import Model
from segcore.model.fitting import with_intervals

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study

KEPT, USED, CANDIDATE = "kept_model.json", "model.json", "candidate.json"


def read(path: Path) -> Model:
    """Read a model from its file.

    Raises
    ------
    ModelError
        If there is no such file, or it holds no model of this version.
    """
    try:
        return Model.from_json(path.read_text(encoding="utf-8"), file=str(path))
    except FileNotFoundError:
        raise ModelError(f"{path}: there must be a model in this file (no such file)") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: must be a readable UTF-8 text file (got {error})") from None


def kept(run_dir: Path) -> Model | None:
    """The model that the run was given to keep, None if it is to use its own."""
    path = run_dir / KEPT
    return read(path) if path.exists() else None


def choose(engine: Engine, run_dir: Path, study: Study, candidate: Model) -> Model:
    """The model that a run uses: the kept breaks with the study's words and rules, or the candidate.

    Parameters
    ----------
    engine
        Holds ``features``, which the candidate was fitted on; its intervals are made if it is used.
    run_dir
        Holds ``kept_model.json`` if breaks are kept.
    study
        The study; see :func:`segcore.model.keep_breaks`.
    candidate
        What this run's customers would give, with the rule table as it is now.

    Raises
    ------
    ModelError
        If the kept model does not belong to the study.
    """
    given = kept(run_dir)
    return keep_breaks(given, study, candidate.rules) if given else with_intervals(engine, candidate)


def save(run_dir: Path, used: Model, candidate: Model) -> None:
    """Write ``model.json`` and ``candidate.json`` into a run's folder."""
    for name, model in ((USED, used), (CANDIDATE, candidate)):
        (run_dir / name).write_text(model.to_json(), encoding="utf-8", newline="\n")
