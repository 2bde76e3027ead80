"""What following up did, and on what evidence. Without a hold-out it is no effect, and every text says so."""

from __future__ import annotations

from collections.abc import Sequence

from segcore.intervals import FEW, LEAST_UNFOLLOWED, against_limits
from segcore.sentences.en.followup import EACH_RUN, NOBODY, NOT_SHOWN, over, pooled
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import MINUS, count, join, percent, plural, sentence

CHOSEN = (
    "Representatives choose whom to follow up, also by what nobody wrote down; that alone can make a "
    "difference of ten points."
)


def points(share: float) -> str:
    """A difference of shares: ``8 points``, ``−1 point``, ``under 1 point``."""
    rounded = round(share * 100)
    if not rounded and share:
        return "under 1 point"
    return f"{rounded} point{'s' * (abs(rounded) != 1)}".replace("-", MINUS)


def interval(row: Row) -> str:
    """The interval of a difference: ``95% interval −3 to 19 points``."""
    low, high = (f"{round(row[end] * 100)}".replace("-", MINUS) for end in ("low", "high"))
    return f"95% interval {low} to {high} points"


def finding(every: Row, effect: Row, targets: Sequence[str]) -> str:
    """What the section has found, as its heading: it stands alone in titles, and says what it is not."""
    told = _found(every, effect, targets)
    return told if _shows(every, effect) else f"{told} (not an effect)"


def _shows(every: Row, effect: Row) -> bool:
    """Whether what was found is an effect by a lot, or nothing that could be taken for one."""
    compared = every and every["followed"] and every["expected"] is not None
    return not compared or effect.get("evidence") == "randomised"


def _found(every: Row, effect: Row, targets: Sequence[str]) -> str:
    goal = join(targets, "or")
    if not every:
        return "Nobody was to be followed up"
    if effect.get("evidence") == "randomised":
        return _randomised(effect, goal)
    if not every["followed"]:
        return "None of the customers who were to be followed up was"
    if every["expected"] is None:
        return (
            "What follow-ups did cannot be told yet: too few customers were left without one to compare with"
        )
    seen, expected = count(round(every["after"])), count(round(every["expected"]))
    who = "followed-up customers"
    who = sentence(f"{over(every['runs'])} {who}" if every["runs"] > 1 else who)
    side = against_limits(every)
    if side == "within":
        return f"{who} reached {goal} about as often as without a follow-up: {seen}, expected {expected}"
    how = {"above": "more", "below": "less"}[side]
    return f"{who} reached {goal} {how} often than expected: {seen} against {expected}"


def lead(every: Row, effect: Row, targets: Sequence[str]) -> str:
    """The same in a paragraph, which has room for why it is no effect."""
    told = _found(every, effect, targets)
    return f"{told}." if _shows(every, effect) else f"{told}; without a hold-out that is not an effect."


def _randomised(effect: Row, goal: str) -> str:
    shares = (
        f"{over(effect['runs'])} {percent(effect['share'])} of those on the list reached {goal}, "
        f"{percent(effect['other'])} of those held out"
    )
    if effect["low"] > 0:
        return f"The hold-out shows that the call list helped: {shares}"
    if effect["high"] < 0:
        return f"The hold-out shows that those on the list did worse: {shares}"
    return f"The hold-out shows no difference beyond chance: {shares}"


def evidence(effect: Row) -> str:
    """The evidence behind it all, for the box; the first words say how far it may be believed."""
    kind = effect.get("evidence")
    if kind == "randomised":
        return (
            "**Evidence: randomised.** Who was left off the call list was drawn by lot and published before, "
            "and everybody counts as drawn, called or not. "
            f"The difference is {points(effect['difference'])} ({interval(effect)}; "
            f"{over(effect['runs'])} {count(effect['customers'])} on the list, {count(effect['others'])} "
            f"held out{_each(effect)})."
        )
    why = WHY.get(effect.get("why", ""), "")
    if kind == "adjusted":
        return (
            f"**Evidence: adjusted, not randomised. Not an effect.** {why} {_landmark(effect)}, alike in "
            f"segment, last order and number of orders, differ by {points(effect['difference'])} "
            f"({interval(effect)}). "
            f"{percent(effect['overlap'])} have somebody to compare with; {_balance(effect)}. {CHOSEN}"
        )
    if kind == "raw":
        return (
            f"**Evidence: raw. Not an effect.** {why} {_landmark(effect)} differ in their bare shares by "
            f"{points(effect['difference'])} ({interval(effect)}). {CHOSEN}"
        )
    return f"**Evidence: not enough data. Not an effect.** {why}".strip()


def _each(effect: Row) -> str:
    return f"; {EACH_RUN}" if effect["runs"] > 1 else ""


def _landmark(effect: Row) -> str:
    """Who is compared with whom: the day decides, and who had ordered before it is in neither group."""
    return (
        f"Of those who had not ordered by day {count(int(effect['day']))} after a run (the landmark), the "
        "ones followed up by then and the others"
    )


WHY = {
    "nothing_held_out": "Nobody was held out.",
    "few_held_out": f"Fewer than {FEW} were held out, too few to compare.",
    "few_followed": f"Fewer than {FEW} customers were followed up before they ordered.",
    "few_unfollowed": f"Fewer than {LEAST_UNFOLLOWED} had no follow-up, though {EACH_RUN}.",
    "nobody_alike": "Those who were followed up and those who were not have too little in common.",
    "one_run": "There is only one run to look at.",
}


def _balance(effect: Row) -> str:
    left = round(effect["imbalance_left"], 2)
    how = "in balance" if left <= 0.1 else "not in balance"
    return (
        f"the groups are {how} (largest difference {effect['imbalance']:.2f} standard deviations "
        f"before and {left:.2f} after)"
    )


def placebo(row: Row) -> str:
    """What the same comparison says of the time before, where no call of today can have done anything."""
    if row and row["why"] == "few_before":
        again = plural(row["customers"] + row["others"], "customer")
        had = count(row["outcomes"]) if row["outcomes"] else "none"
        return (
            f"**A check on the comparison** is not possible: it looks at orders in the period before, and of "
            f"{again} to be followed up in both periods {had} had ordered in the first, for whoever orders "
            "leaves these segments. So it says nothing for the comparison, and nothing against it."
        )
    if not row or row["evidence"] == "none":
        return ""
    calm = row["low"] <= 0 <= row["high"]
    told = (
        "no more than chance, as it should be"
        if calm
        else "so the groups differed before anybody called, and the figures above are not to be believed"
    )
    return (
        "**A check on the comparison:** the same of orders in the period before, which no call of this "
        f"one can have changed, gives {points(row['difference'])} ({interval(row)}): {told}."
    )


def enough(effect: Row, plan: Row) -> str:
    """Which difference the data could show, and which a hold-out would."""
    told = []
    if effect.get("detectable") is not None and effect["evidence"] != "none":
        sure = effect["low"] > 0 or effect["high"] < 0
        unsure = "" if sure else ", so there is not enough data to say that there is none"
        told.append(
            f"With {plural(effect['customers'] + effect['others'], 'customer')} compared"
            f"{f' ({EACH_RUN})' if effect['runs'] > 1 else ''}, a difference under "
            f"{points(effect['detectable'])} would be missed more often than one time in five{unsure}."
        )
    elif effect:
        told.append("There is not enough data to compare.")
    if effect.get("evidence") == "randomised":
        return " ".join(told)
    if plan and plan["others"] < FEW:
        told.append(
            f"Only a hold-out shows an effect, and eight runs with lists like the last ones would hold out "
            f"{count(plan['others']) if plan['others'] else 'none'} of {count(plan['customers'])} to be "
            "followed up: too few to compare."
        )
    elif plan.get("detectable") is not None:
        told.append(
            f"Only a hold-out shows an effect: with {count(plan['others'])} of {count(plan['customers'])} "
            f"held out, as eight runs like this one would give, one of {points(plan['detectable'])} or more."
        )
    return " ".join(told)


def told(table: Table, followed: Table, targets: Sequence[str]) -> str:
    """What ``effect`` says beside ``followed``, without marks, as a notebook says it under the table."""
    found = {row["what"]: row for row in rows(table)}
    if not found:
        return NOBODY
    reached = found["reached"]
    texts = [
        f"{finding(pooled(followed), reached, targets)}.",
        evidence(reached),
        enough(reached, found["plan"]),
        placebo(found["placebo"]),
        NOT_SHOWN["effect"],
    ]
    return "\n".join(text for text in texts if text).replace("**", "")
