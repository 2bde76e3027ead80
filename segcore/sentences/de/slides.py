"""Was Folien sagen und sonst keine Form des Berichts."""

from __future__ import annotations

from segcore.wording import plural

NO_NAMES = (
    "Sie nennen keine Kunden, damit man sie zeigen darf: Die stehen in der Anrufliste und auf der Seite mit "
    "allen Kunden."
)


def first_run(title: str, customers: int) -> str:
    """Die Nachricht eines ersten Laufs, der sich mit nichts vergleichen lässt."""
    return f"{title}: {plural(customers, 'Kunde', 'Kunden')} im ersten Lauf"
