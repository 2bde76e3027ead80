"""Records that could not be split into columns, put back into their places among the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_text

if TYPE_CHECKING:
    from segcore.engine import Engine

REASONS = {
    "TOO MANY COLUMNS": "must have as many fields as the header (it has more)",
    "MISSING COLUMNS": "must have as many fields as the header (it has fewer)",
    "UNQUOTED VALUE": "must have nothing after a closing quote",
    "LINE SIZE OVER MAXIMUM": "must be shorter than 2 million characters",
}
LONGEST_RAW = 1000


def put_back(engine: Engine, made: Path, blank: Sequence[int]) -> Path:
    """Write the parsed form anew, with a row for each record in DuckDB's table ``refused``.

    Parameters
    ----------
    engine
        Where SQL runs; ``refused`` says in ``line`` where each record stands.
    made
        The records that could be split, in the order of the file.
    blank
        Where empty lines stand. DuckDB counts them in ``line``, although they are no records.

    Returns
    -------
    Path
        The complete parsed form, in the order of the file.
    """
    _number_refused(engine, blank)
    # A sound record moves back by the number of refused ones before it.
    steps = "select record - before + 1 as naive, max(before) as before from refused_records group by naive"
    numbered = f"from read_parquet({quote_text(str(made))}, file_row_number = true)"
    shifted = (
        "select l.file_row_number + 2 + coalesce(s.before, 0) as record, l.* exclude (file_row_number) "
        f"from ({numbered}) l asof left join ({steps}) s on l.file_row_number + 2 >= s.naive"
    )
    lost = (
        "select record, _bad_raw, 'columns' as _bad_rule, _bad_reason, true as _structural "
        "from refused_records"
    )
    target = made.with_name("complete.parquet")
    engine.execute(
        f"copy (select * exclude (record) from ({shifted} union all by name {lost}) order by record) "
        f"to {quote_text(str(target))} (format parquet)"
    )
    return target


def _number_refused(engine: Engine, blank: Sequence[int]) -> None:
    """Make ``refused_records``: record, _bad_raw, _bad_reason, and before (1 for the first, and so on)."""
    reasons = " ".join(f"when {quote_text(kind)} then {quote_text(why)}" for kind, why in REASONS.items())
    engine.execute("create or replace temp table blank_lines (line BIGINT)")
    engine.execute("insert into blank_lines select unnest($blank::BIGINT[])", {"blank": list(blank)})
    engine.execute(
        "create or replace temp table refused_records as "
        "select line - (select count(*) from blank_lines b where b.line < r.line) as record, "
        f"left(trim(raw, chr(10) || chr(13)), {LONGEST_RAW}) as _bad_raw, "
        f"case kind {reasons} else 'must be a record (' || lower(kind) || ')' end as _bad_reason, "
        "row_number() over (order by line) as before from "
        "(select line::BIGINT as line, min(error_type::VARCHAR) as kind, min(csv_line) as raw "
        "from refused group by line) r"
    )
