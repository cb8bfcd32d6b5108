"""The inside of Optuna's TPE: how it compares candidates, and the mixtures by which it does.

Optuna has no public way to change the comparison. Here one private method of ``TPESampler`` is
overridden, two private attributes of its Parzen estimator and its generator are read, and the
attribute is known by which it tells other workers what a running trial will try; no formula is.
"""

from __future__ import annotations

import abc
import functools
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import TPESampler

from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

__all__ = [
    "ComparingTPESampler",
    "TPEMixture",
    "has_expected_methods",
    "intended_params",
    "share_params",
]

_INTENDED = "tpe:relative_params"
_PLAIN = (str, int, float, bool, type(None))  # what JSON gives back as it was
_PIECE = 2000  # characters; a relational storage takes 2048

EXPECTED = {"_compute_acquisition_func": ["self", "samples", "mpe_below", "mpe_above"]}
"""Parameters of each method that is overridden."""


def has_expected_methods() -> bool:
    """Return whether the methods that are overridden are there, and take what is expected."""
    return all(
        hasattr(TPESampler, name)
        and list(inspect.signature(getattr(TPESampler, name)).parameters) == parameters
        for name, parameters in EXPECTED.items()
    )


@dataclass(frozen=True)
class TPEMixture:
    """One of the two mixtures by which TPE compares candidates.

    Attributes:
        estimator: Optuna's Parzen estimator.
    """

    estimator: Any

    @property
    def space(self) -> dict[str, BaseDistribution]:
        """The distribution of each parameter, in the order of :attr:`kernels`."""
        return self.estimator._search_space

    @property
    def weights(self) -> np.ndarray:
        """(K,) weights of the kernels."""
        return np.asarray(self.estimator._mixture_distribution.weights)

    @property
    def kernels(self) -> list[dict[str, Any]]:
        """Of each parameter its K kernels.

        Of a number: "mu" and "sigma" (K,), "low", "high", "step" and "is_log". Of a categorical
        parameter: "probabilities" (K, C) of its C choices.
        """
        marginals = self.estimator._mixture_distribution.distributions
        return [
            _parameters(marginal, distribution)
            for marginal, distribution in zip(marginals, self.space.values(), strict=True)
        ]

    def log_pdf(self, values: dict[str, np.ndarray]) -> np.ndarray:
        """Compute the log density (m,) of candidates, as Optuna does.

        Args:
            values: (m,) values of each parameter, as Optuna holds them internally.
        """
        return self.estimator.log_pdf(values)


def _parameters(marginal: Any, distribution: BaseDistribution) -> dict[str, Any]:
    if isinstance(distribution, CategoricalDistribution):
        return {"probabilities": marginal.weights}
    return {
        "mu": marginal.mu,
        "sigma": marginal.sigma,
        "low": marginal.adapted_low,
        "high": marginal.adapted_high,
        "step": marginal.step,
        "is_log": marginal.is_log,
    }


class ComparingTPESampler(TPESampler, abc.ABC):
    """TPE that leaves the comparison of its candidates to :meth:`_compare_candidates`."""

    @abc.abstractmethod
    def _compare_candidates(
        self, log_ratio: Callable[[], np.ndarray], *args: Any, **kwargs: Any
    ) -> np.ndarray:
        """Compute what is largest (m,) for the best candidate.

        Args:
            log_ratio: Computes TPE's own log ratio (m,) of the two densities.
            *args: What TPE compares. If :func:`has_expected_methods`: (m,) values of each
                parameter, and Optuna's estimators of the better and of the other trials.
            **kwargs: The same, by whatever name.
        """

    def _draw_seed(self) -> int:
        """Draw a seed from the generator of TPE, which ``reseed_rng`` reseeds."""
        return int(self._rng.rng.randint(2**31))

    def _compute_acquisition_func(self, *args: Any, **kwargs: Any) -> np.ndarray:
        log_ratio = functools.partial(super()._compute_acquisition_func, *args, **kwargs)
        return self._compare_candidates(log_ratio, *args, **kwargs)


def share_params(study: Study, trial: FrozenTrial, params: Mapping[str, Any]) -> None:
    """Tell other workers, as TPE does, what a running trial will try; without odd choices."""
    text = json.dumps({k: x for k, x in params.items() if isinstance(x, _PLAIN)})
    for piece, start in enumerate(range(0, len(text), _PIECE)):
        key = f"{_INTENDED}:{piece}"
        storage.set_trial_attribute(study, trial, key, text[start : start + _PIECE])


def intended_params(trial: FrozenTrial) -> dict[str, Any]:
    """Return what a running trial tries, or will try as far as it has been told."""
    pieces: list[str] = []
    while (piece := trial.system_attrs.get(f"{_INTENDED}:{len(pieces)}")) is not None:
        pieces.append(piece)
    try:
        intended = json.loads("".join(pieces) or "{}")
    except json.JSONDecodeError:  # a worker was stopped between two pieces
        intended = {}
    return {**intended, **trial.params}
