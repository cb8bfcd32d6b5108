"""HsicSampler with cost beside Optuna's samplers and its own ablations, over equal training time.

On the tables time is the sum of the trained configurations' seconds, in units of the mean of the
whole table. A study's regret is the share of the table that is strictly better than the best it
trained in full within the budget. "cheapest good" is the training time of the cheapest
configuration that it found within the best 1 % of the table, in multiples of TPE's. "surrogate" is
the sampler as it is by default; the others have no Gaussian process, "cost only" has no screening
either, "shuffled" has the activities of other parameters. With --real a network is trained on
scikit-learn's digits, and time is the clock's.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product

import numpy as np
import optuna
from hsic_sampler import Shuffled
from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial
from sampler_problems import DEVELOPMENT, HELD_OUT, NETWORKS, Run, Store, from_table
from scipy import stats

from optuna_hpx import HsicSampler
from optuna_hpx.samplers._evidence import Evidence

BUDGETS = (15.0, 30.0, 60.0)
_GOOD = 0.01
_MAX_TRIALS = 200
_REAL_SECONDS = 10.0


class CostOnly(HsicSampler):
    """No screening."""

    def _activity(self, evidence: Evidence) -> np.ndarray:
        return np.ones(len(evidence.space))


def _cost(trial: FrozenTrial) -> float:
    return float(trial.user_attrs["cost"])


ARMS: dict[str, Callable[[int], BaseSampler]] = {
    "tpe": lambda seed: TPESampler(seed=seed),
    "hsic": lambda seed: HsicSampler(surrogate=False, seed=seed, cost=_cost),
    "surrogate": lambda seed: HsicSampler(seed=seed, cost=_cost),
    "cost only": lambda seed: CostOnly(surrogate=False, seed=seed, cost=_cost),
    "shuffled": lambda seed: Shuffled(surrogate=False, seed=seed, cost=_cost),
    "no cost": lambda seed: HsicSampler(surrogate=False, seed=seed),
    "random": lambda seed: RandomSampler(seed=seed),
    "cma": lambda seed: CmaEsSampler(seed=seed, warn_independent_sampling=False),
    "gp": lambda seed: GPSampler(seed=seed),
    "weight 0.5": lambda seed: HsicSampler(
        surrogate=False, seed=seed, cost=_cost, cost_weight=0.5
    ),
    "weight 2": lambda seed: HsicSampler(surrogate=False, seed=seed, cost=_cost, cost_weight=2.0),
    "weight 4": lambda seed: HsicSampler(surrogate=False, seed=seed, cost=_cost, cost_weight=4.0),
}
MAIN = ("tpe", "hsic", "surrogate", "cost only", "shuffled", "random")


def run(name: str, arm: str, seed: int) -> Run:
    """Until the largest budget is spent, or after 200 trials."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    suggest = from_table(name).suggest
    study = optuna.create_study(sampler=ARMS[arm](seed))
    costs: list[float] = []
    start = time.perf_counter()
    while len(costs) < _MAX_TRIALS and sum(costs) < max(BUDGETS):
        trial = study.ask()
        loss, cost = suggest(trial)
        trial.set_user_attr("cost", cost)
        study.tell(trial, loss)
        costs.append(cost)
    losses = [trial.values[0] for trial in study.trials]
    return Run(name, arm, seed, losses, costs, time.perf_counter() - start)


def regret(found: Run, budget: float) -> float:
    done = np.cumsum(found.costs) <= budget
    return float(np.min(np.array(found.losses)[done], initial=1.0))


def cheapest_good(found: Run) -> float:
    """Infinite if it found none."""
    done = np.cumsum(found.costs) <= max(BUDGETS)
    is_good = (np.array(found.losses) < _GOOD) & done
    return float(np.min(np.array(found.costs)[is_good], initial=np.inf))


def _won(a: np.ndarray, b: np.ndarray) -> str:
    """Pairs won to lost, p, and the median ratio of those that differ."""
    log = np.log(a) - np.log(b)
    log = log[np.isfinite(log)]
    p = stats.wilcoxon(log).pvalue if log.any() else 1.0
    return f"{np.sum(log < 0)}-{np.sum(log > 0)} p={p:.1g} x{np.exp(np.median(log)):.2f}"


def tables(store: Store, names: Sequence[str], seeds: Sequence[int], arms: Sequence[str]) -> None:
    print(
        f"\nRegret, geometric mean over tables of medians; {len(seeds)} seeds, {len(names)} tables"
    )
    print(f"{'':12}" + "".join(f"{f'budget {b:.0f}':>12}" for b in BUDGETS), end="")
    print(f"{'found good':>12}{'cheapest':>12}{'trials':>8}{'seconds':>9}")
    for arm in arms:
        runs = {k: r for k, r in store.runs.items() if k[1] == arm and k[2] in seeds}
        if not runs:
            continue
        cells = []
        for budget in BUDGETS:
            medians = [
                np.median([regret(r, budget) for k, r in runs.items() if k[0] == name])
                for name in names
            ]
            cells.append(f"{np.exp(np.mean(np.log(np.maximum(medians, 1e-5)))):12.3%}")
        pairs = [
            (cheapest_good(r), cheapest_good(store.runs[k[0], "tpe", k[2]]))
            for k, r in runs.items()
        ]
        ratios = [a / b for a, b in pairs if np.isfinite(a) and np.isfinite(b)]
        good = np.mean([np.isfinite(a) for a, _ in pairs])
        trials = np.median([len(r.losses) for r in runs.values()])
        seconds = np.median([r.seconds / len(r.losses) for r in runs.values()])
        print(f"{arm:12}" + "".join(cells), end="")
        print(f"{good:12.0%}{np.median(ratios):12.2f}{trials:8.0f}{seconds:9.4f}")


def contrasts(store: Store, names: Sequence[str], seeds: Sequence[int]) -> None:
    print("\nPairs of table and seed won to lost, p of Wilcoxon's test, median ratio of regrets")
    labels = [f"budget {b:.0f}" for b in BUDGETS] + ["cheapest good"]
    print(f"{'':22}" + "".join(f"{label:>24}" for label in labels))
    for arm, other in [
        ("hsic", "tpe"),
        ("surrogate", "tpe"),
        ("surrogate", "hsic"),
        ("surrogate", "gp"),
        ("cost only", "tpe"),
        ("hsic", "cost only"),
        ("hsic", "shuffled"),
        ("hsic", "no cost"),
        ("hsic", "random"),
        ("hsic", "gp"),
        ("hsic", "cma"),
    ]:
        keys = [
            (name, seed)
            for name, seed in product(names, seeds)
            if {(name, arm, seed), (name, other, seed)} <= store.runs.keys()
        ]
        if not keys:
            continue
        runs = [(store.runs[n, arm, s], store.runs[n, other, s]) for n, s in keys]
        cells = []
        for budget in BUDGETS:
            pairs = np.array([[regret(a, budget), regret(b, budget)] for a, b in runs])
            cells.append(_won(*np.maximum(pairs, 1e-5).T))
        cheapest = np.array([[cheapest_good(a), cheapest_good(b)] for a, b in runs])
        cells.append(_won(*cheapest[np.isfinite(cheapest).all(axis=1)].T))
        print(f"{arm + ' - ' + other:22}" + "".join(f"{cell:>24}" for cell in cells))


def _digits(trial: optuna.Trial) -> float:
    """Error of a network on digits it was not trained on."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier

    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x / 16.0, y, random_state=0, test_size=0.6)
    width = trial.suggest_int("width", 4, 256, log=True)
    model = MLPClassifier(
        hidden_layer_sizes=(width,) * trial.suggest_int("depth", 1, 3),
        learning_rate_init=trial.suggest_float("lr", 1e-5, 1e-1, log=True),
        batch_size=trial.suggest_int("batch", 8, 256, log=True),
        alpha=trial.suggest_float("alpha", 1e-7, 1.0, log=True),
        activation=trial.suggest_categorical("activation", ["relu", "tanh", "logistic"]),
        beta_1=trial.suggest_float("beta_1", 0.5, 0.99),
        max_iter=trial.suggest_int("epochs", 1, 20, log=True),
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x_train, y_train)
    p = np.clip(model.predict_proba(x_test)[np.arange(len(y_test)), y_test], 1e-12, None)
    return float(-np.log(p).mean())


def real(seeds: Sequence[int]) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    samplers: dict[str, Callable[[int], BaseSampler]] = {
        "tpe": lambda seed: TPESampler(seed=seed),
        "hsic": lambda seed: HsicSampler(surrogate=False, seed=seed, cost="duration"),
        "surrogate": lambda seed: HsicSampler(seed=seed, cost="duration"),
        "cost only": lambda seed: CostOnly(surrogate=False, seed=seed, cost="duration"),
        "random": lambda seed: RandomSampler(seed=seed),
    }
    best: dict[str, list[float]] = {arm: [] for arm in samplers}
    trials: dict[str, list[int]] = {arm: [] for arm in samplers}
    for seed in seeds:
        for arm, make in samplers.items():
            study = optuna.create_study(sampler=make(seed))
            study.optimize(_digits, timeout=_REAL_SECONDS)
            best[arm].append(study.best_value)
            trials[arm].append(len(study.trials))
    print(f"\nDigits, {_REAL_SECONDS:.0f} seconds of the clock, {len(seeds)} seeds: log loss")
    for arm in samplers:
        low, middle, high = np.quantile(best[arm], [0.25, 0.5, 0.75])
        against = _won(np.array(best[arm]), np.array(best["tpe"])) if arm != "tpe" else ""
        n = np.median(trials[arm])
        print(f"  {arm:10} {middle:.4f} [{low:.4f}, {high:.4f}] {n:5.0f} trials   {against}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--few", type=int, default=6, help="seeds of the other arms")
    parser.add_argument("--gp", type=int, default=0, help="seeds of GPSampler")
    parser.add_argument("--arms", default=",".join(MAIN), help="those with all seeds")
    parser.add_argument("--held-out", action="store_true", help="the tables kept for the end")
    parser.add_argument("--networks", action="store_true", help="three other tables, for the end")
    parser.add_argument("--real", type=int, default=0, help="seeds of the real training")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--store", help="file in which to keep finished runs")
    arguments = parser.parse_args()
    store, first = Store(arguments.store), arguments.first_seed
    seeds = range(first, first + arguments.seeds)
    names = [*(HELD_OUT if arguments.held_out else ()), *(NETWORKS if arguments.networks else ())]
    names = names or list(DEVELOPMENT)
    main_arms = arguments.arms.split(",")
    others = [arm for arm in ARMS if arm not in MAIN and arm != "gp"]
    wanted = [(name, arm, seed) for seed, name, arm in product(seeds, names, main_arms)]
    wanted += [(n, arm, s) for s, n, arm in product(seeds[: arguments.few], names, others)]
    wanted += [(name, "gp", seed) for seed, name in product(seeds[: arguments.gp], names)]
    missing = [each for each in wanted if each not in store.runs]
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for done in pool.map(run, *zip(*missing, strict=True)) if missing else ():
            store.add(done)
    tables(store, names, seeds, list(ARMS))
    contrasts(store, names, seeds)
    if arguments.real:
        real(range(first, first + arguments.real))


if __name__ == "__main__":
    main()
