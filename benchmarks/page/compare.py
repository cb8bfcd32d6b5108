"""How often the verdict of ``optuna-hpx compare`` is false, and how often there is one.

    python benchmarks/page/compare.py [--n-pairs 400] [--sizes 30 100 300]

Two random searches whose scores and costs follow known laws: every sentence of the verdict is
judged by its claims. A claim is false if it does not hold at each number of trials, or time, that
it names. "false" is the share of pages with a false claim; "says" the share that call one side
better after some number of trials, "from" the median of the first number of trials named, where
the truth has a better side from ``truth`` on; "in time" the share that call one better by time.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from scipy import stats

from optuna_hpx.canvas.claims import Claim
from optuna_hpx.canvas.material import Material
from optuna_hpx.canvas.pair import Pair
from optuna_hpx.law.pair_section import ComparisonKind, find_curves, verdict_sentences

_START = datetime(2026, 1, 1)
_DISTRIBUTIONS: dict[str, BaseDistribution] = {"x": FloatDistribution(0.0, 1.0)}
_N_PLACES = 300  # at which a claim on a stretch is judged


@dataclass(frozen=True)
class Search:
    """A random search: the quantile function of its losses, and the law of its costs.

    Attributes:
        quantile: Losses at levels in (0, 1).
        seconds: Expected cost of a trial.
        spread: Standard deviation of the logarithm of costs.
    """

    quantile: Callable[[np.ndarray], np.ndarray]
    seconds: float = 2.0
    spread: float = 0.5

    def best_of(self, k: np.ndarray) -> np.ndarray:
        """Return the median of the best of ``k`` trials."""
        return self.quantile(1.0 - 0.5 ** (1.0 / k))

    def study(self, n: int, rng: np.random.Generator) -> optuna.Study:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler())
        losses, points = self.quantile(rng.random(n)), rng.random(n)
        costs = self.seconds * np.exp(self.spread * rng.normal(size=n) - self.spread**2 / 2.0)
        starts = np.concatenate([[0.0], np.cumsum(costs)])
        trials = []
        for k in range(n):
            trial = optuna.trial.create_trial(
                value=float(losses[k]),
                params={"x": float(points[k])},
                distributions=_DISTRIBUTIONS,
            )
            trial.datetime_start = _START + timedelta(seconds=float(starts[k]))
            trial.datetime_complete = _START + timedelta(seconds=float(starts[k + 1]))
            trials.append(trial)
        study.add_trials(trials)
        return study


def _bowl(dimension: int, scale: float = 1.0, least: float = 0.0) -> Search:
    """A quadratic bowl of so many parameters, as far as random search near its best goes."""
    return Search(lambda u: least + scale * u ** (2.0 / dimension))


_NORMAL = Search(stats.norm.ppf)
_ERRORS = Search(lambda u: np.round(stats.beta.ppf(u, 3.0, 12.0) * 200.0) / 200.0)  # 200 images
_HEAVY = Search(lambda u: np.exp(2.0 * stats.norm.ppf(u)))

PAIRS: dict[str, tuple[Search, Search]] = {
    "alike: normal": (_NORMAL, _NORMAL),
    "alike: errors with ties": (_ERRORS, _ERRORS),
    "alike: heavy tail": (_HEAVY, _HEAVY),
    "alike: bowl of 4": (_bowl(4), _bowl(4)),
    "alike, B costs double": (_NORMAL, Search(stats.norm.ppf, seconds=4.0)),
    "alike, costs of heavy tail": (
        Search(stats.norm.ppf, spread=1.2),
        Search(stats.norm.ppf, spread=1.2),
    ),
    "A better by .3 sd": (Search(lambda u: stats.norm.ppf(u) - 0.3), _NORMAL),
    "A better by 1 sd": (Search(lambda u: stats.norm.ppf(u) - 1.0), _NORMAL),
    "A 5 % fewer errors": (
        Search(lambda u: np.round(0.95 * stats.beta.ppf(u, 3.0, 12.0) * 200.0) / 200.0),
        _ERRORS,
    ),
    "fewer parameters, same best": (_bowl(2), _bowl(6)),
    "small space, then large": (
        Search(lambda u: 0.4 + 0.1 * u),
        Search(lambda u: u),
    ),
    "B's best are rarer, and better": (
        _NORMAL,
        Search(lambda u: np.where(u < 0.1, -3.0 + 10.0 * u, 0.3 + stats.norm.ppf(u))),
    ),
}


@dataclass
class Counts:
    """What became of the pages of one pair."""

    n: int = 0
    n_false: int = 0
    n_says: int = 0
    n_in_time: int = 0
    first: list[float] = field(default_factory=list)


def is_true(claim: Claim, searches: dict[str, Search]) -> bool:
    """Judge one claim."""
    if claim.kind is ComparisonKind.NOT_TOLD:
        return True
    better, other = (searches[label] for label in claim.subjects)
    if claim.kind is ComparisonKind.WITHIN:
        n, low, high = claim.figures
        gain = float(other.best_of(np.array(n)) - better.best_of(np.array(n)))
        return low <= gain <= high
    first, last = claim.figures
    places = np.geomspace(first, last, _N_PLACES)
    if claim.kind is ComparisonKind.BETTER:
        places = np.unique(places.round())
        return bool((better.best_of(places) < other.best_of(places)).all())
    k = [np.maximum(places / side.seconds, 1.0) for side in (better, other)]
    return bool((better.best_of(k[0]) < other.best_of(k[1])).all())


def count_false(pair: tuple[Search, Search], n: int, n_pairs: int, seed: int = 0) -> Counts:
    """Make pages of ``n`` trials each, and count those with a false claim."""
    searches, counts = dict(zip("AB", pair, strict=True)), Counts()
    for k in range(n_pairs):
        rng = np.random.default_rng([seed, n, k])
        first, second = (Material.of(search.study(n, rng)) for search in pair)
        curves = find_curves(Pair(("A", "B"), (first, second)))
        counts.n += 1
        if curves is None:  # draws that do not look like any, in one of fifty studies
            continue
        claims = [claim for line in verdict_sentences(curves) for claim in line.claims]
        counts.n_false += not all(is_true(claim, searches) for claim in claims)
        better = [claim for claim in claims if claim.kind is ComparisonKind.BETTER]
        counts.n_says += bool(better)
        counts.n_in_time += any(c.kind is ComparisonKind.BETTER_IN_TIME for c in claims)
        counts.first += [min(claim.figures[0] for claim in better)] if better else []
    return counts


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--n-pairs", type=int, default=400)
    parser.add_argument("--sizes", type=int, nargs="+", default=[30, 100, 300])
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    print(f"{'':32}   n   false   says   from  in time   ({options.n_pairs} pages each)")
    for name, pair in PAIRS.items():
        for n in options.sizes:
            counts = count_false(pair, n, options.n_pairs)
            first = f"{np.median(counts.first):6.0f}" if counts.first else "     –"
            print(
                f"{name:32} {n:3}   {counts.n_false / counts.n:5.3f}  "
                f"{counts.n_says / counts.n:5.3f} {first}    {counts.n_in_time / counts.n:5.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
