"""Calls of a storage that fails for a while."""

from __future__ import annotations

import pytest
from optuna.exceptions import StorageInternalError

from optuna_hpx.population import _patience
from optuna_hpx.population._patience import patiently


def failing(n: int, error: Exception) -> tuple[list[int], object]:
    calls = [0]

    def call() -> str:
        calls[0] += 1
        if calls[0] <= n:
            raise error
        return "answer"

    return calls, call


def test_a_call_is_made_again_if_the_storage_was_away() -> None:
    calls, call = failing(2, StorageInternalError("busy"))
    assert patiently(call) == "answer"  # type: ignore[arg-type, comparison-overlap]
    assert calls == [3]


def test_other_errors_are_raised_at_once() -> None:
    calls, call = failing(2, ValueError("wrong"))
    with pytest.raises(ValueError, match="wrong"):
        patiently(call)  # type: ignore[arg-type]
    assert calls == [1]


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_patience, "_LONGEST", 0.2)
    calls, call = failing(100, StorageInternalError("gone"))
    with pytest.raises(StorageInternalError, match="gone"):
        patiently(call)  # type: ignore[arg-type]
    assert 1 < calls[0] < 5
