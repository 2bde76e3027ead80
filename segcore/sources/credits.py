"""What customers were credited: excluded order lines below zero, which count nowhere but here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.sources.judged import EXCLUDED, WITH_HEAD

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.sources.judged import Judged


def keep_credits(engine: Engine, judged: Judged) -> None:
    """Make ``credits``: the excluded order lines of customers whose amount is below zero.

    Parameters
    ----------
    engine
        Holds what :func:`segcore.sources.judging.judge` leaves of the transactions.
    judged
        The transactions.

    Notes
    -----
    Columns out: customer_id, order_id, order_date, amount (below zero), file, record. An order that
    was credited afterwards still counts as an order; this table says that there is something to ask.
    """
    own = range(EXCLUDED, EXCLUDED + len(judged.source.exclude))
    outcomes = [*own, *([judged.excluded(WITH_HEAD)] if WITH_HEAD in judged.rules else [])]
    among = f"_outcome in ({', '.join(map(str, outcomes))})" if outcomes else "false"
    engine.execute(
        "create or replace table credits as select customer_id, order_id, order_date::DATE as order_date, "
        f"amount::DECIMAL(38, 4) as amount, file, record from {judged.view} "
        f"where {among} and amount < 0 and customer_id is not null"
    )
