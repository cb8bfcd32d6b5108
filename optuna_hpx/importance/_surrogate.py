"""Virtual trials: what the trials of any sampler say of points drawn evenly from the space.

A model of the losses is fitted to the trials and asked at uniform points. It is a mixture of two,
weighted by how well they predict trials that they have not seen: a Gaussian process that looks
for effects of single parameters besides the joint one, and trees for jumps.

What is modelled is not the loss but the share of the space that is better; see
:mod:`optuna_hpx.importance.maths.shares_of_space`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.importance._space import blocks, draw, encode
from optuna_hpx.importance.maths import shares_of_space
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
        weights = shares_of_space.nearest(encoded, at_points)
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
        unseen, at_points = (np.column_stack(shares) for shares in zip(*fits, strict=True))
        mixture = shares_of_space.stack(unseen, share)
        predicted = shares_of_space.losses_at(at_points @ mixture, share, losses)
        return predicted, shares_of_space.skill(unseen @ mixture, share, self.weights)

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
