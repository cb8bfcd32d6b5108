"""The likelihood against the law's own density, and what a sample keeps of the losses."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.likelihood import log_likelihood, make_sample
from optuna_hpx.law.maths.quadratic import NoisyQuadratic


def draws(n: int, gamma: float, sigma: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng([seed, n])
    return np.sort(rng.random(n) ** (2.0 / gamma) + sigma * rng.normal(size=n))


def test_the_likelihood_of_few_losses_is_exact() -> None:
    """With fewer losses than densities are used for, it is the censored likelihood itself."""
    y = draws(12, 2, 0.1, 0)
    of = make_sample(y[:9], float(y[8] + y[9]) / 2, 3)
    law = NoisyQuadratic(-0.05, 1.1, 2.0, 0.12)
    arguments = (np.array([v]) for v in (2.0, -0.05, 1.15, 0.12))
    found = log_likelihood(of, *arguments)[0]
    expected = np.log(law.pdf(y[:9])).sum() + 3 * np.log(1 - law.cdf((y[8] + y[9]) / 2))
    assert found == pytest.approx(expected, abs=1e-3)


def test_the_likelihood_of_many_losses_is_that_of_groups() -> None:
    """Equation (1) written down once more, with the law's own distribution function."""
    y = draws(200, 2, 0.1, 1)
    sample = make_sample(y[:80], float(y[79:81].mean()), 120)
    law = NoisyQuadratic(-0.05, 1.1, 2.0, 0.12)
    arguments = (np.array([v]) for v in (2.0, -0.05, 1.15, 0.12))
    expected = np.log(law.pdf(y[:16])).sum()
    for edge, following in zip(sample.edges, [*sample.edges[1:], np.inf], strict=True):
        n = np.count_nonzero((y > edge) & (y <= following) & (np.arange(200) >= 16))
        p = (law.cdf(following) if np.isfinite(following) else 1.0) - law.cdf(edge)
        expected += n * np.log(p)
    assert log_likelihood(sample, *arguments)[0] == pytest.approx(expected, abs=1e-2)


@pytest.mark.parametrize(("m", "n_above"), [(9, 3), (16, 0), (17, 0), (40, 0), (200, 100)])
def test_every_trial_counts_once(m: int, n_above: int) -> None:
    y = draws(300, 2, 0.1, 2)
    threshold = float(y[m - 1 : m + 1].mean()) if n_above else np.inf
    sample = make_sample(y[:m], threshold, n_above)
    assert len(sample.points) + sample.counts.sum() == m + n_above
    assert sample.edges[-1] == (threshold if n_above else y[m - 1])
    assert np.all(np.diff(sample.edges) > 0.0)
    assert np.all(sample.counts >= 0)
    assert sample.share == m / (m + n_above)
