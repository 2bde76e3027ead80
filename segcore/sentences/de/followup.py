"""Whether following up helped: who was, who reached a target, what was to be expected, how sure it is.

Without a hold-out nothing here is an effect, and each text that could be read as one says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.intervals import FEW, LEAST_UNFOLLOWED, against_limits
from segcore.sentences.de import staying
from segcore.sentences.de.staying import share
from segcore.sentences.facts import followup as facts
from segcore.sentences.facts.followup import also as also
from segcore.sentences.facts.followup import more as more
from segcore.sentences.facts.followup import pooled as pooled
from segcore.sentences.facts.followup import runs as runs
from segcore.sentences.facts.followup import tenths as tenths
from segcore.sentences.rows import Row, Table
from segcore.wording import (
    count,
    in_words,
    join,
    long_date,
    money,
    plural,
    sentence,
)

NO_LOG = "Es sind keine Kontakte erfasst. Was das Nachfassen bewirkt hat, lässt sich deshalb nicht sagen."
FIRST = (
    "Dies ist der erste Lauf. Was aus den Kunden wird, die zum Nachfassen vorgesehen sind, lässt sich "
    "ab dem nächsten Lauf sagen."
)
NOT_AN_EFFECT = "**Kein Nachweis einer Wirkung.**"
REACHED = (
    "**Erreicht** ist nicht die Zahl „jetzt in einem Zielsegment“ ganz oben: Hier muss der Kunde "
    "zwischendurch bestellt haben, und für beide Stichtage gelten die Grenzen des vorherigen Laufs."
)

WHO_REACHED = "kontaktiert oder nicht"
"""Whom a column of those who reached a target counts: all who were to be followed up."""


EACH_RUN = "ein Kunde zählt in jedem Lauf einmal"
"""What a count over several runs counts."""


def times(row: Row) -> str:
    """What a count of several runs counts; nothing of one run."""
    return EACH_RUN if row["runs"] > 1 else ""


def since(row: Row, when: str) -> str:
    """How many were to be followed up, were, and reached: of one run or of all.

    Parameters
    ----------
    row
        Of ``followed``.
    when
        ``seit dem 31. März 2026``, or as :func:`over` writes it.
    """
    if not row or not row["eligible"]:
        return f"{sentence(when)} war kein Kunde zum Nachfassen vorgesehen."
    of = row["eligible"]
    who = "war 1 Kunde" if of == 1 else f"waren {count(of)} Kunden"
    followed, there = row["followed"], row["reached"]
    did = f"{_of_them(followed)} {'wurden' if followed > 1 else 'wurde'} kontaktiert"
    reached = (
        f"{'haben' if there > 1 else 'hat'} {_of_them(there)} zwischendurch bestellt und ein Zielsegment"
    )
    return (
        f"{sentence(when)} {who} zum Nachfassen vorgesehen, {did}; mit oder ohne Kontakt {reached} erreicht"
        f"{share(row) if of >= FEW else ''}{also(times(row))}."
    )


def _of_them(number: int) -> str:
    return count(number) if number else "keiner"


def resting(row: Row, previous: dt.date) -> str:
    """Who was to be followed up at the run before and counts nowhere; nothing if nobody."""
    if not row or not row["rests"]:
        return ""
    one = row["rests"] == 1
    who = "war 1 weiterer Kunde" if one else f"waren {count(row['rests'])} weitere Kunden"
    counts, them, stood = ("zählt", "ihn", "stand er") if one else ("zählen", "sie", "standen sie")
    return (
        f"Am {long_date(previous)} {who} zum Nachfassen vorgesehen, {counts} hier aber nicht mit: Die Liste "
        f"davor hatte {them} bewusst zurückgehalten. Deshalb {stood} an diesem Tag an erster Stelle und "
        f"{'gehört' if one else 'gehören'} zu keiner der beiden Gruppen."
    )


# Why no text says more than this, see the English sentences.
MORE = (
    "Das ist mehr, als der Zufall erklärt; ob es an den Kontakten lag oder daran, wer kontaktiert wurde, "
    "lässt sich an diesen Zahlen nicht ablesen"
)


def expected(row: Row) -> str:
    """What came of the followed days beside what was to be expected of them."""
    if not row or not row["followed"]:
        return "Keiner von ihnen wurde kontaktiert; es gibt also nichts zu vergleichen."
    if row["expected"] is None:
        return _no_comparison(row)
    verdict = {
        "within": "Er kann also Zufall sein",
        "above": MORE,
        "below": "Das ist weniger, als der Zufall erwarten lässt",
    }[against_limits(row)]
    after = round(row["after"])
    who = f"{'haben' if after > 1 else 'hat'} {plural(after, 'Kunde', 'Kunden') if after else 'kein Kunde'}"
    return (
        f"In den Tagen nach einem Kontakt {who} zum ersten Mal seit dem jeweiligen Lauf bestellt und ein "
        f"Zielsegment erreicht. Beim Tempo der Tage ohne Kontakt wären es {tenths(row['expected'])} gewesen, "
        f"ein Unterschied von {more(row['difference'])}. Allein durch Zufall läge er zwischen "
        f"{more(row['low95'])} und {more(row['high95'])}. {verdict}."
    )


def _no_comparison(row: Row) -> str:
    left = row["unfollowed"]
    few = f"Nur {plural(left, 'Kunde', 'Kunden')}" if left else "Kein Kunde"
    return (
        f"**Kein Vergleich:** {few} {'waren' if left > 1 else 'war'} ohne Kontakt; bei weniger als "
        f"{LEAST_UNFOLLOWED} lässt sich nicht sagen, was ohne Kontakt zu erwarten wäre{also(times(row))}."
    )


def coincide(row: Row, targets: Sequence[str]) -> str:
    """That reaching a target and moving up are nearly the same here; nothing where they are not."""
    if not facts.coincide(row):
        return ""
    how = "fast dasselbe wie" if row["apart"] else "dasselbe wie"
    up = "ist 1 Kunde aufgestiegen" if row["up"] == 1 else f"sind {count(row['up'])} Kunden aufgestiegen"
    return (
        f"{join(targets, 'oder')} zu erreichen, ist hier {how} ein Aufstieg: Mit einer Bestellung {up}, ein "
        f"Zielsegment {_have(row['reached'])} erreicht, nur eines von beidem {_have(row['apart'])} "
        "geschafft. Meist genügt eine einzige Bestellung, um in ein Zielsegment aufzusteigen."
    )


def _have(number: int) -> str:
    return f"{'haben' if number > 1 else 'hat'} {_of_them(number)}"


def revenue(row: Row, when: str, currency: str) -> str:
    """What was ordered after follow-ups; never said without the comparison."""
    if not row or not row["followed"]:
        return ""
    return (
        f"{sentence(when)} haben kontaktierte Kunden nach dem Kontakt für "
        f"{money(row['value_after'] or 0, currency)} bestellt. Wie viel davon ohnehin gekommen wäre, ist "
        "nicht bekannt; für sich allein sagt die Summe deshalb nichts."
    )


def sustained(row: Row) -> str:
    """How many of those who reached a target are still there when they would have fallen by themselves."""
    return staying.sustained(row)


def left_out(table: Table) -> list[str]:
    """Which runs do not count, and why."""
    told = []
    for why, one, several in (
        ("not kept", "entstanden, bevor Kontakte gezählt wurden", ""),
        (
            "no follow-ups",
            "in seiner Zeit ist kein Kontakt erfasst",
            "in ihrer Zeit ist kein Kontakt erfasst",
        ),
        ("nobody", "vorgesehen war niemand, den das Modell davor noch einordnen konnte", ""),
    ):
        days = [long_date(day) for day in facts.left_out(table, why)]
        if len(days) == 1:
            told.append(f"Nicht mitgezählt: der Lauf vom {days[0]} ({one}).")
        elif days:
            shown = days if len(days) <= 3 else [*days[:2], f"{count(len(days) - 2)} weitere"]
            told.append(f"Nicht mitgezählt: die Läufe vom {join(shown)} ({several or one}).")
    return told


def over(number: int) -> str:
    """Over how many runs a figure goes; part of a sentence: ``in acht Läufen``."""
    return "im bisher einzigen Lauf" if number == 1 else f"in {in_words(number)} Läufen"


def begun(log: bool, previous: dt.date | None) -> str:
    """Whether there is anything to say: a log of follow-ups, and a run before this one."""
    if previous is None:
        return FIRST
    return "Kontakte sind erfasst; der Vergleich folgt." if log else NO_LOG


def compared(table: Table, previous: dt.date, currency: str) -> list[str]:
    """What ``followed`` says: since the last run, over all runs, and beside what was expected.

    Parameters
    ----------
    table
        The run's ``followed``.
    previous
        The date of the run before.
    currency
        Of the study.
    """
    every, number = pooled(table), runs(table)
    if not every:
        return [NOBODY]
    now, last = facts.last(table, previous), f"seit dem {long_date(previous)}"
    told = [
        since(now, last) if now else NOW_NOBODY,
        resting(now, previous),
        since(every, over(number)) if number > 1 or not now else "",
        expected(every),
        revenue(now, last, currency),
        REACHED,
    ]
    return [text for text in told if text]


def beside(table: Table, targets: Sequence[str]) -> list[str]:
    """What ``followed`` says below its numbers: where two of them coincide, and which runs do not count."""
    same = coincide(pooled(table), targets)
    return [*([same] if same else []), *left_out(table)]


def told(table: Table, previous: dt.date | None, targets: Sequence[str], currency: str) -> str:
    """What ``followed`` says, without marks, as a notebook says it under the table."""
    if previous is None:
        return FIRST
    texts = [*compared(table, previous, currency), *beside(table, targets), NOT_SHOWN["followed"]]
    return "\n".join(texts).replace("**", "")


def stay(table: Table) -> list[str]:
    """What ``sustained`` says over all runs, and what that does not show; nothing if nobody reached."""
    found = sustained(pooled(table))
    return [found, NOT_SHOWN["sustained"]] if found else []


def stayed(table: Table) -> str:
    """The same without marks, as a notebook says it under the table."""
    return "\n".join(stay(table) or ["Noch hat niemand ein Zielsegment erreicht."]).replace("**", "")


NOW_NOBODY = "Seit dem letzten Lauf ist kein Kontakt erfasst."
NOBODY = "Niemand war zum Nachfassen vorgesehen, oder in die Zeit der gezählten Läufe fiel kein Kontakt."


NOT_SHOWN = {
    "followed": (
        "Die Tabelle zeigt nicht, dass ein Kontakt jemanden zum Bestellen gebracht hat: kein Nachweis einer "
        "Wirkung."
    ),
    "funnel": (
        "Das Bild zeigt nicht, wer besser arbeitet, und ist kein Nachweis einer Wirkung: Betreuer haben "
        "unterschiedliche Kunden und unterschiedlich viel Glück."
    ),
    "books": (
        "Die Tabelle zeigt nicht, was die Kontakte eines Betreuers gebracht haben: kein Nachweis einer "
        "Wirkung und keine Rangliste."
    ),
    "effect": (
        "Das zeigt nicht, was ein Kontakt bei einem einzelnen Kunden bewirkt, und nicht, was er bei Kunden "
        "bewirkt, die auf keiner Liste standen."
    ),
    "sustained": (
        "Das zeigt nicht, was sie gehalten hat: Wer wieder bestellt hat, ist geblieben, kontaktiert oder "
        "nicht."
    ),
    "late": (
        "Das zeigt keinen bösen Willen: Ein Anruf nach der Bestellung gehört zum guten Ton, er wird nur "
        "nicht angerechnet."
    ),
    "suspicions": "Das zeigt nicht, dass jemand betrügt; es zeigt, wo nachzufragen ist.",
}
"""Figure → what it does not show."""
