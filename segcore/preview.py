"""What a rule table says, and what another one would change, before anything is saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import archive, model, rules, tables
from segcore.engine import open_engine
from segcore.errors import ModelError, RulesError
from segcore.params.file import load_study
from segcore.wording import plural

if TYPE_CHECKING:
    import pandas as pd

    from segcore.params import Study


@dataclass(frozen=True)
class Preview:
    """Whom a new rule table would move.

    Parameters
    ----------
    run_dir
        The run whose customers were looked at.
    customers
        How many they are.
    moves
        from_segment, to_segment, customers; only those who would move.
    warnings
        What the new table says that is allowed but seldom meant.
    """

    run_dir: Path
    customers: int
    moves: pd.DataFrame
    warnings: tuple[str, ...]

    @property
    def moved(self) -> int:
        """How many customers would move."""
        return int(self.moves["customers"].sum())

    @property
    def lines(self) -> Iterator[str]:
        """The preview for people."""
        yield from (f"warning: {warning}" for warning in self.warnings)
        yield f"{self.moved:,} of {self.customers:,} customers of the run {self.run_dir} would move"
        for row in self.moves.itertuples():
            yield f"{row.customers:>8,}  {row.from_segment} → {row.to_segment}"

    def as_json(self) -> dict[str, Any]:
        """The preview for machines."""
        return {
            "run": str(self.run_dir),
            "customers": self.customers,
            "moved": self.moved,
            "moves": self.moves.to_dict(orient="records"),
            "warnings": list(self.warnings),
        }


def check_lines(path: Path, *, root: Path) -> Iterator[str]:
    """Check the rule table of a study; one line for each rule in words, warnings first.

    Parameters
    ----------
    path
        The study's file.
    root
        The project's folder. Where a run of the study is published, rules are told in the values of
        its breaks, and those that take nobody are warned of.

    Raises
    ------
    RulesError
        With every problem of the table.
    """
    study = load_study(path)
    table = rules.read_rules(study.rules_path, study)
    runs = archive.published(root / "runs" / study.name)
    warnings = [*table.warnings, *(_idle(study, table, runs[-1]) if runs else ())]
    yield from (f"warning: {warning}" for warning in warnings)
    used = _at_hand(study, table, runs)
    variables, windows = (used.by_name if used else None), _windows(study)
    for rule in table.rules:
        yield f"{study.rules_path}: line {rule.line}: {rule.sentence(variables, windows)}"
    breaks = f", told in the breaks of {used.fitted_as_of}" if used else ""
    yield f"{study.rules_path}: {len(table.rules)} rules cover every combination of classes{breaks}"


def _windows(study: Study) -> dict[str, str]:
    """The windows of the variables that have one."""
    windowed = (name for name, variable in study.resolved_variables().items() if variable.windowed)
    return {name: window for name in windowed if (window := study.variables[name].window)}


def _at_hand(study: Study, table: rules.RuleTable, runs: list[Path]) -> model.Model | None:
    """The model by which the next run's rules can be told: the last of ``breaks.from``, else the latest."""
    last = {str(date) for date in study.breaks.dates[-1:]}
    kept = [run / "candidate.json" for run in runs if run.name in last]
    for path in (*kept, *(run / "model.json" for run in runs[-1:])):
        try:
            return model.keep_breaks(model.read(path), study, table)
        except ModelError:  # of another study than it is now; the next run says so
            continue
    return None


def _idle(study: Study, table: rules.RuleTable, run_dir: Path) -> Iterator[str]:
    """Rules that take nobody in a run, and what to try."""
    asked = [rule for rule in table.rules if any(not cell.any for cell in rule.cells)]
    try:
        model.check_belongs(model.read(run_dir / "model.json"), study)
    except ModelError:
        return
    with open_engine(study, run_dir) as engine:
        tables.load(engine, run_dir, "customers")
        taken = {line for (line,) in engine.rows(f"select distinct {table.line_sql()} from customers")}
        counts = ", ".join(f"count(*) filter (where {rule.sql()})" for rule in asked)
        matched = engine.rows(f"select {counts} from customers")[0] if asked else ()
    for rule, matching in zip(asked, matched, strict=True):
        where = f"line {rule.line} ({rule.segment})"
        if rule.line in taken or any(f"{where} is never reached" in text for text in table.warnings):
            continue
        why = "no customer has these classes; ask for less or take it out"
        if matching:
            matches = plural(matching, "customer")
            why = f"rows above it take the {matches} that it matches; move it up or take it out"
        yield f"{study.rules_path}: {where} takes nobody in the run of {run_dir.name}: {why}"


def preview(new: Path, study: Path | None, *, root: Path) -> Preview:
    """Whom a new rule table would move in the latest run of its study.

    Parameters
    ----------
    new
        The edited table.
    study
        The study's file; None for the one after which ``new`` is named.
    root
        The project's folder.

    Raises
    ------
    RulesError
        If the table is wrong, or it cannot be told which study it is for.
    ArchiveError
        If the study has no published run.
    """
    the_study = load_study(study or _study_of(new, root))
    table = rules.read_rules(new, the_study)
    run_dir = archive.latest_run(root / "runs" / the_study.name)
    return _preview(the_study, table, run_dir)


def _study_of(new: Path, root: Path) -> Path:
    """``acme.rules.csv``, ``acme.csv`` and ``acme-draft.csv`` are all for the study acme."""
    studies = sorted((root / "params").glob("*.yaml"), key=lambda p: -len(p.stem))
    found = next((path for path in studies if new.name.startswith(path.stem)), None)
    if found is None:
        names = ", ".join(sorted(path.stem for path in studies))
        raise RulesError(
            f"{new}: must be named after a study (there are {names}); rename it, or say --study NAME"
        )
    return found


def _preview(study: Study, table: rules.RuleTable, run_dir: Path) -> Preview:
    used = model.read(run_dir / "model.json")
    model.check_belongs(used, study)
    with open_engine(study, run_dir) as engine:
        tables.load(engine, run_dir, "customers")
        customers = engine.rows("select count(*) from customers")[0][0]
        moves = model.preview(engine, used, table)
    return Preview(run_dir, int(customers), moves, table.warnings)
