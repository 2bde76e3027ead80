"""What following up did, and on what evidence. Without a hold-out it is no effect, and every text says so."""

from __future__ import annotations

from collections.abc import Sequence

from segcore.intervals import FEW, LEAST_UNFOLLOWED, against_limits
from segcore.sentences.de.followup import EACH_RUN, NOBODY, NOT_SHOWN, over, pooled
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import count, decimals, join, percent, plural, sentence

CHOSEN = (
    "Betreuer wählen selbst, bei wem sie nachfassen, auch nach Gründen, die nirgends erfasst sind; das "
    "allein kann einen Unterschied von zehn Prozentpunkten ausmachen."
)


def points(share: float) -> str:
    """A difference of shares: ``8 Prozentpunkte``, ``−1 Prozentpunkt``, ``unter 1 Prozentpunkt``."""
    return _points(share, "Prozentpunkte")


def _points(share: float, many: str = "Prozentpunkten") -> str:
    """The same behind a word like ``von``, unless another plural is given."""
    rounded = round(share * 100)
    if not rounded and share:
        return "unter 1 Prozentpunkt"
    return plural(rounded, "Prozentpunkt", many)


def interval(row: Row) -> str:
    """The interval of a difference: ``95-%-Intervall −3 bis 19 Prozentpunkte``."""
    low, high = (count(round(row[end] * 100)) for end in ("low", "high"))
    return f"95-%-Intervall {low} bis {high} Prozentpunkte"


def finding(every: Row, effect: Row, targets: Sequence[str]) -> str:
    """What the section has found, as its heading: it stands alone in titles, and says what it is not."""
    told = _found(every, effect, targets)
    return told if _shows(every, effect) else f"{told} (kein Wirkungsnachweis)"


def _shows(every: Row, effect: Row) -> bool:
    """Whether what was found is an effect by a lot, or nothing that could be taken for one."""
    compared = every and every["followed"] and every["expected"] is not None
    return not compared or effect.get("evidence") == "randomised"


def _found(every: Row, effect: Row, targets: Sequence[str]) -> str:
    goal = join(targets, "oder")
    if not every:
        return "Niemand war zum Nachfassen vorgesehen"
    if effect.get("evidence") == "randomised":
        return _randomised(effect, goal)
    if not every["followed"]:
        return "Keiner der Kunden, die zum Nachfassen vorgesehen waren, wurde kontaktiert"
    if every["expected"] is None:
        return (
            "Was das Nachfassen bewirkt hat, lässt sich noch nicht sagen: Zu wenige Kunden blieben zum "
            "Vergleich ohne Kontakt"
        )
    seen, expected = count(round(every["after"])), count(round(every["expected"]))
    who = (
        f"{over(every['runs'])} haben kontaktierte Kunden"
        if every["runs"] > 1
        else "kontaktierte Kunden haben"
    )
    told = f"{sentence(who)} {goal}"
    side = against_limits(every)
    if side == "within":
        return f"{told} etwa so oft erreicht wie ohne Kontakt: {seen}, erwartet {expected}"
    how = {"above": "öfter", "below": "seltener"}[side]
    return f"{told} {how} erreicht als erwartet: {seen} statt {expected}"


def lead(every: Row, effect: Row, targets: Sequence[str]) -> str:
    """The same in a paragraph, which has room for why it is no effect."""
    told = _found(every, effect, targets)
    if _shows(every, effect):
        return f"{told}."
    return f"{told}; ohne Kontrollgruppe ist das kein Nachweis einer Wirkung."


def _randomised(effect: Row, goal: str) -> str:
    shares = (
        f"{sentence(over(effect['runs']))} haben {percent(effect['share'])} der Kunden auf der Liste {goal} "
        f"erreicht, von den zurückgehaltenen {percent(effect['other'])}"
    )
    if effect["low"] > 0:
        return f"Die Kontrollgruppe zeigt, dass die Anrufliste geholfen hat: {shares}"
    if effect["high"] < 0:
        return f"Die Kontrollgruppe zeigt, dass Kunden auf der Liste schlechter abschnitten: {shares}"
    return f"Die Kontrollgruppe zeigt keinen Unterschied, der über Zufall hinausgeht: {shares}"


def evidence(effect: Row) -> str:
    """The evidence behind it all, for the box; the first words say how far it may be believed."""
    kind = effect.get("evidence")
    if kind == "randomised":
        each = f"; {EACH_RUN}" if effect["runs"] > 1 else ""
        return (
            "**Datenlage: zufällige Kontrollgruppe.** Wer von der Anrufliste wegblieb, entschied das Los, "
            "und das Ergebnis lag vorher vor; jeder zählt so, wie das Los entschied, angerufen oder nicht. "
            f"Der Unterschied beträgt {points(effect['difference'])} ({interval(effect)}; "
            f"{over(effect['runs'])} {count(effect['customers'])} auf der Liste, {count(effect['others'])} "
            f"zurückgehalten{each})."
        )
    why = WHY.get(effect.get("why", ""), "")
    if kind == "adjusted":
        return (
            f"**Datenlage: bereinigter Vergleich, nicht ausgelost. Kein Nachweis einer Wirkung.** {why} "
            f"{_landmark(effect)} Bei gleichem Segment, ähnlich langer Zeit seit der letzten Bestellung und "
            f"ähnlich vielen Bestellungen beträgt der Unterschied {points(effect['difference'])} "
            f"({interval(effect)}). Für {percent(effect['overlap'])} gibt es jemanden zum Vergleich; "
            f"{_balance(effect)}. {CHOSEN}"
        )
    if kind == "raw":
        return (
            f"**Datenlage: einfacher Vergleich. Kein Nachweis einer Wirkung.** {why} {_landmark(effect)} "
            f"Ihre Anteile unterscheiden sich, ohne jede Bereinigung, um {points(effect['difference'])} "
            f"({interval(effect)}). {CHOSEN}"
        )
    return f"**Datenlage: zu wenige Daten. Kein Nachweis einer Wirkung.** {why}".strip()


def _landmark(effect: Row) -> str:
    """Who is compared with whom: the day decides, and who had ordered before it is in neither group."""
    return (
        f"Verglichen werden Kunden, die bis Tag {count(int(effect['day']))} nach einem Lauf nicht bestellt "
        "hatten: die bis dahin kontaktierten mit den übrigen."
    )


WHY = {
    "nothing_held_out": "Niemand wurde zufällig zurückgehalten.",
    "few_held_out": f"Weniger als {FEW} Kunden wurden zurückgehalten, zu wenige für einen Vergleich.",
    "few_followed": f"Weniger als {FEW} Kunden wurden kontaktiert, bevor sie bestellt haben.",
    "few_unfollowed": (
        f"Ohne Kontakt sind weniger als {LEAST_UNFOLLOWED}, auch wenn jeder Kunde in jedem Lauf einmal zählt."
    ),
    "nobody_alike": "Die kontaktierten Kunden und die übrigen sind einander zu unähnlich.",
    "one_run": "Es gibt erst einen Lauf.",
}


def _balance(effect: Row) -> str:
    left = round(effect["imbalance_left"], 2)
    how = "ausgeglichen" if left <= 0.1 else "nicht ausgeglichen"
    return (
        f"die Gruppen sind {how} (größter Unterschied {decimals(effect['imbalance'], 2)} "
        f"Standardabweichungen vor und {decimals(left, 2)} nach der Bereinigung)"
    )


def placebo(row: Row) -> str:
    """What the same comparison says of the time before, where no call of today can have done anything."""
    if row and row["why"] == "few_before":
        return _no_placebo(row)
    if not row or row["evidence"] == "none":
        return ""
    calm = row["low"] <= 0 <= row["high"]
    told = (
        "Das ist nicht mehr, als der Zufall erklärt, und so soll es sein."
        if calm
        else "Die Gruppen haben sich also schon unterschieden, bevor jemand angerufen hat; die Zahlen oben "
        "sind nicht belastbar."
    )
    return (
        "**Gegenprobe:** Der gleiche Vergleich mit den Bestellungen im Zeitraum davor, an denen die Anrufe "
        f"seither nichts ändern konnten, ergibt {points(row['difference'])} ({interval(row)}). {told}"
    )


def _no_placebo(row: Row) -> str:
    every, had = row["customers"] + row["others"], row["outcomes"]
    who, was = ("1 Kunden, der", "war") if every == 1 else (f"{count(every)} Kunden, die", "waren")
    ordered = f"{'hatten' if had > 1 else 'hatte'} {count(had) if had else 'keiner'}"
    return (
        "**Eine Gegenprobe ist nicht möglich:** Sie betrachtet die Bestellungen im Zeitraum davor, und von "
        f"{who} in beiden Zeiträumen zum Nachfassen vorgesehen {was}, "
        f"{ordered} im ersten bestellt; denn wer bestellt, verlässt diese Segmente. Sie sagt deshalb nichts "
        "für und nichts gegen den Vergleich."
    )


def enough(effect: Row, plan: Row) -> str:
    """Which difference the data could show, and which a hold-out would."""
    told = []
    if effect.get("detectable") is not None and effect["evidence"] != "none":
        sure = effect["low"] > 0 or effect["high"] < 0
        unsure = "" if sure else "; die Daten reichen also nicht, um einen Unterschied auszuschließen"
        number = effect["customers"] + effect["others"]
        told.append(
            f"Bei {plural(number, 'verglichenen Kunden', 'verglichenen Kunden')}"
            f"{f' ({EACH_RUN})' if effect['runs'] > 1 else ''} würde ein Unterschied unter "
            f"{_points(effect['detectable'])} in mehr als einem von fünf Fällen übersehen{unsure}."
        )
    elif effect:
        told.append("Für einen Vergleich gibt es zu wenige Daten.")
    if effect.get("evidence") == "randomised":
        return " ".join(told)
    if plan and plan["others"] < FEW:
        told.append(
            "Nur eine Kontrollgruppe weist eine Wirkung nach. Mit so kurzen Listen wie den letzten umfasst "
            f"sie nach acht Läufen {count(plan['others'])} von {count(plan['customers'])} Kunden: zu wenige "
            "für einen Vergleich."
        )
    elif plan.get("detectable") is not None:
        told.append(
            f"Nur eine Kontrollgruppe weist eine Wirkung nach: Werden {count(plan['others'])} von "
            f"{count(plan['customers'])} Kunden zurückgehalten (so viele ergäben acht Läufe wie dieser), "
            f"zeigt sich eine Wirkung ab {_points(plan['detectable'])}."
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
