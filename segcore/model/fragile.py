"""Who would be in another segment if an edge lay a little elsewhere.

A value that lies within an edge's interval may lie on either side of the edge. So each customer has a
worst and a best possible class of every variable, and most have one class only. Customers with the
same possible classes are tried once: there are some hundred such boxes of combinations, however many
customers there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name
from segcore.model.variable import CLASS

if TYPE_CHECKING:
    from segcore.model.definition import Model

FRAGILE = "fragile"


def with_fragile(model: Model, query: str) -> str:
    """A query that adds ``fragile`` (BOOLEAN) to the rows of another one.

    Parameters
    ----------
    model
        The model; ``fragile`` is NULL for one whose edges' intervals are not known.
    query
        One row per customer with the model's variables, as :meth:`segcore.model.Model.query` gives.

    Returns
    -------
    str
        The rows of ``query``; ``fragile`` says whether the customer would be in another segment under
        some combination of classes that the intervals allow.
    """
    if not model.known:
        return f"select *, null::BOOLEAN as {FRAGILE} from ({query}) as applied"
    ends = {v.name: [quote_name(f"_{end}_{v.name}") for end in ("worst", "best")] for v in model.variables}
    columns = ", ".join(column for pair in ends.values() for column in pair)
    possible = ", ".join(
        f"({sql})::SMALLINT as {column}"
        for variable in model.variables
        for sql, column in zip(variable.possible_sql(), ends[variable.name], strict=True)
    )
    wide = " or ".join(f"{worst} < {best}" for worst, best in ends.values())
    classes = " ".join(
        f"join (select unnest(range(1, {v.classes + 1}))::SMALLINT as {quote_name(v.name + CLASS)}) "
        f"on {quote_name(v.name + CLASS)} between {ends[v.name][0]} and {ends[v.name][1]}"
        for v in model.variables
    )
    return (
        f"with applied as materialized (select *, {possible} from ({query}) as ruled), "
        f"boxes as (select distinct {columns} from applied where {wide}), "
        f"unsure as (select {columns} from boxes {classes} group by {columns} "
        f"having count(distinct {model.segment_sql()}) > 1) "
        f"select * exclude ({columns}), ({columns}) in (select ({columns}) from unsure) as {FRAGILE} "
        "from applied"
    )
