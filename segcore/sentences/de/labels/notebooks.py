"""Die Seiten mit den ausgeführten Notebooks, und was zu ihnen führt."""

LABELS = {
    "There is nothing to show.": "Es gibt nichts zu zeigen.",
    "There is no conflict to list.": "Es ist kein Widerspruch aufzuführen.",
    "There is none to list.": "Hier ist nichts aufzuführen.",
    "The model is that of the last run.": "Das Modell ist das des letzten Laufs.",
    "No run before this one made a list.": "Kein Lauf vor diesem hat eine Liste gemacht.",
    "Nobody is to be followed up.": "Niemand ist zum Nachfassen vorgesehen.",
    "Nobody moved, came or went.": "Niemand hat gewechselt, ist gekommen oder weggefallen.",
    "Nobody is gone.": "Niemand ist weggefallen.",
    "Nobody is left out of it.": "Niemand fehlt darin.",
    "Nobody who stayed would have moved under the model before.": (
        "Niemand, der geblieben ist, hätte nach dem alten Modell gewechselt."
    ),
    "There is nothing to draw.": "Es gibt nichts zu zeichnen.",
    "Every one of them has a representative.": "Jeder von ihnen hat einen Betreuer.",
    "Back to the report": "Zurück zum Bericht",
    "Cell": "Zelle",
    "Notebooks": "Notebooks",
    "Report and notebooks of this run": "Bericht und Notebooks dieses Laufs",
    "the code that made every number, and what it put out": (
        "der Code hinter jeder Zahl und was er ausgegeben hat"
    ),
}
