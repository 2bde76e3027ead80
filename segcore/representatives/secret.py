"""The secret of the environment, and the names of folders that nobody can guess without it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from segcore.errors import UsageError

VARIABLE = "SEGCORE_REPS_SECRET"
"""The environment variable with the secret."""

SHORTEST = 16
"""Characters that a secret must have; :data:`HOW` makes one of 43."""

HOW = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
DIGITS = 40
"""Hexadecimal digits of the name of a folder: 160 bits."""


@dataclass(frozen=True, repr=False)
class Secret:
    """What only those know who make the pages; it is never shown, and nothing is kept that tells it.

    Parameters
    ----------
    text
        The secret.
    """

    text: str

    def folder(self, study: str, rep: str) -> str:
        """The name of a representative's folder, the same in every run.

        Parameters
        ----------
        study, rep
            The name of the study, and the number of the representative, not the name: two may have one
            name, and one may get another.

        Notes
        -----
        HMAC-SHA256 (RFC 2104) of both as JSON, cut to 160 bits: so that no two pairs give one text.
        """
        return self._digest(["folder", study, rep.strip()])

    @property
    def mark(self) -> str:
        """By which folders can be told that were named with another secret."""
        return self._digest(["mark"])

    def _digest(self, of: list[str]) -> str:
        message = json.dumps(of, ensure_ascii=True).encode("ascii")
        return hmac.new(self.text.encode("utf-8"), message, hashlib.sha256).hexdigest()[:DIGITS]


def secret(environment: Mapping[str, str] | None = None) -> Secret | None:
    """The secret, None where there is none.

    Parameters
    ----------
    environment
        In place of that of the process.

    Raises
    ------
    UsageError
        If it is too short to be one.
    """
    text = (os.environ if environment is None else environment).get(VARIABLE, "").strip()
    if not text:
        return None
    if len(text) < SHORTEST:
        raise UsageError(
            f"{VARIABLE} must have at least {SHORTEST} characters, or folders could be guessed (it has "
            f"{len(text)}); make one with {HOW}, and keep it: another secret gives other folders"
        )
    return Secret(text)


def needed() -> Secret:
    """The secret of the environment, for what cannot be done without.

    Raises
    ------
    UsageError
        If there is none, or it is too short.
    """
    found = secret()
    if found is None:
        raise UsageError(
            f"{VARIABLE} must be set in the environment, for it names the folders (it is not); "
            "docs/hosting.md says how to make one"
        )
    return found
