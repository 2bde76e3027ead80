"""What other sources look up: one record per key on the run date, and customers by their number of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_names
from segcore.errors import InputError
from segcore.kinds import KINDS
from segcore.sources.judged import NOT_VALID, Judged

if TYPE_CHECKING:
    from segcore.engine import Engine

SHOWN = 3  # keys that an error names


def check_single(engine: Engine, judged: Judged, query: str) -> None:
    """Make sure that the records of a lookup are unique on the key by which others look them up.

    Raises
    ------
    InputError
        With the first keys that have several records, where those stand, and what to do.
    """
    kind = KINDS[judged.kind]
    if kind.key == "record" or not (kind.lookup or kind.found_by):
        return
    key = quote_names(kind.key)
    shown = " || '-' || ".join(f"{quote_name(c)}::VARCHAR" for c in kind.key)
    found = engine.rows(
        f"select any_value({shown}), list(file || ' record ' || record order by file, record), "
        f"count(*) over () from ({query}) group by {key} having count(*) > 1 order by {key} limit {SHOWN}"
    )
    if not found:
        return
    examples = "; ".join(f"{value}: {' and '.join(places[:SHOWN])}" for value, places, _ in found)
    of = " and ".join(kind.key)
    valid = f" on the run date {judged.run_date}" if NOT_VALID in judged.rules else ""
    rest = "map valid_from and valid_to" if not valid else "mend valid_from and valid_to"
    raise InputError(
        f"sources.{judged.kind}: must have one record per {of}{valid}, by which other sources look it up "
        f"({found[0][2]:,} have several: {examples}); {rest}, exclude the records that do not apply, or "
        f"say unique: [{', '.join(kind.key)}], so that the later one wins"
    )


def resolve(engine: Engine, table: str) -> None:
    """Follow renumbered customers to their number of today: A → B → C becomes A → C and B → C.

    Parameters
    ----------
    engine
        Where SQL runs.
    table
        Its columns customer_id and becomes; it is replaced by one with these only.

    Raises
    ------
    InputError
        If numbers lead in a circle.
    """
    following = dict(
        engine.rows(f"select customer_id, becomes from {table} where customer_id <> becomes order by 1")
    )
    last: dict[str, str] = {}
    for start in following:
        path = [start]
        while path[-1] in following and path[-1] not in last:
            if (then := following[path[-1]]) in path:
                circle = " → ".join([*path[path.index(then) :], then])
                raise InputError(
                    f"sources.renumbered: must not lead back to where it began ({circle}); take out the "
                    "record that does not hold any more, or map valid_from"
                )
            path.append(then)
        last |= dict.fromkeys(path[:-1], last.get(path[-1], path[-1]))
    engine.execute(
        f"create or replace table {table} as select unnest($old::VARCHAR[]) as customer_id, "
        "unnest($new::VARCHAR[]) as becomes order by 1",
        {"old": list(last), "new": list(last.values())},
    )
