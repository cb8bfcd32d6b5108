"""What a sampler is known to do: draw at random, draw evenly, or learn from a certain trial on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from optuna.samplers import (
    BaseSampler,
    BruteForceSampler,
    GPSampler,
    GridSampler,
    PartialFixedSampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)

from optuna_hpx.trials.options import (
    independent_sampler,
    is_liar,
    is_multivariate,
    n_startup_trials,
    wrapped_sampler,
)

__all__ = ["Drawer", "drawer_of", "innermost"]


@dataclass(frozen=True)
class Drawer:
    """How a sampler draws.

    Attributes:
        name: Of its class.
        kind: ``"random"``: independent draws from the search space; ``"even"``: the points of a
            grid or of a quasi-random sequence; ``"learning"``: at random for its start-up, and
            from the trials so far thereafter; ``"other"``: nothing is known.
        n_startup: How many trials must have ended before it learns; 0 unless it is learning.
        counts_pruned: Whether pruned trials count for that.
        leaves_marks: Whether it marks the trials that it chose.
    """

    name: str
    kind: Literal["random", "even", "learning", "other"]
    n_startup: int = 0
    counts_pruned: bool = False
    leaves_marks: bool = False


def drawer_of(sampler: BaseSampler | None, n_objectives: int) -> Drawer | None:
    """Describe the innermost of the samplers that are around each other; None for None.

    Args:
        sampler: The outermost one.
        n_objectives: Of the study that it draws in.
    """
    inner = innermost(sampler)
    if inner is None:
        return None
    name = type(inner).__name__
    if isinstance(inner, RandomSampler):
        return Drawer(name, "random")
    if isinstance(inner, (QMCSampler, GridSampler, BruteForceSampler)):
        return Drawer(name, "even")
    if isinstance(inner, TPESampler):
        leaves_marks = is_liar(inner) and is_multivariate(inner, n_objectives)
        return Drawer(name, "learning", n_startup_trials(inner), True, leaves_marks)
    if isinstance(inner, GPSampler) and isinstance(independent_sampler(inner), RandomSampler):
        return Drawer(name, "learning", n_startup_trials(inner), False, True)
    return Drawer(name, "other")


def innermost(sampler: BaseSampler | None) -> BaseSampler | None:
    """Unpack a sampler from those around it.

    A PartialFixedSampler stays: what it draws is no draw from the search space.
    """
    inner = wrapped_sampler(sampler)
    while inner is not None and not isinstance(sampler, PartialFixedSampler):
        sampler, inner = inner, wrapped_sampler(inner)
    return sampler
