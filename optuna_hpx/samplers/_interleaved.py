"""Any sampler, with every m-th trial drawn at random instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from optuna.samplers import BaseSampler, RandomSampler

from optuna_hpx import _attributes, _checks

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study
    from optuna.trial import FrozenTrial, TrialState


class InterleavedSampler(BaseSampler):
    """Draws every m-th trial at random, and leaves the others to another sampler.

    The random trials are independent draws, marked as such in the storage: from them
    :class:`optuna_hpx.AsymptoticLaw` tells the best possible score, also of a study that a clever
    sampler drives. The other sampler learns from all trials.

    Args:
        sampler: The sampler of the other trials.
        every: m: of the trials m - 1, 2 m - 1, ... are drawn at random. At least 2.
        seed: Of the random trials.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If ``every`` is less than 2 or ``seed`` negative.
    """

    def __init__(self, sampler: BaseSampler, *, every: int = 4, seed: int | None = None) -> None:
        if not isinstance(sampler, BaseSampler):
            raise TypeError(f"`sampler` must be a sampler, got {sampler!r}.")
        _checks.count("every", every, at_least=2)
        _checks.seed("seed", seed)
        self.sampler = sampler
        self._every = every
        self._random = RandomSampler(seed=seed)

    def _is_random(self, trial: FrozenTrial) -> bool:
        return trial.number % self._every == self._every - 1

    def reseed_rng(self) -> None:
        self.sampler.reseed_rng()
        self._random.reseed_rng()

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        if self._is_random(trial):
            _attributes.write(study, trial, _attributes.RANDOM, True)
        else:
            self.sampler.before_trial(study, trial)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        if self._is_random(trial):
            return {}
        return self.sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        if self._is_random(trial):
            return {}
        return self.sampler.sample_relative(study, trial, search_space)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        sampler = self._random if self._is_random(trial) else self.sampler
        return sampler.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        self.sampler.after_trial(study, trial, state, values)
