"""A study: one file in ``params/``, as frozen and strict models.

Nothing here reads data. A study is either wholly valid or refused with every problem at once, each
with file, key, what was expected and what was found (see :mod:`segcore.params.file` for reading).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from segcore import language
from segcore.params.checks import former_names, taken_names, unknown_targets, variable_problems
from segcore.params.forms import (
    Currency,
    Dates,
    Duration,
    Line,
    Lines,
    Name,
    Size,
    Text,
    Time,
)
from segcore.params.mail import Mail, Smtp
from segcore.params.sources import (
    Column,
    Delivered,
    Format,
    Gate,
    Params,
    Source,
    Sources,
)
from segcore.params.uses import describing, dumped, joined, key_of, type_of
from segcore.project import SUBSCRIPTIONS
from segcore.variables import VARIABLES, Variable

__all__ = [
    "Column",
    "Delivered",
    "Format",
    "Gate",
    "Mail",
    "Params",
    "Smtp",
    "Source",
    "Sources",
    "Study",
    "StudyVariable",
    "describing",
    "dumped",
    "joined",
    "key_of",
    "type_of",
]


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
    """Whether breaks are kept from one run to the next, and from which.

    ``from_`` is one date, or an ascending tuple of the dates from which on new breaks are used.
    """

    policy: Literal["keep", "refit"] = "keep"
    from_: Dates = Field(default=None, alias="from")

    @property
    def dates(self) -> tuple[dt.date, ...]:
        """The dates of ``from``, ascending; none if it is not given."""
        if self.from_ is None:
            return ()
        return self.from_ if isinstance(self.from_, tuple) else (self.from_,)

    def at(self, run_date: dt.date) -> dt.date | None:
        """The date whose breaks a run uses: the latest up to its own, else the first; None for none."""
        up_to = [date for date in self.dates if date <= run_date] or self.dates[:1]
        return up_to[-1] if up_to else None


class Segment(Params):
    """What is done about a segment."""

    action: Line = ""
    follow_up: bool = False
    was: Annotated[tuple[Text, ...], Field(strict=False)] = ()


class FollowUp(Params):
    """What following up is meant to reach."""

    target: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    holdout: Annotated[float, Field(ge=0, lt=1, strict=False)] = 0.0
    capacity: Annotated[int, Field(ge=1)] | None = None


class Report(Params):
    """Words of the report, and whether it is printed as well."""

    title: Text | None = None
    pdf: bool = False


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
    language: Literal["en", "de"] = "en"
    spreadsheet: Literal["default", "german"] = "default"
    mail: Mail | None = None
    retention: Duration | None = None
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _consistent(self) -> Study:
        if problems := [
            *variable_problems(self),
            *taken_names(self),
            *unknown_targets(self),
            *former_names(self),
        ]:
            raise ValueError("\n".join(problems))
        self.sources.note(*(variable.sql or "" for variable in self.variables.values()))
        return self

    @property
    def rules_path(self) -> Path:
        """The rule table: ``STUDY.rules.csv`` beside the study."""
        return self.path.with_name(f"{self.name}.rules.csv")

    @property
    def subscriptions_path(self) -> Path:
        """Who gets which mails: ``STUDY.subscriptions.yaml`` beside the study, or what it names."""
        named = self.mail.subscriptions if self.mail else None
        return self.path.with_name(named or f"{self.name}{SUBSCRIPTIONS}")

    @property
    def heading(self) -> str:
        """The heading of the report; without one of the study's, in the study's language."""
        with language.spoken(self.language):
            return self.report.title or language.say("Customer segments")

    def resolved_variables(self) -> dict[str, Variable]:
        """The study's variables with their definitions, in the order of the study."""
        return {name: variable.resolved(name) for name, variable in self.variables.items()}

    def resolved(self, run_date: dt.date | None = None) -> dict[str, Any]:
        """The study as plain JSON types with every default filled in, for manifests.

        Limits, mails and retention are left out, for they change no result. Of several dates in
        ``breaks.from`` only the one stands there whose breaks the run of ``run_date`` uses: a date that is
        added for later runs leaves the earlier ones as they are.
        """
        apart = {"path", "limits", "mail", "retention"}
        found = self.model_dump(mode="json", by_alias=True, exclude=apart)
        if run_date and (date := self.breaks.at(run_date)):
            found["breaks"]["from"] = date.isoformat()
        return found
