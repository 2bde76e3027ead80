"""One run from its plan to its place among the published ones."""

from __future__ import annotations

from segcore import archive
from segcore.runner.events import Telling
from segcore.runner.planning import Plan
from segcore.runner.ready import Ready, RunResult
from segcore.runner.stages import execute_stages
from segcore.runner.used import check_used
from segcore.sources.store import kept_before

STEPS = 3


def make(ready: Ready, plan: Plan) -> RunResult:
    """Stage, execute, seal, publish, and what follows."""
    places, facts = ready.setup.places, plan.facts
    kept_before([extract.as_json() for extract in plan.extracts], ready.setup.data_dir, places.inputs)
    lost = _lost(plan)
    staging = archive.stage(places, plan.run_date)
    tell = Telling(plan.run_date, ready.options.listener, staging)
    failed = places.failed(plan.run_date)
    execute_stages(plan, staging, ready.kernels, tell, failed=failed)
    check_used(plan, staging)
    sealed = archive.seal(staging, facts)
    tell.step("publish", 1, STEPS)
    archive.publish(places, sealed, replace=plan.published is not None)
    tell.step("publish", 2, STEPS)
    told = archive.finish(places)
    tell.step("publish", STEPS, STEPS)
    return ready.result(plan, "published", *lost, *told)


def _lost(plan: Plan) -> list[str]:
    """What to say if the run of this date was deleted by somebody, or cannot be made as it was."""
    places = plan.setup.places
    if plan.lost:
        return [
            f"warning: {plan.title}: the one before was compared with the run of {plan.lost}, which has "
            f"expired; this one {_instead(plan)}; the other one is kept in {places.aside('superseded')}"
        ]
    stands = archive.read_ledger(places.runs).standing(plan.run_date)
    if plan.published or not stands:
        return []
    return [f"warning: {plan.title}: was published and is gone; it is made anew of the extracts at hand"]


def _instead(plan: Plan) -> str:
    """How a run is made whose run before has expired."""
    if plan.earlier:
        return f"is compared with that of {plan.earlier[-1].run_date}"
    return "is a first run, without moves"


def standing(ready: Ready) -> tuple[str, ...]:
    """What to say about runs that are gone or were compared with another run, and about pages not made."""
    places = ready.setup.places
    gone = [f"warning: {told}" for told in archive.gone(places, archive.read_ledger(places.runs))]
    return (*gone, *archive.stale_advice(places), *archive.noted(places))
