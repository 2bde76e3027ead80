"""What a first study says about a source, before it is written down."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace

from segcore.engine import Engine
from segcore.init.looking import Look, Seen
from segcore.init.names import speaks_for


@dataclass(frozen=True)
class Mapped:
    """A canonical column: the file's column that it comes from, or an expression.

    Parameters
    ----------
    name
        The canonical name.
    source
        The column of the file, or "" for an expression.
    sql
        The expression, or "".
    options
        Further keys, like ``zero_pad``.
    note
        What the analyst should know about the guess.
    """

    name: str
    source: str = ""
    sql: str = ""
    options: tuple[tuple[str, object], ...] = ()
    note: str = ""

    def having(self, **options: object) -> Mapped:
        """The same column with further keys; those without a value are left out."""
        given = tuple((key, value) for key, value in options.items() if value)
        return replace(self, options=(*self.options, *given))


@dataclass(frozen=True)
class Guess:
    """One source of the study: its kind, the files that were looked at, and what is said about them."""

    kind: str
    looks: tuple[Look, ...]
    columns: tuple[Mapped, ...]
    unique: tuple[str, ...] = ()
    exclude: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()

    def seen(self, name: str) -> list[Seen]:
        """The columns of all files that a canonical column comes from; none for an expression."""
        mapped = next((m for m in self.columns if m.name == name), None)
        if mapped is None or not mapped.source:
            return []
        return [look.by_name[mapped.source] for look in self.looks]

    def having(self, name: str, **options: object) -> Guess:
        """The same guess with further keys of one column, if it comes from the file."""
        columns = (m.having(**options) if m.name == name and m.source else m for m in self.columns)
        return replace(self, columns=tuple(columns))


def pick(
    look: Look, meaning: str, *, taken: Container[str] = (), such: Callable[[Seen], bool] = lambda _: True
) -> Seen | None:
    """The column whose name speaks most for a meaning; of equals the first."""
    scores = [
        (speaks_for(meaning, column.name), -position, column)
        for position, column in enumerate(look.columns)
        if column.name not in taken and column.values and such(column)
    ]
    best = max(scores, key=lambda scored: scored[:2], default=None)
    return best[2] if best and best[0] else None


def with_keys_alike(engine: Engine, guesses: Sequence[Guess]) -> list[Guess]:
    """Give the keys that sources share the same form: no ``.0`` behind them, as many digits."""
    made = list(guesses)
    for key in ("customer_id", "product", "rep", "order_id"):
        width = _width(engine, [seen for guess in guesses for seen in guess.seen(key)])
        made = [guess.having(key, zero_pad=width, strip_suffix=_suffix(guess, key)) for guess in made]
    return made


def _suffix(guess: Guess, key: str) -> str:
    values = [value for seen in guess.seen(key) for value in seen.values]
    return ".0" if values and all(value.endswith(".0") for value in values) else ""


def _width(engine: Engine, columns: Sequence[Seen]) -> int:
    """The digits of the longest key, if some are written with leading zeros and others shorter."""
    lengths: list[tuple[int, int, bool]] = []
    for seen in columns:
        plain = f"if(ends_with({seen.sql}, '.0'), {seen.sql}[:-3], {seen.sql})"
        digits = f"select {plain} as d from {seen.table} where not regexp_matches({plain}, '[^0-9]')"
        lengths += engine.rows(
            "select min(length(d)), max(length(d)), coalesce(bool_or(d[1] = '0' and d <> '0'), false) "
            f"from ({digits}) having count(*) > 0"
        )
    shortest = min((low for low, _, _ in lengths), default=0)
    longest = max((high for _, high, _ in lengths), default=0)
    return longest if shortest < longest and any(zeros for *_, zeros in lengths) else 0
