"""Racing: evidence against scipy, and the size of all looks together by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.tasks.maths import racing


@pytest.mark.parametrize("n", [2, 5, 40])
def test_t_evidence_is_the_t_test(n: int) -> None:
    d = np.random.default_rng(n).normal(0.3, 1.0, size=n)
    p = stats.ttest_1samp(d, 0.0, alternative="greater").pvalue
    assert racing.t_evidence(d) == pytest.approx(stats.norm.isf(p), abs=1e-9)


def test_wilcoxon_evidence_is_the_signed_rank_test() -> None:
    d = np.random.default_rng(0).integers(-3, 5, size=60).astype(float)
    found = stats.wilcoxon(d, alternative="greater", method="asymptotic", zero_method="zsplit")
    assert stats.norm.sf(racing.wilcoxon_evidence(d)) == pytest.approx(found.pvalue, rel=1e-2)


def test_differences_without_spread() -> None:
    assert racing.t_evidence(np.zeros(8)) == 0.0
    assert racing.t_evidence(np.full(8, 0.1)) > 30.0
    assert racing.t_evidence(np.full(8, -0.1)) < -30.0
    assert racing.t_evidence(np.array([1.0])) == -np.inf
    assert racing.wilcoxon_evidence(np.zeros(8)) == 0.0
    # What good configurations differ by says that this is nothing.
    assert racing.t_evidence(np.full(8, 0.1), 1.0) == pytest.approx(
        stats.norm.isf(stats.t.sf(0.1 * np.sqrt(8), 7))
    )


def test_the_threshold_of_a_single_look_is_a_quantile() -> None:
    """Then nothing is to be corrected, but for ties, which make the t test too large."""
    z = racing.threshold("t", 6, 5, 0.1, knows_spread=False)
    assert stats.norm.isf(0.1) - 0.04 < z < stats.norm.isf(0.1) + 0.15
    assert racing.threshold("t", 5, 5, 0.1, knows_spread=False) == np.inf


def first_dropped(test: str, d: np.ndarray, s_0: np.ndarray, n_startup: int = 5) -> np.ndarray:
    """(r,) whether each row is dropped at any look, by the scalar functions."""
    n_tasks = d.shape[1]
    z_alpha = racing.threshold(test, n_tasks, n_startup, 0.1, knows_spread=bool(s_0.any()))
    return np.array(
        [
            any(
                racing.STATISTICS[test](row[:n], float(scale)) > z_alpha
                for n in range(n_startup, n_tasks)
            )
            for row, scale in zip(d, s_0, strict=True)
        ]
    )


NULLS = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "student": lambda rng, shape: rng.standard_t(3, size=shape),
    "ties": lambda rng, shape: rng.choice([-1.0, 0.0, 1.0], p=[0.3, 0.4, 0.3], size=shape),
    "many ties": lambda rng, shape: rng.choice([-1.0, 0.0, 1.0], p=[0.1, 0.8, 0.1], size=shape),
    "accuracies": lambda rng, shape: (
        (rng.binomial(20, 0.8, size=shape) - rng.binomial(20, 0.8, size=shape)) / 20.0
    ),
    # Worse by a little on nine tasks of ten, better by much on the tenth.
    "rarely much better": lambda rng, shape: np.where(rng.random(shape) < 0.1, -0.9, 0.1),
    "rarely much worse": lambda rng, shape: np.where(rng.random(shape) < 0.1, 0.9, -0.1),
}


@pytest.mark.parametrize("null", NULLS)
@pytest.mark.parametrize("knows_spread", [True, False])
def test_size_over_all_looks(null: str, knows_spread: bool) -> None:
    """400 trials as good as the best, 30 tasks: standard error .015 at .1."""
    rng = np.random.default_rng(1)
    d = NULLS[null](rng, (400, 30))
    s_0 = np.zeros(400)
    if knows_spread:
        others = NULLS[null](rng, (400, 3, 30))
        s_0 = np.median(others.std(axis=2, ddof=1), axis=1)
    rate = first_dropped("t", d, s_0).mean()
    if null == "rarely much better" and not knows_spread:
        assert rate > 0.5  # the trap that the spread is for
    else:
        assert rate < 0.1 + 3 * 0.015


@pytest.mark.parametrize("share", [0.5, 0.05])
def test_size_where_the_spread_is_too_small(share: float) -> None:
    """Learnt from configurations too alike: which threshold holds is asked at each look."""
    d = np.random.default_rng(4).normal(size=(400, 30))
    thresholds = {
        knows: racing.threshold("t", 30, 5, 0.1, knows_spread=knows) for knows in (True, False)
    }
    dropped = [
        any(
            racing.t_evidence(row[:n], share) > thresholds[share >= row[:n].std(ddof=1)]
            for n in range(5, 30)
        )
        for row in d
    ]
    assert np.mean(dropped) < 0.1 + 3 * 0.015


def test_size_of_signed_ranks() -> None:
    rng = np.random.default_rng(2)
    assert first_dropped("wilcoxon", rng.normal(size=(200, 30)), np.zeros(200)).mean() < 0.165


def test_power() -> None:
    """Of trials that are worse by one standard deviation nearly all are dropped, and soon."""
    rng = np.random.default_rng(3)
    d = rng.normal(1.0, 1.0, size=(200, 30))
    assert first_dropped("t", d, np.ones(200)).mean() > 0.97
    assert first_dropped("t", d[:, :13], np.ones(200)).mean() > 0.8


def test_the_spread_is_that_of_differences() -> None:
    losses = np.array([[1.0, 2.0, 3.0], [2.0, 3.0, 4.0], [1.0, 4.0, 9.0]])
    assert racing.spread(losses, 0, np.array([1])) == 0.0
    assert racing.spread(losses, 0, np.array([1, 2])) == pytest.approx(
        np.std([0.0, 2.0, 6.0], ddof=1) / 2.0
    )
    assert racing.spread(losses, 0, np.array([], dtype=int)) == 0.0


def test_mean_differences_row_by_row() -> None:
    d = np.random.default_rng(0).normal(size=(6, 9))
    d[0, 3:] = d[1, 1:] = d[2] = np.nan
    mean, error = racing.mean_differences(d)
    for row, m, e in zip(d, mean, error, strict=True):
        values = row[~np.isnan(row)]
        assert m == pytest.approx(values.mean() if len(values) else np.nan, nan_ok=True)
        expected = stats.sem(values) if len(values) > 1 else np.nan
        assert e == pytest.approx(expected, nan_ok=True)


def test_an_infinite_difference_has_no_error() -> None:
    mean, error = racing.mean_differences(np.array([[1.0, np.inf, np.nan]]))
    assert np.isposinf(mean[0])
    assert np.isnan(error[0])


def test_differences_of_which_no_float_holds_the_square_have_no_error() -> None:
    with np.errstate(all="raise"):
        mean, error = racing.mean_differences(np.array([[1e300, 3e300], [1.0, 3.0]]))
    np.testing.assert_allclose(mean, [2e300, 2.0])
    np.testing.assert_allclose(error, [np.nan, 1.0])
