"""How often each kind of sentence on importances is said, and how often it is false.

    python benchmarks/page/claims.py                    # functions of the design, n = 60 and 100
    python benchmarks/page/claims.py --held --n 60 100 200 --seeds 2 --minutes 60
    python benchmarks/page/claims.py --held --seeds 0   # the table of what has been run

From functions whose truth is known (zoo.py) several samplers make studies (studies.py); what the
page would answer of each (answers.py) is judged claim by claim (judges.py, exact.py; a kind's
meaning stands in ``optuna_hpx/importance/section/kinds.py``), and so are the facts that warnings
state (facts.py). Each answer is a line of a file: a run can be stopped and goes on where it was.
Remove the file when sentences change.

Standard errors are between studies, for claims of one study are not independent; the bound is the
upper end of a one-sided 95 % interval. A kind whose bound is above 5 % is not shown to hold.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import optuna
from scipy.stats import beta

sys.path.append(str(Path(__file__).parent))
from answers import ANSWERS
from studies import QUICK, SAMPLERS, Case
from zoo import DESIGN, HELD, by_name

STUDIES = Path(tempfile.gettempdir()) / "optuna_hpx_claims"

_ALLOWED = 0.05
_SLOW = ("GP",)  # run only if they are named
_MANY = 1000  # trials, which only some samplers make in no time

Key = tuple[str, str, int, int, str]
"""Function, sampler, trials, seed, answer."""


@dataclass(frozen=True)
class Verdict:
    """One claim of one study."""

    key: Key
    kind: str
    subjects: tuple[str, ...]
    figures: tuple[float, ...]
    is_false: bool

    @property
    def study(self) -> tuple[object, ...]:
        return self.key[:4]

    @property
    def cell(self) -> tuple[str, str, int]:
        return self.key[:3]

    @property
    def row(self) -> tuple[str, str]:
        return self.key[4], self.kind


@dataclass(frozen=True)
class Plan:
    """What is run of each function."""

    functions: tuple[str, ...]
    samplers: tuple[str, ...]
    sizes: tuple[int, ...]
    seeds: int
    answers: tuple[str, ...]
    folder: Path

    def cases(self) -> Iterator[list[Case]]:
        """List the studies, one seed after the other, those of one function together.

        With each seed a sampler makes one study of each function, and the sizes take turns: of
        three sizes all combinations are there after three seeds.
        """
        for seed, (i, name) in product(range(self.seeds), enumerate(self.functions)):
            yield [
                Case(by_name()[name], sampler, n, seed, self.folder)
                for j, sampler in enumerate(self.samplers)
                for n in [self.sizes[(i + j + seed) % len(self.sizes)]]
                if n < _MANY or sampler in QUICK
            ]


def answer(case: Case, name: str) -> list[Verdict]:
    """Judge all claims of one answer."""
    key = (case.function.name, case.sampler, case.n, case.seed, name)
    return [
        Verdict(key, claim.kind.name, claim.subjects, claim.figures, bool(is_false))
        for claim, is_false in ANSWERS[name](case)
    ]


def run(plan: Plan, path: Path, seconds: float) -> None:
    """Add to the file what it lacks, as long as there is time."""
    start, keys = time.monotonic(), set(read(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    for cases in plan.cases():
        for case, name in product(cases, plan.answers):
            key = (case.function.name, case.sampler, case.n, case.seed, name)
            if key in keys:
                continue
            if time.monotonic() - start > seconds:
                return
            verdicts = answer(case, name)
            said = [(v.kind, v.subjects, v.figures, v.is_false) for v in verdicts]
            with path.open("a") as file:
                file.write(json.dumps([key, said]) + "\n")
        for case in cases:
            case.function.forget()


def read(path: Path) -> dict[Key, list[Verdict]]:
    """Read the verdicts of all answers that a file has."""
    verdicts: dict[Key, list[Verdict]] = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        fields, said = json.loads(line)
        key: Key = tuple(fields)
        verdicts[key] = [
            Verdict(key, kind, tuple(subjects), tuple(figures), is_false)
            for kind, subjects, figures, is_false in said
        ]
    return verdicts


@dataclass(frozen=True)
class Rate:
    """Claims, false ones, studies that have any, the rate with its standard error and bound."""

    n: int
    n_false: int
    n_studies: int
    rate: float
    error: float
    bound: float

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> Rate:
        by_study: dict[tuple[object, ...], list[bool]] = defaultdict(list)
        for verdict in verdicts:
            by_study[verdict.study].append(verdict.is_false)
        sizes = np.array([len(claims) for claims in by_study.values()])
        wrong = np.array([sum(claims) for claims in by_study.values()])
        n, k, m = int(sizes.sum()), int(wrong.sum()), len(sizes)
        rate = k / n
        error = float(np.sqrt(np.sum((wrong - rate * sizes) ** 2)) / n)
        return cls(n, k, m, rate, error, _bound(n, k, m, error))


def _bound(n: int, k: int, m: int, error: float) -> float:
    """Compute the upper end by Clopper and Pearson, of as many claims as m studies are worth."""
    if k == 0:
        return float(1.0 - 0.05 ** (1.0 / m))
    rate = k / n
    clusters = max(error**2 * n / max(rate * (1.0 - rate), 1e-12), 1.0)
    n, k = n / clusters, k / clusters  # type: ignore[assignment]
    return float(beta.ppf(0.95, k + 1.0, n - k)) if n > k else 1.0


def worst_cell(verdicts: Iterable[Verdict]) -> str:
    """Name the function, sampler and size with the most false claims."""
    cells: dict[tuple[str, str, int], list[bool]] = defaultdict(list)
    for verdict in verdicts:
        cells[verdict.cell].append(verdict.is_false)
    cell = max(cells, key=lambda key: sum(cells[key]))
    n_false = sum(cells[cell])
    return f"{', '.join(map(str, cell))}: {n_false} of {len(cells[cell])}" if n_false else ""


def print_rates(verdicts: Sequence[Verdict]) -> None:
    """Print a row for each kind of each answer."""
    rows: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        rows[verdict.row].append(verdict)
    heads = f"{'said':>6}{'studies':>8}{'false':>6}{'rate':>7}{'s.e.':>7}{'bound':>7}"
    print(f"{'answer, kind':32}{heads}")
    for (name, kind), of_row in _in_order(rows):
        r = Rate.of(of_row)
        counts = f"{r.n:6}{r.n_studies:8}{r.n_false:6}"
        shown = "           " if r.bound <= _ALLOWED else "  not shown"
        print(
            f"{name + ', ' + kind:32}{counts}{r.rate:7.3f}{r.error:7.3f}{r.bound:7.3f}{shown}"
            f"  {worst_cell(of_row)}".rstrip()
        )


def print_by_sampler(verdicts: Sequence[Verdict], samplers: Sequence[str]) -> None:
    """Print how many are false of how many, a column for each sampler."""
    rows: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        rows[verdict.row].append(verdict)
    print(f"\n{'false of said':32}" + "".join(f"{sampler:>14}" for sampler in samplers))
    for (name, kind), of_row in _in_order(rows):
        cells = []
        for sampler in samplers:
            wrong = [verdict.is_false for verdict in of_row if verdict.key[1] == sampler]
            cells.append(f"{sum(wrong)} of {len(wrong)}" if wrong else "–")
        print(f"{name + ', ' + kind:32}" + "".join(f"{cell:>14}" for cell in cells))


def _in_order(
    rows: dict[tuple[str, str], list[Verdict]],
) -> list[tuple[tuple[str, str], list[Verdict]]]:
    order = list(ANSWERS)
    return sorted(rows.items(), key=lambda row: (order.index(row[0][0]), row[0][1]))


def main() -> None:
    args = _arguments()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    part = HELD if args.held else DESIGN
    plan = Plan(
        functions=tuple(args.functions or [function.name for function in part]),
        samplers=tuple(args.samplers or [name for name in SAMPLERS if name not in _SLOW]),
        sizes=tuple(args.n),
        seeds=args.seeds,
        answers=tuple(args.answers),
        folder=args.folder / "studies",
    )
    path = args.folder / ("held.jsonl" if args.held else "design.jsonl")
    run(plan, path, 60.0 * args.minutes)
    by_key = {
        key: said
        for key, said in read(path).items()
        if key[0] in plan.functions and key[1] in plan.samplers and key[4] in plan.answers
    }
    verdicts = [verdict for said in by_key.values() for verdict in said]
    functions, sizes = {key[0] for key in by_key}, sorted({key[2] for key in by_key})
    n_studies = len({key[:4] for key in by_key})
    print(f"{len(functions)} functions, n = {sizes}, {n_studies} studies, {len(by_key)} answers")
    print_rates(verdicts)
    print_by_sampler(verdicts, plan.samplers)
    for verdict in verdicts if args.show else ():
        if verdict.is_false:
            print(*verdict.key, verdict.kind, verdict.subjects, np.round(verdict.figures, 3))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--held", action="store_true", help="the functions kept for the report")
    parser.add_argument("--functions", nargs="*", help="names; all of them if none is given")
    parser.add_argument("--samplers", nargs="*", help="names; all but GP if none is given")
    parser.add_argument("--n", nargs="*", type=int, default=[60, 100])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--answers", nargs="*", choices=ANSWERS, default=list(ANSWERS))
    parser.add_argument("--minutes", type=float, default=60.0, help="after which it stops")
    parser.add_argument("--show", action="store_true", help="list what is false")
    parser.add_argument("--folder", type=Path, default=STUDIES, metavar="DIR")
    return parser.parse_args()


if __name__ == "__main__":
    main()
