"""Labels of the page of all customers."""

from __future__ import annotations

LABELS = {
    "Search": "Suchen",
    "Number, name, …": "Nummer, Name, …",
    "Sort by": "Sortieren nach",
    "Clear": "Zurücksetzen",
}
