"""``params/STUDY.subscriptions.yaml``: who gets what, when, in which language, and with which files."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, model_validator

from segcore.errors import ParamsError
from segcore.mail.gets import GETS, Gets, Name
from segcore.params import Params, Study
from segcore.params.forms import Text, as_many
from segcore.params.mail import Address
from segcore.params.reading import Kind, bytes_of, did_you_mean, keys_and_values, problems, shown
from segcore.project import subscriptions_in
from segcore.wording import join

ALL = "all"
"""Stands for every representative who has no subscription of the own."""
LAST_DAY = 28
"""Every month has it."""


def _when(value: object) -> object:
    if value == "each run" or isinstance(value, Monthly):
        return value
    day = value.get("monthly") if isinstance(value, dict) and len(value) == 1 else None
    if isinstance(day, int) and not isinstance(day, bool) and 1 <= day <= LAST_DAY:
        return Monthly(monthly=day)
    raise ValueError(f"must be each run, or {{monthly: DAY}} with a day from 1 to {LAST_DAY}")


Some = Annotated[tuple[Text, ...], BeforeValidator(as_many)]
Given = Annotated[tuple[Text, ...], BeforeValidator(as_many), Field(min_length=1)]


class Where(Params):
    """Which customers of a run: those for whom everything holds that is given, one value of each."""

    segment: Given = ()
    region: Given = ()
    market: Given = ()
    move: Given = ()
    cause: Given = ()

    @property
    def asked(self) -> dict[str, tuple[str, ...]]:
        """What is given, in the order of the keys."""
        every = {key: getattr(self, key) for key in type(self).model_fields}
        return {key: values for key, values in every.items() if values}


class Monthly(Params):
    """Once a month, from this day of it on."""

    monthly: Annotated[int, Field(ge=1, le=LAST_DAY)]


class Subscription(Params):
    """What somebody asked for: the whole report, the own accounts of a representative, or some customers."""

    to: Address | None = None
    rep: Text | None = None
    apart: Some = Field(default=(), alias="except")
    name: Text | None = None
    gets: Name
    where: Where = Where()
    when: Annotated[Literal["each run"] | Monthly, BeforeValidator(_when)] = "each run"
    only_if_any: bool = False
    attach: Some = ()
    language: Literal["en", "de"] | None = None

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Subscription:
        study = (info.context or {}).get("study")
        found = [*_for_whom(self), *_of_what(self), *_files(self), *(_values(self, study) if study else ())]
        if found:
            raise ValueError("\n".join(found))
        return self

    @property
    def kind(self) -> Gets:
        """What depends on what it asks for."""
        return GETS[self.gets]

    @property
    def key(self) -> str:
        """What it asks for, whoever asks: of one run nobody gets the same twice."""
        if not self.kind.filtered:
            return self.gets
        asked = {key: sorted(values) for key, values in self.where.asked.items()}
        told = json.dumps(asked, sort_keys=True, ensure_ascii=True)
        return f"{self.gets} {hashlib.sha256(told.encode()).hexdigest()[:8]}"

    @property
    def reader(self) -> str:
        """Whose it is: a representative's number, or an address, in which capitals count for nothing."""
        return f"representative {self.rep.strip()}" if self.rep else (self.to or "").lower()


class Subscriptions(Params):
    """The file."""

    subscriptions: Annotated[tuple[Subscription, ...], Field(strict=False)]

    @model_validator(mode="after")
    def _each_once(self) -> Subscriptions:
        found = Counter((one.reader, one.gets, one.key) for one in self.subscriptions)
        if twice := [
            f"subscriptions: nobody may ask for the same twice ({reader} does, for {gets}); "
            "remove all but one"
            for (reader, gets, _), times in found.items()
            if times > 1
        ]:
            raise ValueError("\n".join(twice))
        return self


KIND = Kind("subscriptions", Subscriptions, "subscriptions", "they are kept like studies", subscriptions_in)


def load_subscriptions(study: Study) -> tuple[Subscription, ...]:
    """Who gets which mails of a study.

    Raises
    ------
    ParamsError
        If the study says nothing of mails, or with every problem of the file, each as
        ``FILE: KEY must … (got …)``.
    """
    if study.mail is None:
        raise ParamsError(
            f"{study.path}: mail must be given, for mails come from somebody (it is missing); write "
            "mail: {from: NAME@DOMAIN, base_url: https://…}, see docs/writing-a-study.md"
        )
    path = study.subscriptions_path
    keys = keys_and_values(path, bytes_of(path, KIND), KIND)
    try:
        return Subscriptions.model_validate(keys, context={"study": study}).subscriptions
    except ValidationError as error:
        raise ParamsError(*problems(path, error, KIND)) from None


def _for_whom(one: Subscription) -> Iterator[str]:
    if one.kind.own:
        if one.rep is None:
            yield f"rep must be given for own accounts: the number of a representative in quotes, or {ALL}"
        if one.rep == ALL and one.to:
            yield f"to must be left out with rep: {ALL}, for each has an address of the own (got {one.to!r})"
        if one.name:
            yield f"name must be left out for own accounts, for the reps source has it (got {one.name!r})"
    else:
        if one.to is None:
            yield f"to must be given where somebody gets {one.gets} (it is missing)"
        if one.rep is not None:
            yield f"rep must be left out where somebody gets {one.gets} (got {shown(one.rep)})"
    if one.apart and one.rep != ALL:
        yield f"except must be left out without rep: {ALL} (got {shown(list(one.apart))})"


def _of_what(one: Subscription) -> Iterator[str]:
    asked = list(one.where.asked)
    if one.kind.filtered and not asked:
        yield f"where must say which customers: by {join(list(Where.model_fields), 'or')}"
    if asked and not one.kind.filtered:
        yield f"where must be left out where somebody gets {one.gets} (got {', '.join(asked)})"
    if one.kind.always and one.only_if_any:
        yield f"only_if_any must be left out for a {one.gets}, which always has something in it"
    if one.where.segment and one.where.move == ("gone",):
        yield "where.segment must be left out with move: gone, for who is gone is in none"


def _files(one: Subscription) -> Iterator[str]:
    known = one.kind.attach
    for name in one.attach:
        if name not in known:
            meant = did_you_mean(name, list(known))
            yield f"attach must name files that go with {one.gets} (got {shown(name)}){meant}"
    yield from _twice("attach", one.attach)


def _values(one: Subscription, study: Study) -> Iterator[str]:
    from segcore.transitions import MARKS, MASKED, MOVES  # takes long, and most who import this ask nothing

    known: Mapping[str, Iterable[str]] = {
        "segment": study.segments,
        "move": MOVES,
        "cause": (*MARKS.values(), MASKED),
    }
    for key, values in one.where.asked.items():
        for value in values:
            if key in known and value not in known[key]:
                meant = did_you_mean(value, list(known[key]))
                what = "segments of the study" if key == "segment" else f"{key}s"
                yield f"where.{key} must name {what} (got {shown(value)}){meant}"
        yield from _twice(f"where.{key}", values)


def _twice(key: str, values: Iterable[str]) -> Iterator[str]:
    for value, times in Counter(values).items():
        if times > 1:
            yield f"{key} must name each once (got {shown(value)} {times} times)"
