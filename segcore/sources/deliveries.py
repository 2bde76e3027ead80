"""What several deliveries of a source say of the same records, and of the same days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name
from segcore.sources.judged import DUPLICATES, REPEATED, Judged
from segcore.sources.judging import same

if TYPE_CHECKING:
    from segcore.engine import Engine

CREATE = """
create or replace table conflicts (source VARCHAR, key VARCHAR, "column" VARCHAR, kept_file VARCHAR,
    kept_record BIGINT, kept_value VARCHAR, dropped_file VARCHAR, dropped_record BIGINT,
    dropped_value VARCHAR, within BOOLEAN)
"""


def list_conflicts(engine: Engine, judged: Judged) -> None:
    """Add to ``conflicts`` where two records of a business key say different things."""
    repeated = judged.table("repeated")
    if not engine.rows(f"select 1 from {repeated} where _differ limit 1"):
        return
    key = judged.key
    columns = [c for c in judged.source.columns if c not in key]
    shown = " || '-' || ".join(f"coalesce(l.{quote_name(c)}::VARCHAR, '')" for c in key)
    values = "".join(f", k.{quote_name(c)} as k{n}, l.{quote_name(c)} as l{n}" for n, c in enumerate(columns))
    engine.execute(
        f"create or replace temp table pairs as select {shown} as key, k.file as kept_file, "
        f"k.record as kept_record, l.file as dropped_file, l.record as dropped_record, "
        f"l._outcome = {REPEATED} as within{values} "
        f"from {judged.view} l join {repeated} d on d._differ and {same('l', 'd', judged)} "
        f"join {judged.view} k on {same('k', 'd', judged)} and k._precedence = d._best "
        f"where l._outcome in {DUPLICATES}"
    )
    for n, column in enumerate(columns):
        engine.execute(
            f"insert into conflicts select $kind, key, $column, kept_file, kept_record, k{n}::VARCHAR, "
            f"dropped_file, dropped_record, l{n}::VARCHAR, within from pairs "
            f"where l{n} is distinct from k{n}",
            {"kind": judged.kind, "column": column},
        )
