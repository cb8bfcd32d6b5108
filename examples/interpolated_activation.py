"""Tune an activation on 40 small tasks, and say what it will be worth on the next one.

The activation is alpha ReLU(x) + (1 - alpha) |x|. A task is a question about the handwritten
digits of scikit-learn, "is it one of these five?", with 40 examples to learn it from. What is
best on one such task is luck, so alpha is tuned on many; bad values are dropped after a few tasks.
For your own tasks write another `draw_task` and `utility`. Takes a minute; needs torch.
"""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import optuna
import torch
from sklearn.datasets import load_digits
from torch import nn

import optuna_hpx as hpx
from optuna_hpx.tasks.maths.capacity import interpolated_activation
from optuna_hpx.tasks.nn import InterpolatedActivation

images, digits = load_digits(return_X_y=True)
default = {"alpha": 1.0}  # ReLU


@dataclass(frozen=True)
class Task:
    x: torch.Tensor
    y: torch.Tensor
    n_train: int
    seed: int  # of the training: what is random belongs to the task


def draw_task(rng):
    """Those to come are drawn in the same way, and each independently of the others."""
    rows, five = rng.choice(len(images), 240, replace=False), rng.choice(10, 5, replace=False)
    x, y = images[rows] / 16, np.isin(digits[rows], five)
    return Task(torch.tensor(x).float(), torch.tensor(y).float(), 40, int(rng.integers(2**31)))


def utility(alpha, task):
    """The accuracy on the task's other 200 images, after training on the first 40."""
    torch.manual_seed(task.seed)
    activation = InterpolatedActivation(torch.relu, torch.abs, alpha)
    net = nn.Sequential(nn.Linear(64, 16), activation, nn.Linear(16, 16), activation)
    net.append(nn.Linear(16, 1)).append(nn.Flatten(0))
    adam = torch.optim.Adam(net.parameters(), lr=0.02)
    x, y = task.x[: task.n_train], task.y[: task.n_train]
    for _ in range(30):
        adam.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(net(x), y).backward()
        adam.step()
    with torch.no_grad():
        correct = (net(task.x) > 0) == (task.y > 0)
    return correct[task.n_train :].double().mean().item()


def evaluate(trial, task):  # with a step alpha can be counted, which makes the certificate tighter
    return utility(trial.suggest_float("alpha", 0, 1, step=0.02), task)


def main(n_tasks=40, n_trials=25, n_fresh=100, n_curves=3, n_alphas=21, page="activation.html"):
    rng = np.random.default_rng(0)
    tasks = [draw_task(rng) for _ in range(n_tasks)]

    sampler, pruner = optuna.samplers.TPESampler(seed=0), hpx.TaskRacingPruner()
    study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)
    study.enqueue_trial(default)
    study.optimize(hpx.MultiTaskObjective(evaluate, tasks, seed=0), n_trials)

    certificate = hpx.certify(study, bounds=(0, 1), baseline=default)
    approximate = hpx.certify(study, bounds=(0, 1), method="bootstrap")
    print(f"\nThe best: {certificate.params}\n{certificate}\n")

    fresh = [draw_task(rng) for _ in range(n_fresh)]  # who tunes has none; here we can look
    best = np.array([utility(certificate.params["alpha"], task) for task in fresh])
    before = np.array([utility(default["alpha"], task) for task in fresh])
    print(f"Certified: {certificate.bound:.4f}; by the bootstrap: {approximate.bound:.4f}.")
    print(f"On {n_fresh} fresh tasks: {mean(best)}; the default: {mean(before)}.")
    print(f"Gain on them: {mean(best - before)}.\n")

    # Why one task is not enough: the utility of some along alpha, from 3 trainings each.
    alphas = np.linspace(0, 1, n_alphas)
    curves = [[replace(task, seed=s) for s in range(3)] for task in tasks[:n_curves]]
    repeats = np.array([[[utility(a, t) for a in alphas] for t in curve] for curve in curves])
    dual = hpx.DualCurve(alphas, repeats.mean(axis=1))
    noise = hpx.noise_tolerance(repeats) / 3**0.5
    print(f"Oscillations of single tasks along alpha, at least: {dual.oscillations()}")
    print(f"Local maxima: {dual.local_maxima(0).sum(axis=1)}")
    print(f"Those above the noise ({noise:.3f}): {dual.local_maxima(noise).sum(axis=1)}\n")

    # What theory says, of the accuracy on the images of training, at the best weights.
    print(interpolated_activation((64, 16, 16, 1), 40, 1, 1, n_configs=51).summary())

    if page and find_spec("plotly"):
        figures = [hpx.plot_task_racing(study), hpx.plot_certificate(certificate)]
        figures.append(hpx.plot_dual_curve(dual, tol=noise))
        parts = [f.to_html(full_html=False, include_plotlyjs=f is figures[0]) for f in figures]
        Path(page).write_text("".join(parts), "utf-8")
    return certificate, best


def mean(x):
    return f"{x.mean():.4f} ± {x.std(ddof=1) / len(x) ** 0.5:.4f}"


if __name__ == "__main__":
    torch.set_num_threads(1)  # networks this small are faster so
    main()
