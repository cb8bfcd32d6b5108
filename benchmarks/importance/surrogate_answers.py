"""Whether what ``ablation_path`` and ``marginal_effect`` say of a surrogate is true.

    python benchmarks/importance/surrogate_answers.py  # an hour; --seeds 2: half

Problems on which no constant was chosen, with exact answers: smooth and wavy ones on the unit
cube, mixed types, branches. Random search and TPE, without noise and with noise of 0.3 standard
deviations of the objective, 60 and 150 trials. Even seeds start from a random configuration, as a
default is one; odd ones from the median trial.

Paths: how often the interval of a step, of a Shapley value and of the whole way holds the true
one; how often it excludes 0, and how often the sign is wrong then; and root mean square errors of
steps and Shapley values, in standard deviations of the objective: ours, a random forest (as
DeepCAVE and fANOVA use) asked at the same points, and ours taught shuffled values (never refused
here). Effects: how often the band holds the whole curve, and how often a sentence is said, and
false: it calls a value worse that is the best, or says that lower (higher) is better where the
curve goes back by over 2 % of its range. Refused are studies from which the objective cannot be
predicted.
"""

from __future__ import annotations

import argparse
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import optuna
from cases import draw
from problems import PROBLEMS, Problem, Values, _cube
from sklearn.ensemble import RandomForestRegressor

from optuna_hpx import MarginalEffect, NoSurrogateError, TrialTable, ablation_path, marginal_effect
from optuna_hpx.importance._changes import Changes
from optuna_hpx.importance._configurations import configuration_of, values_of
from optuna_hpx.importance._landscape import Landscape
from optuna_hpx.importance._space import encode
from optuna_hpx.importance._surrogate import Surrogate
from optuna_hpx.importance.maths.ablation import shapley
from optuna_hpx.trials.table import Column

HELD = (
    *("branin", "ishigami", "rastrigin", "decisive choice", "training", "models", "numeric gate"),
    *("friedman", "g-function"),
)
_N_TRUTH = 4000


def problem_of(name: str) -> Problem:
    return PROBLEMS[name] if name in PROBLEMS else _cube(name)


@cache
def spread(name: str) -> float:
    """Standard deviation of the objective over the space."""
    problem = problem_of(name)
    u = np.random.default_rng(1).random((_N_TRUTH, len(problem.dists)))
    return float(problem.loss(**problem.sample(u)).std())


def table_of(name: str, sampler: str, noise: float, n: int, seed: int) -> TrialTable:
    problem, rng = problem_of(name), np.random.default_rng(seed)
    samplers = {
        "random": optuna.samplers.RandomSampler(seed=seed),
        "TPE": optuna.samplers.TPESampler(seed=seed),
    }
    study = optuna.create_study(sampler=samplers[sampler])
    scale = noise * spread(name)
    study.optimize(lambda trial: problem.objective(trial) + scale * rng.normal(), n_trials=n)
    return TrialTable.from_study(study)


def truth(problem: Problem, points: dict[str, Column]) -> np.ndarray:
    """Losses without noise at points; all parameters of the problem have a column."""
    n = len(next(iter(points.values())).values)
    values = {
        name: points[name].values if name in points else np.full(n, np.nan)
        for name in problem.dists
    }
    return problem.loss(**values)


def random_configuration(problem: Problem, seed: int) -> dict[str, object]:
    u = np.random.default_rng(seed + 5000).random((1, len(problem.dists)))
    return {
        name: problem.dists[name].to_external_repr(x[0])
        for name, x in problem.sample(u).items()
        if not np.isnan(x[0])
    }


@dataclass
class Tally:
    """Sums over studies."""

    held: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, key: str, values: object) -> None:
        self.held[key] += np.ravel(np.asarray(values, dtype=float)).tolist()

    def mean(self, key: str) -> str:
        values = self.held[key]
        if not values:
            return "     –"
        return f"{np.mean(values):6.3f}"

    def root(self, key: str) -> str:
        values = self.held[key]
        return f"{np.sqrt(np.mean(np.square(values))):6.3f}" if values else "     –"


def assess_path(name: str, table: TrialTable, seed: int, tally: Tally) -> None:
    problem, sd = problem_of(name), spread(name)
    baseline = random_configuration(problem, seed) if seed % 2 == 0 else "median"
    try:
        path = ablation_path(table, baseline, seed=seed)
    except NoSurrogateError:
        tally.add("refused", 1.0)
        return
    except ValueError:  # a random default with a branch or a value that no trial had
        tally.add("impossible", 1.0)
        return
    tally.add("refused", 0.0)
    landscape = Landscape.of(table, 0.95, seed)
    trials = landscape.table.columns
    rows = np.flatnonzero(table.complete)[np.argsort(table.losses[table.complete, 0])]
    start = baseline if isinstance(baseline, dict) else values_of(table, rows[len(rows) // 2])
    ends = [
        configuration_of("end", end, landscape.table) for end in (start, values_of(table, rows[0]))
    ]
    rng = np.random.default_rng(seed)
    changes = Changes.of(trials, ends[0], ends[1], int(rng.integers(2**31)))
    order = np.array([changes.names.index(change.name) for change in path.changes])
    rank = np.argsort(order)
    along = changes.points(rank < np.arange(len(order) + 1)[:, None])
    rule = shapley(len(order), 100, 12, np.random.default_rng(0))
    sets = changes.points(rule.sets)
    steps = -np.diff(truth(problem, along))
    values = -rule.values(truth(problem, sets))[order]
    tiny = 1e-9 * sd
    for key, low, high, exact in (
        ("step", path.ci_low, path.ci_high, steps),
        ("shapley", path.shapley_low, path.shapley_high, values),
        ("total", path.total[1], path.total[2], steps.sum()),
    ):
        low, high, exact = np.atleast_1d(low), np.atleast_1d(high), np.atleast_1d(exact)
        tally.add(f"{key} held", (low <= exact + tiny) & (exact <= high + tiny))
        is_sure = (low > 0.0) | (high < 0.0)
        tally.add(f"{key} sure", is_sure)
        tally.add(f"{key} wrong", (np.sign(low + high) != np.sign(exact))[is_sure])
        tally.add(f"{key} width", (high - low) / sd)
    tally.add("ours step", (path.improvements - steps) / sd)
    tally.add("ours shapley", (path.shapley - values) / sd)
    losses = landscape.table.losses[:, 0]
    forest = RandomForestRegressor(100, random_state=seed).fit(encode(trials, trials), losses)
    shuffled = Surrogate.of(
        landscape.table, np.arange(len(losses)), rng.permutation(losses), np.random.default_rng(0)
    )
    for peer, predict in (
        ("forest", lambda points: forest.predict(encode(points, trials))),
        ("shuffled", shuffled.predict),
    ):
        tally.add(f"{peer} step", (-np.diff(predict(along)) - steps) / sd)
        tally.add(f"{peer} shapley", (-rule.values(predict(sets))[order] - values) / sd)


def pinned(problem: Problem, name: str, value: float, u: np.ndarray) -> Values:
    """Values from uniform ``u`` (n, d), one parameter fixed where it is active."""
    values: Values = {}
    for (other, dist), column in zip(problem.dists.items(), u.T, strict=True):
        values[other] = np.full(len(u), value) if other == name else draw(dist, column)
        if other in problem.active:
            values[other] = np.where(problem.active[other](values), values[other], np.nan)
    return values


def exact_effect(problem: Problem, name: str, values: tuple[object, ...]) -> np.ndarray:
    u = np.random.default_rng(2).random((_N_TRUTH, len(problem.dists)))
    dist, means = problem.dists[name], []
    for value in values:
        at = pinned(problem, name, dist.to_internal_repr(value), u)
        is_active = ~np.isnan(at[name])
        means.append(problem.loss(**{key: x[is_active] for key, x in at.items()}).mean())
    return np.array(means)


def assess_effects(name: str, table: TrialTable, seed: int, tally: Tally) -> None:
    problem = problem_of(name)
    for parameter in problem.dists:
        if parameter not in table.columns:
            continue
        try:
            effect = marginal_effect(table, parameter, seed=seed)
        except NoSurrogateError:
            return
        exact = exact_effect(problem, parameter, effect.values)
        curve, tiny = exact - exact.mean(), 1e-9 * spread(name)
        is_held = (effect.ci_low <= curve + tiny) & (curve <= effect.ci_high + tiny)
        tally.add("band held", is_held.all())
        tally.add("band width", np.mean(effect.ci_high - effect.ci_low) / spread(name))
        kind = next(
            (
                word
                for word in ("No value", "Lower", "Higher", "Around", "best values")
                if word in effect.in_words
            ),
            "other",
        )
        tally.add(f"said {kind}", is_false(effect, exact, kind))
        tally.add("said", float(kind != "No value"))
        if kind != "No value":
            tally.add("said false", is_false(effect, exact, kind))


def is_false(effect: MarginalEffect, exact: np.ndarray, kind: str) -> bool:
    best = np.flatnonzero(exact <= exact.min() + 1e-9 * max(np.ptp(exact), 1e-12))
    if not effect.may_be_best[best].any():
        return True
    if kind not in ("Lower", "Higher"):
        return False
    may_be = np.flatnonzero(effect.may_be_best)
    claimed = exact[may_be[-1] :] if kind == "Lower" else exact[: may_be[0] + 1][::-1]
    return bool((np.maximum.accumulate(claimed) - claimed).max() > 0.02 * np.ptp(exact))


def row(label: str, tally: Tally) -> None:
    cells = [
        *(tally.mean(key) for key in ("refused", "step held", "shapley held", "total held")),
        *(tally.mean(key) for key in ("step sure", "step wrong", "shapley sure", "shapley wrong")),
        *(tally.root(f"{who} step") for who in ("ours", "forest", "shuffled")),
        *(tally.root(f"{who} shapley") for who in ("ours", "forest", "shuffled")),
        *(tally.mean(key) for key in ("band held", "said", "said false")),
    ]
    print(f"{label:22}" + "".join(f"{cell:>8}" for cell in cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--problems", nargs="*", default=HELD)
    parser.add_argument("--trials", type=int, nargs="*", default=[60, 150])
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    heads = (
        "refused", "step", "Shapley", "total", "sure", "wrong", "sureSh", "wrongSh",
        "ours", "forest", "shuffl", "oursSh", "forestSh", "shufflSh", "band", "said", "false",
    )  # fmt: skip
    print(f"{'':22}" + "".join(f"{head:>8}" for head in heads))
    groups: dict[str, Tally] = defaultdict(Tally)
    for name in args.problems:
        for sampler in ("random", "TPE"):
            for noise in (0.0, 0.3):
                for n in args.trials:
                    for seed in range(args.seeds):
                        table = table_of(name, sampler, noise, n, seed)
                        one = Tally()
                        assess_path(name, table, seed, one)
                        assess_effects(name, table, seed, one)
                        for label in (name, f"{sampler}, noise {noise:g}", f"{n} trials", "all"):
                            for key, values in one.held.items():
                                groups[label].add(key, values)
        row(name, groups[name])
    for label, tally in groups.items():
        if label not in args.problems:
            row(label, tally)
    print("\nSentences on effects: how many, and which share is false")
    for key, values in sorted(groups["all"].held.items()):
        if key.startswith("said ") and key != "said false":
            print(f"  {key[5:]:14}{len(values):6}{np.mean(values):8.3f}")
    n_steps = len(groups["all"].held["step held"])
    print(f"{n_steps} steps; {len(groups['all'].held['impossible'])} defaults lay in no branch")


if __name__ == "__main__":
    main()
