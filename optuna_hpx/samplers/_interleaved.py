"""Any sampler, with every m-th trial drawn at random instead."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.samplers import BaseSampler, GridSampler, PartialFixedSampler, RandomSampler

from optuna_hpx import _checks
from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study
    from optuna.trial import FrozenTrial, TrialState


class InterleavedSampler(BaseSampler):
    """A sampler of which every m-th trial is drawn at random, and the others by another sampler.

    The random trials are independent draws, and marked as such in the storage. From them
    :class:`optuna_hpx.AsymptoticLaw` estimates the best possible score, which it cannot do from
    trials that a sampler has chosen. From the eighth of them on, the start-up trials of the other
    sampler among them, :func:`optuna_hpx.tuning_curve_band` and the report tell what more random
    trials would bring, and :meth:`optuna_hpx.TuningCurveBand.trials_to_reach` how many it takes
    at least to be as good as the other sampler. That one learns from all trials.

    A random value depends on ``seed``, the number of the trial and the name of the parameter
    only. Workers with the same seed, or one that starts again, never repeat each other's draws.

    To fix some parameters, put Optuna's ``PartialFixedSampler`` around this sampler.

    Args:
        sampler: The sampler of the other trials.
        every: m: the trials of number m - 1, 2 m - 1, ... are drawn at random. At least 2.
        seed: Seed of the random trials; it does not seed ``sampler``.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If ``every`` is less than 2, ``seed`` negative, or ``sampler`` a
            ``PartialFixedSampler`` or ``GridSampler``, to whose values no random draw keeps.

    Example:
        >>> import optuna
        >>> from optuna_hpx import InterleavedSampler
        >>> tpe = optuna.samplers.TPESampler(seed=0)
        >>> study = optuna.create_study(sampler=InterleavedSampler(tpe, every=4, seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=8)
        >>> [t.number for t in study.trials if "hpx:random:0" in t.system_attrs]
        [3, 7]
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
        """Draw with a generator that serves this parameter of this trial alone."""
        key = trial.number, zlib.crc32(name.encode())
        seed = np.random.SeedSequence(self._entropy, spawn_key=key).generate_state(1)
        sampler = RandomSampler(seed=int(seed[0]))
        return sampler.sample_independent(study, trial, name, distribution)

    def reseed_rng(self) -> None:
        """Reseed the other sampler; random trials differ by their number."""
        self.sampler.reseed_rng()

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Mark the trial as random, if it is one; as in ``BaseSampler``."""
        self.sampler.before_trial(study, trial)
        if self._is_random(trial):
            storage.write(study, trial, storage.RANDOM, True)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Leave the search space to the other sampler; a random trial has none."""
        if self._is_random(trial):
            return {}
        return self.sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Choose the parameters that all trials have; as in ``BaseSampler``."""
        if self._is_random(trial):
            return {k: self._draw(study, trial, k, dist) for k, dist in search_space.items()}
        return self.sampler.sample_relative(study, trial, search_space)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Choose a parameter by itself; as in ``BaseSampler``."""
        sample = self._draw if self._is_random(trial) else self.sampler.sample_independent
        return sample(study, trial, param_name, param_distribution)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Tell the other sampler how the trial ended; as in ``BaseSampler``."""
        self.sampler.after_trial(study, trial, state, values)
