"""What is said of trials that tell nothing of random search."""

from __future__ import annotations

from typing import get_args

from optuna_hpx.law._basis import ADVICE, WITHOUT_DRAWS
from optuna_hpx.trials import sampling


def test_each_kind_is_one_that_trials_have() -> None:
    kinds = get_args(sampling.Sampling.__annotations__["kind"]) or ("adaptive", "even")
    assert set(WITHOUT_DRAWS) <= set(kinds)
    assert all(sentence.endswith(".") for sentence in (*WITHOUT_DRAWS.values(), ADVICE))
