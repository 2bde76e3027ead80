"""What the files of a run are."""

from __future__ import annotations

LABELS = {
    "the report as PDF, for paper": "der Bericht als PDF, für Papier",
    "the executed notebooks: the code that made every number, and what it put out": (
        "die ausgeführten Notebooks: der Code hinter jeder Zahl und was er ausgegeben hat"
    ),
    "the executed notebook ingest: its code and what it put out": (
        "das ausgeführte Notebook ingest: sein Code und was er ausgegeben hat"
    ),
    "the executed notebook segment: its code and what it put out": (
        "das ausgeführte Notebook segment: sein Code und was er ausgegeben hat"
    ),
    "the executed notebook transitions: its code and what it put out": (
        "das ausgeführte Notebook transitions: sein Code und was er ausgegeben hat"
    ),
    "the executed notebook report: its code and what it put out": (
        "das ausgeführte Notebook report: sein Code und was er ausgegeben hat"
    ),
    "the report: one page for everybody": "der Bericht: eine Seite für alle",
    "all customers, to search and filter, each with why it is where it is": (
        "alle Kunden, zum Suchen und Filtern, jeder mit der Begründung seines Segments"
    ),
    "segments, call lists, movers and customers, with filters and a note on every column": (
        "Segmente, Anruflisten, Wechsler und Kunden, mit Filtern und einer Notiz zu jeder Spalte"
    ),
    "slides for a meeting, with charts and tables that can be changed": (
        "Folien für eine Besprechung, mit Diagrammen und Tabellen, die sich ändern lassen"
    ),
    "whom to call before the next run, by representative, for spreadsheets": (
        "wer vor dem nächsten Lauf anzurufen ist, nach Betreuer, für Tabellenprogramme"
    ),
    "the customers whose segment changed, for a CRM": (
        "die Kunden, deren Segment sich geändert hat, für ein CRM"
    ),
    "every customer of both runs and what became of each, for spreadsheets": (
        "alle Kunden beider Läufe und was aus ihnen wurde, für Tabellenprogramme"
    ),
}
