"""Virtual trials: what the trials of any sampler say of points drawn evenly from the space.

A model of the losses is fitted to the trials and asked at uniform points. It is a mixture of two,
weighted by how well they predict trials that they have not seen: a Gaussian process that looks
for effects of single parameters besides the joint one, and trees for jumps.

What is modelled is not the loss but the share of the space that is better. Each trial stands for
the share of the space that is nearest to it, so that the many trials in a sampler's favourite
neighbourhood count little, and the sum over the trials of smaller loss estimates that share. No
monotone rescaling of the losses changes the result, and a divergent one is merely the worst.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.importance._space import blocks, draw, encode
from optuna_hpx.statistics.gaussian_process import GaussianProcess
from optuna_hpx.statistics.ranks import weighted_shares
from optuna_hpx.trials.table import Column, TrialTable

MIN_SKILL = 0.6
"""Below it virtual trials are not to be trusted: benchmarks/importance/ped_anova_adaptive.py."""

_Fit: TypeAlias = Callable[[np.ndarray], tuple[np.ndarray, float]]

_N_POINTS = 4096
_FEW_TRIALS = 10  # up to here nothing is learnt
_MAX_GP_TRIALS = 250
_N_TREES = 100
_MAX_TREE_TRIALS = 1000  # that one tree looks at
_MAX_COMPARED = 20_000  # trials, for which is nearest
_DISTANCES_PER_CHUNK = 4_000_000
_EVEN_SHARE = 0.2  # of the weight of the trials, that is spread evenly over them


@dataclass(frozen=True)
class Virtual:
    """Uniform points with predicted losses.

    Attributes:
        table: n COMPLETE trials with the parameters of the real ones. ``directions`` are the real
            table's, if it has as many objectives as there are losses, else "minimize".
        losses: (n, m) predicted, to be minimised; also in ``table``.
        skill: R^2 of predictions of unseen trials, in shares of the space, each trial weighted by
            the share that it stands for; of several objectives, and of feasibility, the worst.
            1 is perfect, 0 no better than a constant.
        without_rule: Parameters of which the trials do not tell when they are active, or with
            which bounds.
    """

    table: TrialTable
    losses: np.ndarray
    skill: float
    without_rule: tuple[str, ...]


def virtual_trials(
    table: TrialTable,
    rows: np.ndarray,
    losses: np.ndarray,
    rng: np.random.Generator,
    n: int = _N_POINTS,
) -> Virtual:
    """Predict the losses at ``n`` points drawn evenly from the space of the trials ``rows``.

    Args:
        table: The trials.
        rows: (N,) indices of COMPLETE trials, ascending. Up to ten teach nothing: skill 0.
        losses: (N, m) finite values to be minimised.
        rng: Makes the draws; the same state gives the same points.
        n: How many points.

    Returns:
        The virtual trials. Infeasible where the model says so, if any of ``rows`` is. One to two
        seconds for each objective of up to 2000 trials, three to eight of 20,000; O(N) beyond.
    """
    trials = table.take(rows).columns
    points, without_rule = draw(trials, n, rng)
    fit: _Fit = partial(_no_fit, n)
    if len(rows) > _FEW_TRIALS and trials:
        fit = _Model.of(trials, points, rng).fit
    fits = [fit(column) for column in losses.T]
    predicted = np.column_stack([prediction for prediction, _ in fits])
    violation = np.zeros(n)
    if not table.feasible[rows].all():
        fits.append(fit(np.where(table.feasible[rows], -1.0, 1.0)))
        violation = np.maximum(fits[-1][0], 0.0)
    return Virtual(
        table=_table(table, points, predicted, violation),
        losses=predicted,
        skill=min(skill for _, skill in fits),
        without_rule=without_rule,
    )


def _no_fit(n: int, losses: np.ndarray) -> tuple[np.ndarray, float]:
    return np.zeros(n), 0.0


def _table(
    table: TrialTable, points: dict[str, Column], losses: np.ndarray, violation: np.ndarray
) -> TrialTable:
    n, m = losses.shape
    return TrialTable(
        numbers=np.arange(n),
        states=np.full(n, int(TrialState.COMPLETE)),
        losses=losses,
        violation=violation,
        durations=np.full(n, np.nan),
        directions=table.directions if len(table.directions) == m else ("minimize",) * m,
        columns=points,
        trials=(),
    )


@dataclass(frozen=True)
class _Model:
    """Trials (N, f) and points (n, f) as numbers.

    Attributes:
        encoded: (N, f) the trials.
        points: (n, f) where to predict.
        groups: The features of each parameter.
        weights: (N,) the share of the space that each trial stands for.
        chosen: Rows of the trials for the Gaussian processes, which take no more.
        seed: Of the trees.
    """

    encoded: np.ndarray
    points: np.ndarray
    groups: list[slice]
    weights: np.ndarray
    chosen: np.ndarray
    seed: int

    @classmethod
    def of(
        cls, trials: dict[str, Column], points: dict[str, Column], rng: np.random.Generator
    ) -> _Model:
        parts, at_points = blocks(trials, trials), encode(points, trials)
        ends = np.cumsum([part.shape[1] for part in parts]).tolist()
        encoded = np.concatenate(parts, axis=1, dtype=float)
        weights = _shares_of_space(encoded, at_points)
        return cls(
            encoded=encoded,
            points=at_points,
            groups=[slice(start, end) for start, end in zip([0, *ends], ends, strict=False)],
            weights=weights,
            chosen=_some(weights, rng),
            seed=int(rng.integers(2**31)),
        )

    def fit(self, losses: np.ndarray) -> tuple[np.ndarray, float]:
        """Compute predictions (n,) at the points, and the skill."""
        if losses.min() == losses.max():
            return _no_fit(len(self.points), losses)
        share = weighted_shares(losses, self.weights)
        fits = [self._gaussian_process(share), self._trees(share)]
        unseen = np.column_stack([fit[0] for fit in fits])
        mixture = _mixture(unseen, share)
        error = self.weights @ (unseen @ mixture - share) ** 2
        spread = self.weights @ (share - self.weights @ share) ** 2
        predicted = np.column_stack([fit[1] for fit in fits]) @ mixture
        return _interpolate(predicted, share, losses), max(0.0, float(1.0 - error / spread))

    def _gaussian_process(self, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predict shares for the trials, each from others, and for the points."""
        centre, scale = share[self.chosen].mean(), share[self.chosen].std() or 1.0
        y = (share[self.chosen] - centre) / scale
        process = GaussianProcess(self.encoded[self.chosen], y, self.groups)
        unseen = process.predict(self.encoded)
        unseen[self.chosen] = process.unseen
        return centre + scale * unseen, centre + scale * process.predict(self.points)

    def _trees(self, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        from sklearn.ensemble import ExtraTreesRegressor

        forest = ExtraTreesRegressor(
            _N_TREES,
            bootstrap=True,
            max_samples=min(len(share), _MAX_TREE_TRIALS),
            oob_score=True,
            random_state=self.seed,
        )
        forest.fit(self.encoded, share)
        return forest.oob_prediction_, forest.predict(self.points)


def _some(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Choose trials for a Gaussian process: all, or lonely ones rather than others."""
    n = len(weights)
    return np.sort(rng.choice(n, min(n, _MAX_GP_TRIALS), replace=False, p=weights))


def _shares_of_space(encoded: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Compute the share (N,) of the points that is nearest to each trial, a part spread evenly.

    Of very many trials one of several stands for them. O(n N f), by products of matrices: a tree
    of the trials would look at all of them, too, where many features are categorical.
    """
    stride = -(-len(encoded) // _MAX_COMPARED)
    thinned = encoded[::stride]
    half_norm = 0.5 * np.square(thinned).sum(axis=1)
    chunks = np.array_split(points, max(len(points) * len(thinned) // _DISTANCES_PER_CHUNK, 1))
    nearest = np.concatenate([(half_norm - chunk @ thinned.T).argmin(axis=1) for chunk in chunks])
    share = np.bincount(nearest * stride, minlength=len(encoded)) / len(points)
    return np.asarray((1.0 - _EVEN_SHARE) * share + _EVEN_SHARE / len(encoded))


def _mixture(unseen: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Find the weights (2,) >= 0 of sum 1 that predict best: stacking, Breiman 1996."""
    apart = unseen[:, 0] - unseen[:, 1]
    first = float((share - unseen[:, 1]) @ apart / (apart @ apart or 1.0))
    return np.array([np.clip(first, 0.0, 1.0), 1.0 - np.clip(first, 0.0, 1.0)])


def _interpolate(predicted: np.ndarray, share: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Interpolate losses at ``predicted`` shares; increasing, beyond those of the trials too."""
    knots, first = np.unique(share, return_index=True)
    half = losses[first] / 2.0  # differences of whole ones may overflow
    slope = (half[-1] - half[0]) / (knots[-1] - knots[0])
    beyond = predicted - np.clip(predicted, knots[0], knots[-1])
    limit = np.finfo(float).max / 2.0
    return 2.0 * np.clip(np.interp(predicted, knots, half) + slope * beyond, -limit, limit)
