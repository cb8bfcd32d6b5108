"""How often a parameter of a table is missed, or another column taken for one, with no option.

    python benchmarks/page/tables.py [--seeds 5] [--show]

Tables are those of `table_makers.py`, whose code knows nothing of the reader. `--show` lists what
was wrong.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

import tables_by_hand  # noqa: F401  (they register what they make)
import tables_by_tools  # noqa: F401
import tables_held_back  # noqa: F401
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from table_makers import MAKERS, Case, case_of

from optuna_hpx.page._errors import SourceError
from optuna_hpx.page._sources import Source
from optuna_hpx.page._tables import from_csv
from optuna_hpx.trials import domain
from optuna_hpx.trials.table import TrialTable

GROUPS = ("seen", "held back", "last", "second round", "third round")


CLAIMS = {
    "a result": ("result",),
    "likely a result": ("result",),
    "a duration": ("result",),
    "a measure of the machine": ("result",),
    "how far a run came": ("result",),
    "a rank": ("result",),
    "a date": ("date",),
    "an id": ("id",),
    "ids or hashes": ("id",),
    "a seed": (),
    "which repetition": (),
    "a size": ("result",),
}
"""What a reason says that a column is, by its first words; others state what the cells hold."""


def judge(case: Case, counts: Counter[str], folder: Path) -> list[str]:
    """Count what is right and wrong of one table, and say what is wrong."""
    path = folder / "table.csv"
    path.write_bytes(case.text)
    counts["tables"] += 1
    counts["parameters"] += len(case.right)
    try:
        source = from_csv(str(path), value=case.value, direction="minimize")
    except SourceError as error:
        counts["errors"] += 1
        counts["missed"] += len(case.right)
        return [f"{case.name}: {error}"]
    taken = {_own(name, case.right) for name in source.table.columns} - case.either
    missed, wrong = case.right - taken, taken - case.right
    counts["missed"] += len(missed)
    counts["taken wrongly"] += len(wrong)
    counts["tables all right"] += not missed and not wrong
    doubted = _doubted(case, source)
    counts["wrong but in doubt"] += len((missed | wrong) & doubted)
    counts["right but in doubt"] += len((case.right - missed) & doubted)
    counts["others"] += (
        len(source.section.tables[-1].rows) + len(wrong) - len(missed) if source.section else 0
    )
    wrong_kinds = _judge_kinds(case, source.table, counts)
    false = _judge_reasons(case, source, counts)
    return [
        f"{case.name}: {what} {', '.join(sorted(names))}"
        for what, names in (
            ("missed", missed),
            ("taken", wrong),
            ("of another kind", wrong_kinds),
            ("wrongly explained", false),
        )
        if names
    ]


def _judge_kinds(case: Case, table: TrialTable, counts: Counter[str]) -> set[str]:
    """Count parameters by what they were drawn from, and return those read as something else."""
    wrong = set()
    for name, column in table.columns.items():
        kind = case.kinds.get(own := _own(name, case.right))
        if kind is None or own not in case.right:
            continue
        dist = column.distributions[0]
        is_choice = isinstance(dist, CategoricalDistribution)
        is_right = {
            "log": not is_choice and domain.is_log(dist),
            "unif": isinstance(dist, FloatDistribution) and not dist.log,
            "int": isinstance(dist, IntDistribution) and not dist.log,
            "grid": not is_choice,
            "choice": is_choice,
        }[kind]
        counts["kinds"] += 1
        counts["kinds wrong"] += not is_right
        if not is_right:
            wrong.add(own)
    return wrong


def _judge_reasons(case: Case, source: Source, counts: Counter[str]) -> set[str]:
    """Count what is said of other columns, where the maker knows, and return what is false."""
    false = set()
    for name, reason in source.section.tables[-1].rows if source.section else ():
        truth = "parameter" if _own(name, case.right) in case.right else case.others.get(name)
        kind = next((kind for start, kind in CLAIMS.items() if reason.startswith(start)), None)
        if truth is None or kind is None:
            continue
        counts["reasons"] += 1
        counts["reasons false"] += truth not in kind
        if truth not in kind:
            false.add(name)
    return false


def _doubted(case: Case, source: Source) -> set[str]:
    """Return the columns that are named as doubtful."""
    if source.section is None:
        return set()
    columns = [*source.section.data["parameters"], *source.section.data["others"]]
    return {
        _own(column.get("name", column["column"]), case.right)
        for column in columns
        if column["doubt"]
    }


def _own(name: str, right: frozenset[str]) -> str:
    """Return the maker's name of a parameter, which the reader may call by more of its path."""
    return next((own for own in right if name.endswith((f".{own}", f"/{own}"))), name)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--group", choices=GROUPS)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    keys = (
        "tables",
        "tables all right",
        "errors",
        "parameters",
        "missed",
        "others",
        "taken wrongly",
        "wrong but in doubt",
        "right but in doubt",
        "kinds",
        "kinds wrong",
        "reasons",
        "reasons false",
    )
    print(f"{'':20}" + "".join(f"{group:>13}" for group in GROUPS))
    by_group = {}
    with tempfile.TemporaryDirectory() as folder:
        for group in GROUPS:
            counts: Counter[str] = Counter()
            by_group[group] = counts
            if options.group not in (None, group):
                continue
            for name, (own, _) in MAKERS.items():
                for seed in range(options.seeds if own == group else 0):
                    said = judge(case_of(name, seed), counts, Path(folder))
                    if options.show and said:
                        print(*said, sep="\n")
    for key in keys:
        print(f"{key:20}" + "".join(f"{by_group[group][key]:13}" for group in GROUPS))


if __name__ == "__main__":
    main()
