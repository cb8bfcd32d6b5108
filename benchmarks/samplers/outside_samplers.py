"""SMAC3 and BoTorch as samplers of Optuna, each as its own documentation begins.

They need all parameters at once and hence a random first trial, and a problem without conditions
and constraints. What they need is in requirements.txt.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

_N_START = 10
Space = dict[str, BaseDistribution]


class _Outside(BaseSampler):
    """The first trial is random and shows the parameters; all others are asked for."""

    def __init__(self, seed: int) -> None:
        self._seed, self._random, self._space = seed, RandomSampler(seed=seed), Space()

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Space:
        return self._space

    def sample_relative(self, study: Study, trial: FrozenTrial, space: Space) -> dict[str, Any]:
        return self._ask() if space else {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, name: str, distribution: BaseDistribution
    ) -> Any:
        if self._space:
            raise ValueError(f"The first trial did not have {name}: the space is conditional.")
        return self._random.sample_independent(study, trial, name, distribution)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        if not values:
            raise ValueError("These samplers need a value of each trial.")
        if not self._space:
            self._space = dict(trial.distributions)
            self._begin()
        self._tell(trial.params, values[0])

    def _begin(self) -> None:
        """Prepare for the space."""

    def _ask(self) -> dict[str, Any]:
        raise NotImplementedError

    def _tell(self, params: dict[str, Any], loss: float) -> None:
        raise NotImplementedError


class Smac(_Outside):
    """SMAC3's facade for hyperparameters: random forests, in which steps are integers."""

    def _begin(self) -> None:
        import ConfigSpace
        import smac

        space = ConfigSpace.ConfigurationSpace(seed=self._seed)
        for name, d in self._space.items():
            if isinstance(d, CategoricalDistribution):
                places = list(range(len(d.choices)))
                space.add(ConfigSpace.CategoricalHyperparameter(name, places))
            elif isinstance(d, FloatDistribution) and d.step is None:
                space.add(ConfigSpace.UniformFloatHyperparameter(name, d.low, d.high, log=d.log))
            elif isinstance(d, IntDistribution) and d.log:
                space.add(ConfigSpace.UniformIntegerHyperparameter(name, d.low, d.high, log=True))
            else:
                space.add(ConfigSpace.UniformIntegerHyperparameter(name, 0, _n_cells(d) - 1))
        self._folder = tempfile.TemporaryDirectory()
        scenario = smac.Scenario(
            space,
            deterministic=True,
            n_trials=10**4,
            seed=self._seed,
            output_directory=self._folder.name,  # type: ignore[arg-type, unused-ignore]
        )
        facade = smac.HyperparameterOptimizationFacade
        design = facade.get_initial_design(scenario, n_configs=_N_START)
        self._facade = facade(
            scenario,
            lambda config, seed=0: 0.0,
            initial_design=design,
            logging_level=False,
            overwrite=True,
        )
        self._asked: Any = None

    def _ask(self) -> dict[str, Any]:
        self._asked = self._facade.ask()
        return {n: _from_smac(self._asked.config[n], d) for n, d in self._space.items()}

    def _tell(self, params: dict[str, Any], loss: float) -> None:
        from smac.runhistory import TrialValue

        if self._asked is not None:  # the random first one is not SMAC's
            self._facade.tell(self._asked, TrialValue(cost=loss))


def _n_cells(d: BaseDistribution) -> int:
    assert isinstance(d, (FloatDistribution, IntDistribution))
    assert d.step is not None
    return round((d.high - d.low) / d.step) + 1


def _from_smac(value: Any, d: BaseDistribution) -> Any:
    if isinstance(d, CategoricalDistribution):
        return d.choices[int(value)]
    if isinstance(d, FloatDistribution):
        return float(value) if d.step is None else min(d.low + int(value) * d.step, d.high)
    assert isinstance(d, IntDistribution)
    return int(value) if d.log else d.low + int(value) * d.step


class BoTorch(_Outside):
    """BoTorch's default Gaussian process and log EI on the cube.

    Choices are one-hot and steps are rounded afterwards, so points may repeat.
    """

    def _begin(self) -> None:
        self._rows: list[np.ndarray] = []
        self._losses: list[float] = []
        self._rng = np.random.default_rng(self._seed)
        self._widths = [
            len(d.choices) if isinstance(d, CategoricalDistribution) else 1
            for d in self._space.values()
        ]

    def _ask(self) -> dict[str, Any]:
        if len(self._rows) < _N_START:
            return self._decode(self._rng.random(sum(self._widths)))
        return self._decode(self._propose())

    def _propose(self) -> np.ndarray:
        import torch
        from botorch.acquisition import LogExpectedImprovement
        from botorch.fit import fit_gpytorch_mll
        from botorch.models import SingleTaskGP
        from botorch.models.transforms import Standardize
        from botorch.optim import optimize_acqf
        from gpytorch.mlls import ExactMarginalLogLikelihood

        torch.manual_seed(int(self._rng.integers(2**31)))
        x = torch.tensor(np.array(self._rows), dtype=torch.float64)
        y = -torch.tensor(self._losses, dtype=torch.float64)[:, None]
        model = SingleTaskGP(x, y, outcome_transform=Standardize(1))
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        bounds = torch.tensor([[0.0], [1.0]], dtype=torch.float64).repeat(1, x.shape[1])
        gain = LogExpectedImprovement(model, best_f=y.max())
        found, _ = optimize_acqf(gain, bounds, q=1, num_restarts=4, raw_samples=128)
        return found[0].detach().numpy()

    def _decode(self, row: np.ndarray) -> dict[str, Any]:
        parts = np.split(row, np.cumsum(self._widths)[:-1])
        return {
            n: _decode(part, d) for part, (n, d) in zip(parts, self._space.items(), strict=True)
        }

    def _tell(self, params: dict[str, Any], loss: float) -> None:
        self._rows.append(np.concatenate([_encode(params[n], d) for n, d in self._space.items()]))
        self._losses.append(loss)


def _decode(part: np.ndarray, d: BaseDistribution) -> Any:
    if isinstance(d, CategoricalDistribution):
        return d.choices[int(np.argmax(part))]
    assert isinstance(d, (FloatDistribution, IntDistribution))
    u = float(part[0])
    value = d.low * (d.high / d.low) ** u if d.log else d.low + u * (d.high - d.low)
    if isinstance(d, IntDistribution):
        return min(max(d.low + round((value - d.low) / d.step) * d.step, d.low), d.high)
    if d.step is not None:
        value = d.low + round((value - d.low) / d.step) * d.step
    return min(max(value, d.low), d.high)


def _encode(value: Any, d: BaseDistribution) -> np.ndarray:
    if isinstance(d, CategoricalDistribution):
        return np.eye(len(d.choices))[d.choices.index(value)]
    assert isinstance(d, (FloatDistribution, IntDistribution))
    if d.log:
        return np.array([math.log(value / d.low) / math.log(d.high / d.low)])
    return np.array([(value - d.low) / (d.high - d.low)])
