"""A study: one file in ``params/``, as frozen and strict models.

Nothing here reads data. A study is either wholly valid or refused with every problem at once, each
with file, key, what was expected and what was found (see :mod:`segcore.params_file` for reading).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from segcore.params_checks import taken_names, unknown_targets, variable_problems
from segcore.params_forms import (
    Character,
    CheckedKey,
    Currency,
    Date,
    DateLayout,
    Duration,
    Encoding,
    Line,
    Lines,
    Name,
    Pattern,
    Size,
    Text,
    Time,
)
from segcore.variables import VARIABLES, Variable

DATES = frozenset({"order_date", "date", "since"})
DECIMALS = frozenset({"amount", "quantity", "price"})
TEXTS = frozenset(
    {"customer_id", "order_id", "item", "market", "product", "rep", "currency", "name", "region"}
)


class Params(BaseModel):
    """Base of all parts of a study: frozen, strict, no unknown key."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", populate_by_name=True)


class Format(Params):
    """How the extracts of a source are written."""

    encoding: Encoding = "utf-8"
    delimiter: Character = ","
    decimal: Literal[".", ","] = "."
    thousands: Literal[".", ",", "'", " "] | None = None
    date: DateLayout = "%Y-%m-%d"

    @model_validator(mode="after")
    def _apart(self) -> Format:
        if self.thousands == self.decimal:
            raise ValueError(f"thousands must differ from decimal (both are {self.decimal!r})")
        return self


class Column(Params):
    """Where a canonical column comes from: a column of the file, or an expression over the record."""

    from_: Lines | None = Field(default=None, alias="from")
    sql: Lines | None = None
    zero_pad: Annotated[int, Field(ge=1, le=40)] | None = None
    strip_suffix: Lines | None = None
    date: DateLayout | None = None
    decimal: Literal[".", ","] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        if isinstance(value, str):
            return {"from": value}
        if not isinstance(value, dict | Column):
            scalar = isinstance(value, bool | int | float)
            how = " in quotes" if scalar else ", or keys like {from: Customer, zero_pad: 10}"
            raise ValueError(f"must be the name of a column{how}")
        return value

    @model_validator(mode="after")
    def _one_origin(self) -> Column:
        if (self.from_ is None) == (self.sql is None):
            raise ValueError("must have either from: (a column of the file) or sql: (an expression)")
        return self


class Source(Params):
    """One kind of extract: its files, their format, and what becomes of their columns."""

    files: Annotated[tuple[Text, ...], Field(min_length=1, strict=False)]
    delivered: Pattern | None = None
    format: Format | None = None
    columns: Annotated[dict[Name, Column], Field(min_length=1)]
    unique: Annotated[
        Literal["record"] | Annotated[tuple[Text, ...], Field(strict=False)] | None, CheckedKey
    ] = None
    exclude: dict[Text, Lines] = Field(default_factory=dict)

    def columns_by_file(self) -> dict[str, str]:
        """Column of the file → the canonical name that it is first mapped to."""
        names: dict[str, str] = {}
        for canonical, column in self.columns.items():
            if column.from_ is not None:
                names.setdefault(column.from_, canonical)
        return names

    @model_validator(mode="after")
    def _key_is_mapped(self) -> Source:
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
        if problems:
            raise ValueError("\n".join(problems))
        return self


REQUIRED: dict[str, tuple[str, ...]] = {
    "transactions": ("customer_id", "order_id", "order_date", "amount"),
    "products": ("product", "market"),
    "customers": ("customer_id",),
    "followups": ("customer_id", "rep", "date"),
    "reps": ("rep",),
}
DEFAULT_KEY: dict[str, Literal["record"] | tuple[str, ...]] = {
    "transactions": "record",
    "products": ("product",),
    "customers": ("customer_id",),
    "followups": "record",
    "reps": ("rep",),
}


class Sources(Params):
    """The sources of a study; only transactions are required."""

    transactions: Source
    products: Source | None = None
    customers: Source | None = None
    followups: Source | None = None
    reps: Source | None = None

    @model_validator(mode="after")
    def _canonical(self) -> Sources:
        problems = [
            f"{kind} must map the column {name!r}"
            for kind, source in self.given().items()
            for name in REQUIRED[kind]
            if name not in source.columns
        ]
        lines = self.transactions.columns
        if "market" not in lines and not ("product" in lines and self.products):
            problems.append("transactions must map 'market', or 'product' beside a source of products")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def given(self) -> dict[str, Source]:
        """The sources that the study has, by kind, each with its format and key filled in.

        A source without a format of its own is written as transactions are.
        """
        common = self.transactions.format or Format()
        return {
            kind: source.model_copy(
                update={
                    "format": source.format or common,
                    "unique": source.unique or DEFAULT_KEY[kind],
                }
            )
            for kind in REQUIRED
            if (source := getattr(self, kind)) is not None
        }


class StudyVariable(Params):
    """How a study uses a variable, or defines one of its own."""

    classes: Annotated[int, Field(ge=2, le=9)]
    scale: Literal["linear", "log"] = "linear"
    window: Duration | None = None
    label: Text | None = None
    unit: Text | None = None
    better: Literal["high", "low"] | None = None
    sql: Lines | None = None

    def resolved(self, name: str) -> Variable:
        """The variable with the study's words; ``name`` is its key in the study."""
        words = {k: v for k in ("label", "unit", "better", "sql") if (v := getattr(self, k)) is not None}
        known = VARIABLES.get(name)
        if known:
            return Variable(**{**vars(known), **words})
        defaults = {"label": name.replace("_", " ").capitalize(), "unit": "", "better": "high"}
        return Variable(name=name, **{**defaults, **words})


class Population(Params):
    """Which customers a run looks at; without ``active_within``, everybody who ever ordered."""

    active_within: Duration | None = None


class BreaksPolicy(Params):
    """Whether breaks are kept from one run to the next, and from which."""

    policy: Literal["keep", "refit"] = "keep"
    from_: Date | None = Field(default=None, alias="from")


class Segment(Params):
    """What is done about a segment."""

    action: Line = ""
    follow_up: bool = False


class FollowUp(Params):
    """What following up is meant to reach."""

    target: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    holdout: Annotated[float, Field(ge=0, lt=1, strict=False)] = 0.0


class Report(Params):
    """Words of the report."""

    title: Text = "Customer segments"


class Mail(Params):
    """Where mails link to and whom they come from; secrets come from the environment."""

    base_url: Text
    from_: Text = Field(alias="from")
    subscriptions: Text


class Limits(Params):
    """How long the parts of a run may take; beyond that they are ended, and nothing is published."""

    notebook: Time = "4 hours"
    cell: Time = "2 hours"
    sql: Time = "10 minutes"


class Study(Params):
    """Everything an analyst decides about a study.

    ``name`` and ``path`` come from the file, not from its text.
    """

    name: Name
    path: Path
    title: Text
    currency: Currency
    run_every: Duration = "45 days"
    data_dir: Text | None = None
    memory_limit: Size = "2GB"
    max_gap_days: Annotated[int, Field(ge=0)] = 7
    sources: Sources
    population: Population = Population()
    variables: Annotated[dict[Name, StudyVariable], Field(min_length=1)]
    breaks: BreaksPolicy
    segments: Annotated[dict[Text, Segment], Field(min_length=2)]
    follow_up: FollowUp = FollowUp()
    report: Report = Report()
    mail: Mail | None = None
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _consistent(self) -> Study:
        if problems := [*variable_problems(self), *taken_names(self), *unknown_targets(self)]:
            raise ValueError("\n".join(problems))
        return self

    @property
    def rules_path(self) -> Path:
        """The rule table: ``STUDY.rules.csv`` beside the study."""
        return self.path.with_name(f"{self.name}.rules.csv")

    def resolved_variables(self) -> dict[str, Variable]:
        """The study's variables with their definitions, in the order of the study."""
        return {name: variable.resolved(name) for name, variable in self.variables.items()}

    def resolved(self) -> dict[str, Any]:
        """The study as plain JSON types with every default filled in, for manifests.

        Limits are left out, for they change no result.
        """
        return self.model_dump(mode="json", by_alias=True, exclude={"path", "limits"})
