"""Whether what ``ablation_path`` and ``marginal_effect`` say of a surrogate is true.

    python benchmarks/importance/surrogate_answers.py  # hours; --seeds 1: half
    python benchmarks/importance/surrogate_answers.py --samplers GP --trials 60 --seeds 1

Problems on which no constant was chosen, with exact answers: smooth and wavy ones on the unit
cube, mixed types, branches. Random search, TPE, NSGA-II, a hill climber that leaves no marks, and
random search with TPE after it; 60, 100 and 200 trials. Each study once without noise, started
from a random configuration, as a default is one; and once with noise of 0.3 standard deviations of
the objective, started from the median trial.

Paths: how often the interval of a step, of a Shapley value and of the whole way holds the true
one; how often it excludes 0, and how often the sign is wrong then; and root mean square errors of
steps and Shapley values, in standard deviations of the objective: ours, a random forest (as
DeepCAVE and fANOVA use) asked at the same points, and ours taught shuffled values (never refused
here). Effects: how often the band holds the whole curve. Refused are studies from which the
objective cannot be predicted; "not there" are starts that are refused though they can exist.

Sentences: every claim of what the page says of the path and of the effects is judged by the
meaning of its kind (``AnswerKind`` in ``optuna_hpx/importance/section/kinds.py``). Standard errors
are between studies; the bound is the upper end of a one-sided 95 % interval.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from pathlib import Path

import numpy as np
import optuna
from cases import draw
from problems import PROBLEMS, Problem, Values, _cube
from sklearn.ensemble import RandomForestRegressor

from optuna_hpx import (
    AblationPath,
    NoSurrogateError,
    TrialTable,
    ablation_path,
    marginal_effect,
)
from optuna_hpx.canvas.claims import Claim
from optuna_hpx.importance._changes import Changes
from optuna_hpx.importance._configurations import configuration_of, values_of
from optuna_hpx.importance._landscape import Landscape
from optuna_hpx.importance._space import encode
from optuna_hpx.importance._surrogate import Surrogate
from optuna_hpx.importance.maths.ablation import shapley
from optuna_hpx.importance.section.effect_words import effect_sentence
from optuna_hpx.importance.section.kinds import AnswerKind
from optuna_hpx.importance.section.path import path_sentences
from optuna_hpx.trials.table import Column

sys.path.append(str(Path(__file__).parents[1] / "trials"))
from sampling import HillClimber

HELD = (
    *("branin", "ishigami", "rastrigin", "decisive choice", "training", "models", "numeric gate"),
    *("friedman", "g-function"),
)
_N_TRUTH = 4000
_BACK = 0.02  # of the range of a curve that goes one way

Parts = Sequence[tuple[optuna.samplers.BaseSampler, int]]

SAMPLERS: dict[str, Callable[[int, int], Parts]] = {
    "random": lambda n, s: [(optuna.samplers.RandomSampler(seed=s), n)],
    "TPE": lambda n, s: [(optuna.samplers.TPESampler(seed=s), n)],
    "NSGA-II": lambda n, s: [(optuna.samplers.NSGAIISampler(seed=s, population_size=20), n)],
    "hill climber": lambda n, s: [(HillClimber(s), n)],
    "random, TPE": lambda n, s: [
        (optuna.samplers.RandomSampler(seed=s), 2 * n // 3),
        (optuna.samplers.TPESampler(seed=s + 1), n - 2 * n // 3),
    ],
    "GP": lambda n, s: [(optuna.samplers.GPSampler(seed=s), n)],
}


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
    study, scale = optuna.create_study(), noise * spread(name)
    for study.sampler, size in SAMPLERS[sampler](n, seed):
        study.optimize(
            lambda trial: problem.objective(trial) + scale * rng.normal(), n_trials=size
        )
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


Verdict = tuple[Enum, bool]
"""A claim's kind, and whether it is false."""


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


def judge_path(
    path: AblationPath, shapley: np.ndarray, total: float, tiny: float
) -> list[Verdict]:
    """Judge what is said of a path, given the true (k,) Shapley values of its changes."""

    def is_true(claim: Claim) -> bool:
        exact = total
        if claim.kind in (AnswerKind.CHANGE, AnswerKind.HELPS):
            exact = float(shapley[path.names.index(claim.subjects[0])])
        if claim.kind is AnswerKind.HELPS:
            return exact > 0.0
        if claim.kind in (AnswerKind.TOTAL, AnswerKind.CHANGE):
            low, high = claim.figures
            return low - tiny <= exact <= high + tiny
        return True

    claims = [claim for sentence in path_sentences(path) for claim in sentence.claims]
    return [(claim.kind, not is_true(claim)) for claim in claims]


def judge_effect(claims: Iterable[Claim], exact: np.ndarray) -> list[Verdict]:
    """Judge what is said of an effect, given the true losses (v,) of its values."""
    spread = max(float(np.ptp(exact)), 1e-12)

    def is_true(claim: Claim) -> bool:
        places = np.array(claim.figures, dtype=int)
        if claim.kind is AnswerKind.BEST_VALUES:
            best = np.flatnonzero(exact <= exact.min() + 1e-9 * spread)
            return bool(np.isin(best, places).all())
        if claim.kind is AnswerKind.ENDS_BETTER:
            return bool((exact[places] > min(exact[0], exact[-1])).all())
        if claim.kind in (AnswerKind.LOWER, AnswerKind.HIGHER):
            place = places[0]
            curve = exact[place:] if claim.kind is AnswerKind.LOWER else exact[place::-1]
            back = (np.maximum.accumulate(curve) - curve).max()
            return bool(curve[0] < curve[-1] and back <= _BACK * spread)
        return True

    return [(claim.kind, not is_true(claim)) for claim in claims]


def peers(
    landscape: Landscape, rng: np.random.Generator
) -> dict[str, Callable[[dict[str, Column]], np.ndarray]]:
    """Fit a random forest to the trials, and a surrogate to shuffled losses."""
    table, trials = landscape.table, landscape.table.columns
    losses = table.losses[:, 0]
    forest = RandomForestRegressor(100, random_state=0).fit(encode(trials, trials), losses)
    shuffled = Surrogate.of(
        table, np.arange(len(losses)), rng.permutation(losses), np.random.default_rng(0)
    )
    return {
        "forest": lambda points: forest.predict(encode(points, trials)),
        "shuffled": shuffled.predict,
    }


def assess_path(
    name: str, table: TrialTable, start: dict[str, object] | str, tally: Tally, *, with_peers: bool
) -> list[Verdict]:
    problem, sd = problem_of(name), spread(name)
    try:
        path = ablation_path(table, start)
    except NoSurrogateError:
        tally.add("refused", 1.0)
        return []
    except ValueError:  # a random default with a branch or a value that no trial had
        tally.add("not there", 1.0)
        return []
    tally.add("not there", 0.0)
    tally.add("refused", 0.0)
    landscape = Landscape.of(table, 0.95, 0)
    trials = landscape.table.columns
    rows = np.flatnonzero(table.complete)[np.argsort(table.losses[table.complete, 0])]
    first = start if isinstance(start, dict) else values_of(table, rows[len(rows) // 2])
    ends = [
        configuration_of("end", end, landscape.table) for end in (first, values_of(table, rows[0]))
    ]
    rng = np.random.default_rng(0)
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
    tally.add("ours step", (path.improvements - steps) / sd)
    tally.add("ours shapley", (path.shapley - values) / sd)
    if with_peers:
        for peer, predict in peers(landscape, rng).items():
            tally.add(f"{peer} step", (-np.diff(predict(along)) - steps) / sd)
            tally.add(f"{peer} shapley", (-rule.values(predict(sets))[order] - values) / sd)
    return judge_path(path, values, float(steps.sum()), tiny)


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


def assess_effects(name: str, table: TrialTable, tally: Tally) -> list[Verdict]:
    problem, verdicts = problem_of(name), []
    for parameter in problem.dists:
        if parameter not in table.columns:
            continue
        try:
            effect = marginal_effect(table, parameter)
        except NoSurrogateError:
            continue
        exact = exact_effect(problem, parameter, effect.values)
        curve, tiny = exact - exact.mean(), 1e-9 * spread(name)
        is_held = (effect.ci_low <= curve + tiny) & (curve <= effect.ci_high + tiny)
        tally.add("band held", is_held.all())
        verdicts += judge_effect(effect_sentence(effect).claims, exact)
    return verdicts


def row(label: str, tally: Tally) -> None:
    cells = [
        *(tally.mean(key) for key in ("refused", "step held", "shapley held", "total held")),
        *(tally.mean(key) for key in ("step sure", "step wrong", "shapley sure", "shapley wrong")),
        *(tally.root(f"{who} step") for who in ("ours", "forest", "shuffled")),
        *(tally.root(f"{who} shapley") for who in ("ours", "forest", "shuffled")),
        tally.mean("band held"),
    ]
    print(f"{label:22}" + "".join(f"{cell:>9}" for cell in cells), flush=True)


def print_sentences(label: str, studies: list[list[Verdict]]) -> None:
    """Print how many claims of each kind were made, and which share is false."""
    print(f"\n{label:16}{'said':>7}{'false':>7}{'rate':>8}{'s.e.':>7}{'bound':>7}")
    for kind in AnswerKind:
        wrong = [[false for k, false in study if k is kind] for study in studies]
        wrong = [false for false in wrong if false]
        if not wrong:
            continue
        n, k = sum(map(len, wrong)), sum(map(sum, wrong))
        error = np.sqrt(sum((sum(false) - k / n * len(false)) ** 2 for false in wrong)) / n
        bound = k / n + 1.645 * error if k else 1.0 - 0.05 ** (1.0 / len(wrong))
        print(f"{kind.name:16}{n:7}{k:7}{k / n:8.3f}{error:7.3f}{bound:7.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--problems", nargs="*", default=HELD)
    parser.add_argument("--samplers", nargs="*", default=[k for k in SAMPLERS if k != "GP"])
    parser.add_argument("--trials", type=int, nargs="*", default=[60, 100, 200])
    parser.add_argument("--alone", action="store_true", help="without peers, in half the time")
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    heads = (
        "refused", "step", "Shapley", "total", "sure", "wrong", "sureSh", "wrongSh",
        "ours", "forest", "shuffl", "oursSh", "forestSh", "shufflSh", "band",
    )  # fmt: skip
    print(f"{'':22}" + "".join(f"{head:>9}" for head in heads))
    groups: dict[str, Tally] = defaultdict(Tally)
    verdicts: dict[str, list[list[Verdict]]] = defaultdict(list)
    for name in args.problems:
        for sampler in args.samplers:
            for noise in (0.0, 0.3):
                for n in args.trials:
                    for seed in range(args.seeds):
                        table, one = table_of(name, sampler, noise, n, seed), Tally()
                        start = "median" if noise else random_configuration(problem_of(name), seed)
                        study = assess_path(name, table, start, one, with_peers=not args.alone)
                        study += assess_effects(name, table, one)
                        verdicts["all"].append(study)
                        verdicts[sampler].append(study)
                        for label in (name, sampler, f"noise {noise:g}", f"{n} trials", "all"):
                            for key, values in one.held.items():
                                groups[label].add(key, values)
        row(name, groups[name])
    for label, tally in groups.items():
        if label not in args.problems:
            row(label, tally)
    for label, studies in verdicts.items():
        print_sentences(label, studies)
    every = groups["all"].held
    print(
        f"\n{len(verdicts['all'])} studies, {len(every['step held'])} steps; starts refused as "
        f"not there: {sum(every['not there']):.0f} of {len(every['not there'])}"
    )


if __name__ == "__main__":
    main()
