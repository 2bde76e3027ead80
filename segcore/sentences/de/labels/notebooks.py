"""Die Seiten mit den ausgeführten Notebooks, und was zu ihnen führt."""

LABELS = {
    "Back to the report": "Zurück zum Bericht",
    "Cell": "Zelle",
    "Notebooks": "Notebooks",
    "Report and notebooks of this run": "Bericht und Notebooks dieses Laufs",
    "the code that made every number, and what it put out": (
        "der Code hinter jeder Zahl und was er ausgegeben hat"
    ),
}
