"""Ray Tune's population-based training beside ours: what a segment costs, what a kill destroys.

The same segments (20 steps down a noisy bowl of 20 dimensions, well under a millisecond), the same
number of members and segments, two at a time: Ray with two processors, ours with two worker
processes on a journal file. First undisturbed; then all processes are killed (SIGKILL) after half
of the segments, and each side is started again in its own way: `Tuner.restore`, and the same line
as before.

Ray is installed in an environment of its own (`pip install "ray[tune]"`), whose interpreter is
passed as `--ray`.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from gpbt_soak import SPAWN, Place

from optuna_hpx.population import Checkpoint

CURVATURE = np.logspace(-2, 0, 20)
SIDE = Path(__file__).with_name("gpbt_ray_side.py")


def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
    rate = trial.suggest_float("rate", 1e-4, 1.0, log=True)
    rng = np.random.default_rng(checkpoint.seed)
    x = np.full(20, 2.0)
    checkpoint.load(x=x)
    for _ in range(20):
        x -= rate * (CURVATURE * x + rng.normal(size=20))
    checkpoint.save(x=x)
    with (Path(trial.study.user_attrs["log"])).open("a") as log:
        log.write(f"{checkpoint.generation} {time.time()}\n")
    return float(CURVATURE @ x**2 / 2.0)


def work(place: Place) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    place.scheduler(place.study()).optimize(segment)


def ours(folder: Path, n: int, segments: int, kill_after: int | None) -> dict[str, Any]:
    (folder / "checkpoints").mkdir(exist_ok=True)
    place = Place(f"journal:{folder}/study", f"{folder}/checkpoints", n, segments, 5.0)
    study = place.study()
    study.set_user_attr("log", f"{folder}/segments.txt")
    begin = time.time()
    workers = [SPAWN.Process(target=work, args=(place,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    if kill_after is not None:
        wait_for_lines(folder, kill_after)
        for worker in workers:
            worker.kill()
    for worker in workers:
        worker.join()
    if kill_after is not None:
        return {}
    complete = [t for t in study.trials if t.state == optuna.trial.TrialState.COMPLETE]
    ended = sum(t.user_attrs["generation"] == segments - 1 for t in complete)
    return {"seconds": time.time() - begin, "best": study.best_value, "ended": ended}


def rays(
    python: str, folder: Path, n: int, segments: int, kill_after: int | None, *, again: bool
) -> dict[str, Any]:
    command = [python, str(SIDE), str(n), str(segments), str(folder), "again" if again else "new"]
    side = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    if kill_after is not None:
        wait_for_lines(folder, kill_after)
        os.killpg(side.pid, signal.SIGKILL)
        side.wait()
        return {}
    out, _ = side.communicate()
    found: dict[str, Any] = json.loads(out.splitlines()[-1]) if out.strip() else {}
    return found


def wait_for_lines(folder: Path, n: int) -> None:
    while len(lines(folder)) < n:
        time.sleep(0.02)


def lines(folder: Path) -> list[list[float]]:
    path = folder / "segments.txt"
    if not path.exists():
        return []
    return [[float(word) for word in line.split()] for line in path.read_text().splitlines()]


def show(name: str, found: dict[str, Any], folder: Path, n: int) -> None:
    rows = lines(folder)
    between = np.diff(sorted(row[-1] for row in rows))
    print(
        f"{name:22s} {len(rows)} segments trained, {found.get('ended', 0)} of {n} models ended, "
        f"{found.get('seconds', float('nan')):.1f} s, between two segments median "
        f"{1e3 * np.median(between):.0f} ms, mean {1e3 * between.mean():.0f} ms",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ray", required=True, help="the python of an environment that has ray")
    parser.add_argument("--members", type=int, default=8)
    parser.add_argument("--segments", type=int, default=6)
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    n, segments = args.members, args.segments
    half = n * segments // 2
    print(f"{n} members of {segments} segments, {n * segments} in all; python {sys.version[:6]}")
    for kill_after in (None, half):
        how = "undisturbed" if kill_after is None else "killed and restarted"
        print(how)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if kill_after is not None:
                ours(folder, n, segments, kill_after)
            show("ours", ours(folder, n, segments, None), folder, n)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if kill_after is not None:
                rays(args.ray, folder, n, segments, kill_after, again=False)
            again = kill_after is not None
            show("Ray", rays(args.ray, folder, n, segments, None, again=again), folder, n)


if __name__ == "__main__":
    main()
