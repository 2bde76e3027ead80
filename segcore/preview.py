"""What a rule table says, and what another one would change, before anything is saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import archive, language, model, rules, tables, transitions
from segcore.engine import open_engine
from segcore.engine.sql import quote_text
from segcore.errors import ModelError, ParamsError, RulesError, UsageError
from segcore.outputs.lines import guarded, write_lines
from segcore.outputs.lines import named as named_rep
from segcore.params.file import load_study
from segcore.project import STUDIES, studies_in
from segcore.wording import plural, some

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.params import Study

NAMED = 3
"""How many of those who would move are named for each move."""


ENDING = ".would_move.csv"
"""How the list of a preview is named beside the table: ``acme-new.csv`` gives ``acme-new.would_move.csv``."""


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
    names
        (from_segment, to_segment) → who the first of them are, by customer_id.
    sizes
        Segment, best first → how many customers it has now, and would have then.
    listed
        The file that lists everybody who would move, None if nobody would.
    warnings
        What the new table says that is allowed but seldom meant.
    """

    run_dir: Path
    customers: int
    moves: pd.DataFrame
    names: Mapping[tuple[str, str], Sequence[str]]
    sizes: Mapping[str, tuple[int, int]]
    listed: Path | None
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
        if not self.listed:
            return
        for before, then, customers in self.moves.itertuples(index=False, name=None):
            named = some(self.names[before, then], of=customers)
            yield f"{customers:>8,}  {before} → {then}: {named}"
        yield "the segments would have"
        for segment, (now, after) in self.sizes.items():
            yield f"{after:>8,}  {segment}, {f'now {now:,}' if now != after else 'as now'}"
        yield f"{self.listed}: everybody who would move"

    def as_json(self) -> dict[str, Any]:
        """The preview for machines."""
        return {
            "run": str(self.run_dir),
            "customers": self.customers,
            "moved": self.moved,
            "moves": [
                {**row, "first": list(self.names[row["from_segment"], row["to_segment"]])}
                for row in self.moves.to_dict(orient="records")
            ],
            "sizes": [{"segment": s, "now": now, "then": then} for s, (now, then) in self.sizes.items()],
            "list": str(self.listed) if self.listed else None,
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
    with language.spoken(study.language):
        told = [f"line {rule.line}: {rule.sentence(variables, windows)}" for rule in table.rules]
    yield from (f"{study.rules_path}: {sentence}" for sentence in told)
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


def preview(new: Path, study: Path | None, *, root: Path, out: Path | None = None) -> Preview:
    """Whom a new rule table would move in the latest run of its study; it writes them into a file.

    Parameters
    ----------
    new
        The edited table.
    study
        The study's file; None for the one after which ``new`` is named.
    root
        The project's folder.
    out
        Where everybody who would move is listed; beside ``new`` if it is not said.

    Raises
    ------
    RulesError
        If the table is wrong, or it cannot be told which study it is for.
    ArchiveError
        If the study has no published run.
    UsageError
        If the list cannot be written.
    """
    the_study = load_study(study or _study_of(new, root))
    table = rules.read_rules(new, the_study)
    run_dir = archive.latest_run(root / "runs" / the_study.name)
    return _preview(the_study, table, run_dir, out or new.with_name(new.stem + ENDING))


def _study_of(new: Path, root: Path) -> Path:
    """``acme.rules.csv``, ``acme.csv`` and ``acme-draft.csv`` are all for the study acme."""
    studies = sorted(studies_in(root / STUDIES), key=lambda p: -len(p.stem))
    found = next((path for path in studies if new.name.startswith(path.stem)), None)
    if found is None:
        names = ", ".join(sorted(path.stem for path in studies))
        raise RulesError(
            f"{new}: must be named after a study (there are {names}); rename it, or say --study NAME"
        )
    return found


def _preview(study: Study, table: rules.RuleTable, run_dir: Path, out: Path) -> Preview:
    used = model.read(run_dir / "model.json")
    model.check_belongs(used, study)
    if problems := [*transitions.unnamed(study, used.segments, run_dir.name)]:
        raise ParamsError(*problems)
    with open_engine(study, run_dir, out.parent) as engine:
        tables.load(engine, run_dir, "customers", "reps")
        used = transitions.under_new_names(engine, study, used)
        customers = engine.rows("select count(*) from customers")[0][0]
        moves = model.preview(engine, used, table)
        _put_tried(engine, table)
        if len(moves):
            _write(engine, out, used, table)
        return Preview(
            run_dir,
            int(customers),
            moves,
            _names(engine),
            _sizes(engine, table),
            out if len(moves) else None,
            table.warnings,
        )


def _put_tried(engine: Engine, table: rules.RuleTable) -> None:
    """Everybody with the segment and the rule that the new table gives."""
    there = engine.columns("customers")
    name, rep = (f"{c if c in there else 'NULL'}::VARCHAR as {c}" for c in ("name", "rep"))
    engine.execute(
        f"create table tried as select customer_id, {name}, {rep}, segment, rule, "
        f"{table.segment_sql()} as then_segment, {table.line_sql()} as then_rule from customers"
    )


def _names(engine: Engine) -> dict[tuple[str, str], list[str]]:
    found = engine.rows(
        f"select segment, then_segment, coalesce(name, customer_id) from tried where segment <> then_segment "
        f"qualify row_number() over (partition by segment, then_segment order by customer_id) <= {NAMED} "
        "order by segment, then_segment, customer_id"
    )
    named: dict[tuple[str, str], list[str]] = {}
    for before, then, name in found:
        named.setdefault((before, then), []).append(name)
    return named


def _sizes(engine: Engine, table: rules.RuleTable) -> dict[str, tuple[int, int]]:
    now, then = (
        dict(engine.rows(f"select {column}, count(*) from tried group by {column}"))
        for column in ("segment", "then_segment")
    )
    retired = sorted(set(now) - set(table.segments))
    return {s: (int(now.get(s, 0)), int(then.get(s, 0))) for s in (*table.segments, *retired)}


def _write(engine: Engine, out: Path, used: model.Model, table: rules.RuleTable) -> None:
    """List everybody who would move, with the rule of now and the one of then in words."""
    representative, reps = named_rep(engine, "tried.rep")
    texts = {
        "customer_id": "customer_id",
        "name": "tried.name",
        "representative": representative,
        "from_segment": "segment",
        "to_segment": "then_segment",
        "rule_now": _in_words("rule", used.rules.rules, used),
        "rule_then": _in_words("then_rule", table.rules, used),
    }
    columns = {name: guarded(sql) for name, sql in texts.items()}
    try:
        write_lines(engine, out, columns, f"tried {reps} where segment <> then_segment order by customer_id")
    except engine.errors as error:
        raise UsageError(
            f"{out}: must be a file that can be written ({str(error).splitlines()[0]}); name another by --out"
        ) from None


def _in_words(line: str, asked: Iterable[rules.Rule], used: model.Model) -> str:
    """A rule's condition in words, found by its line, as SQL."""
    whens = " ".join(f"when {rule.line} then {quote_text(rule.condition(used.by_name))}" for rule in asked)
    return f"case {line} {whens} end"
