"""What the dashboard says of all runs of a study, and of two of them beside each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from segcore.sentences.de.followup import more
from segcore.sentences.rows import Row
from segcore.wording import between, count, in_words, join, long_date, percent, plural, sentence, signed

TITLES = {
    "sizes": "Segmente",
    "headline": "Zum Nachfassen vorgesehene Kunden",
    "flows": "Wechsel",
    "causes": "Warum Kunden gewechselt haben",
    "followup": "Nachfassen",
    "compare": "Zwei Läufe im Vergleich",
    "changes": "Was sich an Klassengrenzen und Regeln geändert hat",
}
"""Section → its label."""
HEADS = {
    "run": "Lauf",
    "all": "Alle",
    "value": "Bestellwert",
    "before": "Zuvor",
    "share": "Anteil",
    "interval": "95-%-Intervall",
    "in_target": "Jetzt in einem Zielsegment",
    "difference": "Unterschied",
    "limits": "Allein durch Zufall",
    "eligible": "Vorgesehen",
    "followed": "Kontaktiert",
    "reached": "Ziel erreicht",
    "after": "Nach einem Kontakt erreicht",
    "expected": "Erwartet",
    "what": "Was sich geändert hat",
}
"""Column → its head."""
MOVES = {
    "up": "Aufgestiegen",
    "down": "Abgestiegen",
    "new": "Neu",
    "returned": "Zurückgekehrt",
    "gone": "Weggefallen",
}
"""Kind of move → how a key and a column name it."""
WAYS = {"up": "up", "down": "down"}
NUMBERS = {
    "sizes": "Die Größen als Zahlen",
    "headline": "Die Anteile als Zahlen",
    "flows": "Die Wechsel als Zahlen",
    "causes": "Die Gründe als Zahlen",
    "followup": "Das Nachfassen als Zahlen",
    "compare": "Alle Zahlen beider Läufe",
}
"""Section → what leads to the numbers behind its chart."""
CHARTS = {
    "sizes": "Kunden jedes Segments in jedem Lauf, je Segment ein kleines Diagramm, alle im selben Maßstab",
    "headline": "Anteil, der beim nächsten Lauf in einem Zielsegment ist, je Lauf mit 95-%-Intervall",
    "flows": "Kunden, die in jedem Lauf auf- und abgestiegen sind, und solche, die kamen und gingen",
    "causes": "Auf- und Abstiege in jedem Lauf nach Grund",
    "followup": "Wie viele mehr als erwartet nach einem Kontakt ein Ziel erreicht haben, je Lauf",
    "compare": "Kunden jedes Segments in beiden Läufen, für alle Paare von Läufen im selben Maßstab",
}
"""Section → what its chart shows, for those who do not see it."""
KINDS = {
    "boundary": "Grenzen",
    "rules": "Regeln",
    "model": "Modell",
    "population": "Auswahl",
    "unknown": "Modell",
}
"""What is another than in the run before → its word at the line in a chart."""
PANELS = ("Auf- und abgestiegen", "Neu, zurückgekehrt und weggefallen")
"""What the two charts of the moves count, as their titles."""
MEASURES = {"customers": "Kunden", "share": "Anteil an allen", "value": "Bestellwert"}
"""What the chart of the segments can show."""
CONTROLS = {
    "measure": "Anzeigen",
    "first": "Früherer Lauf",
    "second": "Späterer Lauf",
    "runs": "Alle Läufe aller Studien",
    "newest": "Bericht des neuesten Laufs",
    "new": "Neu oder zurück",
    "gone": "Weggefallen",
    "from": "Von",
    "figure": "Kennzahl",
}
"""Words of controls, links and tables that a script fills."""
LOCALE = {
    "decimal": ",",
    "thousands": ".",
    "percent": "\u00a0%",
    "date": "%-d. %b %y",
    "months": ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
               "Oktober", "November", "Dezember"),
    "short": ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sep.", "Okt.", "Nov.", "Dez."),
}  # fmt: skip
"""How the axes of the charts write numbers and dates."""

HOW_TO_READ = {
    "headline": "**Lesehilfe.** Die Linie ist der Anteil, das Band sein 95-%-Intervall: Wo sich Bänder weit "
    "überschneiden, unterscheiden sich die Läufe nicht. Dass ein Kontakt geholfen hat, zeigt das nicht.",
    "flows": "**Lesehilfe.** Über der Linie steht, wer aufgestiegen oder hinzugekommen ist, darunter, wer "
    "abgestiegen oder weggefallen ist; beide Diagramme zählen Kunden von einem Lauf zum nächsten.",
    "causes": "**Lesehilfe.** Ausgefüllt ist, was Kunden getan oder nicht getan haben. Weiß mit Rand ist, "
    "was wir geändert haben; das zählt weder als Erfolg noch als Verlust.",
    "followup": "**Lesehilfe.** Die Fläche ist, was allein der Zufall in 95 von 100 Läufen erwarten lässt. "
    "Ein ausgefüllter Punkt liegt außerhalb, ein offener innerhalb: Der Unterschied kann Zufall sein.",
    "compare": "**Lesehilfe.** Hell: der frühere Lauf; kräftig: der spätere. Der Maßstab ist für alle Paare "
    "von Läufen derselbe.",
}
"""Section → how its picture is read."""
LINE = (
    "**Eine gepunktete Linie** steht vor einem Lauf, dessen Segmente mit einem anderen Modell gebildet sind; "
    "das Wort darüber sagt, was anders ist. Ein Teil des Sprungs dort kommt nicht von den Kunden."
)
ANY_TWO = "Zwei beliebige Läufe im selben Maßstab"
NO_SCRIPT = "Die Diagramme brauchen ein Skript, das hier nicht läuft; die Tabellen zeigen dieselben Zahlen."
FIRST = (
    "Bisher gibt es einen Lauf. Diese Übersicht beginnt mit dem zweiten: Sie zeigt, was sich von Lauf "
    "zu Lauf geändert hat."
)
NONE = (
    "Es lässt sich kein Lauf zeigen: Keiner enthält die Tabellen, aus denen diese Seite entsteht; einer "
    "ist mit --force neu zu machen."
)
NO_HEADLINE = "Kein Segment ist zum Nachfassen vorgesehen, deshalb gibt es hier nichts zu zeigen."
NO_COMPARISON = "In keinem Lauf gab es genug Kunden ohne Kontakt, um zu sagen, was zu erwarten war."
NO_CAUSES = (
    "Kein Lauf enthält Gründe für Wechsel: Sie werden erst seit einer späteren Version von segcore erfasst."
)


def title(study: str) -> str:
    """The heading of the page."""
    return f"{study}: alle Läufe"


def span(dates: Sequence[dt.date]) -> str:
    """Which runs the page shows."""
    if len(dates) == 1:
        return f"1 Lauf: {long_date(dates[0])}"
    return f"{sentence(in_words(len(dates)))} Läufe vom {long_date(dates[0])} bis zum {long_date(dates[-1])}"


def left_out(dates: Sequence[dt.date]) -> str:
    """Which runs a picture lacks because they do not keep its numbers; nothing if none."""
    if not dates:
        return ""
    days = join([long_date(day) for day in dates])
    if len(dates) == 1:
        return f"Der Lauf vom {days} fehlt hier: Er entstand, bevor segcore diese Zahlen erfasst hat."
    return f"Die Läufe vom {days} fehlen hier: Sie entstanden, bevor segcore diese Zahlen erfasst hat."


def unread(dates: Sequence[dt.date]) -> str:
    """Which runs the page lacks altogether; nothing if none."""
    if not dates:
        return ""
    days, why = join([long_date(day) for day in dates]), "was davon zutrifft, sagt segcore verify."
    if len(dates) == 1:
        return (
            f"Der Lauf vom {days} lässt sich auf dieser Seite nicht zeigen: Seine Tabellen fehlen, oder er "
            f"ist beschädigt; {why}"
        )
    return (
        f"Die Läufe vom {days} lassen sich auf dieser Seite nicht zeigen: Ihre Tabellen fehlen, oder sie "
        f"sind beschädigt; {why}"
    )


def newest_only(shown: int, of: int, since: dt.date) -> str:
    """That not every run can be chosen for a comparison, and since when."""
    return (
        f"Zur Wahl stehen die neuesten {in_words(shown)} von {in_words(of)} Läufen, seit dem "
        f"{long_date(since)}; die Diagramme und Tabellen darüber zeigen alle."
    )


def size(segment: str, day: dt.date, customers: int, share: float) -> str:
    """A segment in a run."""
    return f"{segment}, {long_date(day)}: {plural(customers, 'Kunde', 'Kunden')}, {percent(share)} aller"


def change(customers: int, first: str) -> str:
    """By how many a segment has grown since the month of the first run, beside its small chart."""
    return f"{signed(customers)} seit {first}"


def reached(row: Row) -> str:
    """The headline of a run in a few words."""
    told = f"{long_date(row['run_date'])}: {count(row['in_target'])} von {count(row['customers'])}"
    if row["few"]:
        return f"{told}, zu wenige für eine Prozentzahl"
    return f"{told}, {percent(row['share'])} (95-%-Intervall {between(row['low'], row['high'])})"


def moved(kind: str, day: dt.date, customers: int) -> str:
    """How many moved so in a run."""
    return f"{MOVES[kind]}, {long_date(day)}: {plural(customers, 'Kunde', 'Kunden')}"


def because(direction: str, mark: str, day: dt.date, customers: int) -> str:
    """How many moved for a cause in a run; ``mark`` as a key names it."""
    return f"{MOVES[direction]}, {long_date(day)}, {mark}: {plural(customers, 'Kunde', 'Kunden')}"


def against(row: Row) -> str:
    """What came of the follow-ups of a run beside what was to be expected."""
    return (
        f"{long_date(row['run_date'])}: {more(row['difference'])} Kunden, allein durch Zufall {limits(row)}"
    )


def limits(row: Row) -> str:
    """What chance alone makes likely of a difference."""
    return f"{more(row['low95'])} bis {more(row['high95'])}"


def balance(flows: Sequence[Row]) -> str:
    """The finding about moves: in how many runs more moved up than down."""
    found = [row for row in flows if row["up"] is not None]
    if not found:
        return "Wechsel gibt es vom zweiten Lauf an"
    up = sum(1 for row in found if row["up"] > row["down"])
    down = sum(1 for row in found if row["up"] < row["down"])
    if not up and not down:
        return "In jedem Lauf sind ebenso viele Kunden auf- wie abgestiegen"
    most, way, other = (up, "auf", "ab") if up >= down else (down, "ab", "auf")
    when = f"In {_some(most)} von {in_words(len(found))} Läufen"
    if most == len(found):
        when = "In jedem Lauf" if most > 1 else "Seit dem Lauf davor"
    return f"{when} sind mehr Kunden {way}gestiegen als {other}gestiegen"


def own(marks: Mapping[str, int], ours: Sequence[str], *, every: bool = True) -> str:
    """The finding about causes: how many of all moves our method made.

    Parameters
    ----------
    marks
        Mark → how many moves over all runs have it.
    ours
        The marks of what the model did.
    every
        Whether these are all runs; else some are left out.
    """
    total, by_us = sum(marks.values()), sum(marks.get(mark, 0) for mark in ours)
    if not total:
        return "Niemand hat gewechselt"
    told = plural(total, "Wechsel", "Wechseln")
    over = "über alle Läufe" if every else "über die hier gezeigten Läufe"
    if not by_us:
        return f"Keiner von {told} {over} geht auf unsere Methode zurück"
    return f"{sentence(percent(by_us / total))} von {told} {over} gehen auf unsere Methode zurück"


def changed(runs: int, of: int) -> str:
    """The finding about models: in how many runs it was another."""
    if not runs:
        return "Alle Läufe haben dieselben Klassengrenzen und Regeln"
    return f"Klassengrenzen oder Regeln haben sich in {_some(runs)} von {in_words(of)} Läufen geändert"


def _some(runs: int) -> str:
    return "einem" if runs == 1 else in_words(runs)


def edges(label: str, before: Sequence[str], now: Sequence[str], unit: str) -> str:
    """The edges of a variable that are others than in the run before."""
    return f"{label}: aus {join(before)} wurde {join(now)}{f' {unit}' if unit else ''}"


def rule(segment: str, condition: str, *, added: bool) -> str:
    """A rule that is new, or no longer there."""
    return f"{'Neue Regel' if added else 'Regel entfallen'}: {segment}, wenn {condition}"


def others(what: str, before: str | None, now: str | None) -> str:
    """A setting that is another: who counts, or which records."""
    return f"{what}: aus „{before or 'alle'}“ wurde „{now or 'alle'}“"


POPULATION, EXCLUDED = "Auswahl der Kunden", "Ausgeschlossen"
ORDER = "Die Regeln stehen in anderer Reihenfolge"
VARIABLES = "Variablen, Anzahl der Klassen oder Segmente sind andere"
UNKNOWN = "Ein anderes Modell; was daran anders ist, lässt sich nicht mehr lesen"
