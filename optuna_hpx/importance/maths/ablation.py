r"""Ablation: what each of several changes is worth on the way from one configuration to another.

Fawcett, Hoos: Analysing differences between algorithm configurations through ablation, Journal of
Heuristics 22, 2016. Shapley: A value for n-person games, 1953.
Castro, Gomez, Tejada: Polynomial calculation of the Shapley value based on sampling, Computers &
Operations Research 36, 2009.

Notation
    k           changes
    M           set of changes that are made: a row of k booleans
    v(M)        loss of the configuration in which they are made
    w(m)        m! (k - m - 1)! / k!
    phi         (k,) Shapley values

The greedy path makes that change next which leaves the least loss. What a change is worth there
depends on those before it; its Shapley value is the mean over all k! orders,

    phi_i = sum over M without i of w(|M|) (v(M + i) - v(M)),                                 (1)

so that the phi sum to v(all) - v(none). Both are linear in v: of many losses at once, as of
several plausible surfaces, they are computed by one product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse, special

__all__ = ["Shapley", "all_sets", "greedy_order", "orders", "sets_along", "shapley"]


@dataclass(frozen=True, eq=False)
class Shapley:
    """A rule that makes Shapley values of losses, exact or from orders that were drawn.

    Attributes:
        sets: (s, k) bool, the sets M whose losses are asked for.
        weights: r sparse matrices (k, s): (k,) marginal changes are ``weights[i] @ v``, and phi
            is their mean over i. One of equation 1 if it is exact; else one of each pair of
            orders, which has four entries a change.
    """

    sets: np.ndarray
    weights: tuple[sparse.csr_array, ...]

    def values(self, losses: np.ndarray) -> np.ndarray:
        """Compute phi (..., k) of losses (..., s) of the sets."""
        mean = sum(self.weights[1:], self.weights[0]) / len(self.weights)
        return np.asarray((mean @ losses.T).T)

    def standard_error(self, losses: np.ndarray) -> np.ndarray:
        """Compute the standard error (k,) that drawing orders leaves in phi of losses (s,)."""
        n = len(self.weights)
        if n == 1:
            return np.zeros(self.sets.shape[1])
        marginal = np.array([weights @ losses for weights in self.weights])
        return np.asarray(marginal.std(axis=0, ddof=1) / np.sqrt(n))


def shapley(k: int, n_pairs: int, max_exact: int, rng: np.random.Generator) -> Shapley:
    """Make the rule for k changes.

    Args:
        k: Changes, at least one.
        n_pairs: Pairs of orders to draw, each an order and its reverse, at least two.
        max_exact: The largest k of which all 2^k sets are asked for.
        rng: Of the orders.

    Returns:
        The rule, with 2^k sets or at most ``2 n_pairs (k + 1)``.
    """
    if k <= max_exact:
        sets = all_sets(k)
        return Shapley(sets, (sparse.csr_array(_exact_weights(sets)),))
    drawn = orders(k, n_pairs, rng)
    along = np.concatenate([sets_along(order) for order in drawn])
    sets, place = np.unique(along, axis=0, return_inverse=True)
    places = place.reshape(n_pairs, 2, k + 1)
    halves = np.repeat([0.5, -0.5], 2 * k)
    weights = []
    for order, along in zip(drawn.reshape(n_pairs, 2, k), places, strict=True):
        changes = np.tile(order.ravel(), 2)
        before_and_after = np.concatenate([along[:, 1:].ravel(), along[:, :-1].ravel()])
        entries = halves, (changes, before_and_after)  # of one place they are added
        weights.append(sparse.csr_array(sparse.coo_array(entries, shape=(k, len(sets)))))
    return Shapley(sets, tuple(weights))


def all_sets(k: int) -> np.ndarray:
    """List all sets of k changes, (2^k, k) bool: the i-th bit of a row's number is change i."""
    return np.asarray((np.arange(2**k)[:, None] >> np.arange(k)) % 2 == 1)


def sets_along(order: np.ndarray) -> np.ndarray:
    """List the sets on the path that makes the changes in ``order`` (k,): (k + 1, k) bool."""
    rank = np.empty(len(order), dtype=int)
    rank[order] = np.arange(len(order))
    return np.asarray(rank < np.arange(len(order) + 1)[:, None])


def orders(k: int, n_pairs: int, rng: np.random.Generator) -> np.ndarray:
    """Draw orders (2 n_pairs, k), each followed by its reverse.

    What a change is worth early and what late are averaged in each pair, which leaves less noise.
    """
    drawn = rng.permuted(np.tile(np.arange(k), (n_pairs, 1)), axis=1)
    return np.stack([drawn, drawn[:, ::-1]], axis=1).reshape(2 * n_pairs, k)


def greedy_order(k: int, loss: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Find the order (k,) in which each change is the one that leaves the least loss.

    Args:
        k: Changes.
        loss: Gives the losses (s,) of sets (s, k).

    Returns:
        The order; of equal losses the first change comes first. ``loss`` is called k - 1 times,
        of k (k + 1) / 2 sets in all.
    """
    made = np.zeros(k, dtype=bool)
    order: list[int] = []
    while len(order) < k:
        candidates = np.flatnonzero(~made)
        best = candidates[0]
        if len(candidates) > 1:
            best = candidates[int(np.argmin(loss(made | np.eye(k, dtype=bool)[candidates])))]
        made[best] = True
        order.append(int(best))
    return np.array(order, dtype=int)


def _exact_weights(sets: np.ndarray) -> np.ndarray:
    """Write equation 1 as a matrix (k, 2^k)."""
    k, size = sets.shape[1], sets.sum(axis=1)
    before = np.where(sets.T, size - 1, size)  # changes made before i is
    w = np.exp(
        special.gammaln(before + 1.0) + special.gammaln(k - before) - special.gammaln(k + 1.0)
    )
    return np.where(sets.T, w, -w)
