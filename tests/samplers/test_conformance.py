"""Optuna's own suites for samplers."""

from __future__ import annotations

from collections.abc import Callable

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
