"""Tune how a graph network weighs neighbours on 40 small graphs, and certify it for the next one.

Nodes i and j are joined by the weight (s_ij + alpha)^8, where s_ij, from 0 to 1, is how close
they are. With a small alpha a node heeds itself and its likes, with a large one everybody. A task
is a graph of 50 samples from one of three data sets of scikit-learn, 10 of them labelled; its
value is the accuracy on the others. What is best on one graph is luck, so alpha is tuned on many;
bad values are dropped after a few graphs. For your own tasks write another `draw_task` and
`utility`. Takes a minute; needs torch.
"""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import optuna
import torch
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.preprocessing import scale
from torch import nn

import optuna_hpx as hpx
from optuna_hpx.tasks.maths.capacity import polynomial_gcn
from optuna_hpx.tasks.nn import PolynomialKernelGCN

sources = [load(return_X_y=True) for load in (load_breast_cancer, load_digits, load_wine)]
default = {"alpha": 1.0}  # as in scikit-learn's polynomial_kernel


@dataclass(frozen=True)
class Task:
    x: torch.Tensor
    closeness: torch.Tensor
    y: torch.Tensor
    n_labelled: int
    seed: int  # of the training: what is random belongs to the task


def draw_task(rng):
    """Those to come are drawn in the same way, and each independently of the others."""
    data, labels = sources[rng.integers(3)]
    classes = rng.permutation(np.unique(labels))[:3]
    rows = rng.permutation(np.flatnonzero(np.isin(labels, classes)))[:50]
    x, y = torch.tensor(scale(data[rows])).float(), np.searchsorted(np.sort(classes), labels[rows])
    distances = torch.cdist(x, x)
    closeness = 1 - distances / distances.max()
    return Task(x, closeness, torch.tensor(y), 10, int(rng.integers(2**31)))


def utility(alpha, task):
    """The accuracy on the nodes without a label, after training on those with one."""
    torch.manual_seed(task.seed)
    net = PolynomialKernelGCN(task.x.shape[1], 8, 3, degree=8, alpha=alpha)
    adam = torch.optim.Adam(net.parameters(), lr=0.05)
    for _ in range(40):
        adam.zero_grad()
        scores = net(task.x, task.closeness)[: task.n_labelled]
        nn.functional.cross_entropy(scores, task.y[: task.n_labelled]).backward()
        adam.step()
    with torch.no_grad():
        correct = net(task.x, task.closeness).argmax(1) == task.y
    return correct[task.n_labelled :].double().mean().item()


def evaluate(trial, task):  # with a step alpha can be counted, which makes the certificate tighter
    return utility(trial.suggest_float("alpha", 0, 2, step=0.05), task)


def main(n_tasks=40, n_trials=25, n_fresh=100, n_curves=3, n_alphas=21, page="graphs.html"):
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
    alphas = np.linspace(0, 2, n_alphas)
    curves = [[replace(task, seed=s) for s in range(3)] for task in tasks[:n_curves]]
    repeats = np.array([[[utility(a, t) for a in alphas] for t in curve] for curve in curves])
    dual = hpx.DualCurve(alphas, repeats.mean(axis=1))
    noise = hpx.noise_tolerance(repeats) / 3**0.5
    print(f"Oscillations of single tasks along alpha, at least: {dual.oscillations()}")
    print(f"Local maxima: {dual.local_maxima(0).sum(axis=1)}")
    print(f"Those above the noise ({noise:.3f}): {dual.local_maxima(noise).sum(axis=1)}\n")

    # What theory says, of the accuracy on the labelled nodes, at the best weights.
    print(polynomial_gcn(50, 10, 64, 8, 3, degree=8, n_configs=41).summary())

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
