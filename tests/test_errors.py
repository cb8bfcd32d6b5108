"""The error that says what is lacking: two parts, its words, and a way between processes."""

from __future__ import annotations

import pickle

import pytest

from optuna_hpx import NoCertificateError, NoLawError, NoSurrogateError
from optuna_hpx._errors import LackingError


@pytest.mark.parametrize("kind", [NoCertificateError, NoLawError, NoSurrogateError])
@pytest.mark.parametrize(
    ("advice", "text"), [("", "There is none."), ("Draw more.", "There is none. Draw more.")]
)
def test_reason_and_advice(kind: type[LackingError], advice: str, text: str) -> None:
    error = kind("There is none.", advice)
    assert (error.reason, error.advice, str(error)) == ("There is none.", advice, text)
    assert isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.reason, again.advice) == (kind, "There is none.", advice)
