"""What would keep mails about a run from being made or from reaching somebody, before there is the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from segcore.errors import MailError, ParamsError

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study


def in_the_way(study: Study, engine: Engine) -> Sequence[str]:
    """What is wrong with the subscriptions of a study, by the sources that were read; one sentence each.

    Parameters
    ----------
    study
        The study; of one without mails there is nothing to say.
    engine
        Holds what the ingest left.
    """
    from segcore.mail import reasons
    from segcore.mail.people import recipients
    from segcore.mail.subscriptions import load_subscriptions

    if study.mail is None:
        return ()
    try:
        subscriptions = load_subscriptions(study)
        if not engine.has("transactions"):
            return ()
        engine.execute(f"create or replace temp table listed as {_listed(engine)}")
        found = recipients(study, engine, subscriptions)
    except (MailError, ParamsError) as error:
        return error.problems
    finally:
        engine.execute("drop table if exists listed")
    return [
        f"representative {one.rep}, {one.name or 'without a name'}: {one.skip}; the others get theirs"
        for one in found
        if reasons.is_amiss(one.skip)
    ]


def _listed(engine: Engine) -> str:
    """Whose customer somebody is, as a run says it: by the customers source, or else by the latest order."""
    ordered = "max_by(rep, (order_date, order_id))" if "rep" in engine.columns("transactions") else "NULL"
    latest = f"select customer_id, {ordered}::VARCHAR as rep from transactions group by customer_id"
    has = engine.has("customers_source") and "rep" in engine.columns("customers_source")
    if not has:
        return latest
    return (
        f"select customer_id, coalesce(told.rep::VARCHAR, latest.rep) as rep from ({latest}) latest "
        "left join customers_source told using (customer_id)"
    )
