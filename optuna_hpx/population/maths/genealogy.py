"""Who descends from whom in a population of models that train side by side.

A population trains for T generations of n segments. After a generation its best segments become
parents: the children of the next start from their weights. The plan of a generation is a pure
function of the losses of the one before, so that every worker finds the same without a leader.

Notation
    n           segments of a generation, the population size
    T           generations
    P_g         parents kept after generation g
    c           children per parent, divided by the number of parents
    rank        of a segment in its generation, 0 the best
    losses (m,) of the segments of a generation that finished; infinite: diverged or pruned

Genealogical Population-Based Training (Scardigli et al., arXiv 2109.14925) keeps floor(sqrt(n/c))
parents after each generation. The annealed plan keeps many at first and few at the end,
P_g = round(a (b/a)^(g/(T-2))), as early losses say little of late ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

__all__ = ["Child", "Kind", "Plan", "annealed", "paper", "ranking", "relatives"]

_FIRST, _LAST = 0.4, 0.12  # of n: parents after generation 0, and after generation T - 2
_LEAST = 2


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
        """Of slot 0..n-1 of ``generation`` >= 1.

        ``n_able`` >= 1 segments can be parents; ``u``, uniform in [0, 1), decides its kind.
        """
        n_parents = min(self.parents[generation - 1], n_able)
        if not self.contiguous:
            return Child(slot % n_parents, self._kind(slot < n_parents, u))
        # The remainder of n / P goes to the best parents, one child each.
        size, more = divmod(self.n, n_parents)
        start = more * (size + 1)
        if slot < start:
            rank, place = divmod(slot, size + 1)
        else:
            rank, place = divmod(slot - start, size)
            rank += more
        return Child(rank, self._kind(place == 0, u))

    def next_child(
        self, generation: int, n_finished: int, n_children: np.ndarray, u: float
    ) -> Child | None:
        """A child that can begin before the last generation is complete; None if none can.

        With m of its n segments finished, the best P m / n of them may be parents, for at most m
        children in all. The one with the fewest children is next, of those the best.

        Args:
            generation: Of the child, >= 1.
            n_finished: m.
            n_children: Children so far, in this generation, of each finished segment that can be
                a parent, the best first.
            u: As for :meth:`child`.
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
    """P_g falls geometrically from 0.4 n to 0.12 n; n = 25, T = 10: 10 to 3.

    At least 2, or 1 if n < 4.
    """
    a = max(1, round(_FIRST * n))
    b = min(a, max(_LEAST, round(_LAST * n)))
    last = max(n_generations - 2, 1)
    parents = [round(a * (b / a) ** (g / last)) for g in range(n_generations - 1)]
    return Plan(n, tuple(parents), p_vary=0.5)


def paper(n: int, n_generations: int, c: float = 1.0) -> Plan:
    """P = floor(sqrt(n / c)) parents of n / P = sqrt(n c) children, all but the first proposed."""
    n_parents = min(n, max(1, int(np.sqrt(n / c) + 1e-9)))
    return Plan(n, (n_parents,) * (n_generations - 1), p_vary=0.0, contiguous=True)


def ranking(losses: np.ndarray) -> np.ndarray:
    """The finished segments that may be parents, the best first; ties as they come.

    Those with an infinite loss may not.
    """
    order = np.argsort(losses, kind="stable")
    return order[np.isfinite(losses[order])]


def relatives(parent: np.ndarray, line: np.ndarray, history: str) -> np.ndarray:
    """(m,) which segments a child learns from.

    Args:
        parent: (m,) number of each segment's parent; -1 for those of generation 0.
        line: (k,) numbers of the child's ancestors, its parent last; empty for a new model.
        history: "siblings": the other children of its parent. "lineage": these, its ancestors,
            and the siblings of each of them. "shared": all.
    """
    if history == "shared":
        return np.ones(len(parent), dtype=bool)
    line = np.append(-1, line)
    return np.isin(parent, line[-1:] if history == "siblings" else line)
