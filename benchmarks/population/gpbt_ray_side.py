"""Ray's side of gpbt_ray.py; runs in an environment of its own, and prints one line of JSON.

The same segments as there: some steps down a noisy bowl. Ray Tune's population-based training
decides after every segment; a member's state goes through Ray's checkpoints.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import ray
from ray import tune
from ray.tune import Checkpoint, RunConfig
from ray.tune.schedulers import PopulationBasedTraining

CURVATURE = np.logspace(-2, 0, 20)


def member(config: dict[str, Any]) -> None:
    """One member of the population, segment by segment."""
    x, begin = np.full(20, 2.0), 0
    checkpoint = tune.get_checkpoint()
    if checkpoint is not None:
        with checkpoint.as_directory() as folder:
            saved = np.load(Path(folder) / "state.npz")
            x, begin = saved["x"], int(saved["segment"])
    rng = np.random.default_rng()
    for segment in range(begin, config["segments"]):
        for _ in range(20):
            x = x - config["rate"] * (CURVATURE * x + rng.normal(size=20))
        with tempfile.TemporaryDirectory() as folder:
            np.savez(Path(folder) / "state.npz", x=x, segment=segment + 1)
            loss = float(CURVATURE @ x**2 / 2.0)
            log = os.open(config["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(log, f"{segment} {loss} {time.time()}\n".encode())
            os.close(log)
            tune.report(
                {"loss": loss, "segment": segment + 1},
                checkpoint=Checkpoint.from_directory(folder),
            )


def main() -> None:
    n, segments, folder, again = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        _node_ip_address="127.0.0.1",
        logging_level="ERROR",
        log_to_driver=False,
    )
    config = {
        "rate": tune.loguniform(1e-4, 1.0),
        "segments": segments,
        "log": f"{folder}/segments.txt",
    }
    scheduler = PopulationBasedTraining(
        time_attr="segment",
        perturbation_interval=1,
        hyperparam_mutations={"rate": tune.loguniform(1e-4, 1.0)},
        quantile_fraction=0.25,
    )
    begin = time.time()
    if again == "again":
        tuner = tune.Tuner.restore(f"{folder}/run", trainable=member)
    else:
        tuner = tune.Tuner(
            member,
            param_space=config,
            tune_config=tune.TuneConfig(
                metric="loss", mode="min", num_samples=n, scheduler=scheduler
            ),
            run_config=RunConfig(name="run", storage_path=folder, verbose=0),
        )
    results = tuner.fit()
    finals = [r.metrics for r in results if r.metrics]
    found = {
        "seconds": time.time() - begin,
        "best": min(m["loss"] for m in finals),
        "ended": sum(m["segment"] == segments for m in finals),
        "errors": results.num_errors,
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
