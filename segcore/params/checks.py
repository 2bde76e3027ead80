"""What is wrong with a study although each of its keys is right: definitions that lack, names that clash."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from segcore.variables import VARIABLES

if TYPE_CHECKING:
    from segcore.params import Study

# Columns of the customers of a run that a study cannot use for anything else.
OF_A_CUSTOMER = ("customer_id", "name", "rep", "since")
OF_A_RUN = ("segment", "rank", "rule")


def variable_problems(study: Study) -> Iterator[str]:
    """Variables that nobody defines, or that are defined twice; one sentence each."""
    for name, variable in study.variables.items():
        if name not in VARIABLES and variable.sql is None:
            known = ", ".join(VARIABLES)
            yield f"variables.{name}: must have sql: (one aggregate over transactions), or be one of {known}"
        if name in VARIABLES and variable.sql is not None:
            yield f"variables.{name}.sql: must be left out, for {name} is known; give yours another name"


def taken_names(study: Study) -> Iterator[str]:
    """Names that would stand twice in the table of customers: attributes, variables, and segcore's own."""
    attributes = study.sources.customers.columns if study.sources.customers else {}
    for key, names, taken in (
        ("variables", study.variables, {*OF_A_CUSTOMER, *OF_A_RUN, *attributes}),
        ("sources.customers.columns", attributes, set(OF_A_RUN)),
    ):
        for name in names:
            if name in taken or name.endswith("_class"):
                yield f"{key}.{name}: must have another name, for segcore's customers have such a column"


def former_names(study: Study) -> Iterator[str]:
    """Old names of segments that cannot be read as one of today; one sentence each."""
    named: dict[str, str] = {}
    for name, segment in study.segments.items():
        for old in segment.was:
            if old in study.segments:
                yield (
                    f"segments.{name}.was: must name segments that are no more (got {old!r}, which the study "
                    "has); take it out: a segment is itself in earlier runs, too"
                )
            elif old in named:
                yield (
                    f"segments.{name}.was: must not name {old!r}, as segments.{named[old]}.was does; "
                    "name it in the one in which most of its customers go on: who is in the other has moved"
                )
            named.setdefault(old, name)


def unknown_targets(study: Study) -> Iterator[str]:
    """Targets of following up that are no segments."""
    for name in study.follow_up.target:
        if name not in study.segments:
            known = ", ".join(study.segments)
            yield f"follow_up.target: must name segments of the study: {known} (got {name!r})"
    order = list(study.segments)
    followed = [place for place, segment in enumerate(study.segments.values()) if segment.follow_up]
    for name in study.follow_up.target:
        if followed and name in order and order.index(name) > max(followed):
            yield (
                "follow_up.target: must name segments above those that are to be followed up, for customers "
                f"are to rise (got {name!r}, which stands below {order[max(followed)]!r})"
            )
