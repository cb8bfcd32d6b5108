"""The hyperparameters of the best model, segment by segment."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from optuna_hpx.population._ledger import Ledger
    from optuna_hpx.population._segment import Segment

__all__ = ["Schedule", "Step", "environment", "schedule_to"]

_FORMAT = "optuna_hpx schedule"


@dataclass(frozen=True)
class Step:
    """One segment of a schedule.

    Attributes:
        params: Its hyperparameters.
        seed: ``checkpoint.seed`` in it.
        value: What it returned.
        sha256: Of the contents of the checkpoint it left; None if it left none.
        number: Of the trial that trained it.
        generation: ``checkpoint.generation`` in it; one is left out after one that all diverged.
        kind: Where its hyperparameters came from: "root", "continue", "vary" or "propose".
    """

    params: dict[str, Any]
    seed: int
    value: float
    sha256: str | None
    number: int
    generation: int
    kind: str | None = None


@dataclass(frozen=True)
class Schedule:
    """What a model was trained with, from nothing to its best value.

    To train with it elsewhere, run one segment per step with its ``params`` and ``seed``; the
    file is plain JSON, and is read without this package, too. ``params`` are what the segment
    suggested: under a scheduler of learning rates "lr" is the rate that it starts from. When a
    step begins, do in a loop of your own what :meth:`Checkpoint.load` does: with ``f = g["lr"] /
    g["initial_lr"]`` for each group ``g`` set ``g["initial_lr"] = lr``, ``g["lr"] = f * lr`` and
    the scheduler's ``base_lrs = [lr]``. For the same bits, seed and build the model in every step
    as the segment does.

    :meth:`GPBTScheduler.best_schedule` makes one, :meth:`GPBTScheduler.replay` trains with it.

    Attributes:
        steps: One per segment, the first first. Each has ``params``, ``seed``, ``value``,
            ``sha256`` (of the checkpoint it left), ``number`` (of its trial), ``generation`` and
            ``kind`` (where its hyperparameters came from).
        direction: "minimize" or "maximize".
        environment: Versions and machine of the process that made the schedule: elsewhere the
            same numbers need not come out.

    Example:
        >>> import os, tempfile
        >>> import optuna
        >>> from optuna_hpx import GPBTScheduler, Schedule
        >>> def segment(trial, checkpoint):
        ...     drop = trial.suggest_int("drop", 1, 5)
        ...     x = checkpoint.load(x=100)["x"] - drop
        ...     checkpoint.save(x=x)
        ...     return x
        >>> run = GPBTScheduler(optuna.create_study(), population_size=6, n_generations=3, seed=0)
        >>> run.optimize(segment)
        >>> schedule = run.best_schedule()
        >>> schedule.steps[-1].value == 100 - sum(step.params["drop"] for step in schedule.steps)
        True
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "schedule.json")
        ...     schedule.to_json(path)
        ...     Schedule.from_json(path) == schedule
        True
    """

    steps: tuple[Step, ...]
    direction: str
    environment: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        lines = [f"Schedule of {len(self)} segments, {self.direction} to {self.steps[-1].value:g}"]
        for step in self.steps:
            params = ", ".join(f"{name}={_short(x)}" for name, x in step.params.items())
            lines.append(f"  {step.generation}: {params} -> {step.value:g}")
        return "\n".join(lines)

    def to_json(self, path: str | Path) -> None:
        """Write the schedule to a file.

        Args:
            path: Of the file, which is replaced.

        Raises:
            TypeError: If a category is a value that JSON does not hold.
        """
        steps = [asdict(step) for step in self.steps]
        content = {
            "format": _FORMAT,
            "direction": self.direction,
            "environment": self.environment,
            "steps": steps,
        }
        text = json.dumps(content, indent=2)
        for step, again in zip(steps, json.loads(text)["steps"], strict=True):
            if step != again:
                raise TypeError(f"JSON does not hold all of {step['params']!r}.")
        Path(path).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def from_json(cls, path: str | Path) -> Schedule:
        """Read what :meth:`to_json` wrote.

        Args:
            path: Of the file.

        Returns:
            The schedule, equal to the one that was written.

        Raises:
            ValueError: If the file holds something else.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            if content["format"] != _FORMAT:
                raise KeyError("format")
            steps = tuple(Step(**step) for step in content["steps"])
            if not steps:
                raise KeyError("steps")
            return cls(steps, content["direction"], content["environment"])
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(
                f"`path` must be a schedule's file, but in {path}: {error!r}."
            ) from error


def schedule_to(segment: Segment, ledger: Ledger) -> Schedule:
    """Return what the model of ``segment`` was trained with, from its root on."""
    steps = tuple(
        Step(
            dict(s.trial.params),
            s.seed,
            ledger.sign * s.loss,
            s.sha256,
            s.number,
            s.generation,
            s.kind,
        )
        for s in ledger.lineage(segment)
    )
    return Schedule(steps, ledger.direction, environment())


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else repr(value)


def environment() -> dict[str, str]:
    """Return the versions and the machine that the numbers of a training may depend on."""
    versions = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "numpy": np.__version__,
    }
    for name in ("torch", "sklearn", "skops"):
        if name in sys.modules:
            versions[name] = str(sys.modules[name].__version__)
    if (torch := sys.modules.get("torch")) is not None:
        versions["torch threads"] = str(torch.get_num_threads())
    return versions
