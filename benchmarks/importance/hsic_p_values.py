"""Size and power of the p-values of HSIC, of single parameters and of pairs.

    python benchmarks/importance/hsic_p_values.py size [seconds]
    python benchmarks/importance/hsic_p_values.py power [studies]

Size: the share of p-values at or below a level where the score depends on nothing, over the level;
it should be 1 at most, but for the standard error in brackets. Power: the share of studies in
which an effect is found at a level, by the p-values and by a plain permutation test with 20,000
replicates.
"""

from __future__ import annotations

import itertools
import sys
import time
from unittest import mock

import numpy as np

from optuna_hpx.importance.maths import hsic_inference
from optuna_hpx.importance.maths.hsic import scores
from optuna_hpx.importance.maths.hsic_group import Group
from optuna_hpx.importance.maths.hsic_inference import infer
from optuna_hpx.importance.maths.hsic_interval import N_DRAWS
from optuna_hpx.importance.maths.hsic_pairs import category_features, pair_r2, position_features
from optuna_hpx.importance.maths.kernels import kernel_of

LEVELS = (0.05, 0.01, 0.001, 0.0005)
RARE = (0.9, 0.07, 0.03)  # probabilities of unbalanced choices
KINDS = ("rank", "log_rank", "indicator")


def score_of(y: np.ndarray, kind: str) -> np.ndarray:
    """Score the losses ``y`` (n,)."""
    if kind == "indicator":
        return (y <= np.quantile(y, 0.2)).astype(float)
    return scores(y, kind)


def group_of(x: np.ndarray, kernel: str, y: np.ndarray, kind: str, rows: np.ndarray) -> Group:
    """Make the group of the trials ``rows``."""
    score = score_of(y[rows], kind)
    return Group(
        rows=rows,
        kernel=kernel_of(x[rows], kernel),
        w=score - score.mean(),
        weight=len(rows) / len(y),
        order=np.argsort(y[rows]),
        slope=np.zeros(len(rows)),
        phi=None,
        variance=float(np.var(score)),
    )


def single_p_values(n: int, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Test a numeric, an unbalanced categorical and a conditional parameter, four of each."""
    y, rows = rng.random(n), np.arange(n)
    parts = (rows[: n // 3], rows[n // 3 :])
    parameters = []
    for _ in range(4):
        x, code = rng.random(n), rng.choice(len(RARE), n, p=RARE).astype(float)
        parameters += [
            [group_of(x, "sobolev", y, kind, rows)],
            [group_of(code, "kronecker", y, kind, rows)],
            [group_of(rng.random(n), "sobolev", y, kind, part) for part in parts],
        ]
    return infer(parameters, 199, 0.95, rng).p_values


def pair_p_values(n: int, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Test all pairs of five numeric and three unbalanced categorical parameters."""
    features = [position_features(rng.random(n)) for _ in range(5)]
    features += [category_features(rng.choice(3, n, p=RARE), 3) for _ in range(3)]
    p = pair_r2(features, score_of(rng.random(n), kind), 199, rng)[1]
    return p[np.triu_indices(len(features), 1)]


def size(seconds: float) -> None:
    """Print the size of each kind of test."""
    without = (0.0, 1.0, np.zeros(N_DRAWS))
    mock.patch.object(hsic_inference, "interval", return_value=without).start()
    tests = {"single": single_p_values, "pairs": pair_p_values}
    for (name, test), n, kind in itertools.product(tests.items(), (60, 200, 1000), KINDS):
        rng, start, p = np.random.default_rng([n, len(kind)]), time.time(), []
        while time.time() - start < seconds:
            p.append(test(n, kind, rng))
        shares = [np.mean(np.array(p) <= level, axis=1) for level in LEVELS]
        cells = [
            f"{level}: {share.mean() / level:.2f} ({share.std() / np.sqrt(len(p)) / level:.2f})"
            for level, share in zip(LEVELS, shares, strict=True)
        ]
        print(
            f"{name:6} n={n:4} {kind:9} {np.size(p):7} p-values   " + "  ".join(cells), flush=True
        )


def power(n_studies: int) -> None:
    """Print the power to find one interaction, u v - u/2 - v/2, among noise."""
    n = 120
    for noise in (0.1, 0.15, 0.2):
        p = np.empty((n_studies, 2))
        for seed in range(n_studies):
            rng = np.random.default_rng([seed, n])
            u = rng.random((2, n))
            y = (u[0] - 0.5) * (u[1] - 0.5) + noise * rng.standard_normal(n)
            features = [position_features(row) for row in u]
            p[seed] = [pair_r2(features, scores(y, "rank"), b, rng)[1][0, 1] for b in (999, 20000)]
        for level in (0.01, 0.001, 0.05 / 66, 0.0005):
            ours, plain = np.mean(p <= level, axis=0)
            print(f"noise {noise}: at {level:.2g} found in {ours:.3f}, by 20,000 in {plain:.3f}")


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "size":
        size(float(rest[0]) if rest else 60.0)
    else:
        power(int(rest[0]) if rest else 200)
