"""What the workbook of a run says beside its rows: its sheets, its columns, and how to read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from segcore.sentences.de import causes
from segcore.sentences.de.durations import in_the_last
from segcore.sentences.de.durations import within as in_window
from segcore.wording import alone, count, long_date, plural, sentence

ABOUT, SEGMENTS, CALLS, MOVERS = "Info", "Segmente", "Anrufliste", "Wechsler"
CUSTOMERS, COLUMNS = "Kunden", "Spalten"
OF_SHEETS = ("Blatt", "Zeilen", "Was es enthält")
OF_COLUMNS = ("Blatt", "Spalte", "Was sie bedeutet")
YES, NO = "ja", "nein"

WHO_MOVED = "wer aufgestiegen oder abgestiegen, neu, zurückgekehrt oder weggefallen ist"

_WHAT = {
    SEGMENTS: "die Segmente, das beste zuerst: wie groß sie sind und wer seit dem letzten Lauf kam und ging",
    CALLS: "wer vor dem nächsten Lauf anzurufen ist, nach Betreuer und in der Reihenfolge der Anrufe",
    MOVERS: WHO_MOVED,
    CUSTOMERS: "alle Kunden dieses Laufs, die besten Segmente und der höchste Bestellwert zuerst",
}
"""Sheet → what its rows are."""
WHAT_COLUMNS = "was jede Spalte bedeutet"

MOVE = {
    "up": "aufgestiegen",
    "down": "abgestiegen",
    "stayed": "geblieben",
    "new": "neu",
    "returned": "zurückgekehrt",
    "gone": "weggefallen",
    "unranked": "aus einem aufgelösten Segment",
}
"""State of a customer → how a sheet names it."""
WHY = {**causes.REASONS, "masked": "Durch das neue Modell verdeckt"}
"""Mark, or the state of who has none → how a sheet names it; nothing of who stayed."""

READ = (
    "Die Pfeile in den Überschriften filtern und sortieren. Eine Notiz an jeder Überschrift sagt, was die "
    "Spalte bedeutet; das letzte Blatt enthält sie alle.",
    "Datumsangaben sind Datumswerte und Beträge sind Zahlen, damit man sie sortieren und summieren kann. "
    "Text "
    "ist nur Text: Beim Öffnen der Arbeitsmappe wird nichts berechnet, und nichts führt aus ihr hinaus.",
    "Eine leere Zelle heißt: nicht bekannt oder nicht vorhanden.",
)

COLUMN: Mapping[str, tuple[str, str]] = {
    "representative": (
        "Betreuer",
        "Wer den Kunden betreut, mit Namen, wo die Studie ihn kennt; leer, wenn es niemand ist.",
    ),
    "place": ("Platz", "Der Platz in der Anrufliste des Betreuers: 1 ist zuerst anzurufen."),
    "customer": ("Kundennr.", "Die Nummer des Kunden, ein Text: Führende Nullen gehören dazu."),
    "name": ("Name", "Der Name des Kunden."),
    "segment": ("Segment", "Das Segment des Kunden in diesem Lauf."),
    "from": ("Aus Segment", "Das Segment des Kunden beim letzten Lauf; leer, wenn er in keinem war."),
    "to": ("In Segment", "Das Segment des Kunden in diesem Lauf; leer, wenn er weggefallen ist."),
    "move": (
        "Wechsel",
        "Was seit dem letzten Lauf aus dem Kunden wurde: aufgestiegen, abgestiegen oder geblieben (in beiden "
        "Läufen); neu (bis zum letzten Lauf keine Bestellung); zurückgekehrt (nicht im letzten Lauf, aber "
        "früher schon bestellt); weggefallen (im letzten Lauf, aber nicht in diesem).",
    ),
    "mark": (
        "Warum",
        "Der größte Teil des Wechsels: was der Kunde getan hat, was die Zeit bewirkt hat oder was wir "
        "geändert "
        "haben; und warum jemand kam oder ging.",
    ),
    "value": ("Bestellwert", "Wert der Bestellungen des Kunden"),
    "last_order": ("Letzte Bestellung", "Der Tag der letzten Bestellung."),
    "drop_date": (
        "Abstieg am",
        "Der erste Tag, an dem das Segment ein niedrigeres ist, wenn nichts bestellt wird; er kann früher "
        "kommen, wenn eine Variable einen Zeitraum hat, denn Bestellungen, die herausfallen, sind nicht "
        "berücksichtigt.",
    ),
    "falls_to": (
        "Abstieg nach",
        "Das Segment ab diesem Tag; leer, wenn der Kunde dann nicht mehr mitzählt.",
    ),
    "reason": ("Grund", "Warum der Kunde auf der Liste steht."),
    "fragile": (
        "Unsicher zugeordnet",
        "Ja bei einem Kunden so nahe an einer Grenze, dass sich aus anderen Kunden ein anderes Segment hätte "
        "ergeben können; bei Wechslern jetzt oder beim letzten Lauf.",
    ),
    "rule": ("Regel", "Die Regel, aus der sich das Segment ergibt, in Worten."),
    "since": ("Darin seit", "Der Lauf, seit dem der Kunde in dem Segment ist."),
    "days": ("Tage darin", "Von jenem Lauf bis zu diesem."),
    "at_least": (
        "Mindestens",
        "Ja, wenn der Kunde schon beim ersten Lauf darin war: Niemand weiß, wie viel länger.",
    ),
    "best": ("Bestes bisher", "Das beste Segment, in dem der Kunde bei einem Lauf war."),
    "path": (
        "Weg",
        "Die Segmente, in die der Kunde nacheinander kam; „away“ steht für eine Abwesenheit.",
    ),
    "lift_to": (
        "Steigt auf",
        "Das Segment, in das der Kunde heute mit den wenigsten Bestellungen aufstiege.",
    ),
    "lift_orders": ("Bestellungen dafür", "Wie viele Bestellungen es heute dazu brauchte."),
    "lift_products": (
        "In neuen Märkten",
        "In wie vielen für den Kunden neuen Märkten diese Bestellungen liegen müssten.",
    ),
    "classes": (
        "Klassen",
        "Die Klasse in jeder Variable, in der Reihenfolge der Spalten davor; die höchste ist die beste.",
    ),
    "of_segment": ("Segment", "Das Segment; das beste steht zuerst."),
    "action": ("Was zu tun ist", "Was nach der Studie mit den Kunden des Segments geschehen soll."),
    "customers": ("Kunden", "Wie viele Kunden in diesem Lauf in dem Segment sind."),
    "share": ("Anteil", "Ihr Anteil an allen Kunden."),
    "worth": ("Bestellwert", "Wert der Bestellungen aller Kunden des Segments"),
    "worth_share": ("Anteil am Bestellwert", "Sein Anteil am Bestellwert aller Kunden."),
    "near": (
        "Unsicher zugeordnet",
        "Wie viele von ihnen so nahe an einer Grenze sind, dass der Zufall entschieden haben kann.",
    ),
    "start": ("Beim letzten Lauf", "Wie viele Kunden beim letzten Lauf in dem Segment waren."),
    "up into": ("+ Zugang durch Aufstieg", "Wie viele in das Segment aufgestiegen sind."),
    "down into": ("+ Zugang durch Abstieg", "Wie viele in das Segment abgestiegen sind."),
    "other into": ("+ sonstiger Zugang", "Wie viele aus Segmenten kamen, die es nicht mehr gibt."),
    "new": ("+ neu", "Wie viele darin sind und bis zum letzten Lauf nie bestellt hatten."),
    "returned": (
        "+ zurückgekehrt",
        "Wie viele darin sind und nicht im letzten Lauf waren, aber früher schon bestellt hatten.",
    ),
    "up out of": ("− Abgang durch Aufstieg", "Wie viele aus dem Segment aufgestiegen sind."),
    "down out of": ("− Abgang durch Abstieg", "Wie viele aus dem Segment abgestiegen sind."),
    "other out of": (
        "− sonstiger Abgang",
        "Wie viele es in Segmente verlassen haben, die sich nicht vergleichen lassen.",
    ),
    "gone": ("− weggefallen", "Wie viele beim letzten Lauf darin waren und jetzt in keinem Segment sind."),
    "end": (
        "= jetzt",
        "Wie viele Kunden in diesem Lauf in dem Segment sind: die Summe der Spalten davor.",
    ),
}
"""Column → its heading, and what it means. Meanings of money go on with :func:`within`."""


def what(sheet: str) -> str:
    """What the rows of a sheet are."""
    return _WHAT[sheet]


def within(meaning: str, window: str | None, currency: str) -> str:
    """The meaning of a column of money: within which time, in which currency."""
    return f"{meaning} {in_the_last(window) if window else 'insgesamt'}, in {currency}."


def of_variable(label: str, unit: str, window: str | None) -> str:
    """The heading of a variable: ``Bestellungen in 12 Monaten``, ``Letzte Bestellung, Tage her``."""
    return f"{_counted(label, unit)}{f' {in_window(window)}' if window else ''}"


def _counted(label: str, unit: str) -> str:
    if label.endswith(" seit"):  # its unit stands in the dative, for sentences
        return f"{label} ({alone(unit)})"
    return f"{label}, {unit}" if unit and not label.lower().endswith(unit.lower()) else label


def of_attribute(name: str) -> str:
    """The heading of an attribute: ``Region``."""
    return sentence(name.replace("_", " "))


def variable(label: str, unit: str, window: str | None) -> str:
    """The meaning of the column of a variable."""
    time = f", {in_the_last(window)}" if window else ""
    return f"{_counted(label, unit)}{time}: eine der Variablen der Studie."


def attribute(name: str) -> str:
    """The meaning of the column of an attribute."""
    return f"Das Merkmal {name} aus den Kundendaten (Quelle customers), wie geliefert."


def run(day: dt.date, last: dt.date | None) -> str:
    """Which run it is, and with which one it is compared."""
    other = (
        f"verglichen mit dem Lauf vom {long_date(last)}" if last else "der erste; Wechsel gibt es noch nicht"
    )
    return f"Lauf vom {long_date(day)}, {other}."


def counted(customers: int, window: str | None, currency: str) -> str:
    """How many customers the run has, and what order value is."""
    value = in_the_last(window) if window else "insgesamt"
    return (
        f"{plural(customers, 'Kunde', 'Kunden')}. Bestellwert ist, was ein Kunde {value} bestellt hat, in "
        f"{currency}."
    )


def left_out(limit: int) -> str:
    """Why the customers who stayed are not in the workbook."""
    return (
        f"Das Blatt {CUSTOMERS} fehlt, denn mehr als {count(limit)} Kunden sind zu viele für eine "
        "Arbeitsmappe: Hier stehen nur, wer gewechselt hat und wer anzurufen ist. Alle Kunden beider Läufe "
        "stehen in der Datei moves.csv daneben."
    )
