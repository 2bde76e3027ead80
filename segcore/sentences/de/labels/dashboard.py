"""Beschriftungen rund um die Übersicht über alle Läufe; ihre eigenen stehen bei ihren Sätzen."""

LABELS = {
    "All runs on one page": "Alle Läufe auf einer Seite",
    "segments, moves and follow-ups over time, and any two runs compared": (
        "Segmente, Wechsel und Nachfassen über die Zeit, und zwei beliebige Läufe im Vergleich"
    ),
}
