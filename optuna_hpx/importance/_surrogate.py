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

from dataclasses import dataclass

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.core.gaussian_process import GaussianProcess
from optuna_hpx.importance._space import draw, encode
from optuna_hpx.table import Column, TrialTable

MIN_SKILL = 0.6
"""Below this skill virtual trials are not to be trusted: benchmarks/ped_anova_adaptive.py."""

_N_POINTS = 4096
_FEW_TRIALS = 10  # up to here nothing is learnt
_MAX_GP_TRIALS = 250
_N_TREES = 100
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
        rows: (N,) indices of COMPLETE trials, ascending.
        losses: (N, m) finite values to be minimised.
        rng: Makes the draws; the same state gives the same points.
        n: How many points.

    Returns:
        The virtual trials. Infeasible where the model says so, if any of ``rows`` is.
    """
    trials = table.take(rows).columns
    points, without_rule = draw(trials, n, rng)
    model = _Model.of(trials, points, rng)
    fits = [model.fit(column) for column in losses.T]
    violation = np.zeros(n)
    if not table.feasible[rows].all():
        label, skill = model.fit(np.where(table.feasible[rows], -1.0, 1.0))
        violation = np.maximum(label, 0.0)
        fits.append((violation, skill))
    predicted = np.column_stack([fit[0] for fit in fits[: losses.shape[1]]])
    return Virtual(
        table=_table(table, points, predicted, violation),
        losses=predicted,
        skill=min(skill for _, skill in fits),
        without_rule=without_rule,
    )


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
        known: (N, f) the trials.
        points: (n, f) where to predict.
        groups: The features of each parameter.
        weights: (N,) the share of the space that each trial stands for.
        chosen: Rows of the trials for the Gaussian processes, which take no more.
        seed: Of the trees.
    """

    known: np.ndarray
    points: np.ndarray
    groups: list[slice]
    weights: np.ndarray
    chosen: np.ndarray
    seed: int

    @classmethod
    def of(
        cls, trials: dict[str, Column], points: dict[str, Column], rng: np.random.Generator
    ) -> _Model:
        known, there = encode(trials, trials), encode(points, trials)
        weights = _shares_of_space(known, there)
        n_chosen = min(_MAX_GP_TRIALS, len(known))
        chosen = rng.choice(
            len(known), n_chosen, replace=False, p=0.5 * (weights + weights.mean())
        )
        groups = _groups(trials, known.shape[1])
        return cls(known, there, groups, weights, np.sort(chosen), int(rng.integers(2**31)))

    def fit(self, losses: np.ndarray) -> tuple[np.ndarray, float]:
        """(n,) predictions at the points, and the skill."""
        if len(losses) <= _FEW_TRIALS or losses.min() == losses.max():
            return np.full(len(self.points), np.median(losses)), 0.0
        share = _weighted_ranks(losses, self.weights)
        fits = [self._gaussian_process(share), self._trees(share)]
        unseen = np.column_stack([fit[0] for fit in fits])
        mixture = _mixture(unseen, share)
        error = self.weights @ (unseen @ mixture - share) ** 2
        spread = self.weights @ (share - self.weights @ share) ** 2
        predicted = np.column_stack([fit[1] for fit in fits]) @ mixture
        return _interpolate(predicted, share, losses), max(0.0, float(1.0 - error / spread))

    def _gaussian_process(self, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Shares predicted for the trials, each from others, and for the points."""
        centre, scale = share[self.chosen].mean(), share[self.chosen].std() or 1.0
        y = (share[self.chosen] - centre) / scale
        process = GaussianProcess(self.known[self.chosen], y, self.groups)
        unseen = process.predict(self.known)
        unseen[self.chosen] = process.unseen
        return centre + scale * unseen, centre + scale * process.predict(self.points)

    def _trees(self, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        from sklearn.ensemble import ExtraTreesRegressor

        forest = ExtraTreesRegressor(
            _N_TREES, bootstrap=True, oob_score=True, random_state=self.seed
        )
        forest.fit(self.known, share)
        return forest.oob_prediction_, forest.predict(self.points)


def _groups(trials: dict[str, Column], n_features: int) -> list[slice]:
    groups: list[slice] = []
    start = 0
    for column in trials.values():
        width = encode({column.name: column}, {column.name: column}).shape[1]
        width -= not (column.regime >= 0).all()
        groups.append(slice(start, start + width))
        start += width
    return groups + [slice(j, j + 1) for j in range(start, n_features)]


def _shares_of_space(known: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(N,) the share of the points that is nearest to each trial, a part spread evenly."""
    from scipy.spatial import cKDTree

    nearest = cKDTree(known).query(points)[1]
    share = np.bincount(nearest, minlength=len(known)) / len(points)
    return np.asarray((1.0 - _EVEN_SHARE) * share + _EVEN_SHARE / len(known))


def _weighted_ranks(losses: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(N,) the estimated share of the space with a smaller loss; half of what is equal."""
    distinct, index = np.unique(losses, return_inverse=True)
    mass = np.bincount(index.reshape(-1), weights=weights, minlength=len(distinct))
    return np.asarray((np.cumsum(mass) - mass / 2.0)[index.reshape(-1)])


def _mixture(unseen: np.ndarray, share: np.ndarray) -> np.ndarray:
    """(2,) weights >= 0 of sum 1 that predict best: stacking, Breiman 1996."""
    apart = unseen[:, 0] - unseen[:, 1]
    first = float((share - unseen[:, 1]) @ apart / (apart @ apart or 1.0))
    return np.array([np.clip(first, 0.0, 1.0), 1.0 - np.clip(first, 0.0, 1.0)])


def _interpolate(predicted: np.ndarray, share: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Losses at the ``predicted`` shares; increasing, beyond the trials' by the mean slope."""
    at, first = np.unique(share, return_index=True)
    inside = np.interp(predicted, at, losses[first])
    slope = (losses.max() / 2.0 - losses.min() / 2.0) / (at[-1] - at[0])
    return np.asarray(inside + slope * (predicted - np.clip(predicted, at[0], at[-1])))
