"""Permutation tests: exact p-values, families, and the level of chance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.importance.maths import label_draws, permutation
from optuna_hpx.importance.maths.marginal import Marginal
from optuna_hpx.importance.maths.ped_anova import first_order, fits
from optuna_hpx.importance.maths.permutation import Permutations, permute
from optuna_hpx.statistics.ranks import normal_scores


def ordered(x: np.ndarray) -> Marginal:
    order = np.argsort(x, kind="stable")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(x[order])) + 1, [len(x)]])
    return Marginal(order, None if len(starts) == len(x) + 1 else starts, ordered=True)


def choices(codes: np.ndarray) -> Marginal:
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(codes[order])) + 1, [len(codes)]])
    return Marginal(order, starts, ordered=False)


def permuted(
    top: np.ndarray,
    parameters: list[list[Marginal]],
    n_permutations: int,
    rng: np.random.Generator,
    confidence: float = 0.95,
) -> Permutations:
    compared = [fits(top, len(top), marginals) for marginals in parameters]
    return permute(compared, len(top), n_permutations, confidence, rng)


def test_p_value_is_that_of_all_permutations() -> None:
    """12 trials, 4 on top: all 495 sets of 4 are counted."""
    codes = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2])
    top = np.isin(np.arange(12), [0, 1, 2, 5])
    n_k = np.bincount(codes)

    def chi_square(chosen: tuple[int, ...]) -> float:
        m_k = np.bincount(codes[list(chosen)], minlength=3)
        return float(((m_k - n_k / 3) ** 2 / n_k).sum())

    observed = chi_square((0, 1, 2, 5))
    exact = np.mean([chi_square(each) >= observed - 1e-9 for each in combinations(range(12), 4)])
    rng = np.random.default_rng(0)
    found = permuted(top, [[choices(codes)]], 20000, rng).p_values[0]
    assert found == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 20000))


def test_equal_statistics_of_tied_scores_are_counted() -> None:
    """20 trials of four values, 3 in a group: all 1140 groups; rounding parts none that tie."""
    losses = np.repeat([0, 1, 2, 3], [3, 6, 5, 6])
    scores, group = normal_scores(losses), [12, 15, 18]

    def correlation(chosen: Sequence[int], values: np.ndarray) -> float:
        return float(np.corrcoef(np.isin(np.arange(20), chosen), values)[0, 1] ** 2)

    def chi_square(chosen: Sequence[int]) -> float:
        return max(20 * correlation(chosen, losses == 0), 19 * correlation(chosen, scores))

    observed = chi_square(group)
    exact = np.mean([chi_square(c) >= observed - 1e-9 for c in combinations(range(20), 3)])
    marginal = choices(np.isin(np.arange(20), group).astype(int))
    compared = [fits(losses == 0, 20, [marginal], scores)]
    p = permute(compared, 20, 20_000, 0.95, np.random.default_rng(0)).p_values[0]
    assert p == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 20_000))


@pytest.mark.parametrize("drawn", ["by trial", "by count"])
def test_size(drawn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """p is uniform under no influence: float, few values, two regimes; 4 standard errors."""
    if drawn == "by count":
        monkeypatch.setattr(label_draws, "_MAX_DRAWN", 0)
    p, smallest = [], []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        n = 120
        top = rng.permutation(n) < 24
        x = rng.random(n)
        halves = [ordered(rng.random(n // 2)), ordered(rng.random(n // 2))]
        halves[1] = Marginal(halves[1].rows + n // 2, None, ordered=True)
        parameters = [[ordered(x)], [choices(rng.integers(4, size=n))], halves]
        found = permuted(top, parameters, 199, rng)
        p.append(found.p_values)
        smallest.append(found.p_values_familywise.min())
    error = np.sqrt(0.05 * 0.95 / 400)
    assert (np.mean(np.array(p) <= 0.05, axis=0) <= 0.05 + 4 * error).all()
    assert (np.mean(np.array(p) <= 0.05, axis=0) >= 0.05 - 4 * error).all()
    assert abs(np.mean(np.array(smallest) <= 0.05) - 0.05) < 4 * error
    assert (np.mean(p, axis=0) > 0.45).all()


def test_gating_is_not_a_childs_effect() -> None:
    """All targets are in regime 1 of the parameter, where they do not depend on it."""
    rng = np.random.default_rng(0)
    rows = np.arange(200)
    top = (rows < 100) & (rng.permutation(200) < 60)
    regimes = [
        ordered(rng.random(100)),
        Marginal(100 + rng.permutation(100), None, ordered=True),
    ]
    assert permuted(top, [regimes], 499, rng).p_values[0] > 0.05
    codes = (rows >= 100).astype(float)
    assert permuted(top, [[choices(codes)]], 499, rng).p_values[0] <= 1 / 500


def test_familywise_is_step_down() -> None:
    """Not below the p of one parameter, in the same order, and no worse than Bonferroni's."""
    rng = np.random.default_rng(1)
    n, d = 300, 12
    x = rng.random((d, n))
    loss = x[0] + 0.5 * x[1]
    top = loss <= np.quantile(loss, 0.1)
    found = permuted(top, [[ordered(column)] for column in x], 1999, rng)
    assert (found.p_values_familywise >= found.p_values - 1e-12).all()
    assert found.p_values_familywise[0] <= d / 2000
    assert found.p_values_familywise[2:].min() > 0.05
    same = permuted(top, [[ordered(x[0])]] * 5, 1999, rng)
    np.testing.assert_array_equal(same.p_values, same.p_values_familywise)  # wholly dependent


@pytest.mark.parametrize("n", [11, 60, 300])
def test_level_of_chance(n: int) -> None:
    """It is the quantile of S over new draws, or above; a lower confidence gives less."""
    rng = np.random.default_rng(n)
    top = np.arange(n) < max(n // 10, 2)
    x = [[ordered(rng.random(n))], [choices(rng.integers(4, size=n))]]
    level, less = (permuted(top, x, 1999, rng, c).null_level for c in (0.95, 0.5))
    s = [[first_order(rng.permutation(top), n, at).sum() for at in x] for _ in range(1000)]
    error = np.sqrt(0.05 * 0.95 / 1000)
    assert (np.mean(s > level, axis=0) <= 0.05 + 3 * error).all()
    assert (less <= level).all()


@pytest.mark.parametrize(("n", "share"), [(20, 0.1), (60, 0.05), (200, 0.05)])
def test_level_of_chance_with_scores(n: int, share: float) -> None:
    """Of fewer than 50 trials chance exceeds it up to twice as often as it should."""
    rng = np.random.default_rng(n)
    losses = rng.random(n)
    scores, top = normal_scores(losses), losses <= np.sort(losses)[n // 10 - 1]
    x = [[ordered(rng.random(n))], [choices(rng.integers(4, size=n))]]
    compared = [fits(top, n, marginals, scores) for marginals in x]
    level = permute(compared, n, 1999, 0.95, rng).null_level
    s = []
    for _ in range(600):
        order = rng.permutation(n)
        drawn = [fits(top[order], n, marginals, scores[order]) for marginals in x]
        s.append([sum(fit.part for fit in regimes) for regimes in drawn])
    error = np.sqrt(share * (1 - share) / 600)
    assert (np.mean(np.array(s) > level, axis=0) <= share + 3 * error).all()


@pytest.mark.parametrize(("n", "m"), [(8, 2), (9, 3), (50, 1), (30, 29)])
def test_level_of_chance_where_nothing_is_corrected(n: int, m: int) -> None:
    """A quantile of the plain share, whose few values it must be one of; never more than it."""
    rng = np.random.default_rng(n)
    top = np.arange(n) < m
    x = [[ordered(rng.random(n))], [choices(np.arange(n) % 3)], [ordered(np.arange(n) // 2.0)]]
    level = permuted(top, x, 1999, rng).null_level
    s = np.array(
        [[first_order(rng.permutation(top), n, at).sum() for at in x] for _ in range(999)]
    )
    assert (np.mean(s > level + 1e-9, axis=0) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 999)).all()
    assert (np.mean(s > level - 1e-9, axis=0) > 0.01).all()


def test_how_many_parameters_are_counted_at_once_changes_no_digit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(2)
    n = 240
    top = np.arange(n) < 24
    halves = [ordered(rng.random(n // 2)) for _ in range(2)]
    halves[1] = Marginal(halves[1].rows + n // 2, None, ordered=True)
    constant = Marginal(np.arange(n), np.array([0, n]), ordered=True)
    x = [[ordered(rng.random(n))], halves, [constant], [choices(rng.integers(3, size=n))], halves]
    results = []
    for max_counts in (1, 20_000, 10**9):
        monkeypatch.setattr(permutation, "_MAX_COUNTS", max_counts)
        results.append(vars(permuted(top, x, 199, np.random.default_rng(0))))
    for result in results[1:]:
        for name, values in results[0].items():
            np.testing.assert_array_equal(result[name], values)


def test_nothing_to_test() -> None:
    rng = np.random.default_rng(0)
    constant = Marginal(np.arange(20), np.array([0, 20]), ordered=True)
    found = permuted(np.arange(20) < 4, [[constant], []], 99, rng)
    np.testing.assert_array_equal(found.p_values, 1.0)
    np.testing.assert_array_equal(found.p_values_familywise, 1.0)
    everything = permuted(np.ones(20, dtype=bool), [[ordered(rng.random(20))]], 99, rng)
    assert everything.p_values[0] == 1.0


def test_more_targets_than_others() -> None:
    """The fewer of the two sets is drawn; the test is the same for the complement."""
    rng = np.random.default_rng(3)
    x = rng.random(100)
    top = x + rng.random(100) < 0.6
    p = [
        permuted(mask, [[ordered(x)]], 999, np.random.default_rng(0)).p_values[0]
        for mask in (top, ~top)
    ]
    assert p[0] == pytest.approx(p[1])
    assert p[0] <= 0.001


@pytest.mark.parametrize("kind", ["distinct", "tied", "small group"])
def test_size_with_scores(kind: str) -> None:
    """Labels and scores together; also far in the tail, where most scores are tied."""
    p = []
    for seed in range(400):
        rng = np.random.default_rng([seed, 1])
        losses = rng.integers(6, size=80) if kind == "tied" else rng.random(80)
        scores, top = normal_scores(losses), losses <= np.sort(losses)[8]
        codes = np.where(np.arange(80) < 6, 1.0, 0.0)
        marginal = choices(codes) if kind == "small group" else ordered(rng.random(80))
        compared = [fits(top, 80, [marginal], scores)]
        p.append(permute(compared, 80, 199, 0.95, rng).p_values[0])
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert np.count_nonzero(np.array(p) <= 0.001) <= 3


def test_what_all_trials_depend_on_is_found() -> None:
    """A faint slope and a faint bowl in 100 trials: the scores find them, labels do not."""
    for effect in (lambda x: x, lambda x: 4 * (x - 0.5) ** 2):
        below = []
        for seed in range(20):
            rng = np.random.default_rng(seed)
            x = rng.random(100)
            losses = effect(x) + 0.4 * rng.normal(size=100)
            top = losses <= np.sort(losses)[9]
            compared = [fits(top, 100, [ordered(x)], s) for s in (normal_scores(losses), None)]
            found = [permute([one], 100, 499, 0.95, rng).p_values[0] for one in compared]
            below.append(np.array(found) < 0.05)
        share = np.mean(below, axis=0)
        assert share[0] >= 0.9
        assert share[0] > share[1]


@pytest.mark.slow
@pytest.mark.parametrize("n", [50, 200, 1000])
def test_size_in_detail(n: int) -> None:
    p = []
    for seed in range(4000):
        rng = np.random.default_rng([seed, n])
        top = rng.permutation(n) < n // 10
        p.append(permuted(top, [[ordered(rng.random(n))]], 199, rng).p_values[0])
    assert np.mean(np.array(p) <= 0.05) <= 0.06
    # Five target trials have too few distinct outcomes for p to be near uniform.
    if n >= 200:
        assert np.mean(np.array(p) <= 0.05) >= 0.04
        assert stats.kstest(p, "uniform").statistic < 0.05
