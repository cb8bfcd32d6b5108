"""How often each kind of sentence on importances is said, and how often it is false.

    python benchmarks/page/claims.py                        # functions of the design, n = 100
    python benchmarks/page/claims.py --held --n 60 100 200 --seeds 10 --samplers all

From functions whose truth is known (zoo.py) studies are made by several samplers; what the page
would say of each is put together as it is there, and every claim is judged. A kind's meaning
stands in ``optuna_hpx/importance/section/kinds.py``. Standard errors are between studies, for
claims of one study are not independent; the bound is the upper end of a one-sided 95 % interval.
Studies are kept for the next run.
"""

from __future__ import annotations

import argparse
import pickle
import sys
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    NSGAIISampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)

from optuna_hpx import (
    HsicImportanceEvaluator,
    InterleavedSampler,
    PedAnovaImportanceEvaluator,
    importance_profile,
)
from optuna_hpx.canvas.claims import Claim
from optuna_hpx.importance import ImportanceReport
from optuna_hpx.importance.section import sentences_of
from optuna_hpx.importance.section.kinds import ClaimKind

sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("page", "trials")]
from sampling import HillClimber
from zoo import DESIGN, HELD, Function, Truth, by_name

STUDIES = Path(tempfile.gettempdir()) / "optuna_hpx_claims"

_TIE = 0.005  # S that differ by less are equal
_SOME = 0.001  # S_ij below this is the error of the large sample
_LARGE = 0.3
_ROUNDED = 0.005  # two digits of a number that is read

Parts = list[tuple[BaseSampler, int]]

SAMPLERS: dict[str, Callable[[int, int], Parts]] = {
    "random": lambda n, s: [(RandomSampler(seed=s), n)],
    "QMC": lambda n, s: [(QMCSampler(seed=s), n)],
    "TPE": lambda n, s: [(TPESampler(seed=s), n)],
    "NSGA-II": lambda n, s: [(NSGAIISampler(seed=s, population_size=20), n)],
    "CMA-ES": lambda n, s: [(CmaEsSampler(seed=s), n)],
    "hill climber": lambda n, s: [(HillClimber(s), n)],
    "random, TPE": lambda n, s: [
        (RandomSampler(seed=s), 2 * n // 3),
        (TPESampler(seed=s + 1), n - 2 * n // 3),
    ],
    "interleaved": lambda n, s: [(InterleavedSampler(TPESampler(seed=s), seed=s), n)],
}
CHEAP = ("random", "QMC")  # of which 1000 trials are made in no time


def study_of(function: Function, sampler: str, n: int, seed: int, folder: Path) -> optuna.Study:
    """Make a study, or take it from ``folder`` if it has been there before."""
    parts = SAMPLERS[sampler](n, 1000 + seed)
    study = optuna.create_study(sampler=parts[-1][0])
    path = folder / f"{function.name}-{sampler}-{n}-{seed}.pickle".replace(" ", "_")
    if path.exists():
        study.add_trials(pickle.loads(path.read_bytes()))
        return study
    for part, size in parts:
        study.sampler = part
        study.optimize(function.objective(seed), n_trials=size)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(study.trials))
    return study


@dataclass(frozen=True)
class Judge:
    """What is true of a function at a target quantile."""

    function: Function
    quantile: float

    @property
    def truth(self) -> Truth:
        return self.function.truth

    def s(self, name: str) -> float:
        return self.truth.importance(name, self.quantile)

    def is_true(self, claim: Claim) -> bool:
        assert isinstance(claim.kind, ClaimKind)
        return bool(RULES[claim.kind](self, claim))

    def is_active_one(self, name: str) -> bool:
        """Tell whether the objective depends on the parameter."""
        return name not in self.function.idle

    def leads(self, name: str, quantile: float) -> bool:
        of = partial(self.truth.importance, quantile=quantile)
        return of(name) + _TIE >= max(of(other) for other in self.function.dists)

    def pair(self, claim: Claim) -> float:
        return self.truth.interaction(frozenset(claim.subjects), self.quantile)

    def largest_pair(self) -> float:
        """Compute the largest S_ij of those that interact in the objective."""
        return max(
            (self.truth.interaction(pair, self.quantile) for pair in self.function.joint),
            default=0.0,
        )

    def moves(self, claim: Claim) -> float:
        """Compute how S rises from the wide to the strict target."""
        wide, strict = (self.truth.importance(claim.subjects[0], q) for q in claim.figures)
        return strict - wide

    def is_enriched(self, name: str, label: str) -> bool:
        dist, truth = self.function.dists[name], self.truth
        codes = truth.codes[name]
        if isinstance(dist, CategoricalDistribution):
            code = [str(choice) for choice in dist.choices].index(label)
        else:
            values = np.unique(self.function.sample(_corners(self.function), _RNG())[0][name])
            values = values[~np.isnan(values)]
            code = int(np.argmin(np.abs(values - float(label))))
        tops = (truth.top(self.quantile), truth.top(1.5 * self.quantile))
        return any(top[codes == code].mean() > top[codes >= 0].mean() for top in tops)

    def width(self, name: str) -> float:
        """Compute the share of the range in which the middle 80 % of the best lie."""
        u = self.truth.u[name][self.truth.top(self.quantile) & (self.truth.codes[name] >= 0)]
        return float(np.subtract(*np.quantile(u, [0.9, 0.1]))) if len(u) else 1.0

    def crowds(self, name: str, bound: str) -> bool:
        density = self.truth.density(name, self.quantile, 20)
        return bool(density[0 if bound == "lower" else -1] >= 0.9 * density.max())


def _RNG() -> np.random.Generator:  # noqa: N802
    return np.random.default_rng(0)


def _corners(function: Function) -> np.ndarray:
    """Draw points enough to meet every value of a discrete parameter."""
    return _RNG().random((20_000, len(function.dists)))


Rule = Callable[[Judge, Claim], bool]


def _always(judge: Judge, claim: Claim) -> bool:
    return True


def _is_no_idle_one(judge: Judge, claim: Claim) -> bool:
    return judge.is_active_one(claim.subjects[0])


RULES: dict[ClaimKind, Rule] = {
    ClaimKind.MATTERS: _is_no_idle_one,
    ClaimKind.MATTERS_MOST: lambda j, c: j.leads(c.subjects[0], j.quantile),
    ClaimKind.COMES_FIRST: _is_no_idle_one,
    ClaimKind.FAINT: _is_no_idle_one,
    ClaimKind.MAY_MATTER: _always,
    ClaimKind.NOISE: lambda j, c: max(map(j.s, c.subjects)) <= c.figures[0] + _ROUNDED,
    ClaimKind.UNSEEN: _always,
    ClaimKind.INTERVAL: lambda j, c: (
        c.figures[0] - _ROUNDED <= j.s(c.subjects[0]) <= c.figures[1] + _ROUNDED
    ),
    ClaimKind.REST: lambda j, c: sum(map(j.s, j.function.dists)) <= 1.0 - c.figures[0] + _ROUNDED,
    ClaimKind.PAIR_LEADS: lambda j, c: (
        j.pair(c) > _SOME and j.pair(c) + _TIE >= max(map(j.s, j.function.dists))
    ),
    ClaimKind.PAIR_ACTS: lambda j, c: j.pair(c) > _SOME,
    ClaimKind.JOINT: lambda j, c: frozenset(c.subjects) in j.function.joint,
    ClaimKind.NO_PAIR: lambda j, c: j.largest_pair() <= _LARGE,
    ClaimKind.LEADS: lambda j, c: all(j.leads(c.subjects[0], q) for q in c.figures),
    ClaimKind.MOVES_UP: lambda j, c: j.moves(c) > 0.0,
    ClaimKind.MOVES_DOWN: lambda j, c: j.moves(c) < 0.0,
    ClaimKind.STEADY: _always,
    ClaimKind.RANGE: _is_no_idle_one,
    ClaimKind.NO_RANGE: lambda j, c: j.width(c.subjects[0]) > 0.5,
    ClaimKind.ENRICHED: lambda j, c: j.is_enriched(*c.subjects),
    ClaimKind.CROWD: lambda j, c: j.crowds(*c.subjects),
    ClaimKind.NO_DIFFERENCE: lambda j, c: j.s(c.subjects[0]) < _LARGE,
    ClaimKind.CHOSEN_FIRST: _is_no_idle_one,
    ClaimKind.CHOSEN_NONE: _always,
}
"""When a claim of each kind is true."""

OF_S = frozenset({ClaimKind.MATTERS_MOST, ClaimKind.NOISE, ClaimKind.INTERVAL})
"""Kinds that are judged by S: of HSIC's R2 the truth is not known here, and they are left out."""


@dataclass(frozen=True)
class Verdict:
    """One claim of one study."""

    function: str
    sampler: str
    n: int
    seed: int
    claim: Claim
    is_false: bool

    @property
    def kind(self) -> ClaimKind:
        assert isinstance(self.claim.kind, ClaimKind)
        return self.claim.kind

    @property
    def cell(self) -> tuple[str, str, int]:
        return self.function, self.sampler, self.n


EVALUATORS = {"pedanova": PedAnovaImportanceEvaluator, "hsic": HsicImportanceEvaluator}


def claims_of(study: optuna.Study, evaluator: str) -> tuple[ImportanceReport, list[Claim]]:
    """Put together what the page says of a study."""
    report = EVALUATORS[evaluator](seed=0).report(study, interactions=True)
    profile = importance_profile(study) if evaluator == "pedanova" else None
    sentences = sentences_of(report, profile)
    return report, [claim for sentence in sentences for claim in sentence.claims]


@dataclass(frozen=True)
class Plan:
    """What is run of each function."""

    samplers: tuple[str, ...]
    sizes: tuple[int, ...]
    seeds: int
    evaluator: str
    folder: Path

    def cells(self) -> Iterator[tuple[str, int, int]]:
        for sampler in self.samplers:
            for n in self.sizes:
                if n < 1000 or sampler in CHEAP:
                    yield from ((sampler, n, seed) for seed in range(self.seeds))


def verdicts_of(name: str, plan: Plan) -> list[Verdict]:
    """Judge all claims on studies of one function."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    function, verdicts = by_name()[name], []
    for sampler, n, seed in plan.cells():
        study = study_of(function, sampler, n, seed, plan.folder)
        report, claims = claims_of(study, plan.evaluator)
        judge = Judge(function, report.n_target / max(report.n_trials, 1))
        for claim in claims:
            if plan.evaluator == "hsic" and claim.kind in OF_S:
                continue
            verdicts.append(Verdict(name, sampler, n, seed, claim, not judge.is_true(claim)))
    vars(function).pop("truth", None)  # a large sample, of no further use
    return verdicts


def all_verdicts(names: list[str], plan: Plan, workers: int) -> Iterator[Verdict]:
    judge = partial(verdicts_of, plan=plan)
    if workers == 1:
        for name in names:
            yield from judge(name)
        return
    with ProcessPoolExecutor(workers) as pool:
        for verdicts in pool.map(judge, names):
            yield from verdicts


def rate_of(verdicts: Iterable[Verdict]) -> tuple[int, int, float, float, float]:
    """Count claims and false ones; and compute their rate, its standard error and its bound."""
    by_study: dict[tuple[object, ...], list[bool]] = defaultdict(list)
    for verdict in verdicts:
        by_study[(*verdict.cell, verdict.seed)].append(verdict.is_false)
    sizes = np.array([len(claims) for claims in by_study.values()])
    wrong = np.array([sum(claims) for claims in by_study.values()])
    n, k, m = int(sizes.sum()), int(wrong.sum()), len(sizes)
    rate = k / n
    error = float(np.sqrt(np.sum((wrong - rate * sizes) ** 2)) / n)
    bound = rate + 1.645 * error if k else 1.0 - 0.05 ** (1.0 / m)
    return n, k, rate, error, bound


def worst_cell(verdicts: Iterable[Verdict]) -> str:
    """Name the function, sampler and size with the highest share of false claims, of 3 or more."""
    cells: dict[tuple[str, str, int], list[bool]] = defaultdict(list)
    for verdict in verdicts:
        cells[verdict.cell].append(verdict.is_false)
    shares = {cell: np.mean(false) for cell, false in cells.items() if len(false) >= 3}
    if not shares or max(shares.values()) == 0.0:
        return ""
    cell = max(shares, key=lambda key: shares[key])
    return f"{', '.join(map(str, cell))}: {sum(cells[cell])} of {len(cells[cell])}"


def print_table(verdicts: list[Verdict]) -> None:
    by_kind: dict[ClaimKind, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_kind[verdict.kind].append(verdict)
    print(f"{'kind':16}{'said':>7}{'false':>7}{'rate':>8}{'s.e.':>7}{'bound':>7}  worst cell")
    for kind in ClaimKind:
        if kind not in by_kind:
            print(f"{kind.name:16}{0:7}")
            continue
        n, k, rate, error, bound = rate_of(by_kind[kind])
        row = f"{kind.name:16}{n:7}{k:7}{rate:8.3f}{error:7.3f}{bound:7.3f}"
        print(f"{row}  {worst_cell(by_kind[kind])}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--held", action="store_true", help="the functions kept for the report")
    parser.add_argument("--functions", nargs="*", help="names; all of them if none is given")
    parser.add_argument("--samplers", nargs="*", default=["random", "TPE"], help="names, or all")
    parser.add_argument("--n", nargs="*", type=int, default=[100])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--evaluator", choices=EVALUATORS, default="pedanova")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="list what is false")
    parser.add_argument("--studies", type=Path, default=STUDIES, metavar="DIR")
    args = parser.parse_args()
    names = args.functions or [function.name for function in (HELD if args.held else DESIGN)]
    samplers = tuple(SAMPLERS) if args.samplers == ["all"] else tuple(args.samplers)
    plan = Plan(samplers, tuple(args.n), args.seeds, args.evaluator, args.studies)
    verdicts = list(all_verdicts(names, plan, args.workers))
    print(f"{len(names)} functions; {', '.join(samplers)}; n = {args.n}; {args.seeds} seeds")
    print_table(verdicts)
    if args.show:
        for one in (verdict for verdict in verdicts if verdict.is_false):
            claim = one.claim
            print(*one.cell, one.seed, one.kind.name, claim.subjects, np.round(claim.figures, 3))
    for sampler in samplers if len(samplers) > 1 else ():
        print(f"\n{sampler}")
        print_table([verdict for verdict in verdicts if verdict.sampler == sampler])


if __name__ == "__main__":
    main()
