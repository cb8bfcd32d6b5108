"""TPE whose candidates are compared in another way.

Optuna has no public way to change how TPE compares its candidates. ``RankedTPESampler`` overrides
one private method of ``TPESampler`` and reads its Parzen mixtures. Nothing is taken on trust: what
is read from a mixture is checked against Optuna's own log density when it is first used. If that
fails, or anything is missing, the sampler is plain TPE from then on, and each trial says so.
"""

from __future__ import annotations

import abc
import contextlib
import contextvars
import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import TPESampler
from optuna.trial import TrialState

from optuna_hpx.samplers.maths.mixture import Mixture, NormalKernels, discrepancy, log_choices

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

__all__ = ["LEARNED_STATES", "Choice", "RankedTPESampler", "TPECandidates", "count_finished"]

LEARNED_STATES = (TrialState.COMPLETE, TrialState.PRUNED)
"""States of the trials that TPE learns from."""

_TOLERANCE = 1e-6  # rounding errors of two ways to compute a log density are far below
_EXPECTED = {"_compute_acquisition_func": ["self", "samples", "mpe_below", "mpe_above"]}


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
        better: Optuna's Parzen estimator of the better trials.
        others: The same of the other trials.
    """

    log_ratio: Callable[[], np.ndarray]
    values: dict[str, np.ndarray]
    better: Any
    others: Any

    def mixtures(self) -> tuple[Mixture, Mixture]:
        """Read the mixtures of the better and the other trials, in the order of the space."""
        return read_mixture(self.better, self.values), read_mixture(self.others, self.values)

    def error(self) -> float:
        """Return how far the log densities of the mixtures are from Optuna's own."""
        estimators = (self.better, self.others)
        errors = [
            discrepancy(
                mixture.log_density(np.ones(mixture.log_k.shape[2])),
                estimator.log_pdf(self.values),
            )
            for mixture, estimator in zip(self.mixtures(), estimators, strict=True)
        ]
        return float(np.max(errors))


class RankedTPESampler(TPESampler, abc.ABC):
    """TPE whose candidates are compared by :meth:`_rank`.

    Args:
        n_startup_trials: Random trials before TPE begins.
        **options: Other arguments of ``TPESampler``.
    """

    def __init__(self, *, n_startup_trials: int, **options: Any) -> None:
        super().__init__(n_startup_trials=n_startup_trials, **options)
        self._n_random = n_startup_trials
        self._checked: set[Any] = set()
        self._mismatch = "" if _has_expected_methods() else "its methods have changed"

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

    def _compute_acquisition_func(self, *args: Any, **kwargs: Any) -> np.ndarray:
        plain = functools.partial(super()._compute_acquisition_func, *args, **kwargs)
        context = _trial_of_choice.get()
        if self._is_plain or context is None:
            return plain()
        candidates = TPECandidates(plain, *args, **kwargs)
        space = candidates.better._search_space
        if not self._agrees(candidates, {_kind(dist) for dist in space.values()}):
            return plain()
        return self._rank(Choice(*context, space), candidates)

    def _agrees(self, candidates: TPECandidates, kinds: set[Any]) -> bool:
        """Check once for each kind of parameter whether its mixtures are as expected.

        If they are not, the sampler is plain TPE from now on.
        """
        if kinds <= self._checked:
            return True
        try:
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


def _has_expected_methods() -> bool:
    return all(
        hasattr(TPESampler, name)
        and list(inspect.signature(getattr(TPESampler, name)).parameters) == parameters
        for name, parameters in _EXPECTED.items()
    )


def _kind(distribution: BaseDistribution) -> tuple[type, bool, bool]:
    """Tell apart what Optuna keeps in kernels of different classes."""
    is_continuous = getattr(distribution, "step", None) is None
    return type(distribution), getattr(distribution, "log", False), is_continuous


def read_mixture(estimator: Any, values: dict[str, np.ndarray]) -> Mixture:
    """Read a Parzen estimator of Optuna's TPE at candidates.

    Args:
        estimator: The estimator.
        values: (m,) values of the candidates by parameter, as Optuna holds them internally.
    """
    mixture, space = estimator._mixture_distribution, estimator._search_space
    columns = [
        _log_kernels(values[name], kernels, space[name])
        for name, kernels in zip(space, mixture.distributions, strict=True)
    ]
    return Mixture(np.stack(columns, axis=2), np.asarray(mixture.weights))


def _log_kernels(x: np.ndarray, kernels: Any, distribution: BaseDistribution) -> np.ndarray:
    """Compute the log density, or log probability, (m, K) of ``x`` (m,) under each kernel."""
    if isinstance(distribution, CategoricalDistribution):
        return log_choices(x, kernels.weights)
    normal = NormalKernels(
        mu=kernels.mu,
        sigma=kernels.sigma,
        low=kernels.adapted_low,
        high=kernels.adapted_high,
        step=kernels.step,
        is_log=kernels.is_log,
    )
    return normal.log_density(x)
