"""TPE whose candidates are compared in another way.

Optuna has no public way to change that; :mod:`optuna_hpx.trials.tpe_internals` reaches inside.
Nothing is taken on trust: what is read from a mixture is checked against Optuna's own log density
when it is first used. If that fails, or anything is missing, the sampler is plain TPE from then
on, and each trial says so.
"""

from __future__ import annotations

import abc
import contextlib
import contextvars
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.trial import TrialState

from optuna_hpx.samplers.maths.mixture import Mixture, NormalKernels, discrepancy, log_choices
from optuna_hpx.trials.tpe_internals import (
    ComparingTPESampler,
    TPEMixture,
    has_expected_methods,
)

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

__all__ = ["LEARNED_STATES", "Choice", "RankedTPESampler", "TPECandidates", "count_finished"]

LEARNED_STATES = (TrialState.COMPLETE, TrialState.PRUNED)
"""States of the trials that TPE learns from."""

_TOLERANCE = 1e-6  # rounding errors of two ways to compute a log density are far below


@dataclass(frozen=True)
class Choice:
    """What is being chosen: a trial's parameters, all or some of them."""

    study: Study
    trial: FrozenTrial
    space: dict[str, BaseDistribution]


@dataclass(frozen=True)
class TPECandidates:
    """The candidates for a choice, and the mixtures by which TPE compares them.

    Attributes:
        log_ratio: Computes TPE's own log ratio (m,) of the two densities.
        values: (m,) values of each parameter, as Optuna holds them internally.
        better: Optuna's mixture of the better trials.
        others: The same of the other trials.
    """

    log_ratio: Callable[[], np.ndarray]
    values: dict[str, np.ndarray]
    better: TPEMixture
    others: TPEMixture

    def mixtures(self) -> tuple[Mixture, Mixture]:
        """Read the mixtures of the better and the other trials, in the order of the space."""
        return read_mixture(self.better, self.values), read_mixture(self.others, self.values)

    def error(self) -> float:
        """Return how far the log densities of the mixtures are from Optuna's own."""
        originals = (self.better, self.others)
        errors = [
            discrepancy(
                mixture.log_density(np.ones(mixture.log_k.shape[2])),
                original.log_pdf(self.values),
            )
            for mixture, original in zip(self.mixtures(), originals, strict=True)
        ]
        return float(np.max(errors))


class RankedTPESampler(ComparingTPESampler):
    """TPE whose candidates are compared by :meth:`_rank`.

    Args:
        n_startup_trials: Random trials before TPE begins.
        **options: Other arguments of ``TPESampler``.
    """

    def __init__(self, *, n_startup_trials: int, **options: Any) -> None:
        super().__init__(n_startup_trials=n_startup_trials, **options)
        self._n_random = n_startup_trials
        self._checked: set[Any] = set()
        self._mismatch = "" if has_expected_methods() else "its methods have changed"

    @abc.abstractmethod
    def _rank(self, choice: Choice, candidates: TPECandidates) -> np.ndarray:
        """Compute what is largest (m,) for the best candidate."""

    @abc.abstractmethod
    def _report_mismatch(self, study: Study, trial: FrozenTrial) -> None:
        """Tell that a trial was left to plain TPE, because of ``self._mismatch``."""

    @property
    def _is_plain(self) -> bool:
        return bool(self._mismatch)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Choose the parameters that all trials have; as in ``TPESampler``."""
        with self._choosing(study, trial):
            return super().sample_relative(study, trial, search_space)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Choose a parameter by itself; as in ``TPESampler``."""
        with self._choosing(study, trial):
            return super().sample_independent(study, trial, param_name, param_distribution)

    @contextlib.contextmanager
    def _choosing(self, study: Study, trial: FrozenTrial) -> Iterator[None]:
        """Let the acquisition function know for which trial it is called."""
        token = _trial_of_choice.set((study, trial))
        try:
            yield
        finally:
            _trial_of_choice.reset(token)
        if self._mismatch and count_finished(study) >= self._n_random:
            self._report_mismatch(study, trial)

    def _compare_candidates(
        self, log_ratio: Callable[[], np.ndarray], *args: Any, **kwargs: Any
    ) -> np.ndarray:
        context = _trial_of_choice.get()
        if self._is_plain or context is None:
            return log_ratio()
        candidates = _candidates(log_ratio, *args, **kwargs)
        if not self._agrees(candidates):
            return log_ratio()
        return self._rank(Choice(*context, candidates.better.space), candidates)

    def _agrees(self, candidates: TPECandidates) -> bool:
        """Check once for each kind of parameter whether its mixtures are as expected.

        If they are not, the sampler is plain TPE from now on.
        """
        try:
            kinds = {_kind(dist) for dist in candidates.better.space.values()}
            if kinds <= self._checked:
                return True
            error = candidates.error()
        except (AttributeError, TypeError, ValueError, IndexError) as failure:
            self._mismatch = f"{type(failure).__name__}: {failure}"
            return False
        if not error <= _TOLERANCE:  # also if it is NaN
            self._mismatch = f"its densities differ by {error:.2g}"
            return False
        self._checked |= kinds
        return True


_trial_of_choice: contextvars.ContextVar[tuple[Study, FrozenTrial] | None] = (
    contextvars.ContextVar("trial_of_choice", default=None)
)


def count_finished(study: Study) -> int:
    """Count the trials that TPE learns from: failed ones are not among them."""
    return len(study.get_trials(deepcopy=False, states=LEARNED_STATES))


def _candidates(
    log_ratio: Callable[[], np.ndarray],
    samples: dict[str, np.ndarray],
    mpe_below: Any,
    mpe_above: Any,
) -> TPECandidates:
    """Take what TPE compares, by the names that TPE has for it."""
    return TPECandidates(log_ratio, samples, TPEMixture(mpe_below), TPEMixture(mpe_above))


def _kind(distribution: BaseDistribution) -> tuple[type, bool, bool]:
    """Tell apart what Optuna keeps in kernels of different classes."""
    is_continuous = getattr(distribution, "step", None) is None
    return type(distribution), getattr(distribution, "log", False), is_continuous


def read_mixture(original: TPEMixture, values: dict[str, np.ndarray]) -> Mixture:
    """Read a mixture of Optuna's TPE at candidates.

    Args:
        original: The mixture.
        values: (m,) values of the candidates by parameter, as Optuna holds them internally.
    """
    columns = [
        _log_kernels(values[name], kernels, distribution)
        for (name, distribution), kernels in zip(
            original.space.items(), original.kernels, strict=True
        )
    ]
    return Mixture(np.stack(columns, axis=2), original.weights)


def _log_kernels(
    x: np.ndarray, kernels: dict[str, Any], distribution: BaseDistribution
) -> np.ndarray:
    """Compute the log density, or log probability, (m, K) of ``x`` (m,) under each kernel."""
    if isinstance(distribution, CategoricalDistribution):
        return log_choices(x, **kernels)
    return NormalKernels(**kernels).log_density(x)
