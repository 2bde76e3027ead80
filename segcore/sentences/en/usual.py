"""What is usual: how long customers stay, how fast they move, and what that lets one expect."""

from __future__ import annotations

import datetime as dt

from segcore.intervals import FEW, LEVEL
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import count, join, long_date, percent, plural

UNTOLD = (
    "Whether this run is unusual cannot be told yet: it takes three runs in a row whose segments the same "
    "model made."
)
HOW_LONG = (
    "Stays that the first run already saw are left out of it, for nobody knows when they began; – where "
    f"fewer than {FEW} began since, or none could be watched yet."
)
NO_FORECAST = "There is no forecast: it takes two runs in a row whose segments the same model made."


def stays(table: Table) -> str:
    """How long customers stay in their segments, one line for each that has any."""
    told = []
    for row in rows(table):
        if row["customers"]:
            clauses = [clause for clause in (lasting(row), *_who(row)) if clause]
            told.append(f"{row['segment']} ({plural(row['customers'], 'customer')}): {'; '.join(clauses)}.")
    return "\n".join(told)


def lasting(row: Row) -> str:
    """How long a stay in one segment lasts; nothing if none that began could be watched yet."""
    if row["median_days"] is None:
        return ""
    days = plural(int(row["median_days"]), "day")
    if row["stays"] < FEW:
        return f"too few stays have begun since the first run to say how long one lasts ({row['stays']})"
    return (
        f"more than half of all stays last over {days}"
        if row["at_least"]
        else (f"half of all stays are over after {days}")
    )


def _who(row: Row) -> list[str]:
    """Those who have been there since before anybody looked, who came now, came back, or were better."""
    customers, told = row["customers"], []
    if row["since_first"] and row["days_since_first"]:
        who, has = _part(row["since_first"], customers)
        least = plural(row["days_since_first"], "day")
        told.append(f"{who} {has} been there for at least {least}, since the first run or before it")
    if row["entered_now"]:
        told.append(f"{_part(row['entered_now'], customers)[0]} came in this run")
    if row["back_again"]:
        who, has = _part(row["back_again"], customers)
        told.append(f"{who} {'is' if has == 'has' else 'are'} there not for the first time")
    if row["were_better"]:
        who, has = _part(row["were_better"], customers)
        told.append(f"{who} {'was' if has == 'has' else 'were'} better once")
    way, took = row["usual_path"], row["took_it"]
    if way and took >= FEW:
        told.append(f"the most usual way there was {way} ({plural(took, 'customer')})")
    return told


def _part(number: int, of: int) -> tuple[str, str]:
    """How many of them, and whether that ``has`` or ``have``."""
    whole = {1: "it", 2: "both"}.get(of, f"all {count(of)}")
    return whole if number == of else count(number), "has" if number == 1 else "have"


def rates(table: Table) -> str:
    """How long a stay lasts on average if customers go on moving as so far."""
    found = rows(table)
    if not found:
        return "There are no rates yet: no moves were seen whose segments the model of today made."
    lasting = {row["from_segment"]: row["sojourn_days"] for row in found}
    told = [f"{days:.0f} days in {segment}" for segment, days in reversed(lasting.items()) if days]
    for_ever = [segment for segment, days in reversed(lasting.items()) if not days]
    runs = "one run" if found[0]["runs"] == 1 else f"{found[0]['runs']} runs"
    average = f"By the moves of {runs}, a stay lasts on average {join(told)}." if told else ""
    rest = f"Nobody was seen to leave {join(for_ever, 'or')}." if for_ever else ""
    return " ".join(filter(None, (average, rest)))


def unusual(table: Table) -> str:
    """Whether customers moved in this run as they did before."""
    found = {row["test"]: row for row in rows(table)}
    if "this run" not in found:
        return UNTOLD
    now, every = found["this run"], found.get("all runs")
    if now["p_value"] is None:
        return "Nobody can be compared: no segment had customers both in this run and before."
    before = "the run before" if now["runs"] == 2 else f"the {count(now['runs'] - 1)} runs before"
    told = [_compared(now, before, found.get("usual spread"))]
    if every and every["p_value"] is not None:
        differ = "differ" if every["p_value"] < LEVEL else "do not differ"
        together = f"All {count(every['runs'])} runs together {differ} by more than chance"
        told.append(f"{together} ({_tested(every)}).")
    return " ".join(told)


def _compared(now: Row, before: str, spread: Row | None) -> str:
    if now["p_value"] >= LEVEL:
        return f"This run is not unusual: customers moved as in {before}, but for chance ({_tested(now)})."
    usual = spread is not None and spread["p_value"] >= LEVEL
    away = f"This run is unusual: customers moved otherwise than in {before}, by more than chance"
    away += f" ({_tested(now)})"
    if usual and spread:
        away = (
            f"This run is not unusual: no run here is like the others. It differs from {before} by more than "
            f"chance ({_tested(now)}), as those differ from each other ({_chance(spread['p_value'])})"
        )
    elif spread:
        away += f", and by more than those differ from each other ({_chance(spread['p_value'])})"
    return (
        f"{away}. Furthest off is the way from {now['from_segment']} to {now['to_segment']}: "
        f"{plural(now['customers'], 'customer')} where {_about(now['expected'])} were to be expected."
    )


def _tested(row: Row) -> str:
    freedom = plural(row["degrees"], "degree")
    return f"chi-squared {row['statistic']:.1f}, {freedom} of freedom, {_chance(row['p_value'])}"


def _chance(p: float) -> str:
    return "p below 0.001" if p < 0.001 else f"p {p:.2f}" if p >= 0.095 else f"p {p:.3f}"


def _about(expected: float) -> str:
    return f"{expected:.1f}" if expected < 10 else count(round(expected))


def forecast(table: Table) -> str:
    """What the next run is expected to show, and how the last forecast did."""
    found = [row for row in rows(table) if row["actual"] is None]
    if not found:
        return NO_FORECAST
    sizes = [f"{count(round(row['expected']))} {row['segment']} ({band(row)})" for row in found]
    came = sum(row["arrivals"] for row in found)
    return (
        f"If customers go on moving, coming and going as so far, there will be on "
        f"{long_date(found[0]['run_date'])}: {join(sizes)}; {count(round(came))} of them new or returned."
    )


NOT_JUDGED = "The last run made no forecast of these segments for a day near this one."


def held(table: Table, run_date: dt.date) -> str:
    """How the forecast of the run before did; nothing if it made none."""
    found = [row for row in rows(table) if row["actual"] is not None]
    if not found:
        return ""
    missed = [row for row in found if not row["low"] <= row["actual"] <= row["high"]]
    day = found[0]["run_date"]
    made = f"The last forecast, for {long_date(day)},"
    # In a frame the day has a time, so that it is not equal to any date.
    late = "" if f"{day:%Y-%m-%d}" == f"{run_date:%Y-%m-%d}" else f" This run is of {long_date(run_date)}."
    if not missed:
        return f"{made} held for {'every segment' if len(found) > 1 else 'the segment'}.{late}"
    off = [f"{row['segment']} has {count(row['actual'])} where {band(row)} were forecast" for row in missed]
    return f"{made} held for {len(found) - len(missed)} of {len(found)} segments: {join(off)}.{late}"


def band(row: Row) -> str:
    """The band of a forecast: ``63 to 90``."""
    return f"{count(row['low'])} to {count(row['high'])}"


def in_the_end(table: Table) -> str:
    """At which shares segments settle; nothing where that cannot be said."""
    found = [row for row in rows(table) if row["actual"] is None and row["in_the_end"] is not None]
    if not found:
        return ""
    shares = [f"{percent(row['in_the_end'])} {row['segment']}" for row in found]
    return f"If it went on so for ever, of all customers {join(shares)} would be the mix in the end."
