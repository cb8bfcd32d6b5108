"""Time, memory and size of the page of many trials, each case in a process of its own.

    OMP_NUM_THREADS=1 python benchmarks/page/large.py             # about three minutes
    OMP_NUM_THREADS=1 python benchmarks/page/large.py --growth    # four sizes, and exponents

"content" are the seconds of CPU until all sections are there, "html" those until the page is
text; "peak" is the largest resident memory of the process less that with all modules imported
and the trials in memory; "page" is the size of the page less plotly.js, and "largest" that
of its largest figure. The trials are those of a study in memory, every tenth of them pruned and
every twentieth failed; the objective ends on a plateau, as it does where a sampler converges.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import resource
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial
from plotly.offline import get_plotlyjs

from optuna_hpx.canvas.material import Material
from optuna_hpx.page._page import content_of

KINDS = (
    FloatDistribution(0.0, 1.0),
    FloatDistribution(1e-5, 1e-1, log=True),
    IntDistribution(1, 100),
    CategoricalDistribution(["a", "b", "c", "d"]),
)
CASES = (
    ("one objective", 100_000, 10, 1),
    ("wide", 1_000, 200, 1),
    ("two objectives", 100_000, 10, 2),
)
SIZES = (2_000, 8_000, 32_000, 128_000)


def make_study(n: int, d: int, n_objectives: int, seed: int = 0) -> optuna.Study:
    """A study whose early trials are spread, and whose late ones are about its best."""
    rng = np.random.default_rng(seed)
    units = 0.5 + (rng.random((n, d)) - 0.5) * np.geomspace(1.0, 0.1, n)[:, None]
    kinds = [KINDS[j % len(KINDS)] for j in range(d)]
    distributions = {f"p{j}": kind for j, kind in enumerate(kinds)}
    losses = ((units[:, :3] - 0.4) ** 2).sum(axis=1)[:, None] + rng.exponential(
        0.01, (n, n_objectives)
    )
    trials = []
    for k in range(n):
        params = {f"p{j}": _value(kind, units[k, j]) for j, kind in enumerate(kinds)}
        state = TrialState.PRUNED if k % 10 == 9 else TrialState.COMPLETE
        state = TrialState.FAIL if k % 20 == 18 else state
        trials.append(_trial(params, distributions, state, losses[k]))
    study = optuna.create_study(directions=["minimize"] * n_objectives, study_name="large")
    study.add_trials(trials)
    return study


def _value(kind: object, unit: float) -> float | int | str:
    if isinstance(kind, FloatDistribution):
        if kind.log:
            return float(kind.low * (kind.high / kind.low) ** unit)
        return kind.low + unit * (kind.high - kind.low)
    if isinstance(kind, IntDistribution):
        return int(kind.low + unit * (kind.high - kind.low))
    return "abcd"[min(int(unit * 4), 3)]


def _trial(
    params: dict[str, float | int | str],
    distributions: dict[str, FloatDistribution | IntDistribution | CategoricalDistribution],
    state: TrialState,
    losses: np.ndarray,
) -> FrozenTrial:
    trial = create_trial(
        params=params,
        distributions=dict(distributions),
        state=state,
        values=losses.tolist() if state == TrialState.COMPLETE else None,
    )
    trial.datetime_start = datetime(2026, 1, 1)
    trial.datetime_complete = trial.datetime_start + timedelta(seconds=60.0 + 600.0 * losses[0])
    return trial


def measure(n: int, d: int, n_objectives: int) -> dict[str, float]:
    """Make one page, after a small one that imports all that there is to import."""
    content_of(Material.of(make_study(60, d, n_objectives)), "warm").to_html()
    study = make_study(n, d, n_objectives)
    gc.collect()
    before = _peak()
    start = time.process_time()
    content = content_of(Material.of(study), "large")
    made = time.process_time()
    html = content.to_html()
    done = time.process_time()
    figures = [part.partition("</script>")[0] for part in html.split('type="application/json">')]
    return {
        "content": made - start,
        "html": done - made,
        "peak": (_peak() - before) / 1e6,
        "page": (len(html.encode()) - len(get_plotlyjs().encode())) / 1e6,
        "whole": len(html.encode()) / 1e6,
        "largest": max(map(len, figures[1:])) / 1e6,
        "faults": len(content.faults),
    }


def _peak() -> float:
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * 1024


def in_process(n: int, d: int, n_objectives: int) -> dict[str, float]:
    """Measure in a process that has measured nothing before."""
    case = json.dumps([n, d, n_objectives])
    run = subprocess.run(
        [sys.executable, __file__, "--case", case], capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout.splitlines()[-1])


def show(title: str, result: dict[str, float]) -> None:
    """Print a case in a line."""
    print(
        f"{title:<46}{result['content']:8.1f} s{result['html']:7.1f} s{result['peak']:8.0f} MB"
        f"{result['page']:8.2f} MB{result['whole']:8.2f} MB{result['largest']:8.2f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=Path(__file__).stem)
    parser.add_argument("--case")
    parser.add_argument("--growth", action="store_true")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if options.case:
        print(json.dumps(measure(*json.loads(options.case))))
        return
    head = ("content", "html", "peak", "page", "whole", "largest")
    print(f"{'':<46}{head[0]:>10}{head[1]:>9}" + "".join(f"{name:>11}" for name in head[2:]))
    if not options.growth:
        for title, n, d, n_objectives in CASES:
            show(f"{title}, {n:,} x {d}", in_process(n, d, n_objectives))
        return
    for n_objectives in (1, 2):
        seconds = []
        for n in SIZES:
            result = in_process(n, 10, n_objectives)
            show(f"{n_objectives} objectives, {n:,} x 10", result)
            seconds.append(result["content"] + result["html"])
        slope = np.polyfit(np.log(SIZES), np.log(seconds), 1)[0]
        last = math.log(seconds[-1] / seconds[-2]) / math.log(SIZES[-1] / SIZES[-2])
        print(f"growth: exponent {slope:.2f} over all sizes, {last:.2f} at the last")


if __name__ == "__main__":
    main()
