"""Who is still there after having reached a target: ``30 noch dort (75 %, 95-%-Intervall 60–86 %)``."""

from __future__ import annotations

from segcore.intervals import FEW
from segcore.sentences.rows import Row
from segcore.wording import between, count, percent


def share(row: Row) -> str:
    """A share with its interval, in brackets."""
    return f" ({percent(row['share'])}, 95-%-Intervall {between(row['low'], row['high'])})"


def sustained(row: Row) -> str:
    """How many of those who reached a target are still there when they would have fallen by themselves."""
    if not row or not row["reached"]:
        return ""
    if row["undated"] == row["reached"]:
        return (
            "**Wer geblieben ist**, ist nicht bekannt: Kein Lauf enthielt das Abstiegsdatum der Kunden, die "
            "ein Zielsegment erreicht haben."
        )
    if not row["due"]:
        return (
            "**Wer geblieben ist**, ist noch nicht bekannt: Kein Lauf liegt nach dem Abstiegsdatum der "
            "Kunden, die ein Zielsegment erreicht haben."
        )
    due, there = row["due"], row["sustained"]
    if due == 1:
        return (
            "**Wer geblieben ist:** Der eine Kunde, der ein Zielsegment erreicht hat und ohne weitere "
            f"Bestellung inzwischen abgestiegen wäre, ist {'noch' if there else 'nicht mehr'} dort."
        )
    are = {0: "ist keiner mehr", 1: "ist 1 noch", due: f"sind alle {count(due)} noch"}
    return (
        f"**Wer geblieben ist:** Von {count(due)} Kunden, die ein Zielsegment erreicht haben und ohne "
        f"weitere Bestellung inzwischen abgestiegen wären, {are.get(there, f'sind {count(there)} noch')} dort"
        f"{share(row) if due >= FEW else ''}; wer mehrmals eines erreicht hat, zählt jedes Mal."
    )
