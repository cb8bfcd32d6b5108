"""Any sampler, with every m-th trial drawn at random instead."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.samplers import BaseSampler, GridSampler, PartialFixedSampler, RandomSampler

from optuna_hpx import _checks
from optuna_hpx.trials import storage as _storage

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study
    from optuna.trial import FrozenTrial, TrialState


class InterleavedSampler(BaseSampler):
    """Draws every m-th trial at random, and leaves the others to another sampler.

    The random trials are independent draws, marked as such in the storage: from them
    :class:`optuna_hpx.AsymptoticLaw` tells the best possible score, also of a study that a clever
    sampler drives. The other sampler sees all trials.

    A random value depends on ``seed``, the trial's number and the parameter's name only: workers
    with the same seed, or one that starts again, never repeat each other's draws.

    To fix some parameters, put Optuna's ``PartialFixedSampler`` around this sampler.

    Args:
        sampler: The sampler of the other trials.
        every: m: the trials of number m - 1, 2 m - 1, ... are drawn at random. At least 2.
        seed: Of the random trials.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If ``every`` is less than 2, ``seed`` negative, or ``sampler`` a
            ``PartialFixedSampler`` or ``GridSampler``, to whose values no random draw keeps.
    """

    def __init__(self, sampler: BaseSampler, *, every: int = 4, seed: int | None = None) -> None:
        if not isinstance(sampler, BaseSampler):
            raise TypeError(f"`sampler` must be a sampler, got {sampler!r}.")
        if isinstance(sampler, PartialFixedSampler):
            raise ValueError(
                "`sampler` must not be a PartialFixedSampler, as random trials would not keep to "
                "its values: put the PartialFixedSampler around the InterleavedSampler."
            )
        if isinstance(sampler, GridSampler):
            raise ValueError(
                "`sampler` must not be a GridSampler, as random trials would take the place of "
                "points of its grid."
            )
        _checks.count("every", every, at_least=2)
        _checks.seed("seed", seed)
        self.sampler = sampler
        self._every = every
        self._entropy = np.random.SeedSequence(seed).entropy

    def _is_random(self, trial: FrozenTrial) -> bool:
        return trial.number % self._every == self._every - 1

    def _draw(
        self, study: Study, trial: FrozenTrial, name: str, distribution: BaseDistribution
    ) -> Any:
        """By a generator for this parameter of this trial alone."""
        key = trial.number, zlib.crc32(name.encode())
        seed = np.random.SeedSequence(self._entropy, spawn_key=key).generate_state(1)
        sampler = RandomSampler(seed=int(seed[0]))
        return sampler.sample_independent(study, trial, name, distribution)

    def reseed_rng(self) -> None:
        """Of the other sampler; random trials differ by their number."""
        self.sampler.reseed_rng()

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        self.sampler.before_trial(study, trial)
        if self._is_random(trial):
            _storage.write(study, trial, _storage.RANDOM, True)

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
            return {n: self._draw(study, trial, n, dist) for n, dist in search_space.items()}
        return self.sampler.sample_relative(study, trial, search_space)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        sample = self._draw if self._is_random(trial) else self.sampler.sample_independent
        return sample(study, trial, param_name, param_distribution)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        self.sampler.after_trial(study, trial, state, values)
