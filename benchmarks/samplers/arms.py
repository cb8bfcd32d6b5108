"""The arms of the sampler's benchmark: HsicSampler, its ablations, and Optuna's samplers.

"flat" has all activities 1; "shuffled" the activities of other parameters; "no_tpe" no trial in
four by TPE; "hsic" is ``surrogate=False``; "unthinned" learns from all trials, where ours learns
from 400. "tpe_once" is TPE that draws again a point that was tried, where parameters are chosen
together: conditional ones may repeat. smac and botorch are in outside_samplers.py.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, RandomSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial
from outside_samplers import BoTorch, Smac

from optuna_hpx import HsicSampler
from optuna_hpx.samplers._evidence import Evidence
from optuna_hpx.samplers.maths import outcomes

_N_REDRAWN = 100
_N_LEARNT_FROM = outcomes._MAX_TRIALS


class Flat(HsicSampler):
    """The Gaussian process, and TPE, without HSIC."""

    def _activity(self, evidence: Evidence) -> np.ndarray:
        return np.ones(len(evidence.space))


class Shuffled(HsicSampler):
    """What HSIC found, but not where."""

    def _activity(self, evidence: Evidence) -> np.ndarray:
        activity = super()._activity(evidence)
        return np.random.default_rng(len(evidence.table)).permutation(activity)


class NoTPE(HsicSampler):
    """No trial by TPE."""

    def _is_for_tpe(self, trial: FrozenTrial) -> bool:
        return False


class TPEOnce(TPESampler):
    """No point that is in the study already, as far as a hundred draws avoid it."""

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        tried = [other.params for other in study.get_trials(deepcopy=False)]
        for _ in range(_N_REDRAWN):
            params = super().sample_relative(study, trial, search_space)
            if not params or params not in tried:
                break
        return params


ARMS: dict[str, Callable[[int], BaseSampler]] = {
    "ours": lambda seed: HsicSampler(seed=seed),
    "flat": lambda seed: Flat(seed=seed),
    "shuffled": lambda seed: Shuffled(seed=seed),
    "no_tpe": lambda seed: NoTPE(seed=seed),
    "unthinned": lambda seed: HsicSampler(seed=seed),
    "hsic": lambda seed: HsicSampler(seed=seed, surrogate=False),
    "tpe": lambda seed: TPESampler(seed=seed),
    "tpe_once": lambda seed: TPEOnce(seed=seed),
    "random": lambda seed: RandomSampler(seed=seed),
    "cmaes": lambda seed: CmaEsSampler(seed=seed, warn_independent_sampling=False),
    "gp": lambda seed: GPSampler(seed=seed, warn_independent_sampling=False),
    "smac": Smac,
    "botorch": BoTorch,
}
NEEDS = {"cmaes": ("cmaes",), "gp": ("torch",), "smac": ("smac",), "botorch": ("botorch",)}
FLAT_ONLY = ("smac", "botorch")  # here; they are not told of conditions or constraints


def is_installed(arm: str) -> bool:
    return all(find_spec(module) for module in NEEDS.get(arm, ()))


def make(arm: str, seed: int) -> BaseSampler:
    """The sampler of an arm; how many trials it learns from holds until the next is made."""
    outcomes._MAX_TRIALS = 10**9 if arm == "unthinned" else _N_LEARNT_FROM
    return ARMS[arm](seed)
