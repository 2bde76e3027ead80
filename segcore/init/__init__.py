"""A first study and rule table from the headers and contents of some extracts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from segcore.engine.duckdb import DuckDB
from segcore.errors import ParamsError
from segcore.init.deliveries import check_files, with_deliveries
from segcore.init.drafting import draft_from
from segcore.init.looking import Look
from segcore.init.trial import tried
from segcore.init.writing import Draft, study_text
from segcore.params.forms import NAME
from segcore.temporary import Temporary

__all__ = ["InitResult", "init_study"]


@dataclass(frozen=True)
class InitResult:
    """What was written.

    Parameters
    ----------
    study, rules
        The two files.
    run_date
        The date of the breaks, for which a first run works.
    lines
        What the user should read, one sentence each.
    """

    study: Path
    rules: Path
    run_date: dt.date
    lines: tuple[str, ...]


def init_study(
    name: str, files: Sequence[Path], *, root: Path, run_date: dt.date | None = None
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

    Returns
    -------
    InitResult
        What was written, and what is to be checked.

    Raises
    ------
    ParamsError
        If the name will not do, or there is such a study already.
    InputError
        If a file cannot be read, or none holds orders.
    """
    study, rules = root / "params" / f"{name}.yaml", root / "params" / f"{name}.rules.csv"
    _check_name(name, study, rules)
    check_files(files)
    files = with_deliveries(files)
    with Temporary("init") as scratch, DuckDB() as engine:
        draft, left = draft_from(engine, name, files, root=root, scratch=scratch)
        draft, found = tried(engine, draft, scratch, run_date=run_date)
    study.parent.mkdir(parents=True, exist_ok=True)
    study.write_text(study_text(draft), encoding="utf-8")
    rules.write_text(draft.rules, encoding="utf-8")
    lines = (
        *_told(draft, left),
        *found,
        f"written: {study} and {rules}; read both, then make a first run:",
        f"segcore run {study} --date {draft.breaks_from}",
    )
    return InitResult(study, rules, draft.breaks_from, lines)


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


def _told(draft: Draft, left: Sequence[Sequence[Look]]) -> Iterable[str]:
    """What each file is taken for, and every doubt."""
    for guess in draft.guesses:
        yield f"{guess.kind}: {', '.join(look.name for look in guess.looks)}"
    for group in left:
        names = ", ".join(look.name for look in group)
        yield f"left out: {names} (neither orders nor customers, products, representatives or follow-ups)"
    notes = [
        (f"currency {draft.currency}", draft.currency_note),
        ("dates", draft.dates.doubt),
        ("numbers", draft.numbers.doubt),
    ]
    notes += [(kind, files.note) for kind, files in draft.files.items()]
    notes += [(mapped.name, mapped.note) for guess in draft.guesses for mapped in guess.columns]
    notes += [(f"exclude {rule}", note) for rule, _, note in draft.guesses[0].exclude]
    yield from (f"{what}: {note}" for what, note in notes if "please check" in note)
