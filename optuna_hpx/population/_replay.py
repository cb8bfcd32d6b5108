"""A schedule trained again, from nothing, and compared with what it recorded."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from optuna.trial import FixedTrial

from optuna_hpx import _checks
from optuna_hpx.population._checkpoint import Checkpoint
from optuna_hpx.population._schedule import Schedule, Step, environment

if TYPE_CHECKING:
    from optuna_hpx.population._worker import SegmentFunction

__all__ = ["ReplayError", "replay"]


class ReplayError(RuntimeError):
    """A replay did not come to what the schedule recorded; the message says where, and why.

    Example:
        >>> import optuna
        >>> from optuna_hpx import GPBTScheduler, ReplayError
        >>> def segment(trial, checkpoint):
        ...     rate = trial.suggest_float("rate", 0.0, 1.0)
        ...     x = checkpoint.load(x=8.0)["x"] * (1.0 - rate)
        ...     checkpoint.save(x=x)
        ...     return x
        >>> run = GPBTScheduler(optuna.create_study(), population_size=4, n_generations=2, seed=0)
        >>> run.optimize(segment)
        >>> schedule = run.best_schedule()
        >>> run.replay(segment, schedule) == schedule.steps[-1].value
        True
        >>> try:
        ...     run.replay(lambda trial, checkpoint: segment(trial, checkpoint) + 1.0, schedule)
        ... except ReplayError as error:
        ...     print(str(error).split(" came to ")[0])
        The segment of generation 0
    """


class _StepTrial(FixedTrial):
    """A trial that suggests the hyperparameters of a step, and has the attributes of its own."""

    def __init__(self, step: Step, parent: int | None) -> None:
        super().__init__(step.params, number=step.number)
        self._step = step
        attributes = {"generation": step.generation, "parent": parent, "kind": step.kind}
        for name, value in attributes.items():
            self.set_user_attr(name, value)

    def suggest_float(self, name: str, *args: Any, **kwargs: Any) -> float:
        self._check(name)
        return super().suggest_float(name, *args, **kwargs)

    def suggest_int(self, name: str, *args: Any, **kwargs: Any) -> int:
        self._check(name)
        return super().suggest_int(name, *args, **kwargs)

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        self._check(name)
        return super().suggest_categorical(name, choices)

    def _check(self, name: str) -> None:
        if name not in self._step.params:
            raise ReplayError(
                f"The segment suggests what the step of generation {self._step.generation} does "
                f"not have; it has {sorted(self._step.params)}. The segment must be the one that "
                "was trained."
            )


def replay(segment: SegmentFunction, schedule: Schedule, *, verify: bool) -> float:
    """Return the value that a model comes to with ``schedule``; see :meth:`GPBTScheduler.replay`.

    One checkpoint is held at a time.
    """
    first = schedule.steps[0]
    checkpoint, value = Checkpoint(first.generation, first.seed), float("nan")
    parent = None
    for step in schedule.steps:
        if parent is not None:
            checkpoint = _child_of(checkpoint, step)
        trial: Any = _StepTrial(step, parent)
        value = _checks.returned_number("The segment", segment(trial, checkpoint))
        if verify:
            _verify(schedule, step, value, checkpoint)
        parent = step.number
    return value


def _child_of(checkpoint: Checkpoint, step: Step) -> Checkpoint:
    name = f"the segment of generation {checkpoint.generation}"
    if checkpoint.saved is None:
        raise ReplayError(f"In the replay {name} saved no checkpoint.")
    file, sha256 = checkpoint.saved
    content = file.read()
    checkpoint.close()
    return Checkpoint(
        step.generation,
        step.seed,
        parent=lambda: io.BytesIO(content),
        sha256=sha256,
        name=name,
    )


def _verify(schedule: Schedule, step: Step, value: float, checkpoint: Checkpoint) -> None:
    """Raise if the value or the checkpoint of a step is not the recorded one, to the last bit."""
    sha256 = None if checkpoint.saved is None else checkpoint.saved[1]
    if value == step.value and step.sha256 in (None, sha256):
        return
    difference = (
        f"came to {value!r}, and not to {step.value!r}"
        if value != step.value
        else f"left a checkpoint with the sha256 {sha256}, and not {step.sha256}"
    )
    raise ReplayError(
        f"The segment of generation {step.generation} {difference}. {_reason(schedule)}"
    )


def _reason(schedule: Schedule) -> str:
    """Return why a replay may differ: another build, or else the segment itself."""
    present = environment()
    builds = [
        f"{name} {version} then and {present.get(name, 'not loaded')} now"
        for name, version in schedule.environment.items()
        if present.get(name) != version
    ]
    if builds:
        return (
            f"The schedule was made elsewhere ({', '.join(builds)}), so that equal bits are not "
            "to be expected: pass verify=False."
        )
    return (
        "The segment depends on something besides its trial and checkpoint: unseeded random "
        "numbers (see Checkpoint.seed), threads, or changed code or data."
    )
