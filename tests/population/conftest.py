"""What a test hears of the log."""

from __future__ import annotations

from typing import Any

import optuna
import pytest


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(level)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    optuna.logging.set_verbosity(optuna.logging.INFO)
    optuna.logging.enable_propagation()
    yield caplog
    optuna.logging.disable_propagation()
