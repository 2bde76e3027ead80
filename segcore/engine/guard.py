"""What SQL in a study may be: one expression over its columns, by a list of functions.

The text is read by SQLGlot, and every node of its tree must be known here; whatever is not, is refused.
So an expression can read no file, table, clock, setting or random number, and nothing it does outlasts
it. It is run as it was written, not as the tree would be written: in being written anew some functions
change their meaning. So what two parsers could read differently (comments, texts in other quotes) is
refused too.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.errors import ParseError
    from sqlglot.tokenizer_core import Token

DIALECT = "duckdb"
DEEPEST = 20
"""Brackets within brackets: far from what Python's stack allows, wherever the guard is called."""

PADDED = 1000
"""The most characters that a text is padded to; the engine would try as many as it is told."""

AGGREGATES = "aggregates"
FUNCTIONS = {
    "choices": "case cast coalesce if ifnull nullif try_cast",
    "texts": "concat concat_ws contains ends_with left length lower lpad ltrim regexp_extract "
    "regexp_full_match regexp_matches regexp_replace replace reverse right rpad rtrim split_part "
    "starts_with strip_accents strpos substr substring translate trim upper",
    "numbers": "abs cbrt ceil ceiling exp floor greatest least ln log log10 log2 mod pow power round sign "
    "sqrt trunc",
    "dates": "date_add date_diff date_part date_sub date_trunc day dayofweek dayofyear extract hour isodow "
    "last_day make_date minute month quarter second strftime strptime try_strptime week weekofyear year",
    AGGREGATES: "any_value arg_max arg_min avg bool_and bool_or count count_if first last max max_by median "
    "min min_by mode quantile quantile_cont quantile_disc stddev stddev_pop stddev_samp sum var_pop var_samp "
    "variance",
}
"""Functions that a study may use, as DuckDB calls them: what they are for → their names."""

FORMS = (
    "and or not paren neg null boolean literal column identifier is eq neq gt gte lt lte nullsafeeq "
    "nullsafeneq between in like ilike similarto glob escape regexplike add sub mul div intdiv mod dpipe "
    "bracket slice tuple datatype datatypeparam interval var filter where distinct order ordered "
    "withingroup percentilecont percentiledisc ignorenulls"
)
"""Parts of an expression that are no functions, by SQLGlot's names."""

TYPES = (
    "BOOLEAN TINYINT SMALLINT INT BIGINT INT128 UTINYINT USMALLINT UINT UBIGINT UINT128 FLOAT DOUBLE DECIMAL "
    "VARCHAR TEXT CHAR DATE TIME TIMESTAMP INTERVAL"
)
"""What a value may be cast to. With a time zone it would depend on the machine's."""


@dataclass(frozen=True)
class Allowed:
    """What an expression may use beside :data:`FUNCTIONS`.

    Parameters
    ----------
    columns
        Names of columns.
    values
        Names of values that are bound, ``run_date`` for ``$run_date``.
    aggregates
        Whether it is computed over many records.
    """

    columns: Collection[str]
    values: Collection[str] = ()
    aggregates: bool = False


@dataclass(frozen=True)
class Refusal:
    """Why an expression is refused, and what to do."""

    fault: str
    advice: str


def names(*, aggregates: bool = True) -> list[str]:
    """The functions that a study may use."""
    kinds = (kind for kind in FUNCTIONS if aggregates or kind != AGGREGATES)
    return sorted(name for kind in kinds for name in FUNCTIONS[kind].split())


def refusal(sql: str, allowed: Allowed) -> Refusal | None:
    """Why a piece of SQL in a study must not run; None if it may.

    Parameters
    ----------
    sql
        The text, as it was written.
    allowed
        What it may use.
    """
    from sqlglot import exp
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.errors import ParseError, TokenError

    dialect = Dialect.get_or_raise(DIALECT)
    try:
        tokens = dialect.tokenize(sql)
        told = next(_unlike(sql, tokens, allowed), None)
        trees = [] if told else dialect.parser().parse_into(exp.Condition, tokens, sql)
    except TokenError:
        return Refusal("a quote in it is not closed", ONE)
    except ParseError as error:
        return Refusal(_unread(sql, error), ONE)
    except RecursionError:
        return Refusal("it is nested too deeply", SIMPLER)
    if told:
        return told
    if len(trees) != 1 or trees[0] is None:
        return Refusal("it is not one expression", ONE)
    return next((told for node in trees[0].walk() if (told := _of_node(node, sql, allowed))), None)


ONE = "write one expression, without a semicolon"
SIMPLER = "make it simpler"
LISTED = "what may stand in it is listed in docs/writing-a-study.md, SQL in a study"


def _unlike(sql: str, tokens: Sequence[Token], allowed: Allowed) -> Iterator[Refusal]:
    """What the engine's own parser could read in another way than SQLGlot: nothing but words and blanks."""
    end, depth, before = 0, 0, ""
    for token in tokens:
        word = sql[token.start : token.end + 1]
        if word == "!":
            yield Refusal("! has two meanings", "write not")
        if before == "if" and word != "(":
            yield Refusal("if must have a bracket behind it", "write if(condition, one, other)")
        gap, before, end = sql[end : token.start].strip(" \t\n"), word.lower(), token.end + 1
        if gap:
            yield Refusal(f"{_cut(gap)} is a comment", "write it behind a # of the YAML file")
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(word, 0)
        if depth > DEEPEST:
            yield Refusal(f"more than {DEEPEST} brackets are open at once", SIMPLER)
        if any(f"${value}" in token.text for value in allowed.values):
            yield Refusal(f"{_cut(token.text)} is a text", "write $run_date without quotes")
    if sql[end:].strip(" \t\n"):
        yield Refusal(f"{_cut(sql[end:].strip())} is a comment", "write it behind a # of the YAML file")


def _unread(sql: str, error: ParseError) -> str:
    """Where an expression ends for SQLGlot, which has words of its own for it."""
    place = error.errors[0] if error.errors else {}
    after = (place.get("highlight") or "") + (place.get("end_context") or "")
    return f"it cannot be read from {_cut(after)} on" if after and after != sql else "it cannot be read"


def _of_node(node: exp.Expr, sql: str, allowed: Allowed) -> Refusal | None:
    """Why a part of an expression must not stand in it."""
    from sqlglot import exp

    if isinstance(node, exp.Column):
        return _of_column(node, allowed)
    if isinstance(node, exp.Star) and isinstance(node.parent, exp.Count):
        return None
    if isinstance(node, exp.Placeholder) and node.name in allowed.values:
        return None
    if isinstance(node, exp.DataType):
        known = node.this.name in _TYPES and not node.args.get("nested") if node.this else False
        return None if known else Refusal(f"{_cut(_written(node))} is no type that a study may use", LISTED)
    names = _names(node, sql)
    if not names and node.key in _FORMS:
        return None
    if not KNOWN.intersection(names):
        return _of_unknown(names[0] if names else "", node, allowed)
    if isinstance(node, exp.Pad) and not _short(node.expression):
        return Refusal(f"the length of {names[0]} is open", f"write a number up to {PADDED:,}")
    if isinstance(node, exp.AggFunc) and not allowed.aggregates:
        return Refusal(f"{names[0]} is over many records", "only the sql: of a variable may count or sum")
    return None


def _short(length: exp.Expr | None) -> bool:
    """Whether a length is a number that no text fills the memory with."""
    return length is not None and length.is_int and int(length.name) <= PADDED


def _of_column(node: exp.Column, allowed: Allowed) -> Refusal | None:
    if len(node.parts) == 1 and node.name.lower() in allowed.columns:
        return None
    close = difflib.get_close_matches(node.name.lower(), sorted(allowed.columns), n=1)
    guess = f"did you mean {close[0]}?" if close else "map it under columns: first, or take one of these"
    return Refusal(f"{_cut(_written(node))} is none of these", guess)


def _of_unknown(name: str, node: exp.Expr, allowed: Allowed) -> Refusal:
    if not name:
        what = PARTS.get(node.key, _cut(_written(node)))
        return Refusal(f"{what} must not stand in it", LISTED)
    fault = f"{name} is no function that a study may use"
    if name.startswith(CLOCK):
        return Refusal(fault, "$run_date is the only today" if allowed.values else "no record knows today")
    close = difflib.get_close_matches(name, names(aggregates=allowed.aggregates), n=1, cutoff=0.75)
    return Refusal(fault, f"did you mean {close[0]}?" if close else LISTED)


KNOWN = frozenset(" ".join(FUNCTIONS.values()).split())
_FORMS = frozenset(FORMS.split())
_TYPES = frozenset(TYPES.split())
CLOCK = ("current_date", "current_time", "current_local", "get_current", "local", "now", "today")
PARTS = {
    "select": "a query",
    "subquery": "a query",
    "setoperation": "a query",
    "window": "over (...)",
    "lambda": "a function of its own",
    "star": "* outside count(*)",
    "placeholder": "a value",
}
"""What people call a part of an expression: SQLGlot's name → ours."""


def _names(node: exp.Expr, sql: str) -> tuple[str, ...]:
    """The function that a part of an expression calls, as it was written; none if it is no call."""
    from sqlglot import exp

    if isinstance(node, exp.Identifier | exp.Literal | exp.Star | exp.Connector):
        return ()
    start, end = node.meta.get("start"), node.meta.get("end")
    if start is not None and end is not None:
        return (sql[start : end + 1].lower(),)
    if node.key in _FORMS or not isinstance(node, exp.Func):
        return ()
    return tuple(name.lower() for name in node.sql_names())


def _written(node: exp.Expr) -> str:
    return node.sql(dialect=DIALECT)


def _cut(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:39]}…")
