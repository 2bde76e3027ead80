"""Whom to call before the next run, by when, and why."""

from __future__ import annotations

from segcore.wording import singular


def limit(label: str, now: str, unit: str, at_most: str) -> str:
    """How far a variable is from its edge: ``last order 131 days ago, limit 135``."""
    named = label if label[1:2].isupper() else label[:1].lower() + label[1:]
    return f"{named} {now} {singular(unit) if now == '1' else unit}".rstrip() + f", limit {at_most}"


def reason(why: str, segment: str, near: str) -> str:
    """Why a customer stands on a call list.

    Parameters
    ----------
    why
        ``held out``, ``falls`` or ``follow_up``.
    segment
        The customer's.
    near
        How far the variable that counts is from its edge, see :func:`limit`; empty for nothing near.
    """
    if why == "held out":
        return f"left alone since the last run{f'; {near}' if near else ''}"
    return near or f"{segment} is to be followed up"
