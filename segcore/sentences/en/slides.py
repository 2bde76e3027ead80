"""What slides say that no other form of the report does."""

from __future__ import annotations

from segcore.wording import plural

NO_NAMES = (
    "They name no customers, so that they may be shown: those stand in the call list and on the page of all "
    "customers."
)


def first_run(title: str, customers: int) -> str:
    """The news of a first run, which has nothing to compare with."""
    return f"{title}: {plural(customers, 'customer')} in the first run"
