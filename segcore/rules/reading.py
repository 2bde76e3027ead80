"""From a rule table's file to a :class:`segcore.rules.RuleTable`, or every problem at once."""

from __future__ import annotations

import csv
import difflib
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.disk import start_of
from segcore.errors import RulesError
from segcore.printable import LAYOUT, unprintable
from segcore.rules.cells import Cell, CellError, any_class, read_cell
from segcore.rules.linter import check, lint
from segcore.rules.table import NOTE, SEGMENT, Rule, RuleTable

if TYPE_CHECKING:
    from segcore.params import Study

_BLANK = " \t\r\n,;\ufeff"

BYTES = 500_000
"""Size of a rule table: a thousand rules with a note of 400 characters each."""

RULES = 1000
"""Rules of a table. Nobody can read so many; each is one more comparison for every customer."""


def read_rules(path: Path | str, study: Study, raw: bytes | None = None) -> RuleTable:
    """Read the rule table of a study.

    Parameters
    ----------
    path
        A CSV file: UTF-8 with or without a byte-order mark, or cp1252; commas or semicolons.
    study
        Says which variables, classes and segments there are.
    raw
        The file's bytes, if they were read already.

    Raises
    ------
    RulesError
        With every problem of the table, each as ``FILE: line N, COLUMN: must … (got …)``.
    """
    variables = {name: variable.classes for name, variable in study.variables.items()}
    text = _text(Path(path), rules_bytes(Path(path), study) if raw is None else raw)
    return parse_rules(text, file=str(path), variables=variables, segments=tuple(study.segments))


def parse_rules(text: str, *, file: str, variables: Mapping[str, int], segments: Sequence[str]) -> RuleTable:
    """Read a rule table from its text.

    Parameters
    ----------
    text
        A header with ``segment``, variables and perhaps ``note``, then one rule per line; commas
        or semicolons. Blank lines are skipped. A variable without a column counts as ``*``, with a
        warning.
    file
        The name of the file, for messages.
    variables
        Name → number of classes, in the study's order.
    segments
        The study's segments, best first.

    Returns
    -------
    RuleTable
        Checked by :func:`segcore.rules.check`, with its warnings.

    Raises
    ------
    RulesError
        With every problem of the table. Uncovered combinations are counted as if unreadable cells
        were ``*``: these are uncovered whatever the cells are meant to be.
    """
    if not text.strip(_BLANK):
        raise RulesError(
            f"{file}: must hold a header and at least one rule (the file is empty); "
            f"start it with {_header(variables)}"
        )
    reading = _Reading(file, dict(variables), tuple(segments))
    reading.read(text)
    table = RuleTable(tuple(reading.rules), dict(variables), tuple(segments), tuple(reading.warnings))
    if not reading.problems:
        return check(table, file=file)
    holes = [f.sentence for f in lint(table) if f.level == "error"] if reading.rules else []
    raise RulesError(*reading.problems, *(f"{file}: {sentence}" for sentence in holes))


@dataclass
class _Reading:
    """A table while it is read: what was found so far."""

    file: str
    variables: dict[str, int]
    segments: tuple[str, ...]
    rules: list[Rule] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def read(self, text: str) -> None:
        header: list[str] | None = None
        try:
            for line, record in enumerate(_records(text), start=1):
                if not any(record):
                    continue
                if header is None:
                    header = [name.casefold() for name in record]
                    self._check_header(line, header)
                elif len(self.rules) < RULES:
                    self.rules.append(self._rule(line, header, record))
                else:
                    self._problem(f"must hold at most {RULES:,} rules (line {line} is one more); merge some")
                    return
        except csv.Error as error:
            self._problem(f"must be CSV with every quote closed ({error})")
            return
        if not self.rules:
            last = ",".join([self.segments[-1], *("*" for _ in self.variables)])
            self._problem(f"must hold at least one rule below its header (got none); end it with {last}")

    def _check_header(self, line: int, header: Sequence[str]) -> None:
        known = (SEGMENT, *self.variables, NOTE)
        unknown = [name for name in header if name and name not in known]
        missing = [name for name in (SEGMENT, *self.variables) if name not in header]
        for name in unknown:
            guess = _meant(name, known)
            self._problem(f"line {line}: a column must be segment, a variable or note (got {name!r}){guess}")
        for name, count in Counter(name for name in header if name).items():
            if count > 1:
                self._problem(f"line {line}: the column {name} must stand here once (got it {count} times)")
        if SEGMENT in missing:
            got = ", ".join(name for name in header if name)
            self._problem(
                f"line {line}: the header must have the column segment (got {got}); "
                f"a full header is {_header(self.variables)}"
            )
        meant = {close for name in unknown for close in difflib.get_close_matches(name, known, n=1)}
        for name in missing:
            if name != SEGMENT and name not in meant:
                self.warnings.append(
                    f"{self.file}: the variable {name} has no column and counts as * in every row; "
                    "add its column if it should matter"
                )

    def _rule(self, line: int, header: Sequence[str], record: Sequence[str]) -> Rule:
        for name, got in zip_longest(header, record, fillvalue=""):
            if got and not name:
                self._problem(f"line {line}: a filled cell must stand below a name (got {got!r} below none)")
        row = dict(zip(header, record, strict=False))
        segment = self._segment(line, header, row)
        cells = tuple(self._cell(line, header, row, name) for name in self.variables)
        return Rule(segment, cells, row.get(NOTE, ""), line)

    def _segment(self, line: int, header: Sequence[str], row: Mapping[str, str]) -> str:
        segment = row.get(SEGMENT, "")
        if segment in self.segments:
            return segment
        if SEGMENT in header:
            got = repr(segment) if segment else "an empty cell"
            names, guess = ", ".join(self.segments), _meant(segment, self.segments)
            self._problem(f"line {line}, segment: must be a segment of the study: {names} (got {got}){guess}")
        return self.segments[-1]

    def _cell(self, line: int, header: Sequence[str], row: Mapping[str, str], name: str) -> Cell:
        if name in header:
            try:
                return read_cell(row.get(name, ""), name, self.variables[name])
            except CellError as error:
                self._problem(f"line {line}, {name}: {error}")
        return any_class(name, self.variables[name])

    def _problem(self, sentence: str) -> None:
        self.problems.append(f"{self.file}: {sentence}")


def rules_bytes(path: Path, study: Study) -> bytes:
    """The bytes of a rule table's file.

    Raises
    ------
    RulesError
        If there is no such file.
    """
    try:
        return start_of(path, BYTES + 1)
    except FileNotFoundError:
        raise RulesError(
            f"{path}: there must be a rule table in this file (no such file); "
            f"write one that starts with {_header(study.variables)}"
        ) from None
    except OSError as error:
        raise RulesError(f"{path}: must be a readable file (got {error.strerror})") from None


def _text(path: Path, raw: bytes) -> str:
    if len(raw) > BYTES:
        raise RulesError(f"{path}: must be at most {BYTES:,} bytes (it is larger); take long notes out")
    if b"\0" not in raw:
        for encoding in ("utf-8-sig", "cp1252"):
            try:
                return _printable(path, raw.decode(encoding))
            except UnicodeDecodeError:
                continue
    raise RulesError(f"{path}: must be text in UTF-8 or cp1252 (got other bytes); save it as CSV UTF-8")


def _printable(path: Path, text: str) -> str:
    problems = [
        f"{path}: line {number}: must be text without control characters (it holds {found}); take it out"
        for number, line in enumerate(text.split("\n"), start=1)
        if (found := unprintable(line, but=LAYOUT))
    ]
    if problems:
        raise RulesError(*problems)
    return text


def _records(text: str) -> Iterator[list[str]]:
    """The rows of the table as a spreadsheet numbers them, their cells stripped."""
    lines = io.StringIO(text.removeprefix("\ufeff"), newline=None)
    first = next(line for line in lines if line.strip(_BLANK))
    lines.seek(0)
    for record in csv.reader(lines, delimiter=max(",;", key=first.count), strict=True):
        yield [cell.strip() for cell in record]


def _header(variables: Iterable[str]) -> str:
    return ",".join([SEGMENT, *variables, NOTE])


def _meant(got: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(got, names, n=1)
    return f"; did you mean {close[0]}?" if close else ""
