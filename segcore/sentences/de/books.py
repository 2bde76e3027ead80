"""Representatives: whether they differ at all, and who lies outside the limits of chance. No ranking."""

from __future__ import annotations

from segcore.intervals import FEW, LEVEL, against_limits
from segcore.sentences.de import attention
from segcore.sentences.de.followup import NOT_SHOWN, also, times
from segcore.sentences.de.followup import pooled as over_all
from segcore.sentences.facts.books import Side, by_luck, elsewhere, judged, places, side
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import count, decimals, in_words, join, percent, plural

HOW_TO_READ = (
    "**Lesehilfe.** Jeder Punkt ist ein Betreuer. Je höher er liegt, desto mehr seiner kontaktierten Kunden "
    "haben, verglichen mit der Erwartung, bestellt und ein Zielsegment erreicht. Im dunklen Bereich kann das "
    f"Zufall sein; ein gestrichelter Punkt steht für weniger als {FEW} kontaktierte Kunden. Kein Nachweis "
    "einer Wirkung."
)

COUNTED_HOW = (
    "„Erreicht“ und die beiden Anteile zählen alle Kunden, die zum Nachfassen vorgesehen waren; der "
    "Unterschied ist die Zahl derer, die nach einem Kontakt ein Zielsegment erreicht haben, minus die "
    "erwartete. "
)

_AGAINST: dict[Side, str] = {
    "above": "darüber",
    "within": "innerhalb",
    "below": "darunter",
    "no comparison": "kein Vergleich",
    "too few": "zu wenige",
}


def verdict(row: Row) -> str:
    """Whether representatives differ by more than chance; nothing without a row of ``verdict``."""
    if not row:
        return ""
    if row["test"] == "none":
        return "Es gibt keine zwei Betreuer, die sich vergleichen lassen."
    number = row["representatives"]
    who = "Die beiden Betreuer" if number == 2 else f"Die {in_words(number)} Betreuer"
    how = "stärker" if row["p_value"] <= LEVEL else "nicht stärker"
    return (
        f"{who} unterscheiden sich {how}, als es durch Zufall zu erwarten wäre ({_p(row['p_value'])}; Kunden "
        "zufällig unter den Betreuern vertauscht)."
    )


def _p(p: float) -> str:
    """A p value with as many places as keep it on its side of the limit: ``p = 0,0501``."""
    return "p < 0,001" if p < 0.001 else f"p = {decimals(p, places(p))}"


def by_chance(books: Table) -> str:
    """How often chance alone puts a representative outside the limits."""
    found = judged(books)
    if len(found) < 2:
        return ""
    told = (
        f"Bei {in_words(len(found))} Betreuern liegt allein durch Zufall in etwa "
        f"{percent(by_luck(len(found)))} der Berichte mindestens einer außerhalb"
    )
    one = sum(1 for _, where in found if where != "within") == 1
    return f"{told}; deshalb den nächsten Bericht abwarten." if one else f"{told}."


def outside(books: Table) -> str:
    """Who lies outside the 95 % limits, by name and without judging why; nothing if nobody can be judged."""
    found = judged(books)
    if not found:
        return ""
    told = [f"{name} ({_AGAINST[where]})" for name, where in found if where != "within"]
    if not told:
        return "Kein Betreuer liegt außerhalb der 95-%-Grenzen."
    return f"Außerhalb der 95-%-Grenzen: {join(told)}."


def against(row: Row) -> str:
    """A representative against the limits, in a word or two."""
    return _AGAINST[side(row)]


def credited(table: Table) -> str:
    """How many who reached since the last run would count for another representative, and for whom."""
    number, less, more = elsewhere(rows(table))
    if not number:
        return ""
    losers = [f"{name} {count(n)} weniger" for name, n in less.items()]
    gainers = [f"{name} {count(n)} mehr" for name, n in more.items()]
    return (
        f"{plural(number, 'Kunde', 'Kunden')} mit erreichtem Ziel {'zählt' if number == 1 else 'zählen'} in "
        "diesem Lauf beim Betreuer des letzten Laufs, obwohl bei der Bestellung schon ein anderer zuständig "
        "war. Nach der Bestellung gezählt, unter dem Strich: "
        f"{join([*losers, *gainers]) or 'bei jedem gleich viele'}."
    )


def unrecorded(books: Table, followed: Table) -> str:
    """For how many customers of all runs no representative is known; nothing if for none.

    Parameters
    ----------
    books, followed
        The run's tables of these names.
    """
    found = [{**row, "customers": row["eligible"]} for row in rows(books)]
    told, pooled = attention.not_recorded(found), over_all(followed)
    if not told or not any(row["recorded"] for row in found) or not pooled:
        return told
    return f"{told.removesuffix('.')}{also(times(pooled))}."


def told(table: Table) -> str:
    """The verdict, as a notebook says it; nothing without a headline."""
    found = rows(table)
    return verdict(found[0]) if found else ""


def funnel(books: Table, followed: Table) -> list[str]:
    """What is said below the funnel; nothing where nobody is in it."""
    texts = [HOW_TO_READ, limits_told(books, over_all(followed)), NOT_SHOWN["funnel"]]
    return [text for text in texts if text]


def limits_told(books: Table, pooled: Row) -> str:
    """Who lies outside, how often chance alone puts somebody there, and what all of them share.

    Parameters
    ----------
    books
        The table of this name.
    pooled
        The row of ``followed`` over all runs and segments.
    """
    told = [outside(books), by_chance(books)]
    where = against_limits(pooled) if pooled and pooled["expected"] is not None else "within"
    if where != "within":
        told.append(
            f"Alle zusammen liegen {'über' if where == 'above' else 'unter'} der Erwartung; was sie "
            "gemeinsam haben, ist kein Unterschied zwischen ihnen."
        )
    return " ".join(text for text in told if text)
