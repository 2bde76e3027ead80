"""Mails darüber, was aus Läufen und Mails wurde: Korrekturen, Fehler, und wer was bekam."""

from __future__ import annotations

import datetime as dt

from segcore.wording import long_date, plural


def corrected(subject: str) -> str:
    """Der Betreff einer Mail, die eine frühere ersetzt."""
    return f"Korrigiert: {subject}"


def failed(study: str, day: dt.date) -> str:
    """Der Betreff einer Mail über einen gescheiterten Lauf."""
    return f"{study}: Der Lauf vom {long_date(day)} ist gescheitert"


def failed_at(notebook: str, cell: int) -> str:
    """Wo ein Lauf gescheitert ist."""
    return (
        f"Er blieb in {notebook}, Zelle {cell}, stehen. Nichts wurde veröffentlicht, und niemand sonst bekam "
        "eine Mail."
    )


def failed_before() -> str:
    """Was von einem Lauf bekannt ist, der außerhalb eines Notebooks gescheitert ist."""
    return "Er blieb vor oder nach seinen Notebooks stehen. Niemand sonst bekam eine Mail."


def look(place: str) -> str:
    """Wo man nachsieht, vom Ordner des Projekts aus."""
    return f"Was davon übrig ist, mit der Fehlermeldung, liegt im Projekt in {place}."


def look_at_the_log(study: str) -> str:
    """Wo man nachsieht, wenn nichts davon übrig ist."""
    return (
        f"Was er sagte, steht im Protokoll des Zeitplans; segcore status {study} sagt, wie es um die Studie "
        "steht."
    )


def once_mended(study: str, day: dt.date, *, in_notebook: bool) -> str:
    """Was als Nächstes zu tun ist."""
    look = f"segcore check {study} --date {day} sagt, was an den Lieferungen falsch ist. "
    then = (
        f"Ist es behoben, macht segcore run {study} --date {day} --send den Lauf und verschickt seine Mails."
    )
    return then if in_notebook else f"{look}{then}"


def unmade(study: str, day: dt.date) -> str:
    """Der Betreff einer Mail über einen Lauf, von dem keine Mails entstehen können."""
    return f"{study}: Keine Mails zum Lauf vom {long_date(day)}"


def nobody_told() -> str:
    """Was aus dem Lauf und seinen Lesern wurde."""
    return "Der Lauf ist veröffentlicht. Niemand bekam eine Mail dazu, denn so kann keine entstehen."


def why_unmade(study: str, day: dt.date) -> str:
    """Wo steht, warum, und was als Nächstes zu tun ist."""
    return (
        f"segcore status {study} sagt, was im Weg steht. Ist es behoben, macht segcore send {study}/{day} "
        "die Mails und verschickt sie."
    )


def failure_closing() -> str:
    """Warum der Leser die Mail über einen Fehler bekommt."""
    return "Sie bekommen diese Mail, weil die Studie Sie unter owners nennt. Sie enthält keine Kundendaten."


def summed(sent: int, others: int, nothing: int) -> str:
    """Was auf der Seite mit den Mails einer Studie steht."""
    told = [plural(sent, "Mail wurde verschickt", "Mails wurden verschickt")]
    if others:
        told.append(
            plural(
                others, "wurde nicht verschickt oder kam zurück", "wurden nicht verschickt oder kamen zurück"
            )
        )
    if nothing:
        told.append(
            f"{plural(nothing, 'Leser bekam', 'Leser bekamen')} nichts, aus dem Grund, der dabei steht"
        )
    return "; ".join(told) + "."


def none() -> str:
    """Was dort steht, wo noch keine Mail vorgesehen wurde."""
    return "Noch keine Mail ist vorgesehen."
