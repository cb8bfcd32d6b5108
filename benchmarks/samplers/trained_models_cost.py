"""HsicSampler with cost beside other samplers over equal training time, on real training.

The models are those of trained_models.py. Time is what the processor spends on training and
testing, without the sampler's, in units of the mean of 30 random configurations; all arms of a
seed run in one process, with one unit. Regret is above the best loss that any arm found with the
seed. "cheapest good" is the time of the cheapest training that was at least as good as the best of
random search within the largest budget. Pairs are won and lost, p is of a sign test, two-sided,
not corrected; ratios are medians over the pairs that differ.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, GPSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState
from sampler_problems import Run, Store
from scipy import stats
from trained_models import TRAINED

from optuna_hpx import HsicSampler

BUDGETS = (15.0, 30.0, 60.0)
_MAX_TRIALS = 300
_N_UNIT = 30


def _cost(trial: FrozenTrial) -> float:
    return float(trial.user_attrs["cost"])


ARMS: dict[str, Callable[[int], BaseSampler]] = {
    "ours": lambda seed: HsicSampler(seed=seed, cost=_cost),
    "hsic": lambda seed: HsicSampler(surrogate=False, seed=seed, cost=_cost),
    "no cost": lambda seed: HsicSampler(seed=seed),
    "tpe": lambda seed: TPESampler(seed=seed),
    "random": lambda seed: RandomSampler(seed=seed),
    "gp": lambda seed: GPSampler(seed=seed, warn_independent_sampling=False),
}


class _Timed(BaseSampler):
    """A sampler, and the seconds that it takes for parameters that it chooses one by one."""

    def __init__(self, inner: BaseSampler) -> None:
        self._inner, self.seconds = inner, 0.0

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return self._inner.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return self._inner.sample_relative(study, trial, space)

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, name: str, distribution: BaseDistribution
    ) -> Any:
        begun = time.process_time()
        value = self._inner.sample_independent(study, trial, name, distribution)
        self.seconds += time.process_time() - begun
        return value

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        self._inner.before_trial(study, trial)

    def after_trial(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        self._inner.after_trial(study, trial, state, values)


def _train(study: optuna.Study, train: Callable[[optuna.Trial], float]) -> tuple[float, float]:
    """Loss and seconds of one trial."""
    trial, timed = study.ask(), study.sampler
    assert isinstance(timed, _Timed)
    begun = time.process_time() - timed.seconds
    loss = train(trial)
    taken = time.process_time() - timed.seconds - begun
    trial.set_user_attr("cost", taken)
    study.tell(trial, loss)
    return loss, taken


def run(name: str, seed: int, arms: Sequence[str]) -> list[Run]:
    """All arms, until the largest budget is spent, or after 300 trials."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    train = TRAINED[name](seed)
    at_random = optuna.create_study(sampler=_Timed(RandomSampler(seed=seed + 10**6)))
    _train(at_random, train)  # loads what is to be loaded
    unit = float(np.mean([_train(at_random, train)[1] for _ in range(_N_UNIT)]))
    done = []
    for arm in arms:
        study = optuna.create_study(sampler=_Timed(ARMS[arm](seed)))
        losses: list[float] = []
        costs: list[float] = []
        start = time.perf_counter()
        while len(costs) < _MAX_TRIALS and sum(costs) < max(BUDGETS):
            loss, taken = _train(study, train)
            losses.append(loss)
            costs.append(taken / unit)
        done.append(Run(name, arm, seed, losses, costs, time.perf_counter() - start))
    return done


def _best(run: Run, budget: float) -> float:
    done = np.cumsum(run.costs) <= budget
    return float(np.min(np.array(run.losses)[done], initial=np.inf))


def _cheapest(run: Run, good: float) -> float:
    is_good = (np.array(run.losses) <= good) & (np.cumsum(run.costs) <= max(BUDGETS))
    return float(np.min(np.array(run.costs)[is_good], initial=np.inf))


def _told(a: np.ndarray, b: np.ndarray) -> str:
    won, lost = int((a < b).sum()), int((a > b).sum())
    with np.errstate(all="ignore"):
        ratios = (a / b)[(a != b) & np.isfinite(a) & np.isfinite(b)]
    p = stats.binomtest(won, won + lost).pvalue if won + lost else 1.0
    middle = f" x{np.median(ratios):.2f}" if len(ratios) else ""
    return f"{won}-{lost} p={p:.1g}{middle}"


def report(store: Store, names: Sequence[str], arm: str, against: Sequence[str]) -> None:
    runs = store.runs
    labels = [f"budget {b:.0f}" for b in BUDGETS] + ["cheapest good"]
    print(f"\n{', '.join(names)}: {arm} against; won-lost, p, ratio of regrets")
    print(f"{'':10}" + "".join(f"{label:>24}" for label in labels))
    for other in against:
        keys = [k[::2] for k in runs if k[1] == arm and k[0] in names]
        keys = [k for k in keys if (k[0], other, k[1]) in runs]
        if other == arm or not keys:
            continue
        pairs = [(runs[n, arm, s], runs[n, other, s]) for n, s in keys]
        least = [min(min(r.losses) for k, r in runs.items() if k[::2] == key) for key in keys]
        cells = []
        for budget in BUDGETS:
            both = np.array([[_best(a, budget), _best(b, budget)] for a, b in pairs])
            cells.append(_told(*(both - np.array(least)[:, None] + 1e-9).T))
        good = [
            _best(runs[n, "random", s], max(BUDGETS)) if (n, "random", s) in runs else np.nan
            for n, s in keys
        ]
        cheap = [[_cheapest(a, g), _cheapest(b, g)] for (a, b), g in zip(pairs, good, strict=True)]
        cells.append(_told(*np.array(cheap).T))
        print(f"{other:10}" + "".join(f"{cell:>24}" for cell in cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", help="file in which to keep finished runs")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--gp", type=int, default=0, help="seeds of GPSampler")
    parser.add_argument("--problems", default=",".join(TRAINED))
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    store, names = Store(options.store), options.problems.split(",")
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    wanted = []
    for seed, name in product(seeds, names):
        arms = [arm for arm in ARMS if arm != "gp" or seed - seeds[0] < options.gp]
        if any((name, arm, seed) not in store.runs for arm in arms):
            wanted.append((name, seed, arms))
    with ProcessPoolExecutor(options.jobs) as pool:
        for future in [pool.submit(run, *each) for each in wanted]:
            for done in future.result():
                store.add(done)
    print(f"Seeds {seeds[0]} to {seeds[-1]}; of GPSampler {options.gp}")
    for some in (names, *([name] for name in names)):
        report(store, some, "ours", list(ARMS))
    for arm in ARMS:
        taken = [r.seconds / len(r.losses) for k, r in store.runs.items() if k[1] == arm]
        trials = [len(r.losses) for k, r in store.runs.items() if k[1] == arm]
        if taken:
            print(f"{arm:10} {np.median(trials):4.0f} trials, {np.median(taken):.3f} s of each")


if __name__ == "__main__":
    main()
