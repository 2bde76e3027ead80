"""Which of many levels that stand out are told: the strongest, and each group of customers once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log
from typing import TYPE_CHECKING

from segcore.intervals import MOST_FALSE
from segcore.transitions.attributes import LOOKED, Attribute
from segcore.transitions.lifted import Lift, lift

if TYPE_CHECKING:
    import numpy as np

    from segcore.engine import Engine

WAYS = ("up", "down")
TOLD = 3
"""How many are told at most."""
WORTH = 1.1
"""From which lift on, or below its inverse, an effect is worth telling; with many customers any is sure."""
STRONGEST = 12
"""How many levels of each direction are held against each other at most."""


@dataclass(frozen=True)
class Level:
    """A level of an attribute among those who could move one way.

    Parameters
    ----------
    direction
        up or down.
    attribute, level
        Of whom it is; the level is None where the attribute is not recorded.
    counts
        movers, of_movers, customers, of_customers.
    found, q_value
        What the test says; None where it was not tested.
    told
        Whether it gets a sentence.
    """

    direction: str
    attribute: Attribute
    level: str | None
    counts: tuple[int, int, int, int]
    found: Lift | None
    q_value: float | None = None
    told: bool = False

    @property
    def sure(self) -> float:
        """How strong the effect is at least: the logarithm of the nearer end of the interval."""
        if self.found is None or not self.found.low <= self.found.high:
            return -inf
        return log(self.found.low) if self.found.lift > 1 else -log(self.found.high)

    @property
    def p_value(self) -> float:
        """That of the test, 1 where nothing can differ."""
        return 1.0 if self.found is None or self.found.p_value is None else self.found.p_value

    @property
    def stands_out(self) -> bool:
        """Whether it is more than chance, and worth a sentence."""
        if self.found is None or self.q_value is None:
            return False
        strong = self.found.lift >= WORTH or self.found.lift <= 1 / WORTH
        return self.q_value <= MOST_FALSE and strong and self.sure > 0

    @property
    def place(self) -> tuple[float, bool, str, str, str]:
        """Where it stands among others: by p value, then by name."""
        of = self.attribute
        return self.p_value, self.direction == "down", of.kind, of.name, self.level or ""


def told(engine: Engine, levels: Sequence[Level]) -> list[Level]:
    """Those that are told, the strongest first.

    Parameters
    ----------
    engine
        Holds :data:`segcore.transitions.attributes.LOOKED`.
    levels
        All of both directions.

    Notes
    -----
    Of one direction the strongest comes first, by the nearer end of its interval; but what segments are made
    of comes after all others, for it moves customers by what a segment is. Another is added if, among
    customers who are alike in what is told already, it moves the same way by a p value at most as large as
    the largest of all that stand out; and what is told falls out again if the others leave nothing of it.
    So levels that hold the same customers, or all the others, are told once.
    """
    standing = [
        level
        for way in WAYS
        for level in sorted(
            (one for one in levels if one.stands_out and one.direction == way), key=_strongest
        )[:STRONGEST]
    ]
    if not standing:
        return []
    apart = _Apart.of(engine, standing)
    chosen = [one for way in WAYS for one in apart.chosen([o for o in standing if o.direction == way])]
    return sorted(chosen, key=_strongest)[:TOLD]


def _strongest(level: Level) -> tuple[bool, float, tuple[float, bool, str, str, str]]:
    return level.attribute.variable, -level.sure, level.place


@dataclass(frozen=True)
class _Apart:
    """Customers counted by every combination of levels that stand out.

    Parameters
    ----------
    counts
        Combinations × (rank, customers, those who moved up, those who moved down).
    members
        Attribute and level → of each combination whether its customers are at that level.
    limit
        The largest p value of all that stand out.
    """

    counts: np.ndarray
    members: dict[tuple[Attribute, str | None], np.ndarray]
    limit: float

    @classmethod
    def of(cls, engine: Engine, levels: Sequence[Level]) -> _Apart:
        """Count the customers of some levels."""
        import numpy as np

        at: dict[Attribute, list[str | None]] = {}
        for one in levels:
            at.setdefault(one.attribute, []).append(one.level)
        at = {attribute: list(dict.fromkeys(names)) for attribute, names in at.items()}
        columns = [
            f"case {' '.join(f'when {of.is_at(name)} then {n}' for n, name in enumerate(names))} else -1 end"
            for of, names in at.items()
        ]
        places = ", ".join(str(n + 1) for n in range(len(columns) + 1))
        found = np.array(
            engine.rows(
                f"select from_rank, {', '.join(columns)}, count(*), count(*) filter (up), "
                f"count(*) filter (down) from {LOOKED} group by {places} order by {places}"
            ),
            dtype=np.int64,
        )
        members = {
            (of, name): found[:, place] == n
            for place, (of, names) in enumerate(at.items(), start=1)
            for n, name in enumerate(names)
        }
        return cls(found[:, [0, -3, -2, -1]], members, max(one.p_value for one in levels))

    def chosen(self, standing: Sequence[Level]) -> list[Level]:
        """Of levels that stand out one way, the strongest first, those that are told."""
        left, found = list(standing), list(standing[:0])
        while left and len(found) < TOLD:
            left = [one for one in left if self._is_left(one, found)]
            found, left = [*found, *left[:1]], left[1:]
            for one in found[:-1]:
                others = [other for other in found if other is not one]
                found = found if self._is_left(one, others) else others
        return found

    def _is_left(self, level: Level, beside: Sequence[Level]) -> bool:
        """Whether something of it is left among customers who are alike in others that are told."""
        import numpy as np

        if not beside:
            return True
        rank, customers, *moved = self.counts.T
        movers, own = moved[WAYS.index(level.direction)], self._at(level)
        alike = np.stack([rank, *(self._at(other) for other in beside)])
        _, stratum = np.unique(alike, axis=1, return_inverse=True)
        parts = (movers * own, customers * own, movers, customers)
        left = lift(*(np.bincount(stratum.ravel(), part) for part in parts))
        same_way = level.found is not None and (left.lift > 1) == (level.found.lift > 1)
        return same_way and left.p_value is not None and left.p_value <= self.limit

    def _at(self, level: Level) -> np.ndarray:
        return self.members[level.attribute, level.level]
