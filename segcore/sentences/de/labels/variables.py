"""Variables as the glossary names them, and what they count; a study's own labels stay."""

from __future__ import annotations

LABELS = {
    "Last order": "Letzte Bestellung",
    "days ago": "Tage her",
    "Orders": "Bestellungen",
    "With us": "Kunde seit",
    "years": "Jahren",
    "Markets": "Märkte",
    "markets": "Märkte",
    "currency": "Währung",
}
