"""What became of trials, which of them are the good ones, and which are learnt from.

Notation
    n, m, c     trials, objectives, constraints
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optuna_hpx.statistics.thinning import evenly
from optuna_hpx.trials.target_set import non_dominated, non_domination_keys

__all__ = ["Outcomes"]

_MAX_TRIALS = 400  # of which as many as this are the best ones:
_N_BEST = 200


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What became of the trials, in the order of time.

    Attributes:
        losses: (n, m) losses; NaN of a trial that has none, as it was pruned or failed.
        constraints: (n, c) values, at most 0 where feasible; NaN where not known.
        infeasible: (n,) whether a constraint is violated.
        is_guess: (n,) whether the losses are guesses; by default none are.
    """

    losses: np.ndarray
    constraints: np.ndarray
    infeasible: np.ndarray
    is_guess: np.ndarray | None = None

    def take(self, rows: np.ndarray) -> Outcomes:
        """Restrict the outcomes to ``rows``."""
        is_guess = None if self.is_guess is None else self.is_guess[rows]
        return Outcomes(self.losses[rows], self.constraints[rows], self.infeasible[rows], is_guess)

    @property
    def order(self) -> np.ndarray:
        """(n,) rows, the best trial first; feasible ones before others, those without a loss last.

        Of several objectives those on the front come first, evenly spread. Among equals the latest
        comes first.
        """
        violation = np.maximum(self.constraints, 0.0).sum(axis=1)
        violation = np.where(self.infeasible, np.nan_to_num(violation, nan=np.inf), 0.0)
        is_without = np.isnan(self.losses).any(axis=1)
        key = np.zeros(len(self.losses))
        rows = np.flatnonzero(self.is_candidate)
        if self.losses.shape[1] == 1:
            key = np.nan_to_num(self.losses[:, 0], nan=np.inf)
        elif len(rows):
            key[rows] = non_domination_keys(self.losses[rows], _N_BEST)
        return np.lexsort((-np.arange(len(key)), key, violation, is_without))

    @property
    def is_candidate(self) -> np.ndarray:
        """(n,) whether a trial is feasible and has losses: it can be the best, or on the front.

        What was only guessed is nothing to be improved on.
        """
        is_candidate = ~self.infeasible & ~np.isnan(self.losses).any(axis=1)
        return is_candidate if self.is_guess is None else is_candidate & ~self.is_guess

    @property
    def worst_on_front(self) -> np.ndarray:
        """(m,) worst loss of the trials that none dominates; -inf if nothing is feasible."""
        losses = self.losses[self.is_candidate]
        return losses[non_dominated(losses)].max(axis=0, initial=-np.inf)

    def thinned(self) -> np.ndarray:
        """Return the rows (at most 400,) to learn from: the best ones, and others of all times.

        The best trial comes first.
        """
        order = self.order
        if len(order) <= _MAX_TRIALS:
            return order
        others = np.argsort(order[_N_BEST:])  # by time
        chosen = others[evenly(len(others), _MAX_TRIALS - _N_BEST)]
        return np.concatenate([order[:_N_BEST], order[_N_BEST:][np.sort(chosen)]])
