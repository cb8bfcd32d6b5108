"""What ranks imply of the target set: against closed forms, and against nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.importance.maths.marginal import Marginal
from optuna_hpx.importance.maths.rank_effect import RankEffect, share_of_normal_effect
from optuna_hpx.statistics.ranks import normal_scores


def _numeric(x: np.ndarray) -> Marginal:
    return Marginal(np.argsort(x), None, ordered=True)


def _effect(x: np.ndarray, losses: np.ndarray) -> RankEffect:
    marginal = _numeric(x)
    effect = RankEffect.of(marginal, normal_scores(losses)[marginal.rows])
    assert effect is not None
    return effect


def _bivariate(share: float, q: float) -> float:
    """Var(P(b | z)) / (q (1 - q)) of a normal z that explains a share of a normal loss."""
    t, r = stats.norm.ppf(q), np.sqrt(share)
    z = np.linspace(-8.0, 8.0, 20001)
    p = stats.norm.cdf((t - r * z) / np.sqrt(1.0 - share))
    weights = stats.norm.pdf(z) / stats.norm.pdf(z).sum()
    return float(weights @ (p - q) ** 2 / (q * (1.0 - q)))


@pytest.mark.parametrize("q", [0.05, 0.1, 0.5])
@pytest.mark.parametrize("share", [0.02, 0.2, 0.4])
def test_of_a_normal_effect_in_closed_form(share: float, q: float) -> None:
    found = float(share_of_normal_effect(np.array(share), q))
    assert found == pytest.approx(_bivariate(share, q), rel=0.01)


def test_what_a_normal_effect_implies() -> None:
    """Of 4000 trials, I is the integral, and its variances are those of its size."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=4000)
    implied = _effect(z, np.sqrt(0.3) * z + np.sqrt(0.7) * rng.normal(size=4000)).implied(0.1)
    assert implied.share == pytest.approx(_bivariate(0.3, 0.1), abs=0.02)
    assert 0.0 < implied.variance < 0.01
    assert 0.0 < implied.error < 0.001


def test_a_step_of_choices_is_the_share_of_each() -> None:
    """Residuals are alike: the best tenth lies in the better half, as far as they reach."""
    rng = np.random.default_rng(1)
    codes = np.repeat([0, 1], 500)
    losses = 10.0 * codes + rng.random(1000)
    marginal = Marginal(np.arange(1000), np.array([0, 500, 1000]), ordered=False)
    effect = RankEffect.of(marginal, normal_scores(losses))
    assert effect is not None
    exact = 0.1**2 / (0.1 * 0.9)  # P is 0.2 or 0
    assert effect.implied(0.1).share == pytest.approx(exact, abs=0.03)


@pytest.mark.parametrize("ordered", [False, True])
def test_groups_without_noise_share_the_places_of_the_target_set(ordered: bool) -> None:
    """7 of 30 trials tie for two places: P is 2 / 7 among them, and 0 elsewhere."""
    marginal = Marginal(np.arange(30), np.array([0, 7, 30]), ordered)
    effect = RankEffect.of(marginal, normal_scores(np.repeat([0, 1], [7, 23])))
    assert effect is not None
    q = 2 / 30
    exact = (7 / 30 * (2 / 7) ** 2 - q**2) / (q * (1 - q))
    assert effect.implied(q).share == pytest.approx(exact, abs=0.01)
    assert effect.implied(7 / 30).share == pytest.approx(1.0, abs=0.01)
    assert max(effect.implied(m / 30).share for m in range(1, 30)) <= 1.0


def test_without_influence_hardly_anything_is_implied() -> None:
    rng = np.random.default_rng(2)
    effects = [_effect(rng.random(100), rng.random(100)) for _ in range(100)]
    implied = [effect.implied(0.1).share for effect in effects]
    assert np.median(implied) < 0.005
    assert max(implied) < 0.1


def test_chi_squares_of_values_are_those_of_an_analysis_of_variance() -> None:
    rng = np.random.default_rng(3)
    codes, scores = np.sort(rng.integers(3, size=60)), normal_scores(rng.random(60))
    starts = np.searchsorted(codes, np.arange(4))
    effect = RankEffect.of(Marginal(np.arange(60), starts, ordered=False), scores)
    assert effect is not None
    x, freedom = effect.chi_squares(effect.coefficients[None])
    groups = [scores[codes == code] for code in range(3)]
    between = sum(len(group) * (group.mean() - scores.mean()) ** 2 for group in groups)
    assert x[0, 0] == pytest.approx(59 * between / (60 * scores.var()))
    assert freedom.tolist() == [2]


def test_terms_are_orthonormal_also_with_ties() -> None:
    values = np.sort(np.random.default_rng(4).integers(40, size=200))
    starts = np.r_[0, np.flatnonzero(np.diff(values)) + 1, 200]
    effect = RankEffect.of(Marginal(np.arange(200), starts, ordered=True), np.arange(200.0))
    assert effect is not None
    features = effect.basis[effect.codes]
    np.testing.assert_allclose(features.T @ features / 200, np.eye(8), atol=1e-9)
    np.testing.assert_allclose(features.mean(axis=0), 0.0, atol=1e-9)
    assert [d for _, _, d in effect.blocks] == [1, 1, 2, 4]


@pytest.mark.parametrize(
    ("marginal", "scores"),
    [
        (_numeric(np.arange(9.0)), np.arange(9.0)),
        (_numeric(np.arange(30.0)), np.zeros(30)),
        (Marginal(np.arange(30), np.array([0, 30]), ordered=True), np.arange(30.0)),
    ],
)
def test_nothing_to_compare(marginal: Marginal, scores: np.ndarray) -> None:
    assert RankEffect.of(marginal, scores) is None
