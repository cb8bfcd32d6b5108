r"""Which values of which parameters make a conditional one appear, learnt from trials.

Notation
    n, d        trials, parameters
    u           (n, d) points as in :mod:`~optuna_hpx.samplers.maths.encoding`; NaN where absent

Parameters that are present in the same trials form a group, and its rule is a classification tree
(Breiman et al., Classification and regression trees, 1984): a node splits by the choice of one
parameter, or by a threshold of a number, and by that parameter's own absence; the split is that
which gains most information about presence. Only parameters that more trials have may decide, so
that rules can be applied one after the other; of equally good ones a parameter with few values,
and of these that which comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from optuna_hpx.samplers.maths.encoding import Axis

__all__ = ["Branches", "learn"]

_MAX_DEPTH = 6
_MIN_GAIN = 1e-9


@dataclass(frozen=True, eq=False)
class _Node:
    """A leaf says whether the group is present; an inner node sends points to its children.

    Attributes:
        is_present: Whether most trials here have the group.
        gate: The parameter that decides; -1 at a leaf.
        threshold: Of a number; NaN for a choice.
        children: By the code of :func:`_sides`.
    """

    is_present: bool
    gate: int = -1
    threshold: float = np.nan
    children: dict[int, _Node] | None = None

    def decide(self, points: np.ndarray) -> np.ndarray:
        """Return whether each of the points (m, d) has the group."""
        result = np.full(len(points), self.is_present)
        if self.children is None:
            return result
        sides = _sides(points[:, self.gate], self.threshold)
        for side, child in self.children.items():
            rows = np.flatnonzero(sides == side)
            result[rows] = child.decide(points[rows])
        # A choice that no trial had: what it brings is not known, and not proposed.
        result[~np.isin(sides, list(self.children))] = False
        return result


@dataclass(frozen=True, eq=False)
class Branches:
    """The rules of a conditional search space.

    Attributes:
        rules: Of each group its parameters and its tree, in the order in which they apply.
        trials: (n, d) the trials.
    """

    rules: tuple[tuple[np.ndarray, _Node], ...]
    trials: np.ndarray

    def repair(self, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Make points (m, d) possible: remove what is superfluous, fill in what is missing.

        What is missing is copied from a trial that has it, all parameters of a group from one.
        """
        points = points.copy()
        for members, rule in self.rules:
            is_present = rule.decide(points)
            points[np.ix_(~is_present, members)] = np.nan
            donors = np.flatnonzero(~np.isnan(self.trials[:, members[0]]))
            rows = np.flatnonzero(is_present & np.isnan(points[:, members]).any(axis=1))
            copies = self.trials[np.ix_(rng.choice(donors, len(rows)), members)]
            block = points[np.ix_(rows, members)]
            points[np.ix_(rows, members)] = np.where(np.isnan(block), copies, block)
        return points


def learn(trials: np.ndarray, axes: Sequence[Axis]) -> Branches:
    """Learn the rules from trials (n, d). O(groups x n d log n)."""
    present = ~np.isnan(trials)
    counts = present.sum(axis=0)
    by_pattern: dict[bytes, list[int]] = {}
    for j in np.flatnonzero((counts > 0) & (counts < len(trials))).tolist():
        by_pattern.setdefault(present[:, j].tobytes(), []).append(j)
    groups = sorted(by_pattern.values(), key=lambda members: -counts[members[0]])
    rules = []
    for members in groups:
        gates = np.flatnonzero(counts > counts[members[0]])
        gates = gates[np.argsort([not axes[k].n_choices for k in gates.tolist()], kind="stable")]
        tree = _grow(trials, present[:, members[0]], gates, axes)
        rules.append((np.array(members), tree))
    return Branches(tuple(rules), trials)


def _grow(
    points: np.ndarray, y: np.ndarray, gates: np.ndarray, axes: Sequence[Axis], depth: int = 0
) -> _Node:
    """Build the tree that tells the points (n, d) that are present ``y`` (n,) from the others."""
    is_present = bool(2 * np.count_nonzero(y) > len(y))
    if depth == _MAX_DEPTH or y.all() or not y.any():
        return _Node(is_present)
    splits = [_best_split(points[:, gate], y, axes[gate]) for gate in gates.tolist()]
    gains = np.array([gain for gain, _ in splits])
    if not len(gains) or gains.max() <= _MIN_GAIN:
        return _Node(is_present)
    k = int(np.argmax(gains >= gains.max() - _MIN_GAIN))  # the first of the best
    gate, threshold = int(gates[k]), splits[k][1]
    sides = _sides(points[:, gate], threshold)
    children = {
        int(side): _grow(points[sides == side], y[sides == side], gates, axes, depth + 1)
        for side in np.unique(sides)
    }
    return _Node(is_present, gate, threshold, children)


def _sides(u: np.ndarray, threshold: float) -> np.ndarray:
    """Return the child (n,) of each value: -1 if absent, else its choice, or above 1, below 0."""
    if np.isnan(threshold):
        return np.nan_to_num(u, nan=-1.0).astype(int)
    return np.where(np.isnan(u), -1, (u > threshold).astype(int))


def _best_split(u: np.ndarray, y: np.ndarray, axis: Axis) -> tuple[float, float]:
    """Return how much information a parameter gives about ``y`` (n,) at best, and the threshold.

    That is NaN for a choice.
    """
    before = _entropy(np.array([y.sum()]), np.array([len(y)]))[0]
    if axis.n_choices:
        sides = _sides(u, np.nan) + 1
        n, k = np.bincount(sides), np.bincount(sides, y)
        return float(before - _entropy(k, n).sum()), np.nan
    rows = np.argsort(u, kind="stable")[: np.count_nonzero(~np.isnan(u))]  # NaN are last
    u_absent = np.isnan(u)
    rest = _entropy(np.array([y[u_absent].sum()]), np.array([u_absent.sum()]))[0]
    if not len(rows):
        return 0.0, 0.5
    v, k = u[rows], np.cumsum(y[rows])
    n = np.arange(1, len(rows) + 1)
    after = _entropy(k, n) + _entropy(k[-1] - k, len(rows) - n) + rest
    after[:-1][v[1:] == v[:-1]] = np.inf  # no threshold between equal values
    best = int(np.argmin(after))
    following = v[best + 1] if best + 1 < len(v) else v[best]
    return float(before - after[best]), float((v[best] + following) / 2.0)


def _entropy(k: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return n times the entropy of k of n, in nats."""
    k, n = k.astype(float), n.astype(float)
    return np.asarray(xlogy(n, n) - xlogy(k, k) - xlogy(n - k, n - k))
