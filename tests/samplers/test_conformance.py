"""Optuna's own suites for samplers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.testing.pytest_samplers import (
    BasicSamplerTestCase,
    MultiObjectiveSamplerTestCase,
    RelativeSamplerTestCase,
)

from optuna_hpx import HsicSampler, InterleavedSampler


class _Plain:
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        return lambda: HsicSampler(n_startup_trials=0, seed=0)


class _WithCost:
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        return lambda: HsicSampler(cost="duration", n_startup_trials=0, seed=0)


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


class TestSeveralObjectives(_Plain, MultiObjectiveSamplerTestCase):
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
