"""Why customers moved: what they did, what time did, and what we did to the ruler."""

from __future__ import annotations

from collections.abc import Sequence

from segcore.sentences.facts import causes as facts
from segcore.sentences.facts.causes import OURS as OURS
from segcore.sentences.facts.causes import OWN as OWN
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import count, join, plural

MARKS = {
    "earned": "By their orders",
    "aged": "Time passed",
    "corrected": "Corrected or late",
    "boundary": "Boundaries moved",
    "rules": "Rules changed",
    "model": "Model changed",
}
"""Mark → how a key or the head of a table names it, the customers' own first."""
REASONS = {
    **MARKS,
    "new": "First order",
    "returned": "Ordered again",
    "gone": "No longer in the population",
    "unranked": "The segment no longer exists",
}
"""Mark, or the state of who has none → why a customer is in another segment."""

NOT_SHOWN = (
    "It does not show why anybody ordered: “by their orders” says that orders since the last run made the "
    "difference, not that a follow-up led to them."
)
HOW_TO_READ = (
    "**How to read.** One bar for each segment of the last run: to the right who moved up from it, to the "
    "left who moved down. **Solid** is what customers did or did not do. **Hatched and white** is "
    "what we changed; do not count it as success or loss."
)
MEANING = {
    "corrected": "**Corrected or late:** orders up to the last run were changed or withdrawn, or came late.",
    "boundary": "**Boundaries moved:** a limit is computed from the data, and another one is used now; with "
    "the old one they would not have moved.",
    "rules": "**Rules changed:** the rule table was edited; with the old one they would not have moved.",
    "model": "**Model changed:** variables, classes or segments are others, so boundaries and rules cannot "
    "be told apart.",
}
WHY: dict[str | tuple[str, str], tuple[str, bool]] = {
    ("up", "earned"): ("earned it by orders", True),
    ("down", "earned"): ("by what they ordered", False),
    ("up", "aged"): ("as time passed", False),
    ("down", "aged"): ("aged", True),
    "corrected": ("because earlier orders came late or were corrected", False),
    "boundary": ("only because boundaries moved", False),
    "rules": ("only because rules changed", False),
    "model": ("only because the model changed", False),
}
"""Mark, with the direction where it matters → its words, and whether they have a verb of their own."""


def finding(marks: Table) -> str:
    """How many moves were the customers' own, and how many of all were near a boundary if that is many."""
    return f"{_whose(marks)}{_near(marks)}"


def _near(marks: Table) -> str:
    n, found = facts.often_fragile(marks), facts.moves(marks)
    if not n:
        return ""
    if found.every == 1:
        return ", near a boundary"
    if found.every in (found.own, found.ours, found.corrected):
        return f", {'all' if n == found.every else count(n)} of them near a boundary"
    who = f"all {count(n)}" if n == found.every else f"{count(n)} of the {count(found.every)}"
    return f"; {who} {'was' if n == 1 else 'were'} near a boundary"


def _whose(marks: Table) -> str:
    found = facts.moves(marks)
    every, own, ours = found.every, found.own, found.ours
    if not every:
        return "Nobody moved"
    all_of = f"All {count(every)} moves" if every > 1 else "The one move"
    if own == every:
        return f"{all_of} {'were the customers’' if every > 1 else 'was the customer’s'} own"
    if every in (ours, found.corrected):
        return f"{all_of} came from {'our method' if ours else 'late or corrected orders'}"
    first = count(own) if own else "None"
    told = f"{first} of {count(every)} moves {'were' if own > 1 else 'was'} the customers’ own"
    others = [f"{count(ours)} came from our method"] if ours else []
    if found.corrected:
        others.append(f"{count(found.corrected)} {'' if ours else 'came '}from late or corrected orders")
    return f"{told}; {join(others)}"


def moved(marks: Table, direction: str) -> str:
    """Why those who moved up, or down, did so.

    Parameters
    ----------
    marks
        The table, see :func:`segcore.transitions.causes`; or the rows of one segment.
    direction
        up or down.
    """
    found = facts.moved(marks, direction)
    every = sum(row["customers"] for row in found)
    if not found:
        return f"Nobody moved {direction}."
    if len(found) > 1:
        parts = [f"{count(row['customers'])} {_why(row)}" for row in found]
        return f"Of {count(every)} who moved {direction}, {join(parts)}."
    why, verb = _why(found[0]), _words(found[0])[1]
    if every == 1:
        return f"1 customer moved {direction}{' and ' if verb else ' '}{why.replace('they', 'it')}."
    who = "Both" if every == 2 else f"All {count(every)}"
    return f"{who} who moved {direction} {'' if verb else 'did so '}{why}."


def told_apart(marks: Table) -> str:
    """After a change of the model: what is the customers' own, up and down; nothing if nobody moved."""
    return " ".join(moved(marks, way) for way in facts.ways(marks))


def _words(row: Row) -> tuple[str, bool]:
    return WHY.get((row["direction"], row["mark"])) or WHY[row["mark"]]


def _why(row: Row) -> str:
    words, _ = _words(row)
    if row["mark"] != "aged" or row["direction"] == "up":
        return words
    if not row["ordered"]:
        return f"{words} without a new order"
    if row["ordered"] == row["customers"]:
        return f"{words} in spite of an order"
    return f"{words} ({count(row['ordered'])} of them in spite of an order)"


def meaning(marks: Table) -> str:
    """What the marks say that are not the customers' own, as far as there are any."""
    there = {row["mark"] for row in rows(marks) if row["customers"]}
    return " ".join(words for mark, words in MEANING.items() if mark in there)


def resized(found: Table, names: Sequence[str]) -> str:
    """By how much the new model alone made segments larger or smaller; nothing without a bridge.

    Parameters
    ----------
    found
        The table ``bridge``, see :func:`segcore.transitions.causes`.
    names
        The segments that are spoken of.
    """
    told = [
        f"{name} has {count(abs(more))} {'more' if more > 0 else 'fewer'}"
        for name, more in facts.resized(found, names)
    ]
    return f"By the new model alone {join(told)}." if told else ""


def masked(marks: Table) -> str:
    """Whose change the new model hides; nothing if nobody's."""
    n = sum(row["customers"] for row in rows(marks) if row["mark"] == "masked")
    if not n:
        return ""
    who = plural(n, "customer who stayed", "customers who stayed")
    return f"{who} would have moved under the model before: the new one hides it."


def fragile(marks: Table) -> str:
    """How many movers are so near to a boundary that chance decides; nothing where that is not known."""
    found = facts.fragile(marks)
    if not found:
        return ""
    n, every = found
    if not n:
        return "None of them is fragile." if every > 1 else "It is not fragile."
    who = f"Of these {count(every)}, {count(n)} {'is' if n == 1 else 'are'}" if every > 1 else "It is"
    near = "it" if n == 1 else "they"
    return (
        f"{who} fragile: at this run or the last one {near} stood so near to a boundary that chance may have "
        "decided."
    )


def bridge(found: Table, segments: Sequence[str]) -> str:
    """How many customers the new model places elsewhere than the one before; nothing without a bridge.

    Parameters
    ----------
    found
        The table ``bridge``, see :func:`segcore.transitions.causes`.
    segments
        The segments of this run, best first.
    """
    placed = facts.placed(found, segments)
    if not placed:
        return ""
    if not placed.most:
        return "The new model puts every customer where the one before would."
    ways = [(placed.better, "into a better one"), (placed.worse, "into a worse one")]
    who = f"{count(placed.elsewhere)} of {plural(placed.customers, 'customer')}"
    most = placed.most
    named = f"{most['from_segment']} to {most['to_segment']}"
    largest = "All" if placed.only else f"The most, {count(most['customers'])},"
    split = join([f"{count(k)} {way}" for k, way in ways if k])
    would = f"would: {split}" if split else "would"
    return (
        f"The new model puts {who} into another segment than the one before {would}. {largest} from {named}."
    )
