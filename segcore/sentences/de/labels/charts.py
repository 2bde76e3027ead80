"""Labels of the charts."""

from __future__ import annotations

LABELS = {
    "Why customers of every segment moved": "Warum Kunden das Segment gewechselt haben, je Segment",
    "moved down": "abgestiegen",
    "moved up": "aufgestiegen",
    "{segment}, moved up": "{segment}, aufgestiegen",
    "{segment}, moved down": "{segment}, abgestiegen",
    "Chart": "Diagramm",
    "Moves of customers between segments from {before} to {after}": (
        "Wechsel von Kunden zwischen den Segmenten ({before} bis {after})"
    ),
    "{number} moved": "{number} gewechselt",
    "{number} stayed": "{number} geblieben",
    "{customers} from {before} to {after}": "{customers} von {before} nach {after}",
    "{customers} stayed in {segment}": "{customers} in {segment} geblieben",
    "Reached minus expected for each of {representatives}": "Erreicht minus erwartet: {representatives}",
    "representative": "Betreuer",
    "representatives": "Betreuer",
    "customers followed up": "kontaktierte Kunden",
    "reached minus expected": "erreicht minus erwartet",
    "95% limit": "95-%-Grenze",
    "99.8% limit": "99,8-%-Grenze",
    "{name}: {customers} followed up, {difference}": "{name}: {customers} kontaktiert, {difference}",
    "Customers of each segment, and the change since {day}": (
        "Kunden jedes Segments und die Veränderung seit dem {day}"
    ),
    "%-d %b": "%-d.%-m.",
    "%b %y": "%b %y",
    "customer": "Kunde",
    "customers": "Kunden",
    "{first} to {last}; most in {most}": "{first} bis {last}; am meisten: {most}",
    "order": "Bestellung",
    "orders": "Bestellungen",
    "Customers of each segment": "Kunden jedes Segments",
    "Orders of every month": "Bestellungen je Monat",
    "{customers} further right": "weiter rechts: {customers}",
    "class {number}": "Klasse {number}",
    "Edges in use: {edges}": "Verwendete Grenzen: {edges}",
    "the candidate's: {edges}": "die dieses Laufs: {edges}",
    "log axis": "logarithmische Achse",
    "Edge at {value}": "Grenze bei {value}",
    "{edge} by this run's data": "{edge} nach den Daten dieses Laufs",
    "{variable}: customers by value": "{variable}: Kunden nach Wert",
    "Trend over {runs} runs": "Verlauf über {runs} Läufe",
    "From {first} to {last}": "Von {first} bis {last}",
}
