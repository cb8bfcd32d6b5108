"""How often trials are taken for what they are not, by sampler, size and form of the study.

    python benchmarks/trials/sampling.py [seeds]

Eight functions that no threshold was chosen on (rotated valleys, a noisy sum, steps, two basins,
ranks of a needle, branches, integers and choices, a constant) x samplers x 60 and 200 trials. Each
study is looked at in five forms: as it is; loaded anew, so that its sampler is the default one; as
Optuna's data frame; as that frame's CSV; and as a CSV of another tool, with values and parameters
only. Printed is the share of studies that are called independent, where they are not, or adaptive,
where they are random, with the upper end of a 95 % interval (Clopper-Pearson); and, as a peer, the
rule that stood here before: a Kolmogorov distance above 0.3 at p < 0.001, or a tenth of the values
of a continuous parameter repeated.
"""

from __future__ import annotations

import io
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import optuna
import pandas as pd
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GPSampler,
    NSGAIISampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from scipy import stats

from optuna_hpx import InterleavedSampler, TrialTable
from optuna_hpx.trials.domain import n_possible_values
from optuna_hpx.trials.sampling import sampling_of

Objective = Callable[[optuna.Trial], float]
FORMS = ("study", "loaded", "frame", "csv", "other csv")


def valley(trial: optuna.Trial) -> float:
    x = [trial.suggest_float(f"x{k}", -2, 2) for k in range(4)]
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def noisy_sum(trial: optuna.Trial) -> float:
    x = [trial.suggest_float(f"x{k}", 0, 1) for k in range(8)]
    return sum(x[:3]) + 0.5 * float(np.random.default_rng(trial.number + 17).normal())


def steps(trial: optuna.Trial) -> float:
    x = [trial.suggest_float(f"x{k}", 0, 1) for k in range(3)]
    return float(np.floor(6 * abs(x[0] - 0.7)) + np.floor(3 * x[1]))


def two_basins(trial: optuna.Trial) -> float:
    x, y = trial.suggest_float("x", -4, 4), trial.suggest_float("y", 1e-4, 1, log=True)
    return min((x - 2) ** 2, (x + 2.5) ** 2 + 0.2) + (np.log10(y) + 1) ** 2


def needle(trial: optuna.Trial) -> float:
    x = np.array([trial.suggest_float(f"x{k}", 0, 1) for k in range(5)])
    return -float(np.exp(-20 * ((x - 0.35) ** 2).sum()))


def branches(trial: optuna.Trial) -> float:
    if trial.suggest_categorical("model", ["tree", "net"]) == "tree":
        return abs(trial.suggest_int("depth", 1, 20) - 9) / 9 + trial.suggest_float("frac", 0, 1)
    lr = trial.suggest_float("lr", 1e-5, 1, log=True)
    return abs(np.log10(lr) + 3) + 0.3 * trial.suggest_float("drop", 0, 0.9)


def table(trial: optuna.Trial) -> float:
    width = trial.suggest_int("width", 8, 512, log=True)
    layers, act = trial.suggest_int("layers", 1, 6), trial.suggest_categorical("act", list("rtgs"))
    decay = trial.suggest_float("decay", 0, 0.2, step=0.01)
    return abs(np.log2(width) - 6) + abs(layers - 3) + 0.5 * (act != "g") + 5 * decay


def constant(trial: optuna.Trial) -> float:
    return 0.0 * sum(trial.suggest_float(f"x{k}", 0, 1) for k in range(3))


FUNCTIONS = (valley, noisy_sum, steps, two_basins, needle, branches, table, constant)


class HillClimber(BaseSampler):
    """A sampler without marks: each value near the best trial's, by a tenth of the range."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._random = RandomSampler(seed=seed)

    def infer_relative_search_space(self, study, trial):  # type: ignore[no-untyped-def]
        return {}

    def sample_relative(self, study, trial, search_space):  # type: ignore[no-untyped-def]
        return {}

    def sample_independent(self, study, trial, param_name, param_distribution):  # type: ignore[no-untyped-def]
        from optuna_hpx.trials import domain

        states = (optuna.trial.TrialState.COMPLETE,)
        done = [t for t in study.get_trials(False, states) if param_name in t.params]
        if not done or self._rng.random() < 0.1:
            return self._random.sample_independent(study, trial, param_name, param_distribution)
        value = min(done, key=lambda t: t.value).params[param_name]
        if domain.choices_of(param_distribution):
            return value
        x = np.array([param_distribution.to_internal_repr(value)])
        u = domain.position(param_distribution, x) + 0.1 * self._rng.standard_normal(1)
        drawn = float(domain.value_at(param_distribution, np.clip(u, 0.0, 1.0))[0])
        return param_distribution.to_external_repr(drawn)


def one_by_one(seed: int) -> TPESampler:
    return TPESampler(seed=seed, multivariate=False)


def run(objective: Objective, *parts: tuple[BaseSampler, int]) -> optuna.Study:
    study = optuna.create_study()
    for sampler, n in parts:
        study.sampler = sampler
        study.optimize(objective, n_trials=n)
    return study


Maker = Callable[[Objective, int, int], optuna.Study]
ADAPTIVE: dict[str, Maker] = {
    "TPE": lambda f, n, s: run(f, (TPESampler(seed=s), n)),
    "TPE, one by one": lambda f, n, s: run(f, (one_by_one(s), n)),
    "GP": lambda f, n, s: run(f, (GPSampler(seed=s), n)),
    "CMA-ES": lambda f, n, s: run(f, (CmaEsSampler(seed=s), n)),
    "NSGA-II": lambda f, n, s: run(f, (NSGAIISampler(seed=s, population_size=20), n)),
    "hill climber": lambda f, n, s: run(f, (HillClimber(s), n)),
    "interleaved TPE": lambda f, n, s: run(f, (InterleavedSampler(TPESampler(seed=s), seed=s), n)),
}


def random_first(n_random: int, make: Callable[[int], TPESampler], n: int) -> Maker:
    """Make studies of random trials, and others after them."""
    return lambda f, _, s: run(f, (RandomSampler(seed=s), n_random), (make(s + 1), n))


for first, second in ((50, 150), (100, 50), (150, 50), (200, 100)):
    name = f"random {first}, TPE {second}"
    ADAPTIVE[name] = random_first(first, lambda s: TPESampler(seed=s), second)
    ADAPTIVE[f"{name} one by one"] = random_first(first, one_by_one, second)
RANDOM: dict[str, Maker] = {
    "Random": lambda f, n, s: run(f, (RandomSampler(seed=s), n)),
    "Random, 3 workers, one seed": lambda f, n, s: run(
        f, *[(RandomSampler(seed=s), n // 3) for _ in range(3)]
    ),
    "QMC": lambda f, n, s: run(f, (QMCSampler(seed=s), n)),
}


def forms_of(study: optuna.Study) -> dict[str, optuna.Study | TrialTable]:
    loaded = optuna.create_study()
    loaded.add_trials(study.trials)
    frame = study.trials_dataframe()
    text = frame.to_csv(index=False)
    bare = frame[["value", *[name for name in frame if str(name).startswith("params_")]]]
    other = pd.read_csv(io.StringIO(bare.to_csv(index=False, float_format="%.6g")))
    return {
        "study": study,
        "loaded": loaded,
        "frame": TrialTable.from_frame(frame, value="value"),
        "csv": TrialTable.from_frame(pd.read_csv(io.StringIO(text)), value="value"),
        "other csv": TrialTable.from_frame(other, value="value"),
    }


def former_rule(study: optuna.Study) -> str:
    """Judge by distance and repeats alone."""
    for column in TrialTable.of(study).columns.values():
        u = column.position[np.isfinite(column.position)]
        if min(map(n_possible_values, column.distributions)) == np.inf:
            test = stats.kstest(u, "uniform")
            if (test.statistic > 0.3 and test.pvalue < 1e-3) or len(np.unique(u)) < 0.9 * len(u):
                return "adaptive"
    return "independent"


def upper(k: int, n: int) -> float:
    return 1.0 if k == n else float(stats.beta.ppf(0.975, k + 1, n - k))


def report(makers: dict[str, Maker], wrong: tuple[str, ...], seeds: range) -> None:
    print(f"\ncalled {' or '.join(wrong)}: share of studies (upper end of a 95 % interval)")
    print(f"{'sampler':36}{'n':>4}{'studies':>8}" + "".join(f"{f:>13}" for f in FORMS), end="")
    print(f"{'former rule':>13}  unknown, other csv")
    total: dict[str, list[str]] = defaultdict(list)
    for name, make in makers.items():
        for n in (60, 200) if "0, TPE" not in name else (0,):
            kinds: dict[str, list[str]] = defaultdict(list)
            for function in FUNCTIONS:
                if name == "CMA-ES" and function is branches:
                    continue  # it draws these at random
                if name == "GP" and n > 60:
                    continue  # it marks what it chose, and takes long
                for seed in seeds:
                    study = make(function, n, 1000 + seed)
                    for form, source in forms_of(study).items():
                        kinds[form].append(sampling_of(source).kind)
                    kinds["former"].append(former_rule(study))
            if not kinds:
                continue
            cells = ""
            for form in (*FORMS, "former"):
                total[form] += kinds[form]
                k = sum(kind in wrong for kind in kinds[form])
                cells += f"{k / len(kinds[form]):6.3f} ({upper(k, len(kinds[form])):.2f})"
            unknown = np.mean([kind == "unknown" for kind in kinds["other csv"]])
            print(
                f"{name:36}{n or '':>4}{len(kinds['study']):8}{cells}{unknown:12.2f}", flush=True
            )
    cells = "".join(
        f"{np.mean([kind in wrong for kind in total[form]]):6.3f} "
        f"({upper(sum(kind in wrong for kind in total[form]), len(total[form])):.2f})"
        for form in (*FORMS, "former")
    )
    print(f"{'all':40}{len(total['study']):8}{cells}")


def main() -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
    report(RANDOM, ("adaptive", "mixed"), range(4 * len(seeds)))
    report(ADAPTIVE, ("independent", "even"), seeds)


if __name__ == "__main__":
    main()
