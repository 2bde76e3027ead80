"""What an address must be, and how its owner may be called, before any mail names them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from segcore.params.mail import ADDRESS
from segcore.printable import unprintable

LONGEST_ADDRESS, LONGEST_NAME = 254, 100
"""What mail servers take (RFC 5321, 4.5.3.1.3, without its brackets), and what a list of mails can show."""

_LEADS_ON = re.compile(r"[!%|/`=?{}]|^-")
"""What servers once read as the way to another address, or programs as an option or a command."""

ENCODED = re.compile(r"=\?|\?=")
"""The begin and the end of what mail programs decode in a header, line ends and all."""

_BRACKETS = re.compile(r'[<>"\\]')
_ADDRESS_WITHIN = re.compile(r"\S@\S")


def checked(address: str, name: str, allowed: Sequence[str]) -> list[str]:
    """What is wrong with an address and with the name of its owner, one sentence each.

    Parameters
    ----------
    address
        Where mails would go.
    name
        How the recipient is called; "" where nobody says it.
    allowed
        The domains whose addresses may get mails, in small letters.

    Examples
    --------
    >>> checked("anna.berg@acme.example", "Berg, Anna", ["acme.example"])
    []
    >>> checked("anna.berg@acme.test", "", ["acme.example"])
    ["the address must be of acme.example (got 'anna.berg@acme.test'); allow its domain under mail: domains"]
    """
    return [*_address(address, allowed), *_name(name, address)]


def _address(address: str, allowed: Sequence[str]) -> list[str]:
    got = _got(address)
    local, _, domain = address.rpartition("@")
    if not ADDRESS.fullmatch(address) or len(address) > LONGEST_ADDRESS:
        return [f"the address must be like name@acme.example, without a name before it (got {got})"]
    if _LEADS_ON.search(local) or ".." in local or local[0] == "." or local[-1] == ".":
        return [
            f"the address must have letters, digits and single dots, _, + or - before its @ (got {got}); "
            "ask for another address of the recipient"
        ]
    if any(part.startswith("-") or part.endswith("-") for part in domain.split(".")):
        return [f"the address must end with a domain as it is registered (got {got})"]
    if domain.lower() not in allowed:
        of = " or ".join(allowed) or "a domain that the study allows"
        return [f"the address must be of {of} (got {got}); allow its domain under mail: domains"]
    return []


def _name(name: str, address: str) -> list[str]:
    got = _got(name)
    if found := unprintable(name):
        return [f"the recipient's name must be one line of text (got {got}, which has {found})"]
    if ENCODED.search(name):
        return [f"the recipient's name must have no =? or ?= (got {got}), which mail programs decode"]
    if _BRACKETS.search(name):
        return [f"the recipient's name must have no < > \" or \\ (got {got})"]
    if _ADDRESS_WITHIN.search(name) and name != address:
        return [f"the recipient's name must be no address other than the recipient's (got {got})"]
    if len(name) > LONGEST_NAME:
        return [f"the recipient's name must have {LONGEST_NAME} characters at most (got {len(name)})"]
    return []


def _got(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")
