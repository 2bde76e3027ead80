"""Labels of the page about who got which mails."""

from __future__ import annotations

LABELS = {
    "Mails": "Mails",
    "who got which, and why not": "wer welche bekam, und warum nicht",
    "Mails of {study}": "Mails zu {study}",
    "Mails of {day}": "Mails zum {day}",
    "All reports": "Alle Berichte",
    "Times are in UTC. Sent means that the server took the mail; nobody can tell whether it was read.": (
        "Zeiten in UTC. Verschickt heißt, dass der Server die Mail angenommen hat; ob sie gelesen wurde, "
        "weiß niemand."
    ),
    "Mails of each run, the newest first": "Mails zu jedem Lauf, der neueste zuerst",
    "{number} more are not listed here; segcore mail log {study} --run {day} lists them.": (
        "{number} weitere stehen hier nicht; segcore mail log {study} --run {day} nennt sie."
    ),
    "Recipient": "Empfänger",
    "What": "Was",
    "State": "Stand",
    "When": "Wann",
    "Answer, or why not": "Antwort, oder warum nicht",
    "{number} attempts": "{number} Versuche",
    "{what}, edition {number}": "{what}, Ausgabe {number}",
    "whole report": "ganzer Bericht",
    "own accounts": "eigene Kunden",
    "chosen customers": "ausgewählte Kunden",
    "for the owners": "für die Verantwortlichen",
    "waiting": "wartet",
    "being sent": "wird verschickt",
    "sent": "verschickt",
    "in doubt": "ungewiss",
    "refused": "abgelehnt",
    "came back": "kam zurück",
    "got nothing": "bekam nichts",
    "sent again later": "später noch einmal verschickt",
    "{mails}, withdrawn since: on {day}": "{mails}, seither zurückgezogen: am {day}",
    "nothing is in it": "es ist nichts darin",
    "this is the first run: moves come with the next one": "dies ist der erste Lauf: Wechsel gibt es ab dem "
    "nächsten",
    "the page that the mail would lead to is not there": "die Seite, zu der die Mail führen würde, fehlt",
    "somebody was erased from its run": "aus dem Lauf wurde jemand gelöscht",
    "somebody was erased from its run; not asked for since": (
        "aus dem Lauf wurde jemand gelöscht; seither nicht mehr gewünscht"
    ),
    "the reps source has no email for this number": "die Liste der Vertreter nennt zu dieser Nummer keine "
    "Adresse",
    "left out by except in entry {text}": "ausgenommen durch except in Eintrag {text}",
    "the reps source of today has nobody of this number": "die heutige Liste der Vertreter nennt niemanden "
    "mit dieser Nummer",
    "the reps source of today has another address or name for this number: {text}": (
        "die heutige Liste der Vertreter hat zu dieser Nummer eine andere Adresse oder einen anderen Namen: "
        "{text}"
    ),
    "monthly mails tell of the latest run, that of {day}": (
        "monatliche Mails berichten vom neuesten Lauf, dem vom {day}"
    ),
    "this month's mail was made on {day}": "die Mail dieses Monats entstand am {day}",
    "not due before {day}": "nicht vor dem {day} fällig",
}
