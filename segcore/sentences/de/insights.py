"""What movers have in common: „Region Süd: 120 von 1.483 Kunden sind aufgestiegen, …“."""

from __future__ import annotations

from collections.abc import Sequence

from segcore.intervals import FEW, MOST_FALSE
from segcore.sentences.facts.insights import KINDS as KINDS
from segcore.sentences.facts.insights import SHOWN as SHOWN
from segcore.sentences.facts.insights import in_one_line, tested_attributes
from segcore.sentences.facts.insights import standing as standing
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import NBSP, count, figures, join, plural, sentence

LONGEST = 60
"""Characters of a name that a sentence shows."""
HEAD = "**Wer sie sind.**"
NOBODY = "Niemand hat gewechselt, bei dem sich nach Gemeinsamkeiten fragen ließe."
NOT_SHOWN = (
    "Erwartet heißt: So viele hätten gewechselt, wenn die Kunden einer Ausprägung so gewechselt hätten wie "
    f"alle in denselben Segmenten. Ausprägungen mit weniger als {FEW} Kunden werden nicht geprüft; auf lange "
    f"Sicht beruhen bis zu {MOST_FALSE * 100:.0f}{NBSP}% der Aussagen auf Zufall. Wer nur durch unsere "
    "Methode gewechselt hat, zählt nicht mit."
)


def told(table: Table) -> list[str]:
    """What stands out, at most three sentences, the strongest first; or one that says that nothing does.

    Parameters
    ----------
    table
        The table, see :func:`segcore.transitions.insights`.
    """
    found = rows(table)
    if not any(row["of_movers"] for row in found):
        return [NOBODY]
    standing = [row for row in found if row["told"]]
    return [_told(row) for row in standing] or [_nothing(found)]


def headed(table: Table) -> list[str]:
    """The same with a head of its own, for a page that has none for it."""
    first, *others = told(table)
    return [f"{HEAD} {first}", *others]


def _told(row: Row) -> str:
    are = "sind" if row["movers"] > 1 else "ist"
    some = count(row["movers"]) if row["movers"] else "keiner"
    times = figures(f"{row['lift']:.2f}")
    did = "aufgestiegen" if row["direction"] == "up" else "abgestiegen"
    too = "; auch die Segmente beruhen darauf" if row["variable"] else ""
    return (
        f"{name(row)}: Von {plural(row['customers'], 'Kunden', 'Kunden')} {are} {some} {did}, nach ihren "
        f"Segmenten waren {about(row['expected'])} zu erwarten; das ist das {times}-Fache "
        f"(95-%-Intervall {interval(row)}), aus welchem Grund auch immer{too}."
    )


def name(row: Row) -> str:
    """An attribute and its level: ``Region Nord``, ``Bestellwert über 4.718 €``."""
    attribute, level = (in_one_line(row[column], LONGEST) for column in ("attribute", "name"))
    return f"{sentence(attribute)} {level}"


def interval(row: Row) -> str:
    """The interval of a lift: ``1,20 bis 1,61``."""
    low, high = (figures(f"{row[end]:.2f}") for end in ("low", "high"))
    return f"{low} bis {high}"


def _nothing(found: Sequence[Row]) -> str:
    number, attributes = tested_attributes(found, LONGEST)
    if not number:
        return (
            "Zu wenige Kunden haben etwas gemeinsam, um zu sagen, was die verbindet, die gewechselt haben "
            f"(weniger als {FEW})."
        )
    more = "" if not standing(found) else "um mindestens ein Zehntel "
    chance = "" if more else " und der Zufall"
    levels = f"{plural(number, 'Ausprägung', 'Ausprägungen')} ({join(list(map(sentence, attributes)))})"
    return (
        f"Unter denen, die gewechselt haben, fällt nichts auf: Von {levels} wechselte keine "
        f"{more}häufiger oder seltener, als es ihre Segmente{chance} erwarten lassen."
    )


def about(expected: float) -> str:
    """How many were to be expected: ``86``, and with one place below ten."""
    return figures(f"{expected:.1f}") if expected < 10 else count(round(expected))
