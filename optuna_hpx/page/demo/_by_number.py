"""Random draws that depend on a seed and a trial's number, and not on who runs it or when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.samplers import RandomSampler

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

__all__ = ["RandomByNumber"]


class RandomByNumber(RandomSampler):
    """Draw at random, each trial by itself: any number of workers makes the same study.

    Args:
        seed: Of all trials.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(seed=seed)
        self._seed = seed
        self._of_trial = RandomSampler(seed=seed)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Begin the draws of this trial."""
        state = np.random.SeedSequence([self._seed, trial.number]).generate_state(1)
        self._of_trial = RandomSampler(seed=int(state[0]))

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Draw one parameter."""
        return self._of_trial.sample_independent(study, trial, param_name, param_distribution)
