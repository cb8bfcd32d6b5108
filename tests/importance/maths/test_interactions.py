"""Pairwise interactions against closed forms, brute force and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.importance.maths import interactions as core
from optuna_hpx.importance.maths.cells import Cells, choice_cells, coarsen, ordered_cells
from optuna_hpx.importance.maths.interactions import Block, estimate_pairs, pairwise
from optuna_hpx.importance.maths.two_way import cumulants


def of_values(values: np.ndarray) -> Cells:
    return ordered_cells(np.argsort(values, kind="stable"), values, None)


def best(losses: np.ndarray, quantile: float) -> np.ndarray:
    return losses <= np.sort(losses)[int(np.ceil(quantile * len(losses))) - 1]


def xor(u: np.ndarray, at: float) -> np.ndarray:
    return 1e-3 * u[2] - ((u[0] < at) ^ (u[1] < at))


def labels_of(p: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.random(p.shape) < p


@pytest.mark.parametrize(("quantile", "exact"), [(0.5, 1.0), (0.25, 1 / 3)])
def test_xor(quantile: float, exact: float) -> None:
    u = np.random.default_rng(1).random((4, 10_000))
    values, p = pairwise(best(xor(u, 0.5), quantile), [of_values(x) for x in u])
    assert values[0, 1] == pytest.approx(exact, abs=0.06)
    assert p[0, 1] < 1e-100
    rest = values[np.triu_indices(4, 1)][1:]
    assert (rest < 0.01).all()
    assert p[np.triu_indices(4, 1)][1:].min() > 1e-3


def test_a_threshold_between_the_edges_of_bins() -> None:
    """XOR at .37 with all of its true set: main effects 1 - 2 t, and what they leave."""
    t = 0.37
    u = np.random.default_rng(2).random((3, 10_000))
    q = 2 * t * (1 - t)
    main = t * (1 - t) * (1 - 2 * t) ** 2
    exact = (q * (1 - q) - 2 * main) / (q * (1 - q))
    values, _ = pairwise((u[0] < t) ^ (u[1] < t), [of_values(x) for x in u])
    assert values[0, 1] == pytest.approx(exact, abs=0.07)


def test_ishigami() -> None:
    found = []
    for seed in range(5):
        x = np.pi * (2.0 * np.random.default_rng(seed).random((3, 10_000)) - 1.0)
        f = np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])
        values, _ = pairwise(best(f, 0.1), [of_values(row) for row in x])
        found.append(values[0, 2])
    assert np.mean(found) == pytest.approx(0.1569, abs=0.02)


def test_two_categorical_parameters() -> None:
    """P = .1 but .9 where both choices agree, of 4 each: no main effects."""
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 4, (2, 4000))
    p = np.where(a == b, 0.9, 0.1)
    q = 0.3
    exact = 3 / 16 * 0.8**2 / (q * (1 - q))
    values, p_values = pairwise(labels_of(p, rng), [choice_cells(a), choice_cells(b)])
    assert values[0, 1] == pytest.approx(exact, abs=0.05)
    assert p_values[0, 1] < 1e-50


def test_a_categorical_and_a_float() -> None:
    """P = x for one choice, 1 - x for the other: S = 4 Var(x), either way round."""
    rng = np.random.default_rng(4)
    x, c = rng.random(5000), rng.integers(0, 2, 5000)
    cells = [of_values(x), choice_cells(c)]
    top = labels_of(np.where(c == 0, x, 1 - x), rng)
    values, _ = pairwise(top, cells)
    assert values[0, 1] == pytest.approx(1 / 3, abs=0.04)
    np.testing.assert_array_equal(pairwise(top, cells[::-1])[0], values)


def test_no_bias_at_any_resolution_under_main_effects() -> None:
    """E[U] = 0 and Var[U] = kappa2, for K = 2, 4, 8 and labels far from homoscedastic."""
    rng = np.random.default_rng(6)
    u = rng.random((2, 300))
    cells = [of_values(x) for x in u]
    joint = cells[0].codes * 32 + cells[1].codes
    fine = [(c.codes[:, None] == np.arange(32)).astype(float) for c in cells]
    p = 0.02 + 0.6 * (cells[0].codes < 16) + 0.3 * (cells[1].codes < 16)
    labels = labels_of(np.tile(p, (4000, 1)), rng)
    n_c = np.tile(np.bincount(joint, minlength=1024).reshape(1, 32, 32), (4000, 1, 1))
    m_c = np.einsum("rt,tk,tl->rkl", labels.astype(float), *fine, optimize=True)
    for level in range(3):
        tables = [coarsen(x.astype(float), (True, True), level) for x in (n_c, m_c)]
        u_k, kappa2, _ = cumulants(*tables)
        assert abs(u_k.mean()) < 4 * u_k.std() / np.sqrt(4000)
        assert u_k.var() == pytest.approx(kappa2.mean(), rel=0.15)


def additive(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two strong main effects that add up exactly, q about .1; labels and u (2, n)."""
    u = rng.random((2, n))
    return labels_of(0.4 * (u[0] < 0.15) + 0.25 * (u[1] < 0.15), rng), u


def sizes(n: int, repeats: int, level: float) -> tuple[float, float]:
    """Rejected at a level, and share of estimates that are not 0."""
    p, s = [], []
    for seed in range(repeats):
        labels, u = additive(np.random.default_rng(seed), n)
        values, p_values = pairwise(labels, [of_values(x) for x in u])
        p.append(p_values[0, 1])
        s.append(values[0, 1])
    return float(np.mean(np.array(p) <= level)), float(np.mean(np.array(s) > 0.0))


def test_main_effects_alone_are_no_interaction() -> None:
    rejected, found = sizes(200, 400, 0.05)
    assert rejected < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert found < 0.15


@pytest.mark.slow
@pytest.mark.parametrize("n", [50, 100, 300, 1000])
def test_size(n: int) -> None:
    for level in (0.05, 0.01):
        rejected, _ = sizes(n, 4000, level)
        assert 0.1 * level < rejected < level + 3 * np.sqrt(level / 4000)


def test_a_permutation_of_the_labels_would_not_do() -> None:
    """The variance under permutation is not that under the main effects."""
    labels, u = additive(np.random.default_rng(0), 400)
    assert pairwise(labels, [of_values(x) for x in u])[1][0, 1] > 0.001


def noise_p_values(n: int, k: int, choices: int, repeats: int) -> np.ndarray:
    """p of pairs without effect: one of k choices, and one of ``choices``, or a float if 0."""
    rng = np.random.default_rng([n, k, choices])
    p = []
    for _ in range(repeats):
        first = choice_cells(rng.integers(0, k, n))
        x = rng.random(n)
        second = choice_cells(np.floor(choices * x)) if choices else of_values(x)
        p.append(pairwise(best(rng.random(n), 0.1), [first, second])[1][0, 1])
    return np.array(p)


@pytest.mark.parametrize(
    ("n", "k", "choices"),
    [
        *[(50, 5, 5), (60, 12, 12), (100, 16, 16), (100, 20, 2), (200, 20, 20), (200, 20, 10)],
        *[(50, 8, 0), (100, 20, 0), (200, 20, 0)],
    ],
)
def test_size_of_sparse_tables(n: int, k: int, choices: int) -> None:
    """800 repetitions, three standard errors."""
    p = noise_p_values(n, k, choices, 800)
    for level in (0.05, 0.01, 0.001):
        assert (p <= level).mean() < level + 3 * np.sqrt(level / 800)
    assert p.min() > 1e-5


def test_rare_choices_of_a_pair_are_put_together() -> None:
    """60 trials fill 20 cells: of 12 x 12 choices 4 x 4 are left, of 12 x 2 all but 2."""
    rng = np.random.default_rng(0)
    of_12 = choice_cells(np.repeat(np.arange(12), 5))
    of_2 = choice_cells(rng.integers(0, 2, 60))
    for second, shape in ((of_12, (4, 4)), (of_2, (10, 2))):
        block = Block(np.arange(60) < 6, [of_12, second], [(0, 1)])
        ((_, n_c, m_c, _),) = core._tables(block)
        assert (n_c.sum(), m_c.sum()) == (60, 6)
        assert tuple(np.count_nonzero(n_c.sum(axis=axis)) for axis in (-1, -2)) == shape


def copula(rng: np.random.Generator, n: int, rho: float) -> np.ndarray:
    """Two uniform parameters whose normal scores correlate by rho."""
    z = rng.standard_normal((2, n))
    return stats.norm.cdf([z[0], rho * z[0] + np.sqrt(1.0 - rho**2) * z[1]])


@pytest.mark.parametrize(("n", "rho"), [(300, 0.3), (1000, 0.3), (3000, 0.3), (1000, 0.6)])
def test_a_main_effect_of_correlated_parameters_is_no_interaction(n: int, rho: float) -> None:
    """The step, at 10 %, is at the edge of no cell. 200 repetitions, three standard errors."""
    p, s = [], []
    for seed in range(200):
        x = copula(np.random.default_rng(seed), n, rho)
        values, p_values = pairwise(best(x[0], 0.1), [of_values(column) for column in x])
        p.append(p_values[0, 1])
        s.append(values[0, 1])
    for level in (0.05, 0.001):
        assert np.mean(np.array(p) <= level) < level + 3 * np.sqrt(level / 200) + 0.01
    assert np.mean(s) < 0.01


def test_an_interaction_of_correlated_parameters_is_found() -> None:
    x = copula(np.random.default_rng(0), 1000, 0.3)
    values, p = pairwise((x[0] < 0.3) ^ (x[1] < 0.3), [of_values(column) for column in x])
    assert values[0, 1] > 0.3
    assert p[0, 1] < 1e-10


@pytest.fixture
def mixed() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    x, y, c = rng.random(500), rng.random(500), rng.integers(0, 5, 500)
    return labels_of(0.1 + 0.6 * ((x > 0.6) ^ (c < 2)) * y, rng), x, y, c


def test_symmetric_with_a_trivial_diagonal(mixed: tuple[np.ndarray, ...]) -> None:
    top, x, y, c = mixed
    values, p = pairwise(top, [of_values(x), of_values(y), choice_cells(c)])
    np.testing.assert_array_equal(values, values.T)
    np.testing.assert_array_equal(p, p.T)
    assert (np.diag(values) == 0).all()
    assert (np.diag(p) == 1).all()
    assert ((values >= 0) & (values <= 1) & (p >= 0) & (p <= 1)).all()


def test_names_of_choices_order_of_trials_and_scales_play_no_part(
    mixed: tuple[np.ndarray, ...],
) -> None:
    top, x, y, c = mixed
    expected = pairwise(top, [of_values(x), of_values(y), choice_cells(c)])
    relabelled = np.array([3, 0, 4, 1, 2])[c]
    order = np.random.default_rng(0).permutation(len(x))
    for cells, labels in (
        ([of_values(x), of_values(y), choice_cells(relabelled)], top),
        ([of_values(np.exp(9 * x)), of_values(y**3), choice_cells(c)], top),
        ([of_values(x[order]), of_values(y[order]), choice_cells(c[order])], top[order]),
    ):
        for found, known in zip(pairwise(labels, cells), expected, strict=True):
            np.testing.assert_allclose(found, known, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("n", [2, 3, 5, 10, 11, 20])
@pytest.mark.parametrize("m", [0, 1, 2, "half", "all"])
def test_very_few_trials(n: int, m: int | str) -> None:
    rng = np.random.default_rng(n)
    top = np.arange(n) < {"half": n // 2, "all": n}.get(m, m)
    cells = [of_values(rng.random(n)), of_values(rng.random(n)), choice_cells(np.arange(n) % 3)]
    values, p = pairwise(top, cells)
    assert np.isfinite(values).all()
    assert ((p >= 0) & (p <= 1)).all()
    if n < 10 or m in (0, 1, "all"):
        assert (values == 0).all()
        assert (p == 1).all()


def test_constant_and_identical_parameters() -> None:
    rng = np.random.default_rng(8)
    x = rng.random(300)
    cells = [of_values(x), of_values(x), of_values(np.ones(300)), choice_cells(np.zeros(300))]
    values, p = pairwise(x < 0.2, cells)
    assert (values == 0).all()
    assert (p == 1).all()


def test_strata_are_compared_within_only() -> None:
    """XOR in one half of the trials, its opposite in the other: strata see it, together not."""
    rng = np.random.default_rng(9)
    u, strata = rng.random((2, 2000)), np.arange(2000) % 2
    top = (u[0] < 0.5) ^ (u[1] < 0.5) ^ (strata == 1)
    cells = [ordered_cells(np.argsort(x), x, strata) for x in u]
    apart = estimate_pairs([Block(top, cells, [(0, 1)], strata)], 2000, int(top.sum()))
    together, _ = pairwise(top, [of_values(x) for x in u])
    assert apart.values[0] > 0.8
    assert together[0, 1] < 0.01


def test_dependence() -> None:
    rng = np.random.default_rng(10)
    x, y = rng.random((2, 500))
    cells = [of_values(x), of_values(y), of_values(x + 0.3 * y), choice_cells(np.floor(3 * x))]
    pairs = [(0, 1), (0, 2), (0, 3), (0, 0)]
    found = estimate_pairs([Block(y < 0.1, cells, pairs)], 500, int((y < 0.1).sum()))
    assert found.dependence[0] < 0.1
    assert found.dependence_p_values[0] > 1e-3
    assert (found.dependence[1:] > 0.5).all()
    assert (found.dependence_p_values[1:] < 1e-20).all()
    assert found.dependence[3] == pytest.approx(1.0, abs=0.02)
