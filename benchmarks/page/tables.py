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

from optuna.distributions import CategoricalDistribution
from table_makers import MAKERS, Case, case_of

from optuna_hpx.page._errors import SourceError
from optuna_hpx.page._tables import from_csv
from optuna_hpx.trials import domain

GROUPS = ("seen", "held back", "last")


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
    taken = set(source.table.columns)
    missed, wrong = case.right - taken, taken - case.right
    counts["missed"] += len(missed)
    counts["taken wrongly"] += len(wrong)
    counts["tables all right"] += not missed and not wrong
    doubted = " ".join(source.section.warnings) if source.section else ""
    counts["wrong but in doubt"] += sum(f"{name}'" in doubted for name in missed | wrong)
    for name in sorted(case.logs & taken):
        counts["log"] += 1
        dist = source.table.columns[name].distributions[0]
        is_log = not isinstance(dist, CategoricalDistribution) and domain.is_log(dist)
        counts["log not seen"] += not is_log
    n_others = (
        len(source.section.tables[-1].rows) + len(wrong) - len(missed) if source.section else 0
    )
    counts["others"] += n_others
    return [
        f"{case.name}: {what} {', '.join(sorted(names))}"
        for what, names in (("missed", missed), ("taken", wrong))
        if names
    ]


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
        "log",
        "log not seen",
    )
    print(f"{'':20}" + "".join(f"{group:>12}" for group in GROUPS))
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
        print(f"{key:20}" + "".join(f"{by_group[group][key]:12}" for group in GROUPS))


if __name__ == "__main__":
    main()
