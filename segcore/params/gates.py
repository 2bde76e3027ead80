"""What stops a run or warns although every record was read: shares of records, and named surprises."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator

from segcore.errors import ParamsError
from segcore.kinds import KINDS
from segcore.params.forms import share_of


@dataclass(frozen=True)
class Limits:
    """When a gate warns and when it stops.

    Parameters
    ----------
    warn, stop
        Shares from 0 to 1; None if the gate never does.
    side
        "above": more than the share is wrong; "below": less is.
    meaning
        What is measured, as in the documentation.
    """

    warn: float | None
    stop: float | None
    side: Literal["above", "below"]
    meaning: str


GATES: Mapping[str, Limits] = {
    "quarantine": Limits(0.005, 0.05, "above", "records refused, of all records of the source"),
    "unread": Limits(0.05, None, "above", "records with an optional attribute that could not be read"),
    "match": Limits(0.95, 0.0, "below", "records whose key a lookup knows (stops if it knows none)"),
    "alike": Limits(0.0, None, "above", "customers and markets that differ only in how they are written"),
    "shrunk": Limits(None, 0.9, "below", "records, and their sum, of the delivery before, on dates of both"),
    "overlap": Limits(None, 0.1, "below", "equal records of two deliveries, on the dates of both"),
    "copied": Limits(None, 0.0, "above", "files with the very content of another one"),
    "repeated": Limits(0.0, 0.01, "above", "records of one delivery that share a key and differ"),
    "contradicted": Limits(0.05, 0.5, "above", "records of which a later delivery says something else"),
    "control": Limits(None, 0.0, "above", "totals in the file that disagree with its records"),
    "months": Limits(None, 0.0, "above", "months without an order between months with orders"),
    "limit": Limits(None, 0.0, "above", "files that end where a program or an export cuts them off"),
    "missing_file": Limits(None, 0.0, "above", "files of the previous run that are not there now"),
    "unmatched_file": Limits(0.0, None, "above", "new files beside the extracts that no pattern matches"),
}
"""Every gate with its limits, unless a source says otherwise under ``gates:``."""

Share = Annotated[float | None, BeforeValidator(share_of)]


def accepted_gates(gates: Sequence[str], reasons: Sequence[str]) -> dict[str, str]:
    """The gates that a user passes this once, each with the reason.

    Parameters
    ----------
    gates
        Gates, or source and gate joined by a dot: ``quarantine``, ``customers.quarantine``.
    reasons
        Why, one for each gate, in the same order.

    Raises
    ------
    ParamsError
        With every gate that does not exist or stands there twice, and if a reason is missing.
    """
    problems = [
        f"--accept must name a gate, or source and gate like customers.match (got {name!r}){_meant(name)}"
        for name in gates
        if not _is_gate(name)
    ]
    problems += [
        f"--accept {name} must be given once" for name in dict.fromkeys(gates) if gates.count(name) > 1
    ]
    if len(gates) != len(reasons) or not all(reason.strip() for reason in reasons):
        problems.append(
            "--accept GATE and --because TEXT must be given in pairs, for the run records why "
            f"(got {len(gates)} and {len([reason for reason in reasons if reason.strip()])})"
        )
    if problems:
        raise ParamsError(*problems)
    return {name: reason.strip() for name, reason in zip(gates, reasons, strict=True)}


def _is_gate(name: str) -> bool:
    source, _, gate = name.rpartition(".")
    return gate in GATES and (source in KINDS or name == gate)


def _meant(name: str) -> str:
    known = [*GATES, *(f"{kind}.{gate}" for kind in KINDS for gate in GATES)]
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; gates are {', '.join(GATES)}"
