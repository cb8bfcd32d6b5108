"""Studies of the functions of zoo.py by several samplers, kept for the next run."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import optuna
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GPSampler,
    NSGAIISampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)

from optuna_hpx import InterleavedSampler
from optuna_hpx.canvas.material import Material

sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("page", "trials")]
from sampling import HillClimber
from zoo import Function

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
    "GP": lambda n, s: [(GPSampler(seed=s), n)],
}
ONE_OBJECTIVE = ("CMA-ES", "hill climber")
DRAWN = ("random", "QMC")  # of which no trial is a sampler's choice
QUICK = (*DRAWN, "NSGA-II")  # of which 1000 trials are made in no time


@dataclass(frozen=True)
class Case:
    """One study of a function."""

    function: Function
    sampler: str
    n: int
    seed: int
    folder: Path

    @cached_property
    def study(self) -> optuna.Study:
        """The study, of one objective."""
        return self._study("", 1)

    @cached_property
    def mirrored_study(self) -> optuna.Study:
        """The same of two objectives, the second the mirror image of the first."""
        return self._study("-mirrored", 2)

    @cached_property
    def material(self) -> Material:
        """What the page makes of the study."""
        return Material.of(self.study)

    def _study(self, mark: str, m: int) -> optuna.Study:
        """Make a study, or take it from the folder if it has been there before."""
        parts = SAMPLERS[self.sampler](self.n, 1000 + self.seed)
        study = optuna.create_study(directions=["minimize"] * m, sampler=parts[-1][0])
        name = f"{self.function.name}-{self.sampler}-{self.n}-{self.seed}{mark}.pickle"
        path = self.folder / name.replace(" ", "_")
        if path.exists():
            study.add_trials(pickle.loads(path.read_bytes()))
            return study
        function = self.function
        objective = function.objective(self.seed) if m == 1 else function.objectives(self.seed)
        for part, size in parts:
            study.sampler = part
            study.optimize(objective, n_trials=size)
        self.folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(study.trials))
        return study
