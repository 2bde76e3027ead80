"""What every mail says around its contents."""

from __future__ import annotations

from segcore.wording import plural

UNSUBSCRIBE = "No more mails like this one"
PICTURE = "Picture"
SEGMENTS = "Customers in each segment"
OWN_SEGMENTS = "Your customers in each segment"
CHOSEN_SEGMENTS = "These customers in each segment"
BEFORE = "at the run before"


def cut(rows: int, *, elsewhere: bool) -> str:
    """That a mail has no room for so many rows; ``elsewhere`` is whether the page has them."""
    told = f"{plural(rows, 'more row', 'more rows')} did not fit into this mail"
    return f"{told}; the page has them all." if elsewhere else f"{told}."


def sizes(title: str, told: str, *, compared: bool) -> str:
    """What a chart of segments shows, for who does not see it; ``told`` lists them."""
    return f"{title}{', in brackets at the run before' if compared else ''}: {told}."
