"""Was in jeder Mail um ihren Inhalt herum steht."""

from __future__ import annotations

from segcore.wording import plural

UNSUBSCRIBE = "Keine solchen Mails mehr"
PICTURE = "Bild"
SEGMENTS = "Kunden je Segment"
OWN_SEGMENTS = "Eigene Kunden je Segment"
CHOSEN_SEGMENTS = "Diese Kunden je Segment"
BEFORE = "beim Lauf davor"


def cut(rows: int, *, elsewhere: bool) -> str:
    """Dass so viele Zeilen keinen Platz in einer Mail haben; ``elsewhere``: ob die Seite sie hat."""
    told = f"{plural(rows, 'weitere Zeile', 'weitere Zeilen')} {'passt' if rows == 1 else 'passen'} nicht"
    return f"{told} in diese Mail; auf der Seite stehen alle." if elsewhere else f"{told} in diese Mail."


def sizes(title: str, told: str, *, compared: bool) -> str:
    """Was ein Bild der Segmente zeigt, für alle, die es nicht sehen; ``told`` nennt sie."""
    return f"{title}{', in Klammern beim Lauf davor' if compared else ''}: {told}."
