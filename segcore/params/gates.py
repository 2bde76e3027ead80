"""What stops a run or warns although every record was read: shares of records, and named surprises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator

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
    "shrunk": Limits(None, 0.9, "below", "records, and their sum, of the delivery before, on dates of both"),
    "overlap": Limits(None, 0.1, "below", "equal records of two deliveries, on the dates of both"),
    "repeated": Limits(0.0, 0.01, "above", "records of one delivery that share a key and differ"),
    "control": Limits(None, 0.0, "above", "totals in the file that disagree with its records"),
    "months": Limits(None, 0.0, "above", "months without an order between months with orders"),
    "limit": Limits(None, 0.0, "above", "files that end where a program or an export cuts them off"),
    "missing_file": Limits(None, 0.0, "above", "files of the previous run that are not there now"),
    "unmatched_file": Limits(0.0, None, "above", "new files beside the extracts that no pattern matches"),
}
"""Every gate with its limits, unless a source says otherwise under ``gates:``."""

Share = Annotated[float | None, BeforeValidator(share_of)]
