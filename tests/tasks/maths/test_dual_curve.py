"""Oscillations, maxima and jumps, against definitions worked out by brute force."""

from __future__ import annotations

import math
import textwrap
from itertools import pairwise
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx import task_matrix
from optuna_hpx.tasks.maths.dual_curve import DualCurve, noise_tolerance
from optuna_hpx.tasks.maths.jumps import Jump
from optuna_hpx.tasks.maths.oscillations import pdim_from_oscillations

WAVE = np.linspace(0.0, 1.0, 2001)


def curve(utilities: Any) -> DualCurve:
    return DualCurve(np.arange(np.shape(utilities)[-1]), utilities)


def oscillations_by_definition(u: np.ndarray) -> int:
    """Switches of 1{u >= z}, for every z at which it can change."""
    return max(int(np.count_nonzero(np.diff(u >= z))) for z in u)


def persistences(u: np.ndarray) -> list[float]:
    """Of each component of {u >= z} as z falls: the younger of two dies where they meet."""
    top: dict[int, float] = {}
    home: dict[int, int] = {}

    def find(i: int) -> int:
        while home[i] != i:
            i = home[i]
        return i

    found = []
    for i in sorted(range(len(u)), key=lambda j: -u[j]):
        home[i], top[i] = i, u[i]
        for j in (i - 1, i + 1):
            if j in home and find(i) != find(j):
                old, young = sorted((find(i), find(j)), key=lambda k: -top[k])
                found.append(float(top[young] - u[i]))
                home[young] = old
    return [*found, math.inf]


@pytest.mark.parametrize(
    ("utilities", "expected"),
    [
        (np.sin(2 * np.pi * 5 * WAVE), 10),
        (WAVE > 0.3, 1),
        ([0, 1, 0, 1, 0], 4),
        ([0, 0.5, 1, 0.5, 0], 2),
        ([3, 3, 3], 0),
        ([0, 1, 2, 3], 1),
        ([7], 0),
    ],
)
def test_oscillations_of_known_curves(utilities: Any, expected: int) -> None:
    found = curve(utilities).oscillations()
    assert isinstance(found, int)
    assert found == expected


def test_oscillations_by_brute_force() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        n = int(rng.integers(1, 40))
        u = rng.integers(0, 6, n) if rng.random() < 0.5 else rng.normal(size=n)
        assert curve(u).oscillations() == oscillations_by_definition(np.asarray(u, dtype=float))


def test_oscillations_of_several_tasks() -> None:
    u = np.array([[0, 1, 0, 1], [0, 0, 0, 0], [0, 2, 1, 1]])
    found = curve(u).oscillations()
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [3, 0, 2]


def test_a_monotone_change_of_the_utility_keeps_oscillations() -> None:
    u = np.random.default_rng(1).normal(size=60)
    assert curve(np.exp(u)).oscillations() == curve(u).oscillations() == curve(-u).oscillations()


def test_a_coarser_sample_has_no_more_oscillations() -> None:
    u = np.random.default_rng(2).normal(size=(20, 401)).cumsum(axis=1)
    counts = [curve(u[:, ::step]).oscillations() for step in (100, 20, 10, 2, 1)]
    for coarse, fine in pairwise(counts):
        assert (coarse <= fine).all()


@pytest.mark.parametrize("n_configs", [4, 8, 16, 64])
def test_bits_are_shattered_within_the_bound(n_configs: int) -> None:
    """Task i has the i-th bit of the configuration's number as its utility."""
    n = int(math.log2(n_configs))
    bits = (np.arange(n_configs) >> np.arange(n)[:, None]) & 1
    assert len(np.unique(bits, axis=1).T) == 2**n  # z = 1/2 shatters the n tasks
    b = int(np.max(curve(bits).oscillations()))
    assert b == n_configs - 1
    assert n <= pdim_from_oscillations(b, one_sided=True) <= pdim_from_oscillations(b)


def test_piecewise_constant_duals_have_few_different_vectors() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        n_tasks, n_jumps = rng.integers(1, 9, 2)
        ends = np.sort(rng.random((n_tasks, n_jumps)), axis=1)
        levels = rng.integers(0, 4, (n_tasks, n_jumps + 1))
        alphas = np.unique(np.append(ends, rng.random(200)))
        u = np.array(
            [v[np.searchsorted(e, alphas, "right")] for e, v in zip(ends, levels, strict=True)]
        )
        dual = DualCurve(alphas, u)
        assert len(np.unique(u, axis=1).T) <= 1 + len(dual.jumps(0.0))
        assert (dual.oscillations() <= n_jumps).all()


def test_local_maxima_of_a_wave() -> None:
    mask = DualCurve(WAVE, np.sin(2 * np.pi * 5 * WAVE)).local_maxima(0.0)
    assert WAVE[mask] == pytest.approx([0.05, 0.25, 0.45, 0.65, 0.85, 1.0])


@pytest.mark.parametrize(
    ("utilities", "tol", "expected"),
    [
        ([1, 1, 1], 0.0, [0]),
        ([0, 2, 2, 0, 1, 1], 0.0, [1, 4]),  # plateaus, one at an end
        ([5, 1, 4, 2, 3], 0.0, [0, 2, 4]),
        ([5, 1, 4, 2, 3], 1.0, [0, 2]),  # by more than the tolerance
        ([5, 1, 4, 2, 3], 3.0, [0]),
        ([3, 2, 3], 0.5, [0, 2]),
        ([3, 2, 3], 1.0, [0]),
        ([0, 1, 0.9, 1.1, 0.9, 1.2, 0], 0.25, [5]),
    ],
)
def test_local_maxima(utilities: list[float], tol: float, expected: list[int]) -> None:
    assert np.flatnonzero(curve(utilities).local_maxima(tol)).tolist() == expected


def test_local_maxima_have_persistence_above_the_tolerance() -> None:
    rng = np.random.default_rng(4)
    for _ in range(300):
        n = int(rng.integers(1, 40))
        whole = rng.random() < 0.5
        u = np.asarray(rng.integers(0, 8, n) if whole else rng.normal(size=n), dtype=float)
        tol = float(rng.integers(0, 5) if whole else rng.random() * 2)
        assert curve(u).local_maxima(tol).sum() == sum(p > tol for p in persistences(u))


def test_local_maxima_of_several_tasks() -> None:
    u = np.array([[0, 1, 0], [1, 0, 1]])
    assert curve(u).local_maxima(0.0).tolist() == [[False, True, False], [True, False, True]]


def test_jumps() -> None:
    dual = DualCurve([0.0, 0.1, 0.5, 1.0], [[0, 0, 3, 1], [0, 1, 1.5, 1.5]])
    assert dual.jumps(1.0) == (Jump(0.1, 0.5, 3.0), Jump(0.5, 1.0, -2.0))
    assert dual.jumps(0.6)[2] == Jump(0.0, 0.1, 1.0, task=1)
    assert dual.jumps(0.6)[0].middle == pytest.approx(0.3)
    assert curve([4, 4, 1]).jumps(0.0) == (Jump(1.0, 2.0, -3.0),)
    assert curve([4]).jumps(0.0) == ()


def test_best_is_that_of_the_mean() -> None:
    assert curve([[0, 4, 0], [3, 0, 3]]).best() == 1.0
    assert curve([2, 2, 1]).best() == 0.0


def test_noise_tolerance_keeps_its_promise() -> None:
    """A flat noisy curve has one maximum; shifts of whole repeats do not matter."""
    rng = np.random.default_rng(5)
    many = 0
    for _ in range(400):
        noise = rng.normal(size=(5, 30)) + 10.0 * rng.normal(size=(5, 1))
        tol = noise_tolerance(noise, confidence=0.8)
        many += curve(rng.normal(size=30)).local_maxima(tol).sum() > 1
    assert many / 400 <= 0.2 + 3 * math.sqrt(0.2 * 0.8 / 400)


def test_noise_tolerance_by_hand() -> None:
    # Residuals (1, -1; -1, 1) / 4 with 1 degree of freedom: the deviation is 1/2, of differences
    # 1/sqrt(2); the only pair has Student's t, 1 degree of freedom, at 0.975.
    expected = math.sqrt(0.5) * math.tan(math.pi * 0.475)
    assert noise_tolerance([[1, 0], [0, 0]]) == pytest.approx(expected)
    assert noise_tolerance([[0, 1], [5, 6]]) == 0.0
    both = noise_tolerance([[[1, 0], [0, 0]]] * 2)
    assert both == pytest.approx(math.sqrt(0.5) * 4.302652729911275)


@pytest.mark.parametrize(
    ("alphas", "utilities", "message"),
    [
        ([0, 0, 1], [1, 2, 3], "`alphas` must increase, got 0.0 before 0.0"),
        ([0, 2, 1], [1, 2, 3], "`alphas` must increase, got 2.0 before 1.0"),
        ([], [], r"`alphas` must have shape \(G,\), G >= 1, got \(0,\)"),
        ([[0, 1]], [0, 1], r"`alphas` must have shape"),
        ([0, 1], [1, 2, 3], r"`utilities` must have shape .* got \(3,\)"),
        ([0, 1], np.empty((0, 2)), "`utilities` must hold at least one task"),
        ([0, 1], np.empty((1, 1, 2)), "`utilities` must"),
        ([0, 1], [1, math.nan], r"`utilities` must be finite, got nan at \(1,\)"),
        ([0, math.inf], [1, 2], "`alphas` must be finite"),
    ],
)
def test_bad_curves(alphas: Any, utilities: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DualCurve(alphas, utilities)


def test_other_bad_input() -> None:
    with pytest.raises(TypeError, match="`utilities` must be an array of numbers"):
        DualCurve([0, 1], ["a", "b"])
    dual = curve([0, 1])
    with pytest.raises(ValueError, match="`tol` must not be negative, got -1"):
        dual.local_maxima(-1)
    with pytest.raises(TypeError, match="`min_jump` must be a number"):
        dual.jumps(None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`repeats` must have shape"):
        noise_tolerance([[1, 2]])


def test_a_curve_keeps_its_own_arrays() -> None:
    u = np.array([0.0, 1.0])
    dual = curve(u)
    u[0] = 5.0
    assert dual.utilities[0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        dual.utilities[0] = 5.0


def test_repr_is_short() -> None:
    dual = DualCurve(np.linspace(0.0, 2.0, 5), np.arange(15).reshape(3, 5) / 7)
    assert repr(dual) == "DualCurve(alphas: (5,) in [0, 2], utilities: (3, 5) in [0, 2])"
    assert "utilities: (2,) in [0, 1])" in repr(curve([0, 1]))


def test_from_a_study_as_documented() -> None:
    study = optuna.create_study(direction="maximize")
    complete, pruned = TrialState.COMPLETE, TrialState.PRUNED
    for alpha, u, state in (
        (0.5, [5.0, 6.0], complete),
        (0.25, [1.0], pruned),
        (0.0, [3.0, 4.0], complete),
        (0.5, [7.0, 8.0], complete),
        (1.0, [0.0, 9.0], complete),
    ):
        study.add_trial(
            optuna.trial.create_trial(
                state=state,
                value=float(np.mean(u)) if state == complete else None,
                params={"alpha": alpha},
                distributions={"alpha": optuna.distributions.FloatDistribution(0.0, 1.0)},
                intermediate_values=dict(enumerate(u)),
            )
        )
    assert DualCurve.__doc__ is not None
    code = textwrap.dedent(DualCurve.__doc__.split("::\n")[1].split("Args:")[0])
    names = {
        "study": study,
        "np": np,
        "TrialState": TrialState,
        "task_matrix": task_matrix,
        "DualCurve": DualCurve,
    }
    exec(code, names)
    dual = names["dual"]
    assert isinstance(dual, DualCurve)
    assert dual.alphas.tolist() == [0.0, 0.5, 1.0]
    assert dual.utilities.tolist() == [[3.0, 5.0, 0.0], [4.0, 6.0, 9.0]]
