"""What HsicSampler's Gaussian process makes of pruned trials, at equal numbers of training steps.

Arms: "ours"; "worst", pruned trials as bad as the worst complete one; "shuffled", the losses that
the rule gives permuted among the trials that were pruned at one step; "tpe". Each with Optuna's
median, Hyperband and successive-halving pruner. What counts is the best complete trial after so
many full trainings' worth of steps. p is of a sign test, two-sided, not corrected. The rule was
chosen on the families "power", "crossing" and "late" with seeds from 100; the others were tried
with the chosen rule.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np
import optuna
from curve_problems import FAMILIES, N_STEPS
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import TrialState
from scipy import stats

from optuna_hpx import HsicSampler, TrialTable
from optuna_hpx.samplers import _curves

BUDGETS = (10, 20, 40)  # full trainings
CHOSEN_ON = ("power", "crossing", "late")
_MAX_TRIALS = 400

PRUNERS: dict[str, Callable[[], BasePruner]] = {
    "median": lambda: MedianPruner(n_startup_trials=5, n_warmup_steps=2),
    "hyperband": lambda: HyperbandPruner(1, N_STEPS, reduction_factor=3),
    "halving": lambda: SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
}


_losses_of = _curves.losses_of


def _worst(table: TrialTable) -> np.ndarray:
    return np.where(table.states == TrialState.COMPLETE, table.losses[:, 0], np.nan)


def _shuffled(table: TrialTable) -> np.ndarray:
    """The rule's losses, permuted among the trials that were pruned at one step."""
    losses, rng = _losses_of(table), np.random.default_rng(len(table))
    for rows in _curves._pruned_by_step(table).values():
        losses[rows] = losses[rng.permutation(rows)]
    return losses


RULES = {"ours": _losses_of, "worst": _worst, "shuffled": _shuffled}
ARMS = (*RULES, "tpe")


def sampler(arm: str, seed: int) -> BaseSampler:
    """The sampler of an arm; the rule holds until another arm's sampler is made."""
    if arm == "tpe":
        return TPESampler(seed=seed)
    _curves.losses_of = RULES[arm]
    return HsicSampler(seed=seed)


@dataclass
class Run:
    """One study: the best complete loss after each budget, infinite if there was none."""

    family: str
    pruner: str
    arm: str
    seed: int
    best: dict[str, float]
    n_trials: int
    n_pruned: int
    seconds: float

    @property
    def key(self) -> tuple[str, str, str, int]:
        return self.family, self.pruner, self.arm, self.seed


def run(family: str, pruner: str, arm: str, seed: int) -> Run:
    curve, start = FAMILIES[family](seed), time.perf_counter()
    study = optuna.create_study(sampler=sampler(arm, seed), pruner=PRUNERS[pruner]())
    n_used, ended = 0, []

    def objective(trial: optuna.Trial) -> float:
        nonlocal n_used
        loss = float("inf")
        for step, loss in enumerate(curve(trial), start=1):
            n_used += 1
            trial.report(loss, step)
            if step < N_STEPS and trial.should_prune():
                raise optuna.TrialPruned
        ended.append((n_used, loss))
        return loss

    while n_used < BUDGETS[-1] * N_STEPS and len(study.trials) < _MAX_TRIALS:
        study.optimize(objective, n_trials=1)
    best = {
        str(budget): min((x for n, x in ended if n <= budget * N_STEPS), default=float("inf"))
        for budget in BUDGETS
    }
    n = len(study.trials)
    seconds = time.perf_counter() - start
    return Run(family, pruner, arm, seed, best, n, n - len(ended), seconds)


def compare(
    runs: dict[tuple[str, str, str, int], Run], other: str, families: list[str], budget: int
) -> str:
    """Pairs that "ours" won and lost against another arm, and p."""
    won = lost = 0
    for (family, pruner, arm, seed), one in runs.items():
        rival = runs.get((family, pruner, other, seed))
        if arm == "ours" and family in families and rival is not None:
            a, b = one.best[str(budget)], rival.best[str(budget)]
            won, lost = won + (a < b), lost + (a > b)
    if not won + lost:
        return "-"
    return f"{won}-{lost} p={stats.binomtest(won, won + lost).pvalue:.1g}"


def report(runs: dict[tuple[str, str, str, int], Run]) -> None:
    families = [name for name in FAMILIES if any(key[0] == name for key in runs)]
    groups = {
        "chosen on": [name for name in families if name in CHOSEN_ON],
        "others": [name for name in families if name not in CHOSEN_ON],
        **{name: [name] for name in families},
    }
    for name in families:
        part = [one for one in runs.values() if one.family == name and one.arm == "ours"]
        shares = np.mean([one.n_pruned / one.n_trials for one in part])
        print(f"{name}: {len({one.seed for one in part})} seeds, {shares:.0%} of trials pruned")
    for budget in BUDGETS:
        print(f"\nours against, after {budget} trainings' worth of steps: won-lost, p")
        print(f"{'':11}" + "".join(f"{arm:>16}" for arm in ARMS[1:]))
        for label, names in groups.items():
            cells = [compare(runs, other, names, budget) for other in ARMS[1:]]
            print(f"{label:11}" + "".join(f"{cell:>16}" for cell in cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", required=True, help="file of finished runs, to go on with")
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--pruners", default=",".join(PRUNERS))
    parser.add_argument("--arms", default=",".join(ARMS))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=540.0, help="seconds of new runs")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    path, stop = Path(options.store), time.perf_counter() + options.limit
    lines = path.read_text().splitlines() if path.exists() else []
    runs = {one.key: one for one in (Run(**json.loads(line)) for line in lines)}
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    names, pruners, arms = (
        text.split(",") for text in (options.families, options.pruners, options.arms)
    )
    with path.open("a") as file:
        for seed, family, pruner, arm in product(seeds, names, pruners, arms):
            if (family, pruner, arm, seed) in runs or time.perf_counter() > stop:
                continue
            done = run(family, pruner, arm, seed)
            runs[done.key] = done
            file.write(json.dumps(asdict(done)) + "\n")
            file.flush()
    report(runs)


if __name__ == "__main__":
    main()
