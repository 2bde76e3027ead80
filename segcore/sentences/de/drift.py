"""How sure the edges are, whose segment hangs on that, and whether the edges still fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.sentences.facts import drift as facts
from segcore.sentences.facts.drift import unexplained as unexplained
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import EN_DASH, count, decimals, join, percent, plural

SURE = (
    "Eine Grenze ist nur so sicher wie die Kunden, an denen sie bestimmt wurde. **Zwischen** nennt den "
    "Bereich, in dem sie in 95 von 100 Fällen liegt, wenn Kunden aus diesen neu gezogen werden; wer darin "
    "liegt, kann durch Zufall auf der einen oder der anderen Seite stehen."
)
UNKNOWN = "Wie sicher die Grenzen sind, ist nicht bekannt."
CALENDAR = (
    "Die Jahre als Kunde wachsen mit dem Kalender; ihre Drift wird deshalb gezeigt, aber nicht beurteilt."
)


def fragile(uncertain: int, customers: int) -> str:
    """How many customers may be in their segment by chance.

    Parameters
    ----------
    uncertain
        Those who would be in another segment if edges lay elsewhere within their intervals.
    customers
        All.
    """
    if not uncertain:
        return (
            "Kein Kunde liegt so nahe an einer Klassengrenze, dass er durch Zufall auch in einem anderen "
            "Segment sein könnte."
        )
    lies, could = ("liegt", "er") if uncertain == 1 else ("liegen", "sie")
    return (
        f"{count(uncertain)} von {plural(customers, 'Kunden', 'Kunden')} ({percent(uncertain / customers)}) "
        f"{lies} so nahe an einer Klassengrenze, dass {could} durch Zufall auch in einem anderen Segment "
        f"sein {'könnte' if uncertain == 1 else 'könnten'}."
    )


def by_segment(segments: Table) -> str:
    """The same for all segments together, and the least sure one.

    Parameters
    ----------
    segments
        segment, customers, fragile: the run's table ``segments``.
    """
    told, least = of_all(segments), facts.least_sure(segments)
    if not least:
        return told
    share = percent(least["fragile"] / least["customers"])
    of = f"{count(least['fragile'])} von {count(least['customers'])}"
    return f"{told} Am unsichersten ist {least['segment']}: {of} ({share})."


def of_followed(segments: Table, names: Sequence[str]) -> str:
    """The same of the segments that are to be followed up, each; nothing where it is not known.

    Parameters
    ----------
    segments
        segment, customers, fragile: the run's table ``segments``.
    names
        The segments to follow up.
    """
    found = facts.followed(segments, names)
    if not found:
        return ""
    near = [row for row in found if row["fragile"]]
    if not near:
        where = join([row["segment"] for row in found], "oder")
        return f"Niemand im Segment {where} könnte durch Zufall auch in einem anderen sein."
    each = [
        f"{count(row['fragile'])} von {count(row['customers'])} in {row['segment']} "
        f"({percent(row['fragile'] / row['customers'])})"
        for row in near
    ]
    could = "könnte" if sum(row["fragile"] for row in near) == 1 else "könnten"
    return (
        f"Von den Kunden, die zum Nachfassen vorgesehen sind, {could} durch Zufall {join(each)} auch in "
        "einem anderen Segment sein."
    )


def of_all(segments: Table) -> str:
    """How many customers of all segments may be there by chance; see :func:`by_segment`."""
    found = rows(segments)
    if any(row["fragile"] is None for row in found):
        return UNKNOWN
    return fragile(sum(row["fragile"] for row in found), sum(row["customers"] for row in found))


def drift(table: Table) -> list[str]:
    """Whether the edges of each variable still fit; table: the run's ``drift``."""
    return [f"{row['variable']}: {WHAT[row['says']]}. {_signs(row)}" for row in rows(table)]


WHAT = {
    "fits": "Die Grenzen passen noch",
    "signs": "Nicht alle Anzeichen sprechen für neue Grenzen",
    "refit": "Alle drei Anzeichen sprechen für neue Grenzen",
    "calendar": "Wächst mit dem Kalender und wird nicht beurteilt",
}
"""What a row of ``drift`` says → in words."""

WORD = {"fits": "passt", "signs": "uneinheitlich", "refit": "neue Grenzen", "calendar": "nicht beurteilt"}
"""The same in a table."""


def _signs(row: Row) -> str:
    signs = []
    if row["psi"] is not None:
        more = "mehr" if row["psi"] > row["psi_limit"] else "nicht mehr"
        chance = f"{more}, als der Zufall erklärt (bis {places(row['psi_limit'])})"
        signs.append(f"Verschiebung (PSI) {places(row['psi'])}, {chance}")
    if row["gvf_now"] is not None:
        left, own = (unexplained(row[name]) for name in ("gvf_now", "gvf_own"))
        signs.append(f"{left} der Streuung unerklärt, {own} mit den eigenen Grenzen dieses Laufs")
    if row["outside"] is not None:
        own = plural(row["outside"], "eigene Grenze", "eigene Grenzen")
        signs.append(f"{own if row['outside'] else 'keine eigene Grenze'} außerhalb der Intervalle")
    return f"Anzeichen: {'; '.join(signs)}." if signs else "Kein Anzeichen ist bekannt."


def beside(row: Row) -> str:
    """What was unexplained at the fit, and what this run's own edges leave, beside that of today."""
    return f"bei der Bestimmung {unexplained(row['gvf'])}, eigene Grenzen {unexplained(row['gvf_own'])}"


def places(psi: float | None) -> str:
    """A shift to three places, – if it is not known."""
    return EN_DASH if psi is None else decimals(psi, 3)


def proposal(table: Table, dates: Sequence[dt.date], run_date: dt.date, fitted: dt.date) -> str:
    """Whether a refit is proposed, with the line to write; it is never done unasked.

    Parameters
    ----------
    table
        variable, says: the run's ``drift``.
    dates
        What ``breaks.from`` of the study says; none if breaks are made anew in every run.
    run_date, fitted
        The run's date, and that of the breaks in use.
    """
    if not dates or fitted >= run_date:
        return (
            "Die verwendeten Grenzen sind nicht älter als dieser Lauf; es gibt also nichts neu zu bestimmen."
        )
    asked, line = facts.asked(table), facts.line(dates, run_date)
    if not asked:
        return (
            "Bei keiner Variablen sprechen alle drei Anzeichen für neue Grenzen; deshalb wird nicht "
            "vorgeschlagen, sie neu zu bestimmen. Wer trotzdem die eigenen Grenzen dieses Laufs verwenden "
            f"will, schreibt {line} in die Studie."
        )
    return (
        f"Vorgeschlagen wird, die Grenzen neu zu bestimmen, denn bei {join(asked)} sprechen alle drei "
        f"Anzeichen dafür: {line} in die Studie schreiben, dann verwenden Läufe ab diesem die eigenen "
        "Grenzen dieses Laufs."
    )
