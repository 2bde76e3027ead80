"""What a first study says about a source, before it is written down."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, replace

from segcore.init.looking import Look, Seen
from segcore.init.names import is_year, speaks_for, words_of


@dataclass(frozen=True)
class Mapped:
    """A canonical column: the file's column that it comes from, an expression, or a gap.

    Parameters
    ----------
    name
        The canonical name.
    source
        The column of the file, by name or position; "" for an expression or a gap.
    sql
        The expression, or "".
    options
        Further keys, like ``zero_pad``.
    note
        What the analyst should know about the guess.
    gap
        Where nobody can tell which column it is: those that it may be.
    """

    name: str
    source: str | int = ""
    sql: str = ""
    options: tuple[tuple[str, object], ...] = ()
    note: str = ""
    gap: tuple[Seen, ...] | None = None

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
    ignore: tuple[str, ...] = ()
    exclude: tuple[tuple[str, str, str], ...] = ()

    def named(self, name: str) -> Mapped | None:
        """What is mapped to a canonical name."""
        return next((mapped for mapped in self.columns if mapped.name == name), None)

    def seen(self, name: str) -> list[Seen]:
        """The columns of all files that a canonical column comes from; none for an expression."""
        mapped = self.named(name)
        if mapped is None or not mapped.source:
            return []
        return [look.by_key[mapped.source] for look in self.looks]

    def having(self, name: str, **options: object) -> Guess:
        """The same guess with further keys of one column, if it comes from the file."""
        columns = (m.having(**options) if m.name == name and m.source else m for m in self.columns)
        return replace(self, columns=tuple(columns))

    def plus(self, *columns: Mapped) -> Guess:
        """The same guess with further columns."""
        return replace(self, columns=(*self.columns, *columns))

    @property
    def gaps(self) -> list[Mapped]:
        """The columns that nobody can tell."""
        return [mapped for mapped in self.columns if mapped.gap is not None]


Such = Callable[[Seen], bool]


def candidates(
    look: Look, meaning: str, *, taken: Container[str | int] = (), such: Such = lambda _: True
) -> list[tuple[int, Seen]]:
    """The columns whose names speak for a meaning and how much, most first; of two years the later."""
    scores = [
        (speaks_for(meaning, column.name), column)
        for column in look.columns
        if column.key not in taken and column.values and such(column)
    ]
    found = [scored for scored in scores if scored[0]]
    latest = max((_year(seen.name) for _, seen in found), default=0)
    found = [scored for scored in found if _year(scored[1].name) in (0, latest)]
    return sorted(found, key=lambda scored: -scored[0])


def pick(
    look: Look, meaning: str, *, taken: Container[str | int] = (), such: Such = lambda _: True
) -> Seen | None:
    """The column whose name speaks most for a meaning; of equals the first."""
    found = candidates(look, meaning, taken=taken, such=such)
    return found[0][1] if found else None


def _year(name: str) -> int:
    return max((int(word) for word in words_of(name) if is_year(word)), default=0)
