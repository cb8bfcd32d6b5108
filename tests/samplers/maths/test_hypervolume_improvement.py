"""Expected hypervolume improvement against quadrature and means over draws, and far out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from optuna_hpx.samplers.maths.boxes import undominated_boxes
from optuna_hpx.samplers.maths.hypervolume_improvement import log_hypervolume_improvement
from optuna_hpx.samplers.maths.improvement import log_expected_improvement
from optuna_hpx.trials.hypervolume import hypervolume

FRONT = np.array([[0.1, 0.9], [0.3, 0.5], [0.35, 0.45], [0.8, 0.1]])
REFERENCE = np.array([1.0, 1.2])


def _ours(mean: list[float], deviation: list[float], front: np.ndarray, r: np.ndarray) -> float:
    boxes = undominated_boxes(front, r)
    means, deviations = ([np.array([x]) for x in values] for values in (mean, deviation))
    return float(log_hypervolume_improvement(means, deviations, *boxes)[0])


@pytest.mark.parametrize("mean", [[0.2, 0.3], [0.9, 1.0], [0.5, 0.5]])
@pytest.mark.parametrize("deviation", [[0.2, 0.1], [0.05, 0.4]])
def test_of_two_objectives_it_is_an_integral(mean: list[float], deviation: list[float]) -> None:
    """The probability that a place is dominated by the candidate, over all not yet dominated."""

    def probability(second: float) -> float:
        """The integral over the first objective, up to the first trial that dominates."""
        better = FRONT[FRONT[:, 1] <= second, 0]
        end = better.min(initial=REFERENCE[0])
        z = (end - mean[0]) / deviation[0]
        inner = deviation[0] * (stats.norm.pdf(z) + z * stats.norm.cdf(z))
        return float(inner * stats.norm.cdf(second, mean[1], deviation[1]))

    cuts = sorted([mean[1] - 12.0 * deviation[1], *FRONT[:, 1], REFERENCE[1]])
    expected = sum(
        integrate.quad(probability, start, end, epsabs=1e-13)[0]
        for start, end in itertools.pairwise(cuts)
    )
    assert _ours(mean, deviation, FRONT, REFERENCE) == pytest.approx(np.log(expected), rel=1e-6)


def test_of_three_objectives_it_is_the_mean_over_draws() -> None:
    rng = np.random.default_rng(0)
    front, reference = rng.random((5, 3)), np.full(3, 1.1)
    mean, deviation = [0.3, 0.2, 0.4], [0.3, 0.2, 0.1]
    before = hypervolume(front, reference)
    z = stats.norm.ppf(stats.qmc.Sobol(3, seed=1).random(4096))
    draws = np.array(mean) + np.array(deviation) * z
    gains = [hypervolume(np.vstack([front, y]), reference) - before for y in draws]
    ours = np.exp(_ours(mean, deviation, front, reference))
    assert ours == pytest.approx(np.mean(gains), rel=0.01)


def test_of_one_objective_it_is_the_expected_improvement() -> None:
    mean, deviation = np.array([-1.0, 0.5, 90.0]), np.array([1.0, 0.3, 1.0])
    ours = log_hypervolume_improvement(
        [mean], [deviation], np.array([[-np.inf]]), np.array([[0.2]])
    )
    assert ours == pytest.approx(log_expected_improvement(mean, deviation, 0.2), rel=1e-12)


def test_far_out_it_is_smooth_and_falls() -> None:
    """Across the seam of its two forms, down to where it is 0 in floats."""
    steps = np.linspace(0.0, 60.0, 601)
    means = [0.5 + steps, 0.6 + steps]
    boxes = undominated_boxes(FRONT, REFERENCE)
    logs = log_hypervolume_improvement(means, [np.ones(601)] * 2, *boxes)
    assert np.isfinite(logs).all()
    assert (np.diff(logs) < 0.0).all()
    assert np.abs(np.diff(logs, 3)).max() < 1e-2
    assert logs[-1] < -3000.0
