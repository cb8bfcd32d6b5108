"""What more random draws add to the hypervolume of a front, whatever the draws follow.

Draws are exchangeable: each of n + N could as well have been among the last N. What a random part
of the draws lacks of the hypervolume of all is therefore like what they lack of that of more.

Notation
    n, N            draws, further draws;  q = N / (n + N), the chance that one is a further one
    V_k             volume that at least k of the n draws dominate;  v_k = V_k - V_(k+1)
    c_i             volume that draw i alone dominates
    d_i             draws that dominate draw i
    f, f'           distinct draws on the front of n and of n + N;  m_j: how often each was drawn
    e               (sum c)^2 / sum c^2: equal contributions that would vary as much
    D               shells v_1 .. v_D that are looked at
    beta            power: the hypervolume falls short of its limit as n^(-beta) does

    (1)  E[gain of the next draw]              = E[v_1 of n + 1 draws] / (n + 1)
    (2)  P(the next draw joins the front)      = E[f of n + 1 draws] / (n + 1)
    (3)  E[what a part lacks that leaves out each draw with probability q]  = sum_k v_k q^k
    (4)  P(such a part lacks nothing)          = prod_j (1 - q^(m_j))
    (5)  E[front of such a part]               = (1 - q) sum_i q^(d_i)
    (6)  E[v_k] ~ a beta n^(-beta) Gamma(k + beta) / k!
    (7)  E[gain] ~ a Gamma(1 + beta) (n^(-beta) - (n + N)^(-beta))

(1) and (2), this for draws without ties, hold exactly, whatever they follow, for a reference point
that does not hang on them: the last of n + 1 is as likely as any other to be the one that alone
dominates something. (3) to (5) are exact for given draws that all differ; what is done for others
is in ``fronts``. That N draws add anything has the probability 1 - (4) with f' draws on the front,
which (5) tells: a front that grew by some factor up to now does so again. With m_j = 1 it is at
most that: of what is better than a draw that came often, one is enough.
The mean gain is (7), with a of (6), over ``POWERS`` as the shells speak for them. Its distribution
is that of what parts lack, in units of its mean, times how well D e pieces tell a scale. Of a
front of one draw the gain is one exponential piece, as in the pivot of one objective; the more
pieces it has, the less each of them must vary beside which of them are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import special

from optuna_hpx.law.maths.attainment import Attainment
from optuna_hpx.law.maths.fronts import Front
from optuna_hpx.law.maths.gains import Gains, gains_of

__all__ = ["POWERS", "FrontGrowth"]

# Chosen on benchmarks/law/hypervolume_forecasts.py --design, as D and the weight of the shells.
POWERS = np.array([0.125, 0.25, 0.5, 1.0, 2.0])
_N_SHELLS = 5
_WEIGHT_OF_SHELLS = 0.5  # as evidence of beta: neighbours are not independent
_N_PARTS = 512
_LONGEST = 0.5  # of q: parts of fewer draws tell little of how fronts grow
_LEVELS = np.array([0.05, 0.1, 0.2, 0.35, 0.5, 0.75])  # of q, for which parts are drawn
_ROUNDING = 1e-12  # of the hypervolume: less is no gain
_MOST_CHANCE = 1.0 - 1e-12  # of more trials: nothing that draws tell is certain
_SEED = 0  # parts are the same for the same draws, whoever asks


@dataclass(frozen=True)
class FrontGrowth:
    """How the hypervolume of independent draws grows.

    Attributes:
        attainment: The draws along rays.
        front: Which of them dominate which.
        n: All draws, those without a score among them.
    """

    attainment: Attainment
    front: Front
    n: int
    _shapes: dict[int, np.ndarray] = field(default_factory=dict, repr=False)

    def chance(self, n_more: float) -> float:
        """Compute how probably ``n_more`` further draws add anything; at most, if draws are alike.

        What they add may have been drawn once, however often the front so far was: as if it had
        been, (4) is an upper bound.
        """
        q = n_more / (self.n + n_more)
        past = min(q, _LONGEST)  # of which (5) tells; beyond, the front grows by the same power
        growth = max(len(self.front.copies) / self.front.expected_size(past), 1.0)
        power = np.log(growth) / -np.log1p(-past)
        log_none = np.log1p(-q) * len(self.front.copies) * (1.0 - q) ** -power
        return min(float(-np.expm1(log_none)), _MOST_CHANCE)

    def expected_gain(self, n_more: float) -> np.ndarray:
        """Compute equation (7) for each of ``POWERS``."""
        scale = self._shells.sum() / _shell_weights(POWERS, len(self._shells)).sum(axis=1)
        return scale * special.gamma(1.0 + POWERS) * -np.expm1(-POWERS * np.log1p(n_more / self.n))

    def gains(self, n_more: float) -> Gains:
        """Forecast what ``n_more`` further draws add to the hypervolume."""
        if self._shells.sum() == 0.0:
            return Gains(np.zeros(1), np.ones(1))
        chance, q = self.chance(n_more), n_more / (self.n + n_more)
        shape = self._shape(int(np.abs(np.log(_LEVELS / q)).argmin()))
        if_any = self.expected_gain(n_more) / chance
        size = if_any[:, None] * shape * self._scales(len(shape))
        weight = np.repeat(self._power_weights, len(shape)) * chance / len(shape)
        return gains_of(np.append(size.ravel(), 0.0), np.append(weight, 1.0 - chance))

    @cached_property
    def _shells(self) -> np.ndarray:
        """(D,) or, where the best was drawn more than D times, up to the first with a volume."""
        shells = self.attainment.shells
        n_empty = int(np.argmax(shells > _ROUNDING * self.attainment.hypervolume))
        return shells[: max(_N_SHELLS, n_empty + 1)]

    @cached_property
    def _n_pieces(self) -> float:
        alone = self.attainment.contributions
        return float(alone.sum() ** 2 / (alone**2).sum()) if alone.any() else 1.0

    @cached_property
    def _power_weights(self) -> np.ndarray:
        """Weigh ``POWERS`` by the likelihood of the shells as gamma numbers of means (6)."""
        means = _shell_weights(POWERS, len(self._shells))
        ratio = np.log((self._shells / means).mean(axis=1))
        mean_log = np.log(means).mean(axis=1) + ratio
        evidence = -_WEIGHT_OF_SHELLS * len(self._shells) * self._n_pieces * mean_log
        weight = np.exp(evidence - evidence.max())
        return np.asarray(weight / weight.sum())

    def _scales(self, n: int) -> np.ndarray:
        """Spread n values of how much larger the scale may be than the shells have it."""
        pieces = len(self._shells) * self._n_pieces
        level = (np.arange(n) + 0.5) / n
        scales = pieces / special.gammaincinv(pieces, level)
        return np.asarray(np.random.default_rng(_SEED).permutation(scales))

    def _shape(self, level: int) -> np.ndarray:
        """Draw what parts lack that lack something, of mean 1; kept, as searches ask often."""
        if level not in self._shapes:
            self._shapes[level] = self._draw_shape(float(_LEVELS[level]))
        return self._shapes[level]

    def _draw_shape(self, q: float) -> np.ndarray:
        rng = np.random.default_rng(_SEED)
        is_kept = rng.random((_N_PARTS, self.attainment.n_inside)) >= q
        volume = self.attainment.hypervolume
        lack = volume - self.attainment.of_parts(is_kept)
        has_lack = lack > _ROUNDING * volume
        if not has_lack.any():
            has_lack, lack = np.ones(_N_PARTS, dtype=bool), np.ones(_N_PARTS)
        alone = ~is_kept[has_lack] * self.attainment.contributions
        total = (alone**2).sum(axis=1)
        pieces = np.divide(
            alone.sum(axis=1) ** 2, total, out=np.ones(len(total)), where=total > 0.0
        )
        pieces *= self._n_pieces
        size = lack[has_lack] * rng.gamma(pieces) / pieces
        return np.asarray(size / size.mean())


def _shell_weights(powers: np.ndarray, n_shells: int) -> np.ndarray:
    """Compute (powers, D) expected shells of equation (6), in units of a n^(-beta)."""
    k = np.arange(1.0, n_shells + 1.0)
    beta = powers[:, None]
    return np.asarray(beta * np.exp(special.gammaln(k + beta) - special.gammaln(k + 1.0)))
