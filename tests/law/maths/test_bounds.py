"""Which scores look like shares."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.bounds import looks_like_a_share

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("m", [312, 9815, 73_257])
def test_shares_of_a_number_of_examples(m: int) -> None:
    scores = RNG.integers(0.7 * m, m, 50) / m
    assert looks_like_a_share(scores)
    assert looks_like_a_share(np.append(scores, np.inf)), "a trial that failed"
    assert not looks_like_a_share(np.append(scores, 1.0 + 1.0 / m))
    assert not looks_like_a_share(scores - 1.0)


def test_what_is_no_share() -> None:
    scores = RNG.random(50)
    assert not looks_like_a_share(scores)
    assert not looks_like_a_share(np.round(scores, 3)), "rounded: of any unit"
    assert looks_like_a_share(np.append(np.round(scores, 3), 1.0)), "but this reached the bound"
    assert not looks_like_a_share(np.full(50, 0.5))
    assert not looks_like_a_share(RNG.integers(0, 312, 10) / 312), "too few to be sure"
