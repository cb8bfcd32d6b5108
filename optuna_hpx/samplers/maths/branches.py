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
from dataclasses import dataclass, field

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
        answers: By the code of :func:`_sides`, what a leaf there says; False where no trial was:
            what such a choice brings is not known, and not proposed.
        inner: The children that are no leaves, by the same code.
    """

    is_present: bool
    gate: int = -1
    threshold: float = np.nan
    answers: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    inner: tuple[tuple[int, _Node], ...] = ()

    def decide(self, points: np.ndarray) -> np.ndarray:
        """Return whether each of the points (m, d) has the group."""
        if self.gate < 0:
            return np.full(len(points), self.is_present)
        sides = _sides(points[:, self.gate], self.threshold)
        result = self.answers[sides]
        for side, child in self.inner:
            rows = np.flatnonzero(sides == side)
            result[rows] = child.decide(points[rows])
        return np.asarray(result)


@dataclass(frozen=True, eq=False)
class _Group:
    """Parameters that trials have together.

    Attributes:
        members: Which.
        tree: When they are present.
        donors: (k, len(members)) their values in the trials that have them.
    """

    members: np.ndarray
    tree: _Node
    donors: np.ndarray


@dataclass(frozen=True, eq=False)
class Branches:
    """The rules of a conditional search space.

    Attributes:
        groups: In the order in which their rules apply.
    """

    groups: tuple[_Group, ...]

    def repair(self, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Make points (m, d) possible: remove what is superfluous, fill in what is missing.

        What is missing is copied from a trial that has it, all parameters of a group from one.
        """
        points = points.copy()
        for group in self.groups:
            is_present = group.tree.decide(points)
            block = points[:, group.members]
            is_missing = np.isnan(block)
            rows = np.flatnonzero(is_present & is_missing.any(axis=1))
            copies = group.donors[rng.integers(len(group.donors), size=len(rows))]
            block[rows] = np.where(is_missing[rows], copies, block[rows])
            block[~is_present] = np.nan
            points[:, group.members] = block
        return points


def learn(trials: np.ndarray, axes: Sequence[Axis]) -> Branches:
    """Learn the rules from trials (n, d). O(groups x n d), and log n more for numbers."""
    present = ~np.isnan(trials)
    counts = present.sum(axis=0)
    by_pattern: dict[bytes, list[int]] = {}
    for j in np.flatnonzero((counts > 0) & (counts < len(trials))).tolist():
        by_pattern.setdefault(present[:, j].tobytes(), []).append(j)
    groups = []
    for members in sorted(by_pattern.values(), key=lambda members: -counts[members[0]]):
        has_group = present[:, members[0]]
        gates = np.flatnonzero(counts > counts[members[0]])
        tree = _grow(trials, has_group, gates, axes)
        donors = trials[np.ix_(has_group, members)]
        groups.append(_Group(np.array(members), tree, donors))
    return Branches(tuple(groups))


def _grow(
    points: np.ndarray, y: np.ndarray, gates: np.ndarray, axes: Sequence[Axis], depth: int = 0
) -> _Node:
    """Build the tree that tells the points (n, d) that are present ``y`` (n,) from the others."""
    is_present = bool(2 * np.count_nonzero(y) > len(y))
    if depth == _MAX_DEPTH or y.all() or not y.any():
        return _Node(is_present)
    gain, gate, threshold = _best_split(points, y, gates, axes)
    if gain <= _MIN_GAIN:
        return _Node(is_present)
    sides = _sides(points[:, gate], threshold)
    answers, inner = np.zeros(1 + (axes[gate].n_choices or 2), dtype=bool), []
    for side in np.unique(sides).tolist():
        rows = sides == side
        child = _grow(points[rows], y[rows], gates, axes, depth + 1)
        answers[side] = child.is_present
        if child.gate >= 0:
            inner.append((side, child))
    return _Node(is_present, gate, threshold, answers, tuple(inner))


def _sides(u: np.ndarray, threshold: float) -> np.ndarray:
    """Return the child (n,) of each value.

    It is 0 where absent; else 1 and more for the choices, or 1 below the threshold and 2 above.
    """
    above = u if np.isnan(threshold) else u > threshold
    return np.where(np.isnan(u), 0, above + 1).astype(int)


def _best_split(
    points: np.ndarray, y: np.ndarray, gates: np.ndarray, axes: Sequence[Axis]
) -> tuple[float, int, float]:
    """Return the most that a gate tells about ``y`` (n,), in nats, that gate, and the threshold.

    Numbers are looked at only if no choice tells all.
    """
    before = float(_entropy(np.array([y.sum()]), np.array([len(y)]))[0])
    choices = [gate for gate in gates.tolist() if axes[gate].n_choices]
    best, chosen, threshold = 0.0, -1, np.nan
    if choices:
        gains = before - _left_by_choices(points[:, choices], y)
        k = int(np.argmax(gains >= gains.max() - _MIN_GAIN))  # the first of the best
        best, chosen = float(gains[k]), choices[k]
    for gate in gates.tolist():
        if best >= before - _MIN_GAIN:
            break
        if not axes[gate].n_choices:
            left, middle = _left_by_number(points[:, gate], y)
            if before - left > best + _MIN_GAIN:
                best, chosen, threshold = before - left, gate, middle
    return best, chosen, threshold


def _left_by_choices(u: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Compute the entropy of ``y`` (n,) that is left by each of the choices ``u`` (n, g)."""
    sides = _sides(u, np.nan)
    sizes = sides.max(axis=0) + 1
    starts = np.cumsum(sizes) - sizes
    cells = (sides + starts).ravel()
    n = np.bincount(cells, minlength=sizes.sum())
    k = np.bincount(cells, np.repeat(y, u.shape[1]), minlength=sizes.sum())
    return np.asarray(np.add.reduceat(_entropy(k, n), starts))


def _left_by_number(u: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Compute the entropy of ``y`` (n,) that the best threshold of ``u`` (n,) leaves, and it."""
    rows = np.argsort(u, kind="stable")[: np.count_nonzero(~np.isnan(u))]  # NaN are last
    is_absent = np.isnan(u)
    rest = _entropy(np.array([y[is_absent].sum()]), np.array([is_absent.sum()]))[0]
    if not len(rows):
        return float(rest), 0.5
    v, k = u[rows], np.cumsum(y[rows])
    n = np.arange(1, len(rows) + 1)
    after = _entropy(k, n) + _entropy(k[-1] - k, len(rows) - n) + rest
    after[:-1][v[1:] == v[:-1]] = np.inf  # no threshold between equal values
    best = int(np.argmin(after))
    following = v[best + 1] if best + 1 < len(v) else v[best]
    return float(after[best]), float((v[best] + following) / 2.0)


def _entropy(k: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return n times the entropy of k of n, in nats."""
    k, n = k.astype(float), n.astype(float)
    return np.asarray(xlogy(n, n) - xlogy(k, k) - xlogy(n - k, n - k))
