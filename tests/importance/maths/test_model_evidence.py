"""Evidence of a model against brute force, finite differences, and designs that learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import approx_fprime
from scipy.spatial.distance import cdist

from optuna_hpx.importance.maths import model_evidence as module
from optuna_hpx.importance.maths.model_evidence import MAX_TRIALS, MIN_TRIALS, model_evidence
from optuna_hpx.statistics.p_values import holm


def _alone(d: int) -> list[slice]:
    return [slice(k, k + 1) for k in range(d)]


def _climb(
    rng: np.random.Generator, n: int, d: int, noise: float
) -> tuple[np.ndarray, np.ndarray]:
    """(n, d) points of a climber that varies its best one, and a loss of the first two."""
    X, y = rng.random((n, d)), np.empty(n)
    for t in range(n):
        if t > 9:
            X[t] = np.clip(X[np.argmin(y[:t])] + 0.15 * rng.standard_normal(d), 0.0, 1.0)
        y[t] = (X[t, 0] - 0.3) ** 2 + 0.5 * X[t, 1] + noise * rng.standard_normal()
    return X, y


class TestModel:
    def _model(self) -> tuple[module._Model, list[np.ndarray], np.ndarray]:
        rng = np.random.default_rng(0)
        inputs = [rng.random((12, 1)), rng.random((12, 3)), rng.random((12, 1))]
        z = rng.standard_normal(12)
        return module._Model(inputs, z), inputs, z

    @pytest.mark.parametrize("chosen", [[0, 1, 2], [0, 2], [1]])
    def test_the_posterior_is_that_of_a_normal_density(self, chosen: list[int]) -> None:
        model, inputs, z = self._model()
        p, theta = len(chosen), np.random.default_rng(1).normal(-1.0, 0.7, 3 * len(chosen) + 2)
        l2, s, v, a, e2 = np.split(np.exp(theta), np.cumsum([p, 1, 1, p]))
        square = [cdist(inputs[i], inputs[i], "sqeuclidean") for i in chosen]
        K = s * np.exp(-np.sqrt(sum(q / u for q, u in zip(square, l2, strict=True))))
        K += sum(a[i] * np.exp(-np.sqrt(square[i] / e2[i])) for i in range(p))
        K += (v + 1e-6) * np.eye(12)
        typical = [0.7 * 3**0.5] * p + [0.7, 0.1] + [0.4] * p + [0.5] * p
        deviate = (theta - 2.0 * np.log(typical)) / ([2.0] * (p + 1) + [3.0] + [2.0] * 2 * p)
        density = stats.multivariate_normal.logpdf(z, np.zeros(12), K) + 6.0 * np.log(2 * np.pi)
        expected = density - 0.5 * deviate @ deviate
        assert model.log_posterior(np.array(chosen), theta) == pytest.approx(expected, rel=1e-6)

    @pytest.mark.parametrize("chosen", [[0, 1, 2], [0, 2]])
    def test_the_gradient_is_a_finite_difference(self, chosen: list[int]) -> None:
        model, _, _ = self._model()
        rows, theta = np.array(chosen), np.linspace(-2.0, 0.5, 3 * len(chosen) + 2)
        expected = approx_fprime(theta, lambda t: -model.log_posterior(rows, t), 1e-6)
        gradient = model._minus_log_posterior(theta, rows)[1]
        np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-4)

    def test_a_fit_is_no_worse_than_where_it_began(self) -> None:
        model, _, _ = self._model()
        rows = np.arange(3)
        best, theta = model.fit(rows, None)
        assert best > model.log_posterior(rows, model._mean)
        assert best == pytest.approx(model.log_posterior(rows, theta))


class TestEvidence:
    def test_p_values_are_odds_with_an_allowance(self) -> None:
        X, y = _climb(np.random.default_rng(0), 60, 4, 0.01)
        result = model_evidence(X, _alone(4), y)
        assert result.p_values == pytest.approx(np.minimum(np.exp(2.0 - result.log_odds), 1.0))
        assert result.p_values_familywise == pytest.approx(holm(result.p_values))

    def test_what_decides_is_found_where_a_climber_chose_and_the_rest_is_not(self) -> None:
        for seed in range(3):
            X, y = _climb(np.random.default_rng(seed), 80, 5, 0.01)
            p = model_evidence(X, _alone(5), y).p_values_familywise
            assert (p[:2] < 1e-3).all()
            assert (p[2:] > 0.05).all()

    def test_only_ranks_count(self) -> None:
        X, y = _climb(np.random.default_rng(1), 60, 3, 0.05)
        plain, bent = (model_evidence(X, _alone(3), s).log_odds for s in (y, np.exp(9.0 * y)))
        np.testing.assert_allclose(plain, bent)
        worst = np.where(y == y.max(), np.inf, y)
        np.testing.assert_allclose(model_evidence(X, _alone(3), worst).log_odds, plain)

    def test_the_features_of_a_parameter_are_one(self) -> None:
        rng = np.random.default_rng(2)
        choice, x = rng.integers(3, size=60), rng.random((60, 2))
        y = (choice == 1) + 0.1 * x[:, 0]
        X = np.column_stack([choice[:, None] == np.arange(3), x]).astype(float)
        p = model_evidence(X, [slice(0, 3), slice(3, 4), slice(4, 5)], y).p_values
        assert p.shape == (3,)
        assert p[0] < 1e-6
        assert p[2] > 0.05

    def test_what_is_given_is_not_tested_and_explains(self) -> None:
        rng = np.random.default_rng(3)
        cause = rng.random(70)
        X = np.column_stack([np.clip(cause + 0.02 * rng.standard_normal(70), 0.0, 1.0), cause])
        y = np.sin(9.0 * cause)
        given = model_evidence(X, _alone(2), y, n_tested=1)
        assert given.p_values.shape == (1,)
        assert given.p_values[0] > 0.05
        assert model_evidence(X[:, :1], _alone(1), y).p_values[0] < 1e-6

    @pytest.mark.parametrize("n", [MIN_TRIALS - 1, 60])
    def test_nothing_to_test(self, n: int) -> None:
        X = np.random.default_rng(4).random((n, 2))
        y = X[:, 0] if n < MIN_TRIALS else np.zeros(n)
        result = model_evidence(X, _alone(2), y)
        assert result.p_values.tolist() == [1.0, 1.0]
        assert result.p_values_familywise.tolist() == [1.0, 1.0]
        assert model_evidence(X, [], y).p_values.shape == (0,)

    def test_of_many_trials_as_many_as_may_be_are_taken_evenly(self) -> None:
        n = 2 * MAX_TRIALS - 1
        rng = np.random.default_rng(5)
        X = rng.random((n, 1))
        y = X[:, 0] + 0.3 * rng.standard_normal(n)
        result = model_evidence(X, _alone(1), y)
        thinned = model_evidence(X[::2], _alone(1), y[::2])
        np.testing.assert_allclose(result.log_odds, thinned.log_odds)
        assert result.p_values[0] < 1e-6


def _false_rate(n_studies: int, noise: float, n: int = 60) -> float:
    """Share of climbs in which some of three idle parameters is called significant."""
    wrong = []
    for seed in range(n_studies):
        X, y = _climb(np.random.default_rng([seed, n]), n, 5, noise)
        wrong.append((model_evidence(X, _alone(5), y).p_values_familywise[2:] < 0.05).any())
    return float(np.mean(wrong))


def _permuted_false_rate(n_studies: int, noise: float, n: int = 60) -> float:
    """Share of the same climbs in which a rank correlation would be, after Holm."""
    wrong = []
    for seed in range(n_studies):
        X, y = _climb(np.random.default_rng([seed, n]), n, 5, noise)
        p = np.array([stats.spearmanr(x, y).pvalue for x in X.T])
        wrong.append((holm(p)[2:] < 0.05).any())
    return float(np.mean(wrong))


def test_idle_parameters_are_not_found_where_a_permutation_test_finds_them() -> None:
    """At most 5 % of climbs; of 16, 3 or more have a chance of 4 % at that rate."""
    assert _false_rate(16, 0.1) <= 2 / 16
    assert _permuted_false_rate(16, 0.1) > 0.3


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.1, 1.0, 100.0])
def test_size_among_the_choices_of_a_climber(noise: float) -> None:
    """5 % and two standard errors of 300 climbs: 0.075."""
    assert _false_rate(300, noise) <= 0.075


@pytest.mark.slow
def test_size_of_pure_noise_on_even_points() -> None:
    """The family-wise size of 400 studies is at most 5 % and two standard errors: 0.072."""
    rng, wrong = np.random.default_rng(6), []
    for _ in range(400):
        p = model_evidence(rng.random((60, 5)), _alone(5), rng.random(60)).p_values_familywise
        wrong.append((p < 0.05).any())
    assert np.mean(wrong) <= 0.072
