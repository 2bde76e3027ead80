"""``call_list.csv``: whom every representative should call before the next run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segcore.outputs import lines
from segcore.outputs.lines import drop_head, guarded, money, value_head, write_lines

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study


def write(engine: Engine, study: Study, path: Path) -> None:
    """Write the file of a run, see :func:`write_calls`."""
    write_calls(engine, path, spreadsheet=study.spreadsheet, windowed=lines.windowed(study))


def write_calls(engine: Engine, path: Path, *, spreadsheet: str = "default", windowed: bool = False) -> None:
    """Write one line for everybody who is to be called, by representative and place in the list.

    Parameters
    ----------
    engine
        Holds ``calls`` as :func:`segcore.transitions.calls` makes it; ``rules`` and ``facts`` if the run
        has them.
    path, spreadsheet
        The file and whose separators it has, see :func:`segcore.outputs.lines.write_lines`.
    windowed
        Whether a variable has a window, see :func:`segcore.outputs.lines.drop_head`.

    Notes
    -----
    Columns: representative, place_in_list, customer_id, name, from_segment, to_segment, state, mark,
    order_value_12_months (or whatever time it is of, see :func:`value_head`), last_order, drop_date
    (or drop_date_or_earlier), falls_to, reason (in words), fragile, rule (in words). Who is left off by
    the capacity or held out is not in it. Last stand the customers of nobody.
    """
    ruled = engine.has("rules")
    texts = {
        "customer_id": "calls.customer_id",
        "name": "name",
        "from_segment": "segment_from",
        "to_segment": "calls.segment",
        "state": "state",
        "mark": "mark",
    }
    columns = {
        "representative": guarded("rep_name"),
        "place_in_list": "calls.position",
        **{name: guarded(sql) for name, sql in texts.items()},
        value_head(engine): money("value"),
        "last_order": "last_order",
        drop_head(windowed): "drop_date",
        "falls_to": guarded("falls_to"),
        "reason": guarded("says"),
        "fragile": "fragile",
        "rule": guarded("rules.rule" if ruled else "NULL"),
    }
    rules = "left join rules on rules.line = calls.rule" if ruled else ""
    write_lines(
        engine,
        path,
        columns,
        f"calls {rules} where calls.position is not null "
        "order by rep is null, strip_accents(lower(rep_name)), rep, calls.position",
        spreadsheet=spreadsheet,
    )
