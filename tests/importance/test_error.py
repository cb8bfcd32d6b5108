from __future__ import annotations

from optuna_hpx import NoSurrogateError


def test_reason_and_advice() -> None:
    error = NoSurrogateError("Too few trials.", "Run more.")
    assert isinstance(error, ValueError)
    assert (error.reason, error.advice) == ("Too few trials.", "Run more.")
    assert str(error) == "Too few trials. Run more."
    assert str(NoSurrogateError("Too few trials.")) == "Too few trials."
