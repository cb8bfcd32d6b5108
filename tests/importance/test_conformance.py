"""Optuna's own suites for importance evaluators."""

from __future__ import annotations

import pytest
from optuna.testing.pytest_importance import (
    BasicImportanceEvaluatorTestCase,
    ConditionalImportanceEvaluatorTestCase,
    MultiObjectiveImportanceEvaluatorTestCase,
)

from optuna_hpx import HsicImportanceEvaluator, PedAnovaImportanceEvaluator


class TestPedAnova(
    BasicImportanceEvaluatorTestCase,
    ConditionalImportanceEvaluatorTestCase,
    MultiObjectiveImportanceEvaluatorTestCase,
):
    @pytest.fixture
    def evaluator(self) -> type[PedAnovaImportanceEvaluator]:
        return PedAnovaImportanceEvaluator


class TestHsic(
    BasicImportanceEvaluatorTestCase,
    ConditionalImportanceEvaluatorTestCase,
    MultiObjectiveImportanceEvaluatorTestCase,
):
    @pytest.fixture
    def evaluator(self) -> type[HsicImportanceEvaluator]:
        return HsicImportanceEvaluator
