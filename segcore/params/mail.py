"""What a study says of mails: whom they come from, where they lead, how fast they may go."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from segcore.params.forms import Text
from segcore.params.sources import Params
from segcore.project import SUBSCRIPTIONS

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}")
"""An address as every mail server takes it: ASCII, without quotes, comments or a name before it."""

MOST = 100_000
"""Mails a minute, and at once, beyond which a limit is none."""

_DOMAIN = re.compile(r"(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}")


def _single(value: object) -> object:
    if isinstance(value, list):
        raise ValueError("must be one address, not a list of them: write an entry for each")
    return value


def _address(text: str) -> str:
    strange = next((letter for letter in text if not letter.isascii()), "")
    if strange and re.fullmatch(r"[^\s<>]+@[^\s<>]+", text):
        raise ValueError(
            f"must be an address of plain letters, which {strange} is not: ask for the one that servers know"
        )
    if not ADDRESS.fullmatch(text):
        raise ValueError("must be an address like name@acme.example, without a name before it")
    return text


def _web(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s?#<>\"]+", text):
        raise ValueError("must begin with https:// and have no blank, ? or #")
    return text.rstrip("/")


def _leaving(text: str) -> str:
    if not re.fullmatch(r"(mailto:|https://)[^\s<>\",]+", text):
        raise ValueError("must begin with mailto: or https:// and have no blank")
    return text


def _domain(text: str) -> str:
    if not _DOMAIN.fullmatch(text):
        raise ValueError("must be a domain in small letters, like acme.example")
    return text


def _beside(name: str) -> str:
    if not name.endswith(SUBSCRIPTIONS) or "/" in name or "\\" in name:
        raise ValueError(f"must be the name of a file beside the study that ends in {SUBSCRIPTIONS}")
    return name


def _rate(value: object) -> object:
    if value == "unlimited":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST:
        raise ValueError(f"must be a whole number from 1 to {MOST:,}, or unlimited")
    return value


Address = Annotated[str, BeforeValidator(_single), AfterValidator(_address)]
Web = Annotated[str, AfterValidator(_web)]
Leaving = Annotated[str, AfterValidator(_leaving)]
Domain = Annotated[str, AfterValidator(_domain)]
Beside = Annotated[Text, AfterValidator(_beside)]
Rate = Annotated[int | None, BeforeValidator(_rate)]


class Smtp(Params):
    """The server that takes mails; who logs in to it, and with what, says the environment."""

    host: Text = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"


class Mail(Params):
    """Whom mails come from, where they link to, who may get some, and how fast they go.

    ``base_url`` is where ``reports/`` can be read; without it mails can only carry pages.
    ``subscriptions`` lies beside the study, by default ``STUDY.subscriptions.yaml``. ``owners`` are told of
    runs that failed. Without ``domains`` only the domain of ``from`` may get mails. ``unsubscribe`` is where
    readers go who want no more of them, by default the address of ``from``.
    """

    base_url: Web | None = None
    from_: Address = Field(alias="from")
    name: Text | None = None
    subscriptions: Beside | None = None
    owners: Annotated[tuple[Address, ...], Field(strict=False)] = ()
    domains: Annotated[tuple[Domain, ...], Field(strict=False)] = ()
    unsubscribe: Leaving | None = None
    per_minute: Rate = 30
    burst: Annotated[int, Field(ge=1, le=MOST)] = 30
    smtp: Smtp = Smtp()

    @property
    def allowed(self) -> tuple[str, ...]:
        """The domains whose addresses may get mails."""
        return self.domains or (self.from_.rpartition("@")[2].lower(),)
