"""``params/STUDY.subscriptions.yaml``: who gets what, when, in which language, and with which files."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, model_validator

from segcore.errors import ParamsError
from segcore.mail.addresses import checked
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
    got = f" (got {shown(value)})" if isinstance(value, dict) else ""  # else whoever reads the file adds it
    raise ValueError(f"must be each run, or {{monthly: DAY}} with a day from 1 to {LAST_DAY}{got}")


def _some_entries(value: object) -> object:
    if value is None:
        raise ValueError("must have an entry for each reader, like - {to: name@acme.example, gets: report}")
    return value


Some = Annotated[tuple[Text, ...], BeforeValidator(as_many)]
Given = Annotated[tuple[Text, ...], BeforeValidator(as_many), Field(min_length=1)]


class Where(Params):
    """Which customers of a run: those for whom everything holds that is given, one value of each."""

    segment: Given = ()
    rep: Given = ()
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

    subscriptions: Annotated[tuple[Subscription, ...], BeforeValidator(_some_entries), Field(strict=False)]


KIND = Kind("subscriptions", Subscriptions, "subscriptions", "they are kept like studies", subscriptions_in)


def load_subscriptions(study: Study) -> tuple[Subscription, ...]:
    """Who gets which mails of a study.

    Raises
    ------
    ParamsError
        If the study says nothing of mails, or with every problem of the file, each as
        ``FILE: entry 3, for WHOM: KEY must … (got …)``.
    """
    if study.mail is None:
        raise ParamsError(
            f"{study.path}: mail must be given, for mails come from somebody (it is missing); write "
            "mail: {from: NAME@DOMAIN, base_url: https://…}, see docs/writing-a-study.md"
        )
    path = study.subscriptions_path
    try:
        keys = keys_and_values(path, bytes_of(path, KIND), KIND)
    except ParamsError as error:
        raise ParamsError(*(_named(told, {}) for told in error.problems)) from None
    found, wrong = _each(path, keys, study)
    wrong += [f"{path}: {problem}" for problem in _together(study, found)]
    if wrong:
        raise ParamsError(*wrong)
    return tuple(found.values())


def entry(place: int, to: object, rep: object) -> str:
    """An entry of the file as who wrote it counts it, and whom it is for: ``entry 3, for a@acme.example``."""
    whom = "all representatives" if rep == ALL else f"representative {rep}" if rep else str(to or "")
    told = " ".join(whom.split())
    return f"entry {place}, for {told[:60]}" if told else f"entry {place}"


def _each(path: Path, keys: dict[str, Any], study: Study) -> tuple[dict[int, Subscription], list[str]]:
    """The entries that are right, by their places from 1 on, and what is wrong with the others."""
    try:
        right = Subscriptions.model_validate(keys, context={"study": study}).subscriptions
        return dict(enumerate(right, 1)), []
    except ValidationError as error:
        wrong = [_named(told, keys) for told in problems(path, error, KIND)]
        faulty: dict[int, set[str]] = {}
        for item in error.errors(include_url=False):
            if len(item["loc"]) < 2:
                return {}, wrong  # the file holds no entries
            faulty.setdefault(int(item["loc"][1]), set()).update(map(str, item["loc"][2:3]))
    found = {}
    for place, one in enumerate(keys["subscriptions"]):
        if place not in faulty:
            found[place + 1] = Subscription.model_validate(one, context={"study": study})
        elif faulty[place]:
            wrong += [
                f"{path}: {entry(place + 1, one.get('to'), one.get('rep'))}: {told}"
                for told in _else(one, faulty[place], study)
            ]
    return found, wrong


def _else(one: Mapping[str, Any], faulty: Collection[str], study: Study) -> list[str]:
    """What is wrong with an entry but for its faulty keys: how the others go together."""
    try:
        rest = {key: value for key, value in one.items() if key not in faulty}
        Subscription.model_validate(rest, context={"study": study})
        return []
    except ValidationError as error:
        texts = [item["msg"].removeprefix("Value error, ") for item in error.errors() if not item["loc"]]
        told = [line for text in texts for line in text.split("\n")]
        return [line for line in told if re.split(r"[ .]", line)[0] not in faulty]


def _named(told: str, keys: Mapping[str, Any]) -> str:
    """What is wrong with a file, where the entry has the number that a reader counts."""
    found = re.search(r": subscriptions\.(\d+)(?:\.|: |(?= ))", told)
    if found is None:
        return told
    one = keys["subscriptions"][int(found[1])] if keys else None
    known = one if isinstance(one, dict) else {}
    which = entry(int(found[1]) + 1, known.get("to"), known.get("rep"))
    rest = re.sub(r"^([\w.]+): must", r"\1 must", told[found.end() :])
    return f"{told[: found.start()]}: {which}: {rest.lstrip()}"


def _together(study: Study, found: Mapping[int, Subscription]) -> Iterator[str]:
    """What is wrong with several entries, or by what the study says of mails."""
    asked: dict[tuple[str, str], list[int]] = {}
    for place, one in found.items():
        asked.setdefault((one.reader, one.key), []).append(place)
    for (reader, _), places in asked.items():
        if len(places) > 1:
            gets = found[places[0]].gets
            yield (
                f"{_those(places)}: nobody may ask for the same twice ({reader} does, for {gets}); remove "
                "all but one"
            )
    mail = study.mail
    for place, one in found.items():
        if one.to and not one.kind.own:
            for problem in checked(one.to, one.name or "", mail.allowed if mail else ()):
                yield f"{entry(place, one.to, None)}: {problem}"
    for gets, kind in GETS.items() if mail and not mail.base_url else ():
        some = (place for place, one in found.items() if one.gets == gets)
        if places := [place for place in some if kind.in_place not in found[place].attach]:
            yield (
                f"{_those(places)}: mail.base_url must be given in {study.path}, for mails with {gets} "
                f"have a link (it is missing); write it, or attach: [{kind.in_place}]"
            )


def _those(places: Sequence[int]) -> str:
    numbers = join([str(place) for place in places])
    return f"entry {numbers}" if len(places) == 1 else f"entries {numbers}"


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
