"""A surrogate: what the trials of any sampler say of the loss anywhere in the space.

It is a mixture of two models, weighted by how well they predict trials that they have not seen: a
Gaussian process that looks for effects of single parameters besides the joint one, and trees for
jumps. What is modelled is not the loss but the share of the space that is better; see
:mod:`optuna_hpx.importance.maths.shares_of_space`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from optuna_hpx.importance._space import blocks, draw, encode
from optuna_hpx.importance.maths import shares_of_space
from optuna_hpx.statistics.gaussian_process import GaussianProcess
from optuna_hpx.statistics.ranks import weighted_shares
from optuna_hpx.trials.table import Column, TrialTable

__all__ = ["Lessons", "Surrogate"]

_N_POINTS = 4096
_FEW_TRIALS = 10  # up to here nothing is learnt
_MAX_GP_TRIALS = 250
_N_TREES = 100
_MAX_TREE_TRIALS = 1000  # that one tree looks at
_TREES_OF_A_DRAW = 4  # whose mean is one surface


@dataclass(frozen=True, eq=False)
class Surrogate:
    """The loss as a function of the parameters, fitted once.

    Attributes:
        skill: R^2 of predictions of unseen trials, in shares of the space, each trial weighted by
            the share that it stands for: 1 is perfect, 0 no better than a constant.
    """

    skill: float
    _lessons: Lessons
    _mixture: _Mixture | None
    _median: float

    @classmethod
    def of(
        cls, table: TrialTable, rows: np.ndarray, losses: np.ndarray, rng: np.random.Generator
    ) -> Surrogate:
        """Fit a surrogate.

        Where nothing can be learnt, from up to ten trials, without parameters, or of equal
        losses, the skill is 0, and predictions and draws are the median loss everywhere.

        Args:
            table: The trials.
            rows: (N,) indices of those to learn from, ascending.
            losses: (N,) finite losses of these.
            rng: Draws the points that tell which share of the space a trial stands for, decides
                which of many trials teach the Gaussian process, and seeds trees and draws.

        Returns:
            The surrogate. One to two seconds of up to 2000 trials, and O(N) beyond.
        """
        return Lessons.of(table, rows, rng).learn(losses)

    def predict(self, points: dict[str, Column]) -> np.ndarray:
        """Predict the losses (n,), in the units of those learnt from.

        Args:
            points: The parameters of n points, at least those of the trials.
        """
        if self._mixture is None:
            return np.full(_size(points), self._median)
        return self._mixture.losses_at(self._mixture.predict(self._lessons.encode(points)))

    def draws(self, points: dict[str, Column], n_draws: int) -> np.ndarray:
        """Draw whole surfaces that the trials leave plausible.

        Args:
            points: As for :meth:`predict`.
            n_draws: How many surfaces.

        Returns:
            (n_draws, n) losses: a row is one surface at all points. The k-th surface is the same
            one whatever the points, and however many are drawn.
        """
        if self._mixture is None:
            return np.full((n_draws, _size(points)), self._median)
        shares = self._mixture.draws(self._lessons.encode(points), n_draws)
        return self._mixture.losses_at(shares)


def _size(points: dict[str, Column]) -> int:
    """Count the points; a space without parameters has one."""
    return len(next(iter(points.values())).values) if points else 1


@dataclass(frozen=True, eq=False)
class Lessons:
    """Trials as numbers, from which any loss may be learnt.

    Attributes:
        trials: The parameters of the N trials.
        points: Those of points drawn evenly from the space.
        without_rule: Parameters of which the trials do not tell when they are active, or with
            which bounds.
        encoded: (N, f) the trials as numbers; None where nothing can be learnt.
        groups: The features of each parameter.
        weights: (N,) the share of the space that each trial stands for.
        chosen: Rows of the trials for the Gaussian process, which takes no more.
        seed: Of the trees, and of draws.
    """

    trials: dict[str, Column]
    points: dict[str, Column]
    without_rule: tuple[str, ...]
    encoded: np.ndarray | None
    groups: list[slice]
    weights: np.ndarray
    chosen: np.ndarray
    seed: int

    @classmethod
    def of(
        cls, table: TrialTable, rows: np.ndarray, rng: np.random.Generator, n: int = _N_POINTS
    ) -> Lessons:
        """Encode the trials ``rows`` (N,) of the table, and draw ``n`` points."""
        trials = table.take(rows).columns
        points, without_rule = draw(trials, n, rng)
        if len(rows) <= _FEW_TRIALS or not trials:
            nothing = np.empty(0)
            return cls(trials, points, without_rule, None, [], nothing, nothing, 0)
        parts = blocks(trials, trials)
        ends = np.cumsum([part.shape[1] for part in parts]).tolist()
        encoded = np.concatenate(parts, axis=1, dtype=float)
        weights = shares_of_space.nearest(encoded, encode(points, trials))
        return cls(
            trials=trials,
            points=points,
            without_rule=without_rule,
            encoded=encoded,
            groups=[slice(start, end) for start, end in zip([0, *ends], ends, strict=False)],
            weights=weights,
            chosen=_some(weights, rng),
            seed=int(rng.integers(2**31)),
        )

    def encode(self, points: dict[str, Column]) -> np.ndarray:
        """Encode points (n, f) as the trials are."""
        return encode(points, self.trials)

    def learn(self, losses: np.ndarray) -> Surrogate:
        """Fit a surrogate of the ``losses`` (N,)."""
        if self.encoded is None or losses.min() == losses.max():
            return Surrogate(0.0, self, None, float(np.median(losses)) if len(losses) else 0.0)
        share = weighted_shares(losses, self.weights)
        models = _GaussianProcess.fit(self, share), _Trees.fit(self, share)
        unseen = np.column_stack([model.unseen for model in models])
        weights = shares_of_space.stack(unseen, share)
        mixture = _Mixture(models, weights, share, losses, self.seed)
        skill = shares_of_space.skill(unseen @ weights, share, self.weights)
        return Surrogate(skill, self, mixture, float(np.median(losses)))


def _some(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Choose trials for a Gaussian process: all, or lonely ones rather than others."""
    n = len(weights)
    return np.sort(rng.choice(n, min(n, _MAX_GP_TRIALS), replace=False, p=weights))


@dataclass(frozen=True, eq=False)
class _Mixture:
    """Two models of the share of the space that is better, and their weights (2,)."""

    models: tuple[_GaussianProcess, _Trees]
    weights: np.ndarray
    share: np.ndarray
    losses: np.ndarray
    seed: int

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Predict shares (n,) at ``X`` (n, f)."""
        return np.column_stack([model.predict(X) for model in self.models]) @ self.weights

    def draws(self, X: np.ndarray, n_draws: int) -> np.ndarray:
        """Draw surfaces of shares (n_draws, n) at ``X``."""
        drawn = [model.draws(X, n_draws, self.seed) for model in self.models]
        return np.asarray(np.tensordot(self.weights, drawn, 1))

    def losses_at(self, share: np.ndarray) -> np.ndarray:
        """Return the losses of which these are the shares, an array of any shape."""
        return shares_of_space.losses_at(share, self.share, self.losses)


@dataclass(frozen=True, eq=False)
class _GaussianProcess:
    """A Gaussian process of standardised shares; ``unseen`` as of :class:`_Trees`."""

    process: GaussianProcess
    centre: float
    scale: float
    unseen: np.ndarray

    @classmethod
    def fit(cls, lessons: Lessons, share: np.ndarray) -> _GaussianProcess:
        """Fit it to the chosen trials."""
        assert lessons.encoded is not None
        chosen = lessons.chosen
        centre, scale = float(share[chosen].mean()), float(share[chosen].std()) or 1.0
        y = (share[chosen] - centre) / scale
        process = GaussianProcess(lessons.encoded[chosen], y, lessons.groups)
        unseen = process.predict(lessons.encoded)
        unseen[chosen] = process.unseen
        return cls(process, centre, scale, centre + scale * unseen)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Predict shares (n,) at ``X`` (n, f)."""
        return self.centre + self.scale * self.process.predict(X)

    def draws(self, X: np.ndarray, n_draws: int, seed: int) -> np.ndarray:
        """Draw surfaces (n_draws, n) from the posterior."""
        return self.centre + self.scale * self.process.draws(X, n_draws, seed)


@dataclass(frozen=True, eq=False)
class _Trees:
    """Randomised trees, each grown on a bootstrap sample of the trials.

    Attributes:
        forest: All of them.
        unseen: (N,) predictions for the trials, each by models that have not seen it.
    """

    forest: Any
    unseen: np.ndarray

    @classmethod
    def fit(cls, lessons: Lessons, share: np.ndarray) -> _Trees:
        """Fit them to all trials."""
        from sklearn.ensemble import ExtraTreesRegressor

        forest = ExtraTreesRegressor(
            _N_TREES,
            bootstrap=True,
            max_samples=min(len(share), _MAX_TREE_TRIALS),
            oob_score=True,
            random_state=lessons.seed,
        )
        forest.fit(lessons.encoded, share)
        return cls(forest, forest.oob_prediction_)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Predict shares (n,) at ``X`` (n, f)."""
        return np.asarray(self.forest.predict(X))

    def draws(self, X: np.ndarray, n_draws: int, seed: int) -> np.ndarray:
        """Draw surfaces (n_draws, n): the means of a few trees, as of a forest grown anew."""
        X = np.ascontiguousarray(X, dtype=np.float32)  # what trees take, converted once for all
        by_tree = np.array([tree.tree_.predict(X)[:, 0] for tree in self.forest.estimators_])
        rng = np.random.default_rng([seed, 3])
        chosen = rng.integers(0, len(by_tree), (n_draws, _TREES_OF_A_DRAW))
        return np.array([by_tree[trees].mean(axis=0) for trees in chosen])
