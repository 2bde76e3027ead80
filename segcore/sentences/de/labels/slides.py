"""Beschriftungen der Folien."""

from __future__ import annotations

LABELS = {
    "Share now in a target": "Anteil jetzt im Zielsegment",
    "In {segment} before": "Vorher in {segment}",
    "Every customer by name: {file}": "Alle Kunden mit Namen: {file}",
    "Their order value": "Deren Bestellwert",
    "No representative": "Kein Betreuer",
    "On the list": "Auf der Liste",
    "Held out": "Zurückgehalten",
    "Share that reached a target": "Anteil, der ein Zielsegment erreicht hat",
    "Expected without one": "Ohne Nachfassen erwartet",
    "After a follow-up": "Nach dem Nachfassen",
    "To be followed up": "Zum Nachfassen vorgesehen",
    "What these slides do not show": "Was diese Folien nicht zeigen",
    "Rule: the first that fits decides": "Regel: Die erste, die passt, entscheidet",
    "Rows: on {before}. Columns: on {after}.": "Zeilen: am {before}, Spalten: am {after}",
    "Order value: {window}": "Bestellwert: {window}",
    "Share of customers": "Anteil an den Kunden",
    "Share of order value": "Anteil am Bestellwert",
    "and {count} more": "und {count} weitere",
    "below": "darunter",
    "above": "darüber",
}
