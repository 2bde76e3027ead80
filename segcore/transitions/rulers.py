"""How the model of a run differs from that of the run before: breaks, rules, or what cannot be told apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from segcore.engine.sql import literal, quote_name
from segcore.transitions.replay import same_values
from segcore.transitions.shares import BOUNDARY, MODEL, RULES

if TYPE_CHECKING:
    from segcore.model import Model


@dataclass(frozen=True)
class Rulers:
    """The models of two runs, with the segments of both in the order of the later one.

    Parameters
    ----------
    old, new
        The model of the run before, and that of this run.
    renamed
        Name of a segment in earlier runs → its name in this one; see
        :func:`segcore.transitions.renamed`.
    """

    old: Model
    new: Model
    renamed: Mapping[str, str]

    @cached_property
    def one_kind(self) -> bool:
        """Whether both models look at the same numbers of a customer."""
        return same_values(self.old.variables, self.new.variables)

    @cached_property
    def changed(self) -> tuple[str, ...]:
        """What is another: nothing, boundary, rules or both; model where these cannot be told apart."""
        # Both may be of before a segment was renamed; no segment of today has the old name of another.
        both = self.old, self.new
        segments = [{self.renamed.get(name, name) for name in model.segments} for model in both]
        classes = [{v.name: v.classes for v in model.variables} for model in both]
        if not self.one_kind or classes[0] != classes[1] or segments[0] != segments[1]:
            return (MODEL,)
        edges = [{v.name: v.edges for v in model.variables} for model in both]
        rules = [_rules(model, self.renamed) for model in both]
        others = {BOUNDARY: edges[0] != edges[1], RULES: rules[0] != rules[1]}
        return tuple(name for name, other in others.items() if other)

    @cached_property
    def pairs(self) -> tuple[tuple[Model, Model], ...]:
        """Whose breaks and whose rules are looked through, from the old model to the new.

        One of them where nothing changed, else two, or four where breaks and rules are both others: the
        old, new breaks with old rules, old breaks with new rules, the new.
        """
        old, new = self.old, self.new
        if not self.changed:
            return ((new, new),)
        if len(self.changed) == 1:
            return ((old, old), (new, new))
        return ((old, old), (new, old), (old, new), (new, new))

    def rank_sql(self, rules: Model, suffix: str) -> str:
        """A CASE expression over ``<variable><suffix>``: the segment's rank in this run's order, or NULL."""
        return self._by_rule(rules, suffix, lambda name: literal(self._rank(name)))

    def segment_sql(self, suffix: str) -> str:
        """A CASE expression over ``<variable><suffix>``: the old model's segment under its name of today."""
        return self._by_rule(self.old, suffix, lambda name: literal(self.renamed.get(name, name)))

    def _by_rule(self, model: Model, suffix: str, told: Callable[[str], str]) -> str:
        whens = " ".join(f"when {rule.sql(suffix)} then {told(rule.segment)}" for rule in model.rules.rules)
        return f"case {whens} end"

    def _rank(self, segment: str) -> int | None:
        name = self.renamed.get(segment, segment)
        return self.new.rules.rank(name) if name in self.new.segments else None


def known_sql(models: Sequence[Model]) -> str:
    """The condition that a customer has every value that the models ask for."""
    names = dict.fromkeys(variable.name for model in models for variable in model.variables)
    return " and ".join(f"{quote_name(name)} is not null" for name in names)


def _rules(model: Model, renamed: Mapping[str, str]) -> list[tuple[object, ...]]:
    """What the rules do, without their lines and notes, and in whichever order cells are written."""
    return [
        (renamed.get(rule.segment, rule.segment), sorted((c.variable, tuple(c.allowed)) for c in rule.cells))
        for rule in model.rules.rules
    ]
