"""How the variables are spread, how they are cut, and what other cuts would do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from segcore.sentences.de import units
from segcore.wording import count, join, long_date, percent, plural

if TYPE_CHECKING:
    import pandas as pd

NAMED = 3
"""How many moves or classes are named one by one."""


def described(frame: pd.DataFrame) -> list[str]:
    """Where the customers of each variable lie.

    Parameters
    ----------
    frame
        variable, unit, and as text lowest, quarter, median, three_quarters and highest, as
        :func:`segcore.features.describe` gives them.
    """
    return [_described(row) for row in frame.to_dict("records")]


def _described(row: Mapping[Any, Any]) -> str:
    if row["lowest"] == row["highest"]:
        return f"{row['variable']}: Alle Kunden haben {units.counted(row['lowest'], row['unit'])}."
    return (
        f"{row['variable']}: von {row['lowest']} bis "
        f"{units.counted(row['highest'], row['unit'], behind=True)}, der Median ist {row['median']}. "
        "Höchstens "
        f"ein Viertel der Kunden liegt unter {row['quarter']}, höchstens ein Viertel über "
        f"{row['three_quarters']}."
    )


def alternatives(frame: pd.DataFrame) -> list[str]:
    """What other numbers of classes would do to the fit, a sentence for each variable that has others.

    Parameters
    ----------
    frame
        variable, classes, in_study, gvf, as :func:`segcore.model.alternatives` gives them.
    """
    told = []
    for name, rows in frame.groupby("variable", sort=False):
        own = rows[rows["in_study"]].iloc[0]
        others = [
            f"mit {int(row['classes'])} {'' if number else 'wären es '}{_within(float(row['gvf']))}"
            for number, row in enumerate(rows[~rows["in_study"]].to_dict("records"))
        ]
        share = _within(float(own["gvf"]))
        held = f"{name}: {int(own['classes'])} Klassen lassen {share} der Streuung unerklärt"
        told.append(f"{held}; {join(others)}." if others else f"{held}.")
    return told


def _within(gvf: float) -> str:
    return percent(max(0.0, 1 - gvf), places=1)


def made(fitted: dt.date, run_date: dt.date, moving: int) -> str:
    """How the segments were made; moving: whom this run's own breaks would place elsewhere."""
    if fitted == run_date and not moving:
        return "Die Klassengrenzen wurden aus den Kunden dieses Laufs bestimmt."
    own = plural(moving, "Kunden", "Kunden") if moving else "niemanden"
    later = ", also von einem Tag nach diesem Lauf" if fitted > run_date else ""
    return (
        f"Es gelten die Klassengrenzen vom {long_date(fitted)}{later}; die eigenen dieses Laufs würden {own} "
        "in ein anderes Segment bringen."
    )


ANEW = (
    "Die Grenzen werden in jedem Lauf neu bestimmt; ein Kunde kann also auch deshalb wechseln, weil sich "
    "eine "
    "Grenze verschoben hat."
)


SOLID = (
    "**Durchgezogene Linien** sind die geltenden Grenzen zwischen den Klassen; die Zahlen darüber sind die "
    "Klassen, die höchste ist die beste. Die Balken haben die Farben der Segmente."
)
DOTTED = (
    "**Gepunktete Linien** sind die Grenzen, die sich aus den Kunden dieses Laufs ergäben. Sie werden "
    "gezeigt, "
    "aber nicht verwendet: Solange die Grenzen bleiben, bewegen sich nur die Kunden."
)


def edges(frame: pd.DataFrame) -> str:
    """Which variables this run's own breaks cut elsewhere; frame: variable, same (one row per edge)."""
    same = frame.groupby("variable", sort=False)["same"].all()
    alike, others = list(same[same].index), list(same[~same].index)
    own = "Die eigenen Grenzen dieses Laufs"
    if not others:
        return f"{own} liegen bei jeder Variable gleich."
    if not alike:
        return f"{own} liegen bei jeder Variable anders."
    return f"{own} liegen bei {join(others)} anders, bei {join(alike)} gleich."


def cuts(edges: pd.DataFrame, spread: Mapping[Any, pd.DataFrame]) -> list[str]:
    """Where each variable is cut, and who is not drawn.

    Parameters
    ----------
    edges
        variable, unit, used, candidate (as text), same, as :func:`segcore.model.edges` gives them.
    spread
        Variable → upper, customers: its rows of the run's table ``spread``.
    """
    return [_cut(rows, spread[name]) for name, rows in edges.groupby("variable", sort=False)]


def _cut(edges: pd.DataFrame, spread: pd.DataFrame) -> str:
    name, unit = edges["variable"].iloc[0], edges["unit"].iloc[0]
    used, other = list(edges["used"]), list(edges["candidate"])
    one = len(used) == 1
    lie = "liegt" if one else "liegen"
    # Two edges may look the same in years although some days lie between them.
    elsewhere = f"{lie} bei {join(other)}" if used != other else f"{lie} um wenige Tage anders"
    same = "ist dieselbe" if one else "sind dieselben"
    *rest, last = used
    at = join([*rest, units.counted(last, unit, behind=True)])
    told = f"{name}: {'Grenze' if one else 'Grenzen'} bei {at}"
    told += f"; die dieses Laufs {same if edges['same'].all() else elsewhere}."
    beyond = int(spread.loc[spread["upper"].isna(), "customers"].sum())
    if not beyond:
        return told
    lie = "liegt" if beyond == 1 else "liegen"
    return f"{told} {plural(beyond, 'Kunde', 'Kunden')} {lie} weiter rechts als die Balken."


def differences(frame: pd.DataFrame) -> list[str]:
    """From where to where this run's own breaks would move customers; nothing if they move nobody.

    Parameters
    ----------
    frame
        from_segment, to_segment, customers: only those who would move.
    """
    if frame.empty:
        return []
    most = frame.sort_values("customers", ascending=False, kind="stable").head(NAMED)
    ways = [
        f"{count(int(row['customers']))} von {row['from_segment']} nach {row['to_segment']}"
        for row in most.to_dict("records")
    ]
    first = int(most["customers"].iloc[0])
    ways[0] = ways[0].replace(" ", " Kunde " if first == 1 else " Kunden ", 1)
    rest = int(frame["customers"].sum()) - int(most["customers"].sum())
    told = join([*ways, *([f"{count(rest)} auf anderen Wegen"] if rest else [])])
    return [f"Nach den eigenen Grenzen dieses Laufs {'käme' if first == 1 else 'kämen'} {told}."]


def classes(frame: pd.DataFrame) -> str:
    """Which class is the largest, and which have nobody; frame: the run's table ``classes``."""
    row = frame.iloc[int(frame["customers"].argmax())].to_dict()
    told = f"Die größte Klasse ist {_class(row)} mit {percent(float(row['share']))} der Kunden."
    empty = [_class(found) for found in frame[frame["customers"] == 0].to_dict("records")]
    return f"{told} Niemand ist in {join(empty, 'oder')}." if empty else told


def thin(frame: pd.DataFrame) -> str:
    """Which classes are thin, and what the other scale would do.

    Parameters
    ----------
    frame
        variable, class, customers, other_scale, other_sizes, as :func:`segcore.model.thin` gives them.
    """
    if frame.empty:
        return "Keine Klasse ist dünn besetzt."
    found = frame.to_dict("records")
    few = [f"{_class(row)} ({plural(int(row['customers']), 'Kunde', 'Kunden')})" for row in found]
    what = "Eine Klasse ist" if len(few) == 1 else f"{count(len(few))} Klassen sind"
    others = {row["variable"]: row for row in found if row["other_sizes"]}
    anew = [
        f"Auf {_SCALES.get(row['other_scale'], row['other_scale'])} Skala neu bestimmt, hätten die Klassen "
        "von "
        f"{name} {row['other_sizes']} Kunden."
        for name, row in others.items()
    ]
    return " ".join([f"{what} dünn besetzt: {join(few)}.", *anew])


_SCALES = {"log": "logarithmischer", "linear": "linearer"}


def _class(row: Mapping[Any, Any]) -> str:
    return f"Klasse {int(row['class'])} von {row['variable']}"
