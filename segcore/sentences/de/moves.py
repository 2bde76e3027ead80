"""Who moved and what they did: „284 sind aufgestiegen, 283 davon haben bestellt“."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from segcore.intervals import FEW
from segcore.sentences.de.durations import of_the_last
from segcore.sentences.facts.moves import shares_that_stayed
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import MINUS, between, count, duration, join, money, percent, plural, sentence, signed

FIRST_RUN = "Dies ist der erste Lauf; Wechsel gibt es ab dem nächsten Lauf."

MOVES = {
    "up": "Aufgestiegen",
    "down": "Abgestiegen",
    "stayed": "Im Segment geblieben",
    "unranked": "Aus einem aufgelösten Segment",
    "new": "Neu in den Daten",
    "returned": "Zurückgekehrt",
    "gone": "Weggefallen",
}
"""Kind of move → how a table names it."""


def equation(movers: Table) -> str:
    """The accounts of all customers in one line."""
    n = {row["move"]: row["customers"] for row in rows(movers)}
    if not n:
        return FIRST_RUN
    both = n["up"] + n["down"] + n["stayed"] + n["unranked"]
    return (
        f"{count(both + n['gone'])} beim letzten Lauf + {count(n['new'])} neu + {count(n['returned'])} "
        f"zurückgekehrt {MINUS} {count(n['gone'])} weggefallen = "
        f"{count(both + n['new'] + n['returned'])} jetzt."
    )


def moved(movers: Table, *, since: str = "") -> str:
    """The finding about all moves: who ordered and who did not; ``since`` is a date in words, or nothing."""
    found = {row["move"]: row for row in rows(movers)}
    when = f"Seit dem {since}" if since else ""
    retired = found["unranked"]["customers"]
    came = "kam" if retired == 1 else "kamen"
    left = f"; {plural(retired, 'Kunde', 'Kunden')} {came} aus einem aufgelösten Segment" if retired else ""
    if not found["up"]["customers"] and not found["down"]["customers"]:
        nobody = f"kein {'anderer ' if left else ''}Kunde"
        return _clause(when, nobody, "hat", "das Segment gewechselt") + left
    fell = " ".join(_fell(found["down"], named=not found["up"]["customers"]))
    return f"{_clause(when, *_rose(found['up']))}; {fell}{left}"


def _clause(when: str, who: str, verb: str, rest: str) -> str:
    """A main clause, whose verb is its second part whatever stands first."""
    return f"{when} {verb} {who} {rest}" if when else sentence(f"{who} {verb} {rest}")


def _rose(row: Row) -> tuple[str, str, str]:
    customers, ordered = row["customers"], row["ordered"]
    if not customers:
        return "niemand", "ist", "aufgestiegen"
    if customers == 1:
        did = "aufgestiegen und hat bestellt" if ordered else "ohne Bestellung aufgestiegen"
        return "1 Kunde", "ist", did
    return f"{count(customers)} Kunden", "sind", f"aufgestiegen, {_have_ordered(ordered, customers)}"


def _fell(row: Row, *, named: bool) -> tuple[str, str, str]:
    customers, without = row["customers"], row["idle"]
    if not customers:
        return "niemand", "ist", "abgestiegen"
    how = "ohne Bestellung" if without else "trotz Bestellung"
    if customers == 1:
        return "1 Kunde", "ist", f"{how} abgestiegen"
    who = f"{count(customers)} Kunden" if named else count(customers)
    return who, "sind", f"abgestiegen, {_all(without or customers, customers)} {how}"


def _all(number: int, of: int) -> str:
    if number == of:
        return "beide" if of == 2 else "alle"
    return f"{count(number) if number else 'keiner'} davon"


def _have_ordered(number: int, of: int) -> str:
    return f"{_all(number, of)} {'hat' if number in (0, 1) else 'haben'} bestellt"


def ordered_shortly(movers: Table) -> str:
    """How many of those who moved up, and down, ordered, where there is little room."""
    found = {row["move"]: row for row in rows(movers)}
    if not found["up"]["customers"] and not found["down"]["customers"]:
        return "niemand hat gewechselt"
    return f"davon bestellt: {count(found['up']['ordered'])} / {count(found['down']['ordered'])}"


def what_others_did(movers: Table) -> str:
    """Whether those who stayed ordered; nothing if nobody stayed."""
    row = next(row for row in rows(movers) if row["move"] == "stayed")
    customers, ordered = row["customers"], row["ordered"]
    if customers < 2:
        did = "wieder bestellt" if ordered else "nichts bestellt"
        return f"1 Kunde ist in seinem Segment geblieben und hat {did}." if customers else ""
    return f"{count(customers)} Kunden sind in ihrem Segment geblieben, {_have_ordered(ordered, customers)}."


def worth(movers: Table, currency: str, window: str | None) -> str:
    """What movers, newcomers and those who are gone order; nothing if there are none."""
    found = {row["move"]: row for row in rows(movers)}
    parts = [
        f"{money(found[move]['value'], currency)} {who}"
        for move, who in (
            ("up", "von Aufgestiegenen"),
            ("down", "von Abgestiegenen"),
            ("new", "von neuen Kunden"),
            ("returned", "von Zurückgekehrten"),
            ("gone", "von Weggefallenen"),
        )
        if found[move]["customers"]
    ]
    when = of_the_last(window) if window else "aller Bestellungen"
    return f"Bestellwert {when}: {join(parts)}." if parts else ""


def came_and_went(movers: Table) -> str:
    """Who is new, has returned or is gone; nothing if nobody."""
    n = {row["move"]: row["customers"] for row in rows(movers)}
    told = [
        (n[move], f"{'ist' if n[move] == 1 else 'sind'} {did}")
        for move, did in (("new", "neu"), ("returned", "zurückgekehrt"), ("gone", "weggefallen"))
        if n[move]
    ]
    parts = [f"{count(number)} {verb}" for number, verb in told]
    if parts:
        parts[0] = f"{plural(told[0][0], 'Kunde', 'Kunden')} {told[0][1]}"
    return f"{join(parts)}." if parts else ""


def gone(movers: Table, within: str | None) -> str:
    """Why customers are gone; nothing if nobody is."""
    row = next(row for row in rows(movers) if row["move"] == "gone")
    customers, lost = row["customers"], row["missing"] if within else row["customers"]
    if not customers:
        return ""
    are = "ist" if customers == 1 else "sind"
    told = f"{plural(customers, 'Kunde', 'Kunden')} {are} weggefallen:"
    if lost in (0, customers):
        they = "Er" if customers == 1 else "Sie"
        return f"{told} {they} {_absent(customers) if lost else _late(customers, within)}."
    rest = customers - lost
    return f"{told} {count(rest)} {_late(rest, within)}, {count(lost)} {_absent(lost)}."


def _absent(customers: int) -> str:
    return f"{'ist' if customers == 1 else 'sind'} nicht mehr in den Daten"


def _late(customers: int, within: str | None) -> str:
    return f"{'hat' if customers == 1 else 'haben'} seit {duration(within, behind=True)} nichts bestellt"


IN = {
    "up into": "aufgestiegen",
    "down into": "abgestiegen",
    "other into": "aus einem aufgelösten Segment",
    "new": "neu",
    "returned": "zurückgekehrt",
}
OUT = {
    "up out of": "aufgestiegen",
    "down out of": "abgestiegen",
    "other out of": "in andere Segmente",
    "gone": "weggefallen",
}


def flowed(part: str, customers: int) -> str:
    """How many came into a segment or went out of it, with a sign: ``+12``, ``−12``."""
    return signed(-customers if part in OUT else customers)


def account(parts: Sequence[Row]) -> str:
    """What came into a segment and went out of it: the rows of one segment of ``accounts``."""
    n = {row["part"]: row["customers"] for row in parts}
    name, rank = parts[0]["segment"], parts[0]["rank"]
    more = n["end"] - n["start"]
    into, out = (
        join([f"{count(n[part])} {words}" for part, words in sides.items() if n[part]]) or "keine"
        for sides in (IN, OUT)
    )
    if rank is None:
        return f"{name} gibt es nicht mehr. Abgänge: {out}."
    end = plural(n["end"], "Kunden", "Kunden")
    if not more:
        return f"{name} hat weiterhin {end}. Zugänge: {into}. Abgänge: {out}."
    how = "gewachsen" if more > 0 else "geschrumpft"
    return f"{name} ist um {count(abs(more))} auf {end} {how}. Zugänge: {into}. Abgänge: {out}."


def accounts(table: Table) -> str:
    """:func:`account` for every segment, one line each, best first."""
    found = groupby(rows(table), key=lambda row: row["segment"])
    return "\n".join(account(list(parts)) for _, parts in found) or FIRST_RUN


def kept(matrix: Table) -> str:
    """Of which segments most and fewest stayed, among those of 20 customers or more."""
    shares = shares_that_stayed(matrix)
    if not shares:
        return f"Kein Segment hatte beim letzten Lauf {FEW} oder mehr Kunden; Anteile würden wenig aussagen."
    most, fewest = max(shares), min(shares)
    where, share = _there(shares[most], most)
    told = f"In {where} sind {share} der Kunden geblieben"
    if len(shares) == 1:
        return f"{told}."
    return f"{told}, der höchste Anteil, in {' '.join(_there(shares[fewest], fewest))}, der niedrigste."


def _there(segments: Sequence[str], share: float) -> tuple[str, str]:
    return join(segments), f"{'jeweils ' if len(segments) > 1 else ''}{percent(share)}"


def sure(matrix: Table) -> str:
    """How many rates of the matrix say something, and which of them is the least sure."""
    cells = [row for row in rows(matrix) if row["customers"]]
    judged = [row for row in cells if not row["few"]]
    if not judged:
        return f"Keine Zelle enthält {FEW} Kunden, deshalb sagt keine Quote viel aus."
    least = max(judged, key=lambda row: row["high"] - row["low"])
    some = f"{count(len(judged))} von {count(len(cells))} besetzten Zellen"
    first = (
        f"Die einzige besetzte Zelle enthält {FEW} oder mehr Kunden."
        if len(cells) == 1
        else f"{some} {'enthält' if len(judged) == 1 else 'enthalten'} {FEW} oder mehr Kunden."
    )
    return (
        f"{first} Am unsichersten ist dabei die Quote {_way(least)}: {percent(least['share'])}, "
        f"95-%-Intervall {between(least['low'], least['high'])}."
    )


def _way(row: Row) -> str:
    """From where to where customers moved; who came or went has no segment on one side."""
    ends = {
        "new": f"von neuen Kunden nach {row['to_segment']}",
        "returned": f"von zurückgekehrten Kunden nach {row['to_segment']}",
        "gone": f"der Weggefallenen aus {row['from_segment']}",
    }
    return ends.get(row.get("state", ""), f"von {row['from_segment']} nach {row['to_segment']}")


def how_to_read(counted: Mapping[str, int]) -> list[str]:
    """How the picture of the moves is read."""
    stayed, left = counted["stayed"], counted["unranked"]
    told = [
        "**Lesehilfe.** Jedes farbige Band ist eine Gruppe von Kunden, die das Segment "
        "gewechselt haben. Es hat die Farbe des Segments, aus dem sie kommen; je dicker, desto mehr Kunden."
    ]
    if counted["up"] or counted["down"]:
        told.append("Bänder, die nach rechts steigen, zeigen Aufstiege, fallende zeigen Abstiege.")
    if stayed == 1:
        told.append("Das graue Band ist der eine Kunde, der in seinem Segment geblieben ist.")
    if stayed > 1:
        told.append(
            f"Graue Bänder sind die {count(stayed)} Kunden, die in ihrem Segment geblieben sind. Sie sind "
            "alle gleich dick, damit man die Wechsel sieht."
        )
    if left:
        came = "kam" if left == 1 else "kamen"
        told.append(f"{plural(left, 'Kunde', 'Kunden')} {came} aus einem aufgelösten Segment.")
    return told


def not_drawn(movers: Table) -> str:
    """Whom the picture of the moves leaves out; nothing if nobody."""
    words = (("new", "neue"), ("returned", "zurückgekehrte"), ("gone", "weggefallene"))
    number = {row["move"]: row["customers"] for row in rows(movers)}
    absent = [
        plural(number[move], f"{which}r Kunde", f"{which} Kunden") for move, which in words if number[move]
    ]
    return f"Nicht dargestellt: {join(absent)}." if absent else ""
