"""What matters in the search space, from trials that an adaptive sampler chose.

    python benchmarks/importance/ped_anova_adaptive.py  # an hour; --seeds, --few, --gp: fewer

Functions to which nothing of the surrogate was fitted (``HELD`` in problems.py; ``--design``: the
others) are optimised by each sampler with its defaults, 200 trials each. Errors are L1 distances
(0 to 2) between normalised importances and the exact ones for the best 10 % of the uniform space:
median over seeds, and quartiles. CMA-ES and GP need ``cmaes`` and ``torch``. Studies are kept for
the next run.

"auto" is what a user gets: virtual trials, or, where the surrogate is refused, the trials as they
are. "taken" counts the studies in which it is not refused; of these, "held" is the share of 95 %
intervals that hold the exact S, "sure" counts those in which a parameter is the first with a
probability of .9, and "wrong" those of them in which it is not (by more than .01). "trials" is
ours on the trials as they are, "shuffled" is virtual trials of values permuted among the trials.
"GP" and "trees" are virtual trials by one of the two models. The others are Optuna's: PED-ANOVA
(local, global), mean decrease impurity, fANOVA; of a conditional space the last two see only what
all trials have.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution
from optuna.importance import (
    BaseImportanceEvaluator,
    FanovaImportanceEvaluator,
    MeanDecreaseImpurityImportanceEvaluator,
)
from optuna.importance import PedAnovaImportanceEvaluator as OptunaPedAnova
from problems import DESIGN, HELD, PROBLEMS, QUANTILE, Problem, exact

from optuna_hpx import ImportanceReport, PedAnovaImportanceEvaluator, TrialTable
from optuna_hpx.importance import _virtual_trials
from optuna_hpx.importance.maths import shares_of_space

N_TRIALS = 200
STUDIES = Path(tempfile.gettempdir()) / "ped_anova_adaptive"

SAMPLERS: dict[str, Callable[[int], optuna.samplers.BaseSampler]] = {
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "TPE": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "TPE one by one": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=False),
    "NSGA-II": lambda seed: optuna.samplers.NSGAIISampler(seed=seed),
    "CMA-ES": lambda seed: optuna.samplers.CmaEsSampler(seed=seed),
    "GP": lambda seed: optuna.samplers.GPSampler(seed=seed),
}


def supports(sampler: str, problem: Problem) -> bool:
    """CMA-ES draws categorical and conditional parameters at random: not a test of anything."""
    is_numeric = not any(isinstance(d, CategoricalDistribution) for d in problem.dists.values())
    return sampler != "CMA-ES" or (is_numeric and not problem.active)


@dataclass(frozen=True)
class Studies:
    """The first ``n`` trials of studies, which are kept in a folder."""

    folder: Path
    n: int

    def get(self, problem: Problem, sampler: str, seed: int) -> optuna.Study:
        """The study, from the folder if it has been there before."""
        path = self.folder / f"{problem.name}-{sampler}-{seed}.pickle".replace(" ", "_")
        study = optuna.create_study(sampler=SAMPLERS[sampler](seed))
        if path.exists():
            study.add_trials(pickle.loads(path.read_bytes())[: self.n])
            return study
        study.optimize(problem.objective, n_trials=N_TRIALS)
        self.folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(study.trials))
        return self.get(problem, sampler, seed)


Estimate = dict[str, float]


AS_THEY_ARE = PedAnovaImportanceEvaluator(
    target_quantile=QUANTILE, space="trials", sampling="independent"
)
BY_SURROGATE = PedAnovaImportanceEvaluator(
    target_quantile=QUANTILE, space="uniform", sampling="adaptive", seed=0
)


def trials(study: optuna.Study) -> Estimate:
    return AS_THEY_ARE.evaluate(study)


def _virtual(study: optuna.Study, order: np.ndarray | None = None) -> tuple[Estimate, float]:
    table = TrialTable.from_study(study)
    rows = np.arange(len(table))
    losses = table.losses if order is None else table.losses[order]
    virtual = _virtual_trials.virtual_trials(table, rows, losses, np.random.default_rng(0))
    return AS_THEY_ARE.evaluate(virtual.table), virtual.skill


def uniform(study: optuna.Study) -> Estimate:
    return _virtual(study)[0]


def _alone(model: int) -> Callable[[optuna.Study], Estimate]:
    def estimate(study: optuna.Study) -> Estimate:
        with patch.object(shares_of_space, "stack", lambda *_: np.eye(2)[model]):
            return uniform(study)

    return estimate


def shuffled(study: optuna.Study) -> Estimate:
    return _virtual(study, np.random.default_rng(1).permutation(len(study.trials)))[0]


def _optunas(evaluator: Callable[[], BaseImportanceEvaluator]) -> Callable[..., Estimate]:
    return lambda study: {k: float(v) for k, v in evaluator().evaluate(study).items()}


METHODS: dict[str, Callable[[optuna.Study], Estimate]] = {
    "trials": trials,
    "opt local": _optunas(lambda: OptunaPedAnova(target_quantile=QUANTILE)),
    "opt global": _optunas(
        lambda: OptunaPedAnova(target_quantile=QUANTILE, evaluate_on_local=False)
    ),
    "MDI": _optunas(lambda: MeanDecreaseImpurityImportanceEvaluator(seed=0)),
}
SLOW_METHODS: dict[str, Callable[[optuna.Study], Estimate]] = {
    "fANOVA": _optunas(lambda: FanovaImportanceEvaluator(seed=0)),
    "GP": _alone(0),
    "trees": _alone(1),
    "shuffled": shuffled,
}


def error(problem: Problem, estimate: Estimate) -> float:
    """L1 distance of the normalised importances; a parameter that is not assessed has none."""
    s = np.array([estimate.get(name, 0.0) for name in problem.dists])
    normalised = s / s.sum() if s.sum() > 0 else np.full(len(s), 1.0 / len(s))
    truth = exact(problem.name)
    return float(np.abs(normalised - truth / truth.sum()).sum())


def _cell(errors: list[float]) -> str:
    if not errors:
        return "–"
    low, median, high = np.quantile(errors, [0.25, 0.5, 0.75])
    return f"{median:6.2f} ({low:.2f}-{high:.2f})"


@dataclass
class Claims:
    """What reports of one problem and sampler claimed, and whether it was true."""

    n: int = 0
    taken: int = 0
    held: list[bool] = field(default_factory=list)
    sure: int = 0
    wrong: int = 0

    def add(self, report: ImportanceReport, problem: Problem) -> None:
        self.n += 1
        if report.space != "uniform":
            return
        self.taken += 1
        of = dict(zip(problem.dists, exact(problem.name), strict=True))
        truth = np.array([of[name] for name in report.names])
        low, high = report.ci_low - 1e-3, report.ci_high + 1e-3  # the error of the exact ones
        self.held += ((low <= truth) & (truth <= high)).tolist()
        first = report.first_probability.argmax()
        if report.first_probability[first] >= 0.9:
            self.sure += 1
            self.wrong += bool(truth[first] < truth.max() - 0.01)

    def join(self, other: Claims) -> None:
        self.n, self.taken = self.n + other.n, self.taken + other.taken
        self.held += other.held
        self.sure, self.wrong = self.sure + other.sure, self.wrong + other.wrong

    def __str__(self) -> str:
        held = f"{np.mean(self.held):6.2f}" if self.held else "     –"
        return f"{self.n:4}{self.taken:6}{held}{self.sure:5}{self.wrong:6}"


def table(names: Sequence[str], samplers: dict[str, range], few: int, studies: Studies) -> None:
    methods = ["auto", *METHODS, *SLOW_METHODS]
    print(f"{'':33}n taken  held sure wrong" + "".join(f"{name:>19}" for name in methods))
    medians: dict[str, list[list[float]]] = {sampler: [] for sampler in samplers}
    totals = {sampler: Claims() for sampler in samplers}
    for problem in map(PROBLEMS.__getitem__, names):
        for sampler, seeds in samplers.items():
            if not supports(sampler, problem):
                continue
            errors: dict[str, list[float]] = {name: [] for name in methods}
            claims = Claims()
            for seed in seeds:
                study = studies.get(problem, sampler, seed)
                report = BY_SURROGATE.report(study)
                claims.add(report, problem)
                estimate = dict(zip(report.names, report.importances.tolist(), strict=True))
                errors["auto"].append(error(problem, estimate))
                for name, method in (METHODS | (SLOW_METHODS if seed < few else {})).items():
                    errors[name].append(error(problem, method(study)))
            row = "".join(f"{_cell(e):>19}" for e in errors.values())
            print(f"{problem.name:15}{sampler:15}{claims}{row}", flush=True)
            medians[sampler].append(
                [float(np.median(e)) if e else np.nan for e in errors.values()]
            )
            totals[sampler].join(claims)
    for sampler, rows in medians.items():
        row = "".join(f"{median:>19.2f}" for median in np.nanmedian(rows, axis=0))
        print(f"{'median, total':15}{sampler:15}{totals[sampler]}{row}")
    total = Claims()
    for one in totals.values():
        total.join(one)
    print(f"{'total':30}{total}")


def what_skill_says(seeds: range, studies: Studies) -> None:
    """Errors by skill, over all problems, from the first trials of a study and with noise."""
    found = []
    for problem in PROBLEMS.values():
        for seed in seeds:
            rng = np.random.default_rng(seed)
            study = studies.get(problem, "TPE" if seed % 2 else "random", seed)
            n, noise = int(rng.choice([15, 30, 60, 120, 200])), rng.choice([0.0, 0.5, 1.0, 3.0])
            whole = TrialTable.from_study(study)
            spread = float(np.subtract(*np.quantile(whole.losses, [0.75, 0.25])))
            losses = whole.losses[:n] + noise * spread * rng.standard_normal((n, 1))
            part = replace(whole.take(np.arange(n)), losses=losses)
            virtual = _virtual_trials.virtual_trials(part, np.arange(n), losses, rng)
            errors = [error(problem, AS_THEY_ARE.evaluate(t)) for t in (virtual.table, part)]
            found.append([virtual.skill, *errors])
    print("\nBy skill: 15 to 200 trials of TPE or random search, noise of 0 to 3 times their IQR")
    print(f"{'skill':>12}{'studies':>9}{'uniform':>19}{'trials':>19}")
    results = np.array(found)
    for low in (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9):
        high = {0.0: 0.2, 0.2: 0.4, 0.4: 0.6}.get(low, low + 0.1)
        rows = results[(results[:, 0] >= low) & (results[:, 0] < high + 1e-9)]
        if len(rows):
            cells = "".join(f"{_cell(list(rows[:, k])):>19}" for k in (1, 2))
            print(f"{low:6.1f} -{high:4.1f}{len(rows):9}{cells}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--few", type=int, default=5, help="seeds for fANOVA and the ablations")
    parser.add_argument("--gp", type=int, default=1, help="seeds for GP: two minutes each")
    parser.add_argument("--trials", type=int, default=N_TRIALS, help="only the first ones")
    parser.add_argument("--design", action="store_true", help="the functions of design")
    parser.add_argument("--skill", action="store_true", help="what the skill says of errors, too")
    parser.add_argument("--studies", type=Path, default=STUDIES, metavar="DIR")
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    studies = Studies(args.studies, args.trials)
    print(f"n = {args.trials}; fANOVA and what follows it: seeds 0..{args.few - 1}")
    samplers = {name: range(args.gp if name == "GP" else args.seeds) for name in SAMPLERS}
    names = DESIGN if args.design else HELD
    chosen = {name: seeds for name, seeds in samplers.items() if seeds}
    table(names, chosen, args.few, studies)
    if args.skill:
        what_skill_says(range(args.seeds), Studies(args.studies, N_TRIALS))


if __name__ == "__main__":
    main()
