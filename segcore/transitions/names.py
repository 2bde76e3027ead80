"""Segments of earlier runs under their names of today, and representatives under theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from segcore import language
from segcore.engine.sql import literal

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study


def of_nobody() -> str:
    """What stands for the representative of those who have none, in the language that is spoken."""
    return language.say("not recorded")


def renamed(study: Study) -> dict[str, str]:
    """Name of a segment in earlier runs → the segment of the study that it goes on in.

    Examples
    --------
    ``segments: {Loyal: {was: [Regular]}}`` gives ``{"Regular": "Loyal"}``. Where two old segments go on
    in one, both stand there: they were merged.
    """
    return {old: name for name, segment in study.segments.items() for old in segment.was}


def unnamed(study: Study, segments: Sequence[str], run_date: str) -> Iterator[str]:
    """What to say of segments of an earlier run of which the study does not say what became of them.

    Their customers would be in no segment of today: neither risen nor fallen, and never reached.

    Parameters
    ----------
    study
        The study of today.
    segments
        Those of the earlier run, best first.
    run_date
        Its date.

    Yields
    ------
    str
        A sentence with the line to write, for each of them.
    """
    known = {*study.segments, *renamed(study)}
    for place, lost in enumerate(segments):
        if lost not in known:
            was = f"was: [{json.dumps(lost, ensure_ascii=False)}]"
            takes = json.dumps(_instead(study, segments, place), ensure_ascii=False)
            yield (
                f"{study.path}: segments: must have {lost!r}, as the run of {run_date} has, or say which "
                f"segment takes its place (it is neither there nor under was); write {was} at that segment, "
                f"like {takes}: {{{was}}}"
            )


def _instead(study: Study, segments: Sequence[str], place: int) -> str:
    """The segment that most likely takes a place: the only new one, else the next one below, or above."""
    new = [name for name in study.segments if name not in segments]
    near = [name for name in (*segments[place + 1 :], *reversed(segments[:place])) if name in study.segments]
    return new[0] if len(new) == 1 or not near else near[0]


def today_sql(column: str, names: Mapping[str, str]) -> str:
    """An expression: the segment in a column under its name of today."""
    whens = " ".join(f"when {literal(old)} then {literal(new)}" for old, new in names.items())
    return f"case {column} {whens} else {column} end" if names else column


def customers_sql(source: str, names: Mapping[str, str]) -> str:
    """The customers of an earlier run, from the table with them as they were published."""
    return f"select * replace ({today_sql('segment', names)} as segment) from {source}"


def moves_sql(source: str, names: Mapping[str, str]) -> str:
    """The moves of an earlier run, from the table with them as they were published.

    Between two segments that are one today nobody moved.
    """
    ends = {column: today_sql(column, names) for column in ("from_segment", "to_segment")}
    same = f"{ends['from_segment']} = {ends['to_segment']}"
    replaced = [f"{sql} as {column}" for column, sql in ends.items()]
    replaced.append(f"case when {same} then from_rank else to_rank end as to_rank")
    replaced.append(f"case when {same} then 'stayed' else state end as state")
    return f"select * replace ({', '.join(replaced)}) from {source}"


def reps_sql(engine: Engine) -> str:
    """The names of representatives as a query: rep, rep_name; a blank name is none.

    Two who have one name, or whose names differ in capitals only, have their numbers behind it:
    ``Anna Berg (0101)``. So has one whose name is the number of another one.
    """
    if not engine.has("reps") or "name" not in engine.columns("reps"):
        return "select NULL::VARCHAR as rep, NULL::VARCHAR as rep_name where false"
    return """
        select rep, case when named is null or lower(named) = lower(trim(rep)) then named
            when count(*) over (partition by lower(named)) > 1
                or lower(named) in (select lower(trim(rep)) from reps) then concat(named, ' (', rep, ')')
            else named end as rep_name
        from (select rep, nullif(trim(name), '') as named from reps)"""
