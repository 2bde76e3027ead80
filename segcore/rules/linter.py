"""What is wrong or odd with a rule table, found by trying every combination of classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any, Literal

from segcore.errors import RulesError
from segcore.rules.table import RuleTable, combination

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Grid = npt.NDArray[np.int32]

MOST = 10_000_000
"""How many combinations are looked at before a table is refused as too large to be checked."""

_EXAMPLES = 3
_NOBODY = -1


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a rule table.

    Parameters
    ----------
    level
        ``"error"`` if the table cannot be used, ``"warning"`` if it can.
    sentence
        What must hold, what was found, what to do.
    line
        The row of the table it is about, if it is about one.
    count
        How many combinations (or neighbouring pairs of them) it is about.
    """

    level: Literal["error", "warning"]
    sentence: str
    line: int | None = None
    count: int = 0


def lint(table: RuleTable) -> list[Finding]:
    """Everything that is wrong or odd with a rule table.

    Notes
    -----
    Errors: a combination of classes that no rule matches; more than ten million combinations.
    Warnings: a rule that is never reached; a segment that no rule gives; an inversion.

    An inversion is a pair of neighbouring combinations, one of them one class better in one
    variable and equal in the others, of which the better one has the worse segment. Pairs with an
    uncovered combination do not count. If a table covers everything and has no inversion in this
    sense, then no combination has a worse segment than any that it equals or beats everywhere: one
    leads to the other by such steps. Inversions are reported once for each pair of rules.

    Returns
    -------
    list of Finding
        Errors first, then warnings by line.
    """
    sizes = tuple(table.variables.values())
    if prod(sizes) > MOST:
        return [
            Finding(
                "error",
                f"the variables must make at most {MOST:,} combinations of classes "
                f"(got {prod(sizes):,}); take variables or classes away",
                count=prod(sizes),
            )
        ]
    first = _first_match(table, sizes)
    warnings = [*_unreached(table, first), *_inversions(table, first)]
    return [*_uncovered(table, first), *sorted(warnings, key=lambda f: f.line or 0), *_unused(table)]


def check(table: RuleTable, *, file: str = "") -> RuleTable:
    """The same table with its warnings, if it has no errors.

    Parameters
    ----------
    table
        The table.
    file
        Its name, for messages.

    Raises
    ------
    RulesError
        With every error that :func:`lint` finds.
    """
    prefix = f"{file}: " if file else ""
    findings = lint(table)
    errors = [prefix + finding.sentence for finding in findings if finding.level == "error"]
    if errors:
        raise RulesError(*errors)
    return replace(table, warnings=(*table.warnings, *(prefix + finding.sentence for finding in findings)))


def rank_grid(table: RuleTable) -> Grid:
    """The rank that a rule table gives to every combination of classes.

    Parameters
    ----------
    table
        A table that passed :func:`check`, so that every combination has a rule.

    Returns
    -------
    array of int32
        One axis for each variable, in the table's order; class 1 is at 0.
    """
    import numpy as np

    ranks = np.array([table.rank(rule.segment) for rule in table.rules], dtype=np.int32)
    return ranks[_first_match(table, tuple(table.variables.values()))]


def _first_match(table: RuleTable, sizes: tuple[int, ...]) -> Grid:
    """For every combination the position of the first rule that matches it, or `_NOBODY`."""
    import numpy as np

    first = np.full(sizes, _NOBODY, dtype=np.int32)
    for position, rule in reversed(list(enumerate(table.rules))):
        # An index along each axis; numpy has no more axes than a table of this size can have.
        first[np.ix_(*([number - 1 for number in cell.allowed] for cell in rule.cells))] = position
    return first


def _uncovered(table: RuleTable, first: Grid) -> Iterator[Finding]:
    import numpy as np

    holes = np.argwhere(first == _NOBODY)
    if len(holes):
        # The best combinations come first: a hole there hurts most.
        examples = ", ".join(combination(_named(table, hole)) for hole in holes[::-1][:_EXAMPLES])
        verb = "matches" if len(holes) == 1 else "match"
        yield Finding(
            "error",
            f"every combination of classes must match a row ({len(holes):,} of {first.size:,} {verb} none: "
            f"{examples}{', …' if len(holes) > _EXAMPLES else ''}); "
            "add rows for them, or a last row with * in every column",
            count=len(holes),
        )


def _unreached(table: RuleTable, first: Grid) -> Iterator[Finding]:
    import numpy as np

    reached = set(np.unique(first).tolist())
    for position, rule in enumerate(table.rules):
        if position in reached:
            continue
        at = np.ix_(*([number - 1 for number in cell.allowed] for cell in rule.cells))
        above = [str(table.rules[other].line) for other in np.unique(first[at]).tolist()]
        yield Finding(
            "warning",
            f"line {rule.line} ({rule.segment}) is never reached: "
            f"line{'s' if len(above) > 1 else ''} {', '.join(above)} above it already "
            f"{'take' if len(above) > 1 else 'takes'} everything that it matches; "
            "move it up or take it out",
            rule.line,
        )


def _unused(table: RuleTable) -> Iterator[Finding]:
    given = {rule.segment for rule in table.rules}
    for segment in table.segments:
        if segment not in given:
            yield Finding("warning", f"no row gives the segment {segment}; it will stay empty")


def _inversions(table: RuleTable, first: Grid) -> Iterator[Finding]:
    import numpy as np

    # One rank more, so that an uncovered combination finds one too; it is masked right after.
    ranks = np.array([*(table.rank(rule.segment) for rule in table.rules), 0], dtype=np.int32)
    found: dict[tuple[int, int], tuple[int, Any, int]] = {}
    for axis in range(first.ndim):
        low, high = _neighbours(first, axis)
        inverted = (low != _NOBODY) & (high != _NOBODY) & (ranks[high] < ranks[low])
        where = np.flatnonzero(inverted)
        pairs = high.ravel()[where].astype(np.int64) * len(ranks) + low.ravel()[where]
        codes, last, counts = np.unique(pairs[::-1], return_index=True, return_counts=True)
        for code, index, count in zip(codes.tolist(), last.tolist(), counts.tolist(), strict=True):
            pair = divmod(code, len(ranks))
            example = np.unravel_index(where[::-1][index], low.shape)
            found[pair] = (found.get(pair, (0,))[0] + count, example, axis)
    for (worse, better), (count, at, axis) in sorted(found.items(), key=lambda item: item[0]):
        yield _inversion(table, (worse, better), (at, axis), count=count)


def _neighbours(first: Grid, axis: int) -> tuple[Grid, Grid]:
    """The grid without the best class of one variable, and without its worst: pairs, one class apart."""
    import numpy as np

    places = np.arange(first.shape[axis])
    return first.take(places[:-1], axis=axis), first.take(places[1:], axis=axis)


def _inversion(table: RuleTable, pair: tuple[int, int], example: tuple[Any, int], *, count: int) -> Finding:
    worse, better = (table.rules[position] for position in pair)
    at, axis = example
    low = _named(table, at)
    high = {name: number + (place == axis) for place, (name, number) in enumerate(low.items())}
    times = "once" if count == 1 else f"{count:,} times"
    return Finding(
        "warning",
        f"line {worse.line} gives better classes a worse segment than line {better.line}, {times}: "
        f"{combination(high)} is {worse.segment}, but {combination(low)} is {better.segment}; "
        "change one of the two if this is not meant",
        worse.line,
        count,
    )


def _named(table: RuleTable, at: Any) -> Mapping[str, int]:
    """A position in the grid as variable → class."""
    return {name: int(index) + 1 for name, index in zip(table.variables, at, strict=True)}
