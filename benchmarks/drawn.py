"""Mistakes drawn at random from the syntax tree of the modules that decide numbers.

The same seed draws the same mistakes from the same code.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.mutations import Mutation

Place = Callable[[int, int], int]

MODULES = (
    "segcore/features.py",
    "segcore/variables.py",
    "segcore/intervals.py",
    "segcore/jenks.py",
    "segcore/jenks_search.py",
    "segcore/jenks_sums.py",
    "segcore/model/*.py",
    "segcore/profile/*.py",
    "segcore/report/data.py",
    "segcore/report/sections/*.py",
    "segcore/rules/cells.py",
    "segcore/rules/table.py",
    "segcore/sources/cut.py",
    "segcore/sources/delivered.py",
    "segcore/sources/deliveries.py",
    "segcore/sources/formats/lines.py",
    "segcore/sources/formats/quotes.py",
    "segcore/sources/gates/*.py",
    "segcore/sources/headers.py",
    "segcore/sources/judged.py",
    "segcore/sources/judging.py",
    "segcore/sources/marking.py",
    "segcore/sources/parse.py",
    "segcore/sources/reconciling.py",
    "segcore/sources/values/*.py",
    "segcore/transitions/*.py",
)

SWAPPED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "in": "not in", "not in": "in"}
OPERATOR = re.compile(r"not in|in|[<>=!]=|[<>]")

SQL = re.compile(r"\b(select|where|when|over|order by|group by|coalesce|filter|max|min|count)\b")
IN_SQL = (
    (re.compile(r"(?<=\s)<(?=\s)"), "<="),
    (re.compile(r"(?<=\s)<=(?=\s)"), "<"),
    (re.compile(r"(?<=\s)>(?=\s)"), ">="),
    (re.compile(r"(?<=\s)>=(?=\s)"), ">"),
    (re.compile(r"(?<=\s)<>(?=\s)"), "="),
    (re.compile(r"\bmax(?=\()"), "min"),
    (re.compile(r"\bmin(?=\()"), "max"),
    (re.compile(r" desc\b"), " asc"),
    (re.compile(r"(?<=\s)and(?=\s)"), "or"),
    (re.compile(r"(?<=\s)or(?=\s)"), "and"),
    (re.compile(r"\bis not null\b"), "is null"),
    (re.compile(r"\bis null\b"), "is not null"),
    (re.compile(r"(?<=\()distinct "), ""),
    (re.compile(r"\bleft join\b"), "join"),
)

ONE_ROW = "the answer has one row of one column: its last is its first"
EQUIVALENT = {
    ("BLOCK = 1 << 16", ""): "candidates looked at together: it changes the time, never the cuts",
    ("COARSE_ABOVE = 10_000", ""): "where a coarse grid pays for itself: it changes the time, never the cuts",
    ("GRID_POINTS = 512", ""): "how fine that grid is: it changes the time, never the cuts",
    ("return sqlglot.transpile(query", "-1"): "one statement gives one text: its last is its first",
    ("min(since)", "max"): "a customer has one",
    ('return int(engine.rows("select max(run) from runs")', "-1"): ONE_ROW,
}
"""(How the line or the place begins, what would be put there, "" for anything) → why nobody could notice."""


def drawn(root: Path, count: int, seed: int) -> list[Mutation]:
    """Mistakes from all modules in turn, so that long ones do not get them all.

    Parameters
    ----------
    root
        The project's folder.
    count
        How many.
    seed
        Of the draw.
    """
    choice = random.Random(seed)
    left = {path: list(possible(path, root)) for module in MODULES for path in sorted(root.glob(module))}
    found: list[Mutation] = []
    while len(found) < count:
        paths = [path for path, mutations in left.items() if mutations]
        for path in choice.sample(paths, min(len(paths), count - len(found))):
            mutation = left[path].pop(choice.randrange(len(left[path])))
            if _compiles(mutation.planted(path.read_text(encoding="utf-8"))):
                found.append(mutation)
    return found


def possible(path: Path, root: Path) -> Iterator[Mutation]:
    """Every mistake that can be drawn from a module."""
    text = path.read_text(encoding="utf-8")
    file = path.relative_to(root).as_posix()
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def place(row: int, column: int) -> int:
        return starts[row - 1] + len(lines[row - 1].encode()[:column].decode())

    for node in _nodes(ast.parse(text)):
        for begin, end, new in _changes(node, text, place):
            line = text.count("\n", 0, begin)
            places = (lines[line].strip(), text[begin:])
            if any(p.startswith(same) and put in ("", new) for p in places for same, put in EQUIVALENT):
                continue
            what = f"line {line + 1}: {text[begin:end]!r} → {new!r}"
            yield Mutation(what, file, text[begin:end], new, at=begin)


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """What a module does: no texts that explain, no types, no errors."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.AnnAssign | ast.arg):
            node.annotation = ast.Constant(None)
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        yield node
        if not isinstance(node, ast.JoinedStr):
            yield from _nodes(node)


def _changes(node: ast.AST, text: str, place: Place) -> Iterator[tuple[int, int, str]]:
    """(begin, end, new text) of everything that can be wrong with a node."""
    if isinstance(node, ast.Compare):
        begin = place(node.left.end_lineno or 0, node.left.end_col_offset or 0)
        end = place(node.comparators[0].lineno, node.comparators[0].col_offset)
        operator = OPERATOR.search(text, begin, end)
        if operator:
            yield *operator.span(), SWAPPED[operator[0]]
    elif isinstance(node, ast.BoolOp):
        begin = place(node.values[0].end_lineno or 0, node.values[0].end_col_offset or 0)
        end = place(node.values[1].lineno, node.values[1].col_offset)
        word = re.compile(r"\b(and|or)\b").search(text, begin, end)
        if word:
            yield *word.span(), {"and": "or", "or": "and"}[word[0]]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        begin = place(node.lineno, node.col_offset)
        yield begin, place(node.operand.lineno, node.operand.col_offset), ""
    elif isinstance(node, ast.Return) and node.value is not None:
        yield (*_span(node.value, place), "None")
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        for other in (node.value + 1, node.value - 1):
            yield (*_span(node, place), str(other))
    elif isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        begin, end = _span(node, place)
        yield from _in_sql(begin, text[begin:end])


def _in_sql(begin: int, written: str) -> Iterator[tuple[int, int, str]]:
    if not SQL.search(written):
        return
    code = [part.span() for part in re.finditer(r"\{[^{}]*\}", written)] if written[0] == "f" else []
    for pattern, new in IN_SQL:
        for found in pattern.finditer(written):
            if not any(low <= found.start() < high for low, high in code):
                yield begin + found.start(), begin + found.end(), new


def _span(node: ast.expr, place: Place) -> tuple[int, int]:
    return place(node.lineno, node.col_offset), place(node.end_lineno or 0, node.end_col_offset or 0)


def _compiles(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
