"""Tables of one arm against others: pairs won, ratios of regrets, and p with Holm's correction.

What counts is the truth about the trial that looks best. Regrets are above the optimum, or, where
that is not known, above the best that any arm found with the same seed. Ratios are medians over
the pairs that differ, their intervals of 95 % by a bootstrap of problems and of pairs within. p is
of a sign test, two-sided, after Holm over the arms and checkpoints of a family; pairs of one
problem are no evidence on others.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from unseen_problems import unseen

_N_BOOTSTRAP = 400
_LEAST = 1e-12


@dataclass
class Study:
    """Losses of the trials of one study, in order: what was observed, and the truth."""

    problem: str
    arm: str
    seed: int
    observed: list[float]
    true: list[float]
    seconds: float

    def best(self, n: int) -> float:
        """The truth about the trial that looks best of the first n."""
        return self.true[int(np.argmin(self.observed[:n]))]


Runs = dict[tuple[str, str, int], Study]


class Comparison:
    """Finished studies, by problem and seed."""

    def __init__(self, runs: Runs) -> None:
        self.arms = list(dict.fromkeys(key[1] for key in runs))
        self.problems = list(dict.fromkeys(key[0] for key in runs))
        self._by_pair: dict[tuple[str, int], dict[str, Study]] = {}
        for (name, arm, seed), study in runs.items():
            self._by_pair.setdefault((name, seed), {})[arm] = study

    def seeds(self, name: str, arm: str) -> list[int]:
        return sorted(s for (n, s), arms in self._by_pair.items() if n == name and arm in arms)

    def studies(self, name: str, arm: str) -> list[Study]:
        return [self._by_pair[name, seed][arm] for seed in self.seeds(name, arm)]

    @functools.cache  # noqa: B019
    def least(self, name: str, seed: int) -> float:
        best = unseen(name, seed).best
        found = min(min(study.true) for study in self._by_pair[name, seed].values())
        return found if best is None else best

    def ratios(self, arm: str, other: str, name: str, n: int) -> np.ndarray:
        """Ratio of regrets of each pair that has so many trials; 1 where they are equal."""
        found = []
        for seed in self.seeds(name, arm):
            arms = self._by_pair[name, seed]
            if other not in arms or min(len(arms[arm].true), len(arms[other].true)) < n:
                continue
            a, b = arms[arm].best(n), arms[other].best(n)
            least = self.least(name, seed)
            ratio = 1.0 if a == b else max(a - least, 0.0) + _LEAST
            found.append(ratio if a == b else ratio / (max(b - least, 0.0) + _LEAST))
        return np.clip(np.array(found, dtype=float), 1e-3, 1e3)


@dataclass(frozen=True)
class Cell:
    """One arm against another on some problems."""

    won: int
    lost: int
    ratio: float
    low: float
    high: float

    @property
    def p(self) -> float:
        total = self.won + self.lost
        return float(stats.binomtest(self.won, total).pvalue) if total else 1.0


def cell(ratios: Sequence[np.ndarray]) -> Cell | None:
    """Return the cell of some problems' pairs; None without any."""
    given = [r for r in ratios if len(r)]
    if not given:
        return None
    pooled = np.concatenate(given)
    rng, drawn = np.random.default_rng(0), []
    for _ in range(_N_BOOTSTRAP):
        some = [given[k] for k in rng.integers(len(given), size=len(given))]
        drawn.append(_median(np.concatenate([rng.choice(r, len(r)) for r in some])))
    low, high = np.quantile(drawn, [0.025, 0.975])
    won, lost = int((pooled < 1.0).sum()), int((pooled > 1.0).sum())
    return Cell(won, lost, _median(pooled), float(low), float(high))


def _median(ratios: np.ndarray) -> float:
    differ = ratios[ratios != 1.0]
    return float(np.median(differ)) if len(differ) else 1.0


def holm(p: Iterable[float]) -> np.ndarray:
    """Return p corrected for their number (Holm, Scandinavian Journal of Statistics 6, 1979)."""
    given = np.array(list(p), dtype=float)
    order = np.argsort(given)
    raised = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    corrected = np.empty(len(given))
    corrected[order] = np.minimum(raised, 1.0)
    return corrected


def print_families(
    runs: Runs, families: Mapping[str, Sequence[str]], checkpoints: Sequence[int], arm: str
) -> None:
    """Print a table for each family: arms down, checkpoints across."""
    made = Comparison(runs)
    for family, names in families.items():
        keys, cells = [], []
        for other in made.arms:
            for n in checkpoints:
                one = cell([made.ratios(arm, other, name, n) for name in names])
                if other != arm and one is not None:
                    keys.append((other, n))
                    cells.append(one)
        if not cells:
            continue
        corrected = dict(zip(keys, holm(one.p for one in cells), strict=True))
        shown = dict(zip(keys, cells, strict=True))
        print(f"\n{family}: {arm} against; won-lost, p after Holm, ratio of regrets [95 %]")
        print(f"{'':10}" + "".join(f"{n:>38}" for n in checkpoints))
        for other in dict.fromkeys(key[0] for key in keys):
            print(f"{other:10}", end="")
            for key in ((other, n) for n in checkpoints):
                text = ""
                if key in shown:
                    c = shown[key]
                    text = f"{c.won}-{c.lost} p={corrected[key]:.1g} x{c.ratio:.2f}"
                    text += f" [{c.low:.2f}, {c.high:.2f}]"
                print(f"{text:>38}", end="")
            print()


def print_problems(runs: Runs, checkpoints: Sequence[int], arm: str) -> None:
    """Print the median best loss of each arm on each problem, and pairs won and lost."""
    made = Comparison(runs)
    for n in checkpoints:
        print(f"\nMedian best true loss after {n} trials; pairs that {arm} won and lost")
        print(f"{'':26}" + "".join(f"{other:>19}" for other in made.arms))
        for name in made.problems:
            print(f"{name:26}", end="")
            for other in made.arms:
                best = [s.best(n) for s in made.studies(name, other) if len(s.true) >= n]
                text = f"{np.median(best):.4g}" if best else ""
                one = cell([made.ratios(arm, other, name, n)])
                if other != arm and one is not None:
                    text += f" {f'{one.won}-{one.lost}':>6}"
                print(f"{text:>19}", end="")
            print()


def print_seeds(runs: Runs) -> None:
    """Print how many seeds each arm has on each problem, and the seconds of its studies."""
    made = Comparison(runs)
    print("Seeds, by arm; seconds of a trial, training included, in the median of studies")
    for arm in made.arms:
        counts = {name: made.seeds(name, arm) for name in made.problems}
        ends = sorted({(s[0], s[-1], len(s)) for s in counts.values() if s})
        taken = [s.seconds / len(s.true) for key, s in runs.items() if key[1] == arm]
        spans = ", ".join(f"{low}..{high} ({n})" for low, high, n in ends)
        n_problems = sum(bool(s) for s in counts.values())
        print(f"  {arm:10} {n_problems:3} problems, seeds {spans}: {np.median(taken):.4f} s")
