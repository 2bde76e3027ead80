"""What a study says about its sources: files, how they are written, what becomes of their columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

from segcore.kinds import KINDS, Type
from segcore.params.forms import (
    Character,
    CheckedKey,
    DateLayout,
    DeliveryLayout,
    Encoding,
    FilePattern,
    Line,
    Lines,
    Name,
    Pattern,
    Text,
    Variable,
    as_many,
)
from segcore.params.gates import GATES, Share
from segcore.params.layouts import ambiguous_layouts
from segcore.params.uses import blind


class Params(BaseModel):
    """Base of all parts of a study: frozen, strict, no unknown key."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", populate_by_name=True)


GAP = "?"
"""What begins a column that nobody has named yet, as ``segcore init`` writes it: ``? Netto, Umsatz``."""

Layouts = Annotated[tuple[DateLayout, ...], BeforeValidator(as_many), Field(min_length=1)]
Thousands = Literal[".", ",", "'", " "]


class Format(Params):
    """How the extracts of a source are written.

    ``type`` is one of the formats that :mod:`segcore.sources.formats` lists; without it the ending
    and the first bytes of each file tell. ``header`` is the line (or row of a sheet) of the header,
    or "none" where columns are only known by position; without it the header is found by the names
    of the columns. A thousands separator " " also stands for the other blanks, "'" for ``’``.
    """

    type: Name | None = None
    encoding: Encoding = "utf-8"
    delimiter: Character = ","
    quote: Literal['"', "'", "none"] = '"'
    decimal: Literal[".", ","] = "."
    thousands: Thousands | None = None
    date: Layouts = ("%Y-%m-%d",)
    century: Annotated[int, Field(ge=1800, le=2100, multiple_of=100)] | None = None
    header: Annotated[int, Field(ge=1, le=1000)] | Literal["none"] | None = None
    sheets: Annotated[tuple[Text, ...], BeforeValidator(as_many)] = ()
    widths: Annotated[tuple[Annotated[int, Field(ge=1, le=10_000)], ...], Field(strict=False)] = ()
    empty: Annotated[tuple[Line, ...], Field(strict=False)] | None = None

    @model_validator(mode="after")
    def _apart(self) -> Format:
        problems = []
        if self.thousands == self.decimal:
            problems.append(f"thousands must differ from decimal (both are {self.decimal!r})")
        problems += two_digit_years(self.date, self.century)
        problems += ambiguous_layouts(self.date, self.century)
        if problems:
            raise ValueError("\n".join(problems))
        return self


def two_digit_years(layouts: tuple[str, ...], century: int | None) -> list[str]:
    """Forms of dates that leave the century open although nothing states it."""
    return [
        f"date must have four digits of the year, %Y, or century: must say which is meant, like "
        f"century: 2000 (got {layout!r})"
        for layout in layouts
        if "%y" in layout and century is None
    ]


class Column(Params):
    """Where a canonical column comes from.

    Exactly one of ``from`` (a column of the file, by name or by position from 1), ``sql`` (an
    expression over the record) and ``file`` (a pattern with one group for the file's name).
    """

    from_: Lines | Annotated[int, Field(ge=1, le=20_000)] | None = Field(default=None, alias="from")
    sql: Lines | None = None
    file: FilePattern | None = None
    type: Type | None = None
    zero_pad: Annotated[int, Field(ge=1, le=40)] | None = None
    strip_suffix: Lines | None = None
    date: Layouts | None = None
    decimal: Literal[".", ","] | None = None
    thousands: Thousands | None = None
    empty: Annotated[tuple[Line, ...], Field(strict=False)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        if isinstance(value, str) and value.startswith(GAP):
            may = f", which may be {value.removeprefix(GAP).strip()}" if value.strip(f"{GAP} ") else ""
            raise ValueError(f"is a gap that segcore init left; write the name of the column there{may}")
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            return {"from": value}
        if not isinstance(value, dict | Column):
            scalar = isinstance(value, bool | float)
            how = " in quotes" if scalar else ", or keys like {from: Customer, zero_pad: 10}"
            raise ValueError(f"must be the name of a column{how}")
        return value

    @model_validator(mode="after")
    def _one_origin(self) -> Column:
        if sum(origin is not None for origin in (self.from_, self.sql, self.file)) != 1:
            raise ValueError("must have either from: (a column of the file) or sql: (an expression)")
        return self


class Delivered(Params):
    """The delivery's date in a file's name: a pattern with one group, and the form of the date."""

    name: Pattern
    date: DeliveryLayout = "%Y-%m-%d"

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return {"name": value} if isinstance(value, str) else value


class Gate(Params):
    """Limits of one gate where they are not the usual ones; shares of the records concerned."""

    warn: Share = None
    stop: Share = None


class Source(Params):
    """One kind of extract: its files or its query, their format, and what becomes of their columns."""

    files: Annotated[tuple[Text, ...], Field(min_length=1, strict=False)] | None = None
    query: Lines | None = None
    connection: Variable | None = None
    delivered: Delivered | None = None
    deliveries: Literal["increments", "cumulative", "snapshot"] = "cumulative"
    format: Format | None = None
    columns: Annotated[dict[Name, Column], Field(min_length=1)]
    unique: Annotated[
        Literal["record"] | Annotated[tuple[Text, ...], Field(strict=False)] | None, CheckedKey
    ] = None
    ignore: Annotated[tuple[Text, ...], BeforeValidator(as_many)] = ()
    skip: dict[Text, Line] = Field(default_factory=dict)
    keep: Annotated[tuple[Text, ...], BeforeValidator(as_many)] = ()
    exclude: dict[Text, Lines] = Field(default_factory=dict)
    gates: dict[Literal[tuple(GATES)], Gate] = Field(default_factory=dict)  # type: ignore[valid-type]
    _named: frozenset[str] = PrivateAttr(frozenset())

    @property
    def layout(self) -> Format:
        """How the files are written; the usual form if the study says nothing."""
        return self.format or Format()

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns of its files; none where a query is asked."""
        return self.files or ()

    def columns_by_file(self) -> dict[str, str]:
        """Column of the file → the canonical name that it is first mapped to; by name only."""
        names: dict[str, str] = {}
        for canonical, column in self.columns.items():
            if isinstance(column.from_, str):
                names.setdefault(column.from_, canonical)
        return names

    @model_validator(mode="after")
    def _sound(self) -> Source:
        problems = [
            f"columns must not map {name!r}, for segcore says where a record stood; give it another name"
            for name in ("file", "record")
            if name in self.columns
        ]
        problems += [
            f"unique must name columns that are mapped: {', '.join(self.columns)} (got {name!r})"
            for name in (self.unique if isinstance(self.unique, tuple) else ())
            if name not in self.columns
        ]
        problems += self._origin()
        for name, column in self.columns.items():
            own, century = column.date or (), self.layout.century
            wrong = [*two_digit_years(own, century), *ambiguous_layouts(own, century)]
            problems += [f"columns.{name}.{text}" for text in wrong]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _origin(self) -> Iterator[str]:
        if (self.files is None) == (self.query is None):
            yield "files must be given, a list of patterns like [sales_*.csv], or a query: of a database"
        if (self.query is None) != (self.connection is None):
            yield (
                "query and connection must stand together; connection is the name of the variable of the "
                "environment that holds the address of the database, like SEGCORE_POSTGRES"
            )


class Sources(Params):
    """The sources of a study; only transactions are required."""

    transactions: Source
    orders: Source | None = None
    products: Source | None = None
    customers: Source | None = None
    followups: Source | None = None
    reps: Source | None = None
    renumbered: Source | None = None
    _named: frozenset[str] = PrivateAttr(frozenset())

    @model_validator(mode="after")
    def _canonical(self) -> Sources:
        problems = [
            f"{kind} must map the column {name!r}"
            for kind, source in self.given().items()
            for name in KINDS[kind].required
            if name not in source.columns and name != "market" and name not in self._joined(kind)
        ]
        problems += [problem for kind, source in self.given().items() for problem in blind(kind, source)]
        lines = self.transactions.columns
        if "market" not in lines and not ("product" in lines and self.products):
            problems.append("transactions must map 'market', or 'product' beside a source of products")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _joined(self, kind: str) -> set[str]:
        """Columns that order lines have from the heads of their orders."""
        return set(self.orders.columns) if kind == "transactions" and self.orders else set()

    def note(self, *expressions: str) -> None:
        """Note which words the SQL of the study holds, beside its sources' own."""
        for source in filter(None, (getattr(self, kind) for kind in KINDS)):
            computed = (column.sql or "" for column in source.columns.values())
            expressions = (*expressions, *source.exclude.values(), *computed)
        self._named = frozenset(re.findall(r"\w+", " ".join(expressions).lower()))

    def given(self) -> dict[str, Source]:
        """The sources that the study has, in the order in which they are read.

        Each has its format and key filled in; a source without a format of its own is written as
        transactions are.
        """
        common = self.transactions.layout
        given = {
            kind: source.model_copy(
                update={
                    "format": source.format or common,
                    "unique": source.unique or KINDS[kind].key_with(source.columns),
                }
            )
            for kind in KINDS
            if (source := getattr(self, kind)) is not None
        }
        for source in given.values():
            source._named = self._named
        return given
