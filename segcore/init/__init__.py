"""A first study and rule table from the headers and contents of some extracts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from segcore.engine.duckdb import DuckDB
from segcore.errors import ParamsError
from segcore.init.defaults import rules_text
from segcore.init.deliveries import check_files, with_deliveries
from segcore.init.drafting import draft_from
from segcore.init.trial import Trial, tried
from segcore.init.writing import Draft, gap_of, study_text
from segcore.language import LANGUAGES
from segcore.params.forms import NAME
from segcore.temporary import Temporary
from segcore.wording import join

__all__ = ["InitResult", "init_study"]


@dataclass(frozen=True)
class InitResult:
    """What was written.

    Parameters
    ----------
    study, rules
        The two files.
    run_date
        The date of the breaks, for which a first run works; None where something must be mended first.
    lines
        What the user should read, one sentence each.
    """

    study: Path
    rules: Path
    run_date: dt.date | None
    lines: tuple[str, ...]


def init_study(
    name: str,
    files: Sequence[Path],
    *,
    root: Path,
    run_date: dt.date | None = None,
    language: str = "en",
) -> InitResult:
    """Write ``params/NAME.yaml`` and ``params/NAME.rules.csv`` from some extracts.

    Parameters
    ----------
    name
        The study's name.
    files
        Extracts: orders, and if there are any customers, products, representatives, follow-ups.
    root
        The project's root.
    run_date
        The date of the breaks; by default that of the newest order.
    language
        In which its runs are told, one of :data:`segcore.language.LANGUAGES`.

    Returns
    -------
    InitResult
        What was written, and what is to be checked.

    Raises
    ------
    ParamsError
        If the name will not do, or there is such a study already; or if there is no such language.
    InputError
        If no file can be read as a table.
    """
    study, rules = root / "params" / f"{name}.yaml", root / "params" / f"{name}.rules.csv"
    _check_name(name, study, rules)
    if language not in LANGUAGES:
        raise ParamsError(f"--language must be {join(list(LANGUAGES), 'or')} (got {language!r})")
    check_files(files)
    files = with_deliveries(files)
    with Temporary("init") as scratch, DuckDB() as engine:
        draft, left = draft_from(engine, name, files, root=root, scratch=scratch)
        if draft.gaps:
            draft = replace(draft, rules=rules_text(draft.variables))
            trial = Trial(draft, tuple(_gaps(draft)), ())
        else:
            trial = tried(engine, draft, scratch, run_date=run_date)
    draft = trial.draft
    study.parent.mkdir(parents=True, exist_ok=True)
    study.write_text(study_text(draft, language), encoding="utf-8")
    rules.write_text(draft.rules, encoding="utf-8")
    day = run_date if trial.first else draft.breaks_from
    lines = (*trial.first, *_told(draft, left), *trial.lines, *_next(study, rules, trial))
    return InitResult(study, rules, day, lines)


def _gaps(draft: Draft) -> Iterable[str]:
    for kind, mapped in draft.gaps:
        yield f"gap: sources.{kind}.columns.{mapped.name}: {gap_of(mapped)}"


def _next(study: Path, rules: Path, trial: Trial) -> Iterable[str]:
    if trial.first:
        first = "fill in the gaps" if trial.draft.gaps else "mend what is said first"
        yield f"written: {study} and {rules}; {first}, then:"
        yield f"segcore check {study}"
    else:
        yield f"written: {study} and {rules}; read both, then make a first run:"
        yield f"segcore run {study} --date {trial.draft.breaks_from}"


def _check_name(name: str, *targets: Path) -> None:
    if not NAME.fullmatch(name):
        raise ParamsError(
            "the study's name must be lower-case letters, digits and _, starting with a letter "
            f"(got {name!r}); choose another"
        )
    there = [path for path in targets if path.exists()]
    if there:
        raise ParamsError(
            *(f"{path}: must not be there yet; choose another name, or remove the file" for path in there)
        )


def _told(draft: Draft, left: Sequence[str]) -> Iterable[str]:
    """What each file is taken for, and every doubt."""
    for guess in draft.guesses:
        yield f"{guess.kind}: {', '.join(look.name for look in guess.looks)}"
    yield from (f"left out: {text}" for text in left)
    if draft.rhythm.note:
        every = f" {draft.rhythm.every}" if draft.rhythm.every else ""
        yield f"run_every{every}: {draft.rhythm.note}"
    notes = [
        (f"currency {draft.currency}", draft.currency_note),
        ("dates", draft.dates.doubt),
        ("numbers", draft.numbers.doubt),
    ]
    notes += [(kind, files.note) for kind, files in draft.files.items()]
    notes += [(mapped.name, mapped.note) for guess in draft.guesses for mapped in guess.columns]
    notes += [(f"exclude {rule}", note) for rule, _, note in draft.guesses[0].exclude]
    yield from (f"{what}: {note}" for what, note in notes if "please check" in note)
