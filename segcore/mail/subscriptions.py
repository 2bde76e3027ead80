"""``params/STUDY.subscriptions.yaml``: who gets what, when, in which language, and with which files."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal

from pydantic import Field

from segcore.params import Params
from segcore.params.forms import Text
from segcore.params.mail import Address

Some = Annotated[tuple[Text, ...], Field(strict=False)]


class Where(Params):
    """Which customers of a run: those for whom everything holds that is given, one value of each."""

    segment: Some = ()
    region: Some = ()
    market: Some = ()
    move: Some = ()
    cause: Some = ()


class Monthly(Params):
    """Once a month, from this day of it on."""

    monthly: Annotated[int, Field(ge=1, le=28)]


class Subscription(Params):
    """What somebody asked for: the whole report, the own accounts of a representative, or some customers."""

    to: Address | None = None
    rep: Text | None = None
    name: Text | None = None
    gets: Literal["report", "own accounts", "customers"]
    where: Where = Where()
    when: Literal["each run"] | Monthly = "each run"
    only_if_any: bool = False
    attach: Some = ()
    language: Literal["en", "de"] | None = None

    @property
    def key(self) -> str:
        """What it asks for, whoever asks: of one run nobody gets the same twice."""
        if self.gets != "customers":
            return self.gets
        asked = json.dumps(self.where.model_dump(mode="json"), sort_keys=True, ensure_ascii=True)
        return f"{self.gets} {hashlib.sha256(asked.encode()).hexdigest()[:8]}"
