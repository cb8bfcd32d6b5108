"""Optuna's own suites for samplers."""

from __future__ import annotations

from collections.abc import Callable

import optuna
import pytest
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.study import Study
from optuna.testing.pytest_samplers import (
    BasicSamplerTestCase,
    MultiObjectiveSamplerTestCase,
    RelativeSamplerTestCase,
)
from optuna.trial import FrozenTrial

from optuna_hpx import HsicSampler, InterleavedSampler
from optuna_hpx.samplers._tpe import count_finished
from optuna_hpx.trials import storage


class _Plain:
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        return lambda: HsicSampler(n_startup_trials=0, seed=0)


class _WithCost:
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        return lambda: HsicSampler(cost="duration", n_startup_trials=0, seed=0)


class _Eager(HsicSampler):
    """Leaves everything to the Gaussian process from the third trial on."""

    def _is_for_surrogate(self, study: Study, trial: FrozenTrial) -> bool:
        return count_finished(study) >= 2


class _AllSurrogate:
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        return lambda: _Eager(n_startup_trials=0, seed=0)


def _prior() -> optuna.Study:
    """A study with the names that Optuna's suites use."""

    def objective(trial: optuna.Trial) -> float:
        return sum(trial.suggest_float(name, -1.0, 3.0) for name in ("x", "y", "a", "b"))

    study = optuna.create_study(sampler=RandomSampler(seed=1))
    study.optimize(objective, n_trials=12)
    return study


class _WithPrior:
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        prior = _prior()
        return lambda: HsicSampler(prior_study=prior, n_startup_trials=1, seed=0)


class _AllSurrogateWithPrior:
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        prior = _prior()
        return lambda: _Eager(prior_study=prior, n_startup_trials=1, seed=0)


class _Constrained:
    """Every other trial violates a constraint."""

    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        class Violating(_Eager):
            def before_trial(self, study: Study, trial: FrozenTrial) -> None:
                super().before_trial(study, trial)
                value = float(trial.number % 2) - 0.5
                storage.set_trial_attribute(study, trial, "constraints:c", value)

        return lambda: Violating(n_startup_trials=0, seed=0)


class _WithoutSurrogate:
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        return lambda: HsicSampler(surrogate=False, n_startup_trials=0, seed=0)


class _InterleavedRandom:
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        return lambda: InterleavedSampler(RandomSampler(seed=0), every=2, seed=0)


class _InterleavedTPE:
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        return lambda: InterleavedSampler(TPESampler(n_startup_trials=0, seed=0), every=2, seed=0)


class TestBasic(_Plain, BasicSamplerTestCase):
    pass


class TestRelative(_Plain, RelativeSamplerTestCase):
    pass


@pytest.mark.filterwarnings("error:HsicSampler leaves trials to TPE")
class TestBasicSurrogate(_AllSurrogate, BasicSamplerTestCase):
    pass


@pytest.mark.filterwarnings("error:HsicSampler leaves trials to TPE")
class TestRelativeSurrogate(_AllSurrogate, RelativeSamplerTestCase):
    pass


class TestBasicWithPrior(_WithPrior, BasicSamplerTestCase):
    pass


class TestSeveralObjectivesWithPrior(_WithPrior, MultiObjectiveSamplerTestCase):
    pass


@pytest.mark.filterwarnings("error:HsicSampler leaves trials to TPE")
class TestBasicSurrogateWithPrior(_AllSurrogateWithPrior, BasicSamplerTestCase):
    pass


@pytest.mark.filterwarnings("error:HsicSampler leaves trials to TPE")
class TestRelativeSurrogateWithPrior(_AllSurrogateWithPrior, RelativeSamplerTestCase):
    pass


@pytest.mark.filterwarnings("error:HsicSampler leaves trials to TPE")
class TestBasicConstrained(_Constrained, BasicSamplerTestCase):
    pass


class TestBasicWithoutSurrogate(_WithoutSurrogate, BasicSamplerTestCase):
    pass


class TestRelativeWithoutSurrogate(_WithoutSurrogate, RelativeSamplerTestCase):
    pass


class TestSeveralObjectives(_Plain, MultiObjectiveSamplerTestCase):
    pass


@pytest.mark.filterwarnings("error:HsicSampler leaves trials to TPE")
class TestSeveralObjectivesSurrogate(_AllSurrogate, MultiObjectiveSamplerTestCase):
    pass


class TestSeveralObjectivesWithCost(_WithCost, MultiObjectiveSamplerTestCase):
    pass


class TestBasicWithCost(_WithCost, BasicSamplerTestCase):
    pass


class TestRelativeWithCost(_WithCost, RelativeSamplerTestCase):
    pass


class TestBasicInterleavedRandom(_InterleavedRandom, BasicSamplerTestCase):
    pass


class TestSeveralObjectivesInterleavedRandom(_InterleavedRandom, MultiObjectiveSamplerTestCase):
    pass


class TestBasicInterleavedTPE(_InterleavedTPE, BasicSamplerTestCase):
    pass


class TestRelativeInterleavedTPE(_InterleavedTPE, RelativeSamplerTestCase):
    pass


class TestSeveralObjectivesInterleavedTPE(_InterleavedTPE, MultiObjectiveSamplerTestCase):
    pass
