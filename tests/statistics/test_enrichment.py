"""The p-value of the most frequent value, against sums and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from optuna_hpx.statistics.enrichment import enrichment_p_value


@pytest.mark.parametrize(("k", "n", "q"), [(3, 12, 0.08), (12, 12, 0.3), (0, 5, 0.5)])
def test_it_is_the_tail_of_the_binomial_distribution(k: int, n: int, q: float) -> None:
    tail = sum(math.comb(n, i) * q**i * (1 - q) ** (n - i) for i in range(k, n + 1))
    assert enrichment_p_value(k, n, q, 1) == pytest.approx(tail)
    assert enrichment_p_value(k, n, q, 20) == pytest.approx(min(20 * tail, 1.0))


def test_the_luckiest_of_many_values_is_seldom_called_no_chance() -> None:
    rng = np.random.default_rng(0)
    n_values, n, n_false, n_studies = 20, 15, 0, 2000
    for _ in range(n_studies):
        counts = np.bincount(rng.integers(0, n_values, n), minlength=n_values)
        n_false += enrichment_p_value(int(counts.max()), n, 1 / n_values, n_values) < 0.05
    assert n_false / n_studies < 0.05 + 2 * math.sqrt(0.05 * 0.95 / n_studies)
