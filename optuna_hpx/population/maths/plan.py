"""Which parents the children of a generation have, and where their hyperparameters come from.

A population trains for T generations of n segments. After a generation its best segments become
parents: the children of the next start from their weights. The plan of a generation is a pure
function of the losses of the one before, so that every worker finds the same without a leader.

Notation
    n           segments of a generation, the population size
    T           generations
    P_g         parents kept after generation g
    c           children per parent, divided by the number of parents
    rank        of a segment in its generation, 0 the best
    m           finished segments of a generation that is still training
    u           uniform in [0, 1): decides the kind of a child

Genealogical Population-Based Training keeps the same number after each generation,

    P_g = floor(sqrt(n / c)).                                                              (1)

The annealed plan keeps many at first and few at the end, as early losses say little of late ones,

    P_g = round(a (b / a)^(g / (T - 2))),    a = 0.4 n,  b = 0.12 n.                        (2)

References:
    Scardigli et al., Genealogical Population-Based Training for Hyperparameter Optimization,
    arXiv 2109.14925: equation (1) is the number of parents in its algorithm.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

__all__ = ["Child", "Kind", "Plan", "annealed", "paper"]

_FIRST, _LAST = 0.4, 0.12
"""Shares of n that are parents after generation 0, and after generation T - 2.

Chosen before the tasks of ``benchmarks/population/gpbt_quality.py``, which show what they come to.
"""
_LEAST = 2  # parents: with a single one the whole population would descend from one early loss
_P_VARY = 0.5
_ROUNDING = 1e-9  # lest the root of a square number be a little less than whole


class Kind(str, Enum):
    """Where a child has its hyperparameters from."""

    ROOT = "root"  # drawn for a new model
    CONTINUE = "continue"  # its parent's
    VARY = "vary"  # its parent's, a little changed
    PROPOSE = "propose"  # proposed by a model of earlier segments


@dataclass(frozen=True)
class Child:
    """What a slot of a generation is to train.

    Attributes:
        rank: Of its parent among the finished segments of the last generation.
        kind: Where its hyperparameters come from.
    """

    rank: int
    kind: Kind


@dataclass(frozen=True)
class Plan:
    """How each generation follows from the last.

    Attributes:
        n: Segments of a generation.
        parents: (T - 1,) parents kept after generation 0, 1, ...
        p_vary: Share of the children, beside the first of each parent, that vary its values.
        contiguous: Whether the children of a parent have adjacent slots, so that they train one
            after the other; else the parents take turns.
    """

    n: int
    parents: tuple[int, ...]
    p_vary: float
    contiguous: bool = False

    def child(self, generation: int, slot: int, u: float, n_able: int) -> Child:
        """Return what a slot trains once the generation before is complete.

        Args:
            generation: Of the child, >= 1.
            slot: Its place in the generation, 0 to n - 1.
            u: Decides its kind.
            n_able: How many segments can be parents, at least 1.
        """
        n_parents = min(self.parents[generation - 1], n_able)
        if self.contiguous:
            rank, place = self._contiguous_place(slot, n_parents)
            return Child(rank, self._kind(place == 0, u))
        return Child(slot % n_parents, self._kind(slot < n_parents, u))

    def _contiguous_place(self, slot: int, n_parents: int) -> tuple[int, int]:
        """Return the rank of the parent, and which of its children the slot is."""
        # The remainder of n / P goes to the best parents, one child each.
        size, n_larger = divmod(self.n, n_parents)
        start = n_larger * (size + 1)
        if slot < start:
            return divmod(slot, size + 1)
        rank, place = divmod(slot - start, size)
        return rank + n_larger, place

    def next_child(
        self, generation: int, n_finished: int, n_children: np.ndarray, u: float
    ) -> Child | None:
        """Return a child that can begin before the last generation is complete; None if none can.

        With m of its n segments finished, the best P m / n of them may be parents, for at most m
        children in all. The one with the fewest children is next, of those the best.

        Args:
            generation: Of the child, >= 1.
            n_finished: m.
            n_children: Children so far, in this generation, of each finished segment that can be
                a parent, the best first.
            u: Decides its kind.
        """
        n_parents = min(self.parents[generation - 1] * n_finished // self.n, len(n_children))
        if n_parents == 0 or n_children.sum() >= n_finished:
            return None
        rank = int(n_children[:n_parents].argmin())
        return Child(rank, self._kind(n_children[rank] == 0, u))

    def _kind(self, is_first: bool, u: float) -> Kind:
        if is_first:
            return Kind.CONTINUE
        return Kind.VARY if u < self.p_vary else Kind.PROPOSE


def annealed(n: int, n_generations: int) -> Plan:
    """Return the plan of equation (2), for n = 25 and T = 10 with 10 parents at first, 3 at last.

    At least 2 parents, or 1 if n < 4.
    """
    a = max(1, round(_FIRST * n))
    b = min(a, max(_LEAST, round(_LAST * n)))
    last = max(n_generations - 2, 1)
    parents = [round(a * (b / a) ** (g / last)) for g in range(n_generations - 1)]
    return Plan(n, tuple(parents), p_vary=_P_VARY)


def paper(n: int, n_generations: int, c: float = 1.0) -> Plan:
    """Return the plan of equation (1): each parent has n / P children, all but one proposed."""
    n_parents = min(n, max(1, int(np.sqrt(n / c) + _ROUNDING)))
    return Plan(n, (n_parents,) * (n_generations - 1), p_vary=0.0, contiguous=True)
