"""What population-based training comes to, beside other ways to spend the same training.

Each arm has 250 segments of training (25 models of 10 segments each, or what it makes of them),
which is counted and enforced, and answers with the checkpoint of the best validation loss it ever
saw. Reported is the test loss of that checkpoint. With one seed all arms have the same data split,
and their k-th fresh model the same initial weights.

ours                  GPBTScheduler as it is by default
ours, random children its proposals are random ones; parents, continuation and variation stay
ours, shuffled        its parents are drawn at random among the segments that did not diverge: what
                      is left without selection
paper                 GPBTScheduler.paper: sqrt(n) parents, TPE on the lineage
paper, random         the same with random proposals: children are continued or random
PBT                   the worst 25 % (and all that diverged) copy one of the best 25 %, and its
                      values times 0.8 or 1.2, or resampled with probability 0.25
PBT, tuned            the worst 40 % copy one of the best 40 %, and times 0.5 or 2
PB2-like              as PBT, values by GP-UCB on ranked improvements, with a kernel over time
TPE fixed             full runs with constant values; each is worth its best validation loss
random fixed          the same with random search
successive halving    three brackets (from 1, 3 and 10 segments on), eta about 3

A run with constant values ends when it diverges: what that saves goes to further runs. PB2 and
PBT are written from the papers, not the authors' code. The settings of "PBT, tuned" and PB2 are
the best of four each, those of TPE and the halving of two, on seeds 1000-1002 of all tasks and
1003 of six. Nothing of ours was chosen on these tasks.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import math
import time
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import optuna
from gpbt_tasks import TASKS, Number, Params, Space, State, Task
from scipy import linalg, special, stats

from optuna_hpx.population import Checkpoint, GPBTScheduler
from optuna_hpx.population.maths import genealogy

N_MODELS, N_SEGMENTS = 25, 10
BUDGET = N_MODELS * N_SEGMENTS
OURS = "ours"


class Trainer:
    """All that an arm may do with a task: train, and see the validation loss.

    Attributes:
        used: Segments trained so far.
        best: Smallest validation loss so far, and the state that has it.
    """

    def __init__(self, task: Task, seed: int) -> None:
        self.task, self.seed = task, seed
        self.space = task.space
        self.rng = np.random.default_rng([seed, 10])
        self.used = 0
        self.best: tuple[float, State] = (math.inf, {})
        self._n_fresh = 0

    @property
    def left(self) -> int:
        return BUDGET - self.used

    def fresh(self) -> State:
        """A new model: the k-th one of each arm is the same."""
        seed = np.random.SeedSequence([self.seed, 11, self._n_fresh]).generate_state(1)[0]
        self._n_fresh += 1
        return self.task.init(int(seed))

    def train(self, state: State, params: Params, seed: int | None = None) -> tuple[State, float]:
        """The state after one segment, and its validation loss."""
        if not self.left:
            raise RuntimeError(f"The arm asked for more than {BUDGET} segments.")
        if seed is None:
            seed = int(np.random.SeedSequence([self.seed, 12, self.used]).generate_state(1)[0])
        self.used += 1
        state = self.task.train(state, params, seed)
        loss = self.task.validate(state)
        if loss < self.best[0]:
            self.best = loss, state
        return state, loss

    def random(self) -> Params:
        u = self.rng.random(len(self.space))
        return {name: _at(d, x) for (name, d), x in zip(self.space.items(), u, strict=True)}


Arm = Callable[[Trainer], None]


def _at(dimension: Number | tuple[str, ...], u: float) -> Any:
    if isinstance(dimension, Number):
        return dimension.at(u)
    return dimension[min(int(u * len(dimension)), len(dimension) - 1)]


def suggest(trial: optuna.trial.Trial, space: Space) -> Params:
    """What ``trial`` suggests in ``space``."""
    params: Params = {}
    for name, d in space.items():
        if not isinstance(d, Number):
            params[name] = trial.suggest_categorical(name, d)
        elif d.integer:
            params[name] = trial.suggest_int(name, round(d.low), round(d.high), log=d.log)
        else:
            params[name] = trial.suggest_float(name, d.low, d.high, log=d.log)
    return params


# GPBTScheduler


def gpbt(make: Callable[..., GPBTScheduler], **kwargs: Any) -> Arm:
    """The arm of ``make(study, **kwargs)``."""

    def arm(trainer: Trainer) -> None:
        template = trainer.task.init(0)

        def segment(trial: optuna.trial.Trial, checkpoint: Checkpoint) -> float:
            params = suggest(trial, trainer.space)
            state = trainer.fresh() if checkpoint.is_root else _copy(template)
            checkpoint.load(**state)
            state, loss = trainer.train(state, params, checkpoint.seed)
            checkpoint.save(**state)
            return loss

        scheduler = make(
            optuna.create_study(),
            population_size=N_MODELS,
            n_generations=N_SEGMENTS,
            seed=trainer.seed,
            **kwargs,
        )
        scheduler.optimize(segment)
        _check_answer(scheduler, trainer, template)

    return arm


def _copy(state: State) -> State:
    return {name: array.copy() for name, array in state.items()}


def _check_answer(scheduler: GPBTScheduler, trainer: Trainer, template: State) -> None:
    """What the scheduler hands out must be the checkpoint that this benchmark reports."""
    found, (loss, state) = _copy(template), trainer.best
    scheduler.best_checkpoint().load(**found)
    if scheduler.best_schedule().steps[-1].value != loss or any(
        not np.array_equal(found[name], state[name]) for name in state
    ):
        raise RuntimeError("The scheduler's best checkpoint is not the best one it trained.")


@contextlib.contextmanager
def without_selection() -> Iterator[None]:
    """Parents at random among the segments that did not diverge."""

    def ranking(losses: np.ndarray) -> np.ndarray:
        # The same losses must give the same order, as each worker and slot asks again.
        rng = np.random.default_rng(zlib.crc32(losses.tobytes()))
        return rng.permutation(np.flatnonzero(np.isfinite(losses)))

    with mock.patch.object(genealogy, "ranking", ranking):
        yield


def shuffled(arm: Arm) -> Arm:
    """``arm`` without selection."""

    def patched(trainer: Trainer) -> None:
        with without_selection():
            arm(trainer)

    return patched


def random_sampler(seed: int) -> optuna.samplers.BaseSampler:
    return optuna.samplers.RandomSampler(seed=seed)


# PBT and PB2


@dataclass
class Model:
    """One of a population; ``before`` is its loss before the last segment."""

    state: State
    params: Params
    before: float
    loss: float = math.inf


class Perturb:
    """How PBT chooses the values of a copy."""

    def __init__(self, trainer: Trainer, *, factor: float = 1.2, resample: float = 0.25) -> None:
        self._space, self._rng = trainer.space, trainer.rng
        # 0.8 goes with 1.2, as in the paper; other factors with their inverse.
        self._factors = (0.8, 1.2) if factor == 1.2 else (1.0 / factor, factor)
        self._resample = resample

    def observe(self, generation: int, models: Sequence[Model]) -> None:
        """Learn from the segments of a generation."""

    def begin(self, generation: int, staying: Sequence[Model]) -> None:
        """Copies for ``generation`` follow, beside these models with the values they have."""

    def explore(self, donor: Model) -> Params:
        return {name: self._value(d, donor.params[name]) for name, d in self._space.items()}

    def _value(self, d: Number | tuple[str, ...], value: Any) -> Any:
        if self._rng.random() < self._resample:
            return _at(d, self._rng.random())
        if not isinstance(d, Number):
            return value
        return d.clip(value * float(self._rng.choice(self._factors)))


def population(explorer: Callable[[Trainer], Perturb], share: float = 0.25) -> Arm:
    """Truncation selection after each segment, of which both ends are ``share``."""

    def arm(trainer: Trainer) -> None:
        explore, models = explorer(trainer), []
        for _ in range(N_MODELS):
            state = trainer.fresh()
            models.append(Model(state, trainer.random(), trainer.task.validate(state)))
        for generation in range(N_SEGMENTS):
            if generation:
                _exploit(models, generation, explore, trainer.rng, share)
            for model in models:
                model.state, model.loss = trainer.train(model.state, model.params)
            explore.observe(generation, models)

    return arm


def _exploit(
    models: list[Model],
    generation: int,
    explorer: Perturb,
    rng: np.random.Generator,
    share: float,
) -> None:
    """Replace the worst by copies of the best; all look at the losses before."""
    n = round(share * len(models))
    order = sorted(models, key=lambda model: model.loss)
    n_finite = sum(math.isfinite(model.loss) for model in models)
    donors = [
        Model(m.state, m.params, before=m.loss, loss=m.loss) for m in order[: min(n, n_finite)]
    ]
    n_staying = min(len(models) - n, n_finite)
    for model in models:
        model.before = model.loss
    explorer.begin(generation, order[:n_staying])
    for model in order[n_staying:]:
        donor = donors[int(rng.integers(len(donors)))]
        model.state, model.before, model.loss = donor.state, donor.loss, donor.loss
        model.params = explorer.explore(donor)


class TimeVaryingGp:
    """A Gaussian process whose function drifts.

    The kernel is exp(-r^2 / (2 length^2)) (1 - drift)^(time apart / 2); length, drift and noise
    are those of the largest likelihood on a grid.

    Args:
        x: (n, d) inputs.
        t: (n,) times.
        y: (n,) values of about zero mean and unit variance.
    """

    _LENGTHS, _DRIFTS, _NOISES = (0.2, 0.4, 0.8, 1.6), (0.0, 0.1, 0.3), (0.1, 0.3, 0.6, 0.9)

    def __init__(self, x: np.ndarray, t: np.ndarray, y: np.ndarray) -> None:
        self._x, self._t, self._y = x, t, y
        settings = [
            (length, drift, noise)
            for length in self._LENGTHS
            for drift in self._DRIFTS
            for noise in self._NOISES
        ]
        self._setting = max(settings, key=self._log_likelihood)
        self._solve()

    def _kernel(
        self, x: np.ndarray, t: np.ndarray, length: float, drift: float, noise: float
    ) -> np.ndarray:
        """(n, m) between the points that were seen and others; the variance is 1 - noise."""
        square = (self._x**2).sum(1)[:, None] - 2.0 * self._x @ x.T + (x**2).sum(1)
        near = np.exp(-0.5 * np.maximum(square, 0.0) / length**2)
        return (1.0 - noise) * near * (1.0 - drift) ** (np.abs(self._t[:, None] - t) / 2.0)

    def _factor(self, setting: tuple[float, float, float]) -> np.ndarray:
        k = self._kernel(self._x, self._t, *setting)
        k[np.diag_indices(len(k))] += setting[2]
        return linalg.cholesky(k, lower=True, check_finite=False)

    def _log_likelihood(self, setting: tuple[float, float, float]) -> float:
        factor = self._factor(setting)
        z = linalg.solve_triangular(factor, self._y, lower=True, check_finite=False)
        return float(-0.5 * z @ z - np.log(np.diag(factor)).sum())

    def _solve(self) -> None:
        self._chol = self._factor(self._setting)
        self._z = linalg.solve_triangular(self._chol, self._y, lower=True, check_finite=False)

    def predict(self, x: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the function at ``x`` (m, d)."""
        k = self._kernel(x, np.full(len(x), t), *self._setting)
        back = linalg.solve_triangular(self._chol, k, lower=True, check_finite=False)
        variance = 1.0 - self._setting[2] - (back**2).sum(0)
        return back.T @ self._z, np.sqrt(np.maximum(variance, 0.0))

    def believe(self, x: np.ndarray, t: float) -> None:
        """Take what is predicted at ``x`` (m, d) for seen, which narrows what is next to it."""
        mean, _ = self.predict(x, t)
        self._x, self._y = np.concatenate([self._x, x]), np.concatenate([self._y, mean])
        self._t = np.concatenate([self._t, np.full(len(x), t)])
        self._solve()


class GaussianUcb(Perturb):
    """How PB2 chooses: numbers by GP-UCB, categories as PBT does.

    The inputs are the numbers in [0, 1] and the score of the model's rank before the segment, the
    target is the score of the rank of its improvement, both in its own generation. Models that
    train at the same time count with what is predicted of them, lest all copies get the same.
    """

    _N_UNIFORM, _N_LOCAL, _LOCAL = 500, 200, 0.1
    _RANK = 0.25  # scale of the score beside the numbers

    def __init__(self, trainer: Trainer, *, kappa: float = 1.0) -> None:
        super().__init__(trainer)
        self._numbers = {n: d for n, d in trainer.space.items() if isinstance(d, Number)}
        self._kappa, self._now = kappa, 0
        self._seen: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._ranks: dict[float, float] = {}  # by loss, in the last generation

    def observe(self, generation: int, models: Sequence[Model]) -> None:
        before = np.array([model.before for model in models])
        after = np.array([model.loss for model in models])
        if not self._ranks:
            self._ranks = dict(zip(before.tolist(), _scores(before).tolist(), strict=True))
        x = np.array([self._inputs(model.params, model.before) for model in models])
        # A model that diverged has improved the least; it cannot have been diverged before.
        y = -_scores(after - before)
        self._seen.append((x, np.full(len(x), float(generation)), y))
        self._ranks = dict(zip(after.tolist(), _scores(after).tolist(), strict=True))

    def _inputs(self, params: Params, loss: float) -> np.ndarray:
        places = [d.place(params[name]) for name, d in self._numbers.items()]
        return np.array([*places, self._RANK * self._ranks[loss]])

    def begin(self, generation: int, staying: Sequence[Model]) -> None:
        x, t, y = (np.concatenate(column) for column in zip(*self._seen, strict=True))
        self._now, self._gp = generation, TimeVaryingGp(x, t, y)
        pending = [self._inputs(model.params, model.loss) for model in staying]
        self._gp.believe(np.array(pending), generation)

    def explore(self, donor: Model) -> Params:
        params, at = super().explore(donor), self._inputs(donor.params, donor.loss)
        d = len(self._numbers)
        near = at[:d] + self._LOCAL * self._rng.normal(size=(self._N_LOCAL, d))
        u = np.concatenate([self._rng.random((self._N_UNIFORM, d)), np.clip(near, 0.0, 1.0)])
        x = np.column_stack([u, np.full(len(u), at[d])])
        mean, deviation = self._gp.predict(x, self._now)
        best = int(np.argmax(mean + self._kappa * deviation))
        self._gp.believe(x[best : best + 1], self._now)
        chosen = zip(self._numbers.items(), u[best].tolist(), strict=True)
        return params | {name: number.at(value) for (name, number), value in chosen}


def _scores(values: np.ndarray) -> np.ndarray:
    """Normal scores of the ranks; ties share their mean rank."""
    return special.ndtri((stats.rankdata(values) - 0.5) / len(values))


# Constant values


def fixed(make_sampler: Callable[[int], optuna.samplers.BaseSampler]) -> Arm:
    """One full run after the other, each with the values of a trial."""

    def arm(trainer: Trainer) -> None:
        study = optuna.create_study(sampler=make_sampler(trainer.seed))
        while trainer.left:
            trial = study.ask()
            params, state = suggest(trial, trainer.space), trainer.fresh()
            losses: list[float] = []
            while trainer.left and len(losses) < N_SEGMENTS:
                state, loss = trainer.train(state, params)
                losses.append(loss)
                if not math.isfinite(loss):
                    break
            study.tell(trial, min(losses))

    return arm


def tpe_sampler(seed: int) -> optuna.samplers.BaseSampler:
    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=5)


Bracket = Sequence[tuple[int, int]]
"""Rungs: so many models, each trained for so many segments in all."""

# One bracket that fills the budget, and three as in Hyperband, which fill it, too.
ONE_BRACKET: list[Bracket] = [[(103, 1), (35, 3), (11, 10)]]
THREE_BRACKETS: list[Bracket] = [[(49, 1), (15, 3), (5, 10)], [(18, 3), (6, 10)], [(4, 10)]]


def halving(brackets: Sequence[Bracket]) -> Arm:
    """Random values; the best of a rung train on. What diverged ones save goes to the best."""

    def arm(trainer: Trainer) -> None:
        for bracket in brackets:
            _bracket(trainer, bracket)
        while trainer.left:
            trainer.train(trainer.best[1], trainer.random())

    return arm


def _bracket(trainer: Trainer, bracket: Bracket) -> None:
    models = [
        Model(trainer.fresh(), trainer.random(), math.inf, loss=0.0) for _ in range(bracket[0][0])
    ]
    trained = 0
    for n, until in bracket:
        models = sorted(models, key=lambda model: model.loss)[:n]
        for model in models:
            for _ in range(until - trained):
                if math.isfinite(model.loss):
                    model.state, model.loss = trainer.train(model.state, model.params)
        trained = until


ARMS: dict[str, Arm] = {
    OURS: gpbt(GPBTScheduler),
    "ours, random children": gpbt(GPBTScheduler, sampler=random_sampler),
    "ours, shuffled": shuffled(gpbt(GPBTScheduler)),
    "paper": gpbt(GPBTScheduler.paper),
    "paper, random": gpbt(GPBTScheduler.paper, sampler=random_sampler),
    "PBT": population(Perturb),
    "PBT, tuned": population(functools.partial(Perturb, factor=2.0), share=0.4),
    "PB2-like": population(GaussianUcb),
    "TPE fixed": fixed(tpe_sampler),
    "random fixed": fixed(random_sampler),
    "successive halving": halving(THREE_BRACKETS),
}


# Runs

Row = dict[str, Any]


def run(task_name: str, arm_name: str, seed: int, arm: Arm) -> Row:
    """One row of the output."""
    began = time.perf_counter()
    task = TASKS[task_name](seed)
    trainer = Trainer(task, seed)
    arm(trainer)
    if trainer.used != BUDGET:
        raise RuntimeError(f"{arm_name} trained {trainer.used} segments, and not {BUDGET}.")
    loss, state = trainer.best
    return {
        "task": task_name,
        "arm": arm_name,
        "seed": seed,
        "validation": loss,
        "test": task.test(state),
        "segments": trainer.used,
        "seconds": round(time.perf_counter() - began, 2),
    }


def runs(
    tasks: Sequence[str], arms: Sequence[str], seeds: Sequence[int], known: Sequence[Row]
) -> Iterator[Row]:
    """Those that are not known; all arms of a seed before the next seed."""
    done = {(row["task"], row["arm"], row["seed"]) for row in known}
    for seed in seeds:
        for task in tasks:
            for arm in arms:
                if (task, arm, seed) not in done:
                    yield run(task, arm, seed, ARMS[arm])


def read(path: Path) -> list[Row]:
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    wrong = [row for row in rows if row["segments"] != BUDGET]
    if wrong:
        raise RuntimeError(f"Not trained for {BUDGET} segments: {wrong[0]}.")
    return rows


# Tables


@dataclass
class Comparison:
    """``ours`` against another arm on one task, over the seeds that both have."""

    ratio: float
    wins: int
    losses: int
    p: float
    p_holm: float = math.nan


class Results:
    """Test losses by task and arm; (seeds,) of the seeds that all arms have."""

    def __init__(self, rows: Sequence[Row], tasks: Sequence[str], arms: Sequence[str]) -> None:
        found = {(row["task"], row["arm"], row["seed"]): row["test"] for row in rows}
        present = {arm for _, arm, _ in found}
        self.arms = [arm for arm in arms if arm in present]
        self.seeds: dict[str, list[int]] = {}
        self.test: dict[tuple[str, str], np.ndarray] = {}
        for task in tasks:
            seeds = sorted(
                seed
                for seed in {row["seed"] for row in rows if row["task"] == task}
                if all((task, arm, seed) in found for arm in self.arms)
            )
            if seeds:
                self.seeds[task] = seeds
                for arm in self.arms:
                    self.test[task, arm] = np.array([found[task, arm, s] for s in seeds])
        self.comparisons = self._compare()

    def ranks(self, task: str) -> np.ndarray:
        """(arms,) mean over the seeds of the rank among the arms."""
        losses = np.array([self.test[task, arm] for arm in self.arms])
        return stats.rankdata(losses, axis=0).mean(1)

    def _compare(self) -> dict[tuple[str, str], Comparison]:
        if OURS not in self.arms:
            return {}
        found = {
            (task, arm): compare(self.test[task, OURS], self.test[task, arm])
            for task in self.seeds
            for arm in self.arms
            if arm != OURS
        }
        adjusted = holm(np.array([c.p for c in found.values()]))
        for comparison, p in zip(found.values(), adjusted.tolist(), strict=True):
            comparison.p_holm = p
        return found


def compare(ours: np.ndarray, other: np.ndarray) -> Comparison:
    difference = ours - other
    p = 1.0
    if np.any(difference):
        p = float(stats.wilcoxon(ours, other).pvalue)
    wins, losses = int((difference < 0.0).sum()), int((difference > 0.0).sum())
    return Comparison(float(np.median(ours / other)), wins, losses, p)


def holm(p: np.ndarray) -> np.ndarray:
    """Adjusted p-values."""
    order = np.argsort(p)
    stepwise = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepwise, 1.0)
    return adjusted


def show(results: Results) -> None:
    for task in results.seeds:
        show_task(results, task)
    if not results.seeds:
        print("No seed has all arms yet.")
        return
    show_all(results)


def show_task(results: Results, task: str) -> None:
    seeds = results.seeds[task]
    print(f"\n{task}: test loss, {len(seeds)} runs per arm, seeds {_ranges(seeds)}")
    print(
        f"  {'arm':22s} {'median':>8s} {'quartiles':>19s} {'rank':>5s}   "
        f"{'ours/arm':>8s} {'won-lost':>8s} {'p':>7s} {'Holm':>6s}"
    )
    for arm, rank in zip(results.arms, results.ranks(task).tolist(), strict=True):
        low, median, high = np.quantile(results.test[task, arm], [0.25, 0.5, 0.75])
        line = f"  {arm:22s} {median:8.4g} {low:9.4g} {high:9.4g} {rank:5.1f}   "
        if (c := results.comparisons.get((task, arm))) is not None:
            line += f"{c.ratio:8.3f} {c.wins:4d}-{c.losses:<3d} {c.p:7.1g} {c.p_holm:6.2g}"
        print(line.rstrip())


def show_all(results: Results) -> None:
    ranks = np.array([results.ranks(task) for task in results.seeds])
    runs_ = sum(len(seeds) for seeds in results.seeds.values())
    print(f"\nall tasks ({len(ranks)}; {runs_} runs per arm, {runs_ * len(results.arms)} in all)")
    print(
        f"  {'arm':22s} {'median rank':>11s} {'best':>5s} {'worst':>5s}   "
        f"{'ours/arm':>8s} {'won-lost':>8s} {'Holm < .05: won-lost':>21s}"
    )
    for column, arm in enumerate(results.arms):
        rank = ranks[:, column]
        line = f"  {arm:22s} {np.median(rank):11.2f} {rank.min():5.1f} {rank.max():5.1f}   "
        cells = [results.comparisons[task, arm] for task in results.seeds if arm != OURS]
        if results.comparisons and cells:
            clear = [c for c in cells if c.p_holm < 0.05]
            better = sum(c.wins > c.losses for c in clear)
            line += (
                f"{np.median([c.ratio for c in cells]):8.3f} "
                f"{sum(c.wins for c in cells):4d}-{sum(c.losses for c in cells):<3d} "
                f"{better:15d}-{len(clear) - better}"
            )
        print(line.rstrip())
    if cells_ := len(results.comparisons):
        n = max(len(seeds) for seeds in results.seeds.values())
        least = 2.0 * 0.5**n
        print(
            f"\np: paired Wilcoxon of ours against the arm; Holm over these {cells_} cells. "
            f"With {n} seeds\nthe smallest p there can be is {least:.2g}, and "
            f"{least * cells_:.2g} after the correction over all cells.\n"
            "ours/arm: median ratio of the pairs, below 1 where ours is better; over the tasks, "
            "their median."
        )


def _ranges(seeds: Sequence[int]) -> str:
    """[0, 1, 2, 5] -> "0-2, 5"."""
    parts: list[list[int]] = []
    for seed in seeds:
        if parts and seed == parts[-1][-1] + 1:
            parts[-1].append(seed)
        else:
            parts.append([seed])
    return ", ".join(f"{p[0]}-{p[-1]}" if len(p) > 1 else f"{p[0]}" for p in parts)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--seeds", type=int, default=10, help="how many")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="rows are added; those there are not run again")
    parser.add_argument("--table", type=Path, help="only print the tables of these rows")
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    if args.table is not None:
        show(Results(read(args.table), args.tasks, args.arms))
        return
    rows = [] if args.out is None else read(args.out)
    seeds = range(args.first_seed, args.first_seed + args.seeds)
    with contextlib.ExitStack() as stack:
        out = None if args.out is None else stack.enter_context(args.out.open("a"))
        for row in runs(args.tasks, args.arms, seeds, rows):
            rows.append(row)
            if out is not None:
                print(json.dumps(row), file=out, flush=True)
    show(Results([row for row in rows if row["seed"] in seeds], args.tasks, args.arms))


if __name__ == "__main__":
    main()
