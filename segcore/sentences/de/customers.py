"""What the page of all customers says around its table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.sentences.de.causes import MARKS
from segcore.spelling import SPELLINGS
from segcore.wording import count, duration, join, long_date, plural

STATES = {
    "up": "Aufgestiegen",
    "down": "Abgestiegen",
    "stayed": "Geblieben",
    "unranked": "Segment gibt es nicht mehr",
    "new": "Neu",
    "returned": "Zurückgekehrt",
    "gone": "Weggefallen",
}
"""State of a move → how the page names it."""

CAUSES = MARKS
FRAGILE = "ja"
NONE = "–"

HEADS = {
    "customer_id": "Nummer",
    "name": "Name",
    "segment": "Segment",
    "from": "Segment zuvor",
    "state": "Wechsel",
    "cause": "Ursache",
    "rep": "Betreuer",
    "value": "Bestellwert",
    "last_order": "Letzte Bestellung",
    "drop_date": "Abstieg am",
    "fragile": "Unsicher",
}
"""Column → its head."""

WORDS = {
    "all": "alle",
    "none": NONE,
    "open": "Begründung und Verlauf von",
    "info": "_START_ bis _END_ von _TOTAL_",
    "empty": "Kein Kunde passt zur Auswahl.",
    "shown": "Angezeigt: {n} von {all} Kunden.",
    "everybody": "Angezeigt: alle {all} Kunden.",
    "unknown": "Der Link fragt nach „{value}“ ({what}); das gibt es in diesem Lauf nicht und entfällt.",
    "first": "Erste",
    "last": "Letzte",
    "previous": "Vorherige",
    "next": "Nächste",
    "pages": "Seiten der Tabelle",
    "rows": "_MENU_ Zeilen je Seite",
    "old": "Dieser Browser kann die Liste nicht entpacken (er muss von 2023 oder neuer sein).",
    "months": list(SPELLINGS["de"].short_months),
    "date": "{day}. {month} {year}",
    "thousands": SPELLINGS["de"].thousands,
    "decimal": SPELLINGS["de"].decimal,
}
"""What the script of the page says; ``_START_`` and the like are the table library's."""


def day(date: dt.date) -> str:
    """``31. März 2026``, and with other months ``5. Sep. 2026``."""
    return f"{date.day}. {SPELLINGS['de'].short_months[date.month - 1]} {date.year}"


def value_head(currency: str, window: str | None) -> str:
    """The smaller text of the column of order values: ``EUR, 12 Monate``."""
    return f"{currency}, {duration(window)}" if window else f"{currency}, alle Bestellungen"


def finding(customers: int, gone: int, run_date: dt.date, last_run: dt.date | None) -> str:
    """How many are in the list."""
    told = f"{plural(customers, 'Kunde', 'Kunden')} am {long_date(run_date)}"
    if last_run is None:
        return f"{told}. Dies ist der erste Lauf; Wechsel erscheinen ab dem nächsten Lauf."
    if not gone:
        return f"{told}. Seit dem {long_date(last_run)} ist niemand weggefallen."
    who = "1 Kunde, der" if gone == 1 else f"{count(gone)} Kunden, die"
    return f"{told} und {who} seit dem {long_date(last_run)} weggefallen {'ist' if gone == 1 else 'sind'}."


def lacking(names: Sequence[str]) -> str:
    """Was bei niemandem in der Liste steht."""
    return f"Bei allen leer und deshalb nicht gezeigt: {join(names)}."


def first_rows(shown: int, every: int) -> str:
    """What the page shows where scripts do not run."""
    if shown == every:
        return "Ohne Skripte lässt sich die Tabelle nicht durchsuchen. Sie zeigt alle Kunden."
    return (
        f"Ohne Skripte lässt sich die Tabelle nicht durchsuchen und zeigt nur {count(shown)} von "
        f"{count(every)} Kunden."
    )


def part(name: str, page: int, pages: int) -> str:
    """What a part of the list is."""
    return f"{name}, Teil {page} von {pages}" if pages > 1 else name


def part_holds(title: str, customers: int, first: str, last: str) -> str:
    """What a link to a part of the list says: how many are in it, and with which numbers."""
    numbers = f"Nummer {first}" if customers == 1 else f"Nummern {first} bis {last}"
    return f"{title}: {plural(customers, 'Kunde', 'Kunden')}, {numbers}"


HOW_TO_READ = (
    "Ein Klick auf eine Zeile zeigt, was über den Kunden bekannt ist: warum er in seinem Segment ist, "
    "wann er ohne Bestellung absteigt, wodurch er aufsteigen würde und wo er bisher war."
)
IN_PARTS = (
    "Für eine einzige Seite, die sich durchsuchen lässt, sind es zu viele Kunden; deshalb hat jedes Segment "
    "eigene Seiten, nach Kundennummern geordnet."
)
TITLE = "Kunden"


def back(run_date: dt.date) -> str:
    """The link to the report."""
    return f"Bericht vom {long_date(run_date)}"
