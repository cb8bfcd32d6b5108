"""The one place that reaches into Optuna's TPE.

Optuna has no public way to change how TPE compares its candidates. ``RankedTPESampler`` overrides
two private methods of ``TPESampler`` and reads its Parzen mixtures. Nothing is taken on trust:
what is read from a mixture is checked against Optuna's own log density when it is first used, and
if that fails, or anything is missing, the sampler says so once and is plain TPE from then on.
"""

from __future__ import annotations

import abc
import contextvars
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.logging import get_logger
from optuna.samplers import TPESampler

from optuna_hpx.statistics import parzen

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

__all__ = ["Choice", "Mixture", "Mixtures", "RankedTPESampler"]

_logger = get_logger("optuna.hpx")
_TOLERANCE = 1e-6
_EXPECTED = {
    "_sample": ["self", "study", "trial", "search_space"],
    "_compute_acquisition_func": ["self", "samples", "mpe_below", "mpe_above"],
}


@dataclass(frozen=True)
class Choice:
    """What is being chosen: a trial's parameters, all or some of them."""

    study: Study
    trial: FrozenTrial
    space: dict[str, BaseDistribution]


@dataclass(frozen=True)
class Mixture:
    """A Parzen mixture at the candidates.

    Attributes:
        log_k: (m, K, d) log density of each candidate under each kernel, by parameter.
        weights: (K,) of the kernels.
    """

    log_k: np.ndarray
    weights: np.ndarray


class RankedTPESampler(TPESampler, abc.ABC):
    """TPE whose candidates are compared by :meth:`_rank`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._is_checked = False
        self._is_plain = False
        if not _has_expected_methods():
            self._give_up("its methods have changed")

    @abc.abstractmethod
    def _rank(
        self,
        choice: Choice,
        candidates: dict[str, np.ndarray],
        plain: Callable[[], np.ndarray],
        mixtures: Mixtures,
    ) -> np.ndarray:
        """(m,) what is largest for the best candidate.

        Args:
            choice: What is being chosen.
            candidates: (m,) values of each parameter, as Optuna holds them internally.
            plain: Works out TPE's own (m,) log of the density ratio.
            mixtures: The good and the bad trials' mixture.
        """

    def _sample(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        token = _choice.set(Choice(study, trial, search_space))
        try:
            return super()._sample(study, trial, search_space)
        finally:
            _choice.reset(token)

    def _compute_acquisition_func(
        self, samples: dict[str, np.ndarray], mpe_below: Any, mpe_above: Any
    ) -> np.ndarray:
        def plain() -> np.ndarray:
            return TPESampler._compute_acquisition_func(self, samples, mpe_below, mpe_above)

        choice = _choice.get()
        if self._is_plain or choice is None:
            return plain()
        mixtures = Mixtures(samples, mpe_below, mpe_above)
        if not self._is_checked and not self._agrees(mixtures):
            return plain()
        return self._rank(choice, samples, plain, mixtures)

    def _agrees(self, mixtures: Mixtures) -> bool:
        """Whether mixtures are what we take them for; else plain TPE from now on."""
        try:
            off = mixtures.error()
        except (AttributeError, TypeError, ValueError, IndexError) as error:
            self._give_up(f"{type(error).__name__}: {error}")
            return False
        if not off <= _TOLERANCE:
            self._give_up(f"its densities differ by {off:.2g}")
            return False
        self._is_checked = True
        return True

    def _give_up(self, reason: str) -> None:
        _logger.warning(
            f"{type(self).__name__} does not know the inside of this version of Optuna's "
            f"TPESampler ({reason}), and is plain TPE from now on."
        )
        self._is_plain = True


_choice: contextvars.ContextVar[Choice | None] = contextvars.ContextVar("choice", default=None)


def _has_expected_methods() -> bool:
    return all(
        hasattr(TPESampler, name)
        and list(inspect.signature(getattr(TPESampler, name)).parameters) == parameters
        for name, parameters in _EXPECTED.items()
    )


class Mixtures:
    """The mixtures of the good and of the bad trials, read when they are needed."""

    def __init__(self, samples: dict[str, np.ndarray], good: Any, bad: Any) -> None:
        self._samples, self._good, self._bad = samples, good, bad

    def read(self) -> tuple[Mixture, Mixture]:
        """Of the good trials and of the bad ones; parameters in the order of the search space."""
        return self._read(self._good), self._read(self._bad)

    def error(self) -> float:
        """How far the log densities are from Optuna's own, relative to 1 and their size."""
        off = 0.0
        for estimator in (self._good, self._bad):
            mixture, theirs = self._read(estimator), estimator.log_pdf(self._samples)
            ours = parzen.tempered(mixture.log_k, mixture.weights, np.ones(mixture.log_k.shape[2]))
            off = max(off, float(np.max(np.abs(ours - theirs) / (1.0 + np.abs(theirs)))))
        return off

    def _read(self, estimator: Any) -> Mixture:
        mixture, space = estimator._mixture_distribution, estimator._search_space
        columns = [
            _log_kernels(self._samples[name], kernels, space[name])
            for name, kernels in zip(space, mixture.distributions, strict=True)
        ]
        return Mixture(np.stack(columns, axis=2), np.asarray(mixture.weights))


def _log_kernels(x: np.ndarray, kernels: Any, distribution: BaseDistribution) -> np.ndarray:
    """(m, K) log density, or log probability, of ``x`` (m,) under each kernel."""
    if isinstance(distribution, CategoricalDistribution):
        return np.asarray(np.log(kernels.weights.T[x.astype(int)]))
    mu, sigma, step = kernels.mu, kernels.sigma, kernels.step
    low, high = kernels.adapted_low, kernels.adapted_high
    log = np.log if kernels.is_log else np.asarray
    if step == 0.0:
        return parzen.truncated_normal(log(x), mu, sigma, low, high)
    left, right = log(x - step / 2.0), log(x + step / 2.0)
    mass = parzen.log_interval_mass((left[:, None] - mu) / sigma, (right[:, None] - mu) / sigma)
    return np.asarray(mass - parzen.log_interval_mass((low - mu) / sigma, (high - mu) / sigma))
