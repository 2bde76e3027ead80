"""What tables add up to, for the sentences of every language: numbers and names, but no words."""

from __future__ import annotations

from segcore.sentences.rows import Table, rows


def without_rank(accounts: Table) -> dict[str, int]:
    """Segments of the last run that the study no longer has → their customers then.

    Parameters
    ----------
    accounts
        The table, see :func:`segcore.transitions.accounts`.
    """
    return {
        row["segment"]: row["customers"]
        for row in rows(accounts)
        if row["rank"] is None and row["part"] == "start" and row["customers"]
    }
