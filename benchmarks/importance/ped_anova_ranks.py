"""What the ranks of all trials add to S, which is that of the target set.

    python benchmarks/importance/ped_anova_ranks.py            # functions called held
    python benchmarks/importance/ped_anova_ranks.py --design   # those on which constants were set

Held are they from the constants only: the weight's factor (1 - S)^2 came from one of them,
g-function, and their results were looked at while forms of the weight were compared.

Random trials of the problems in ``problems.py``, target quantile 0.1. "labels" is S by the target
set alone, "implied" what ranks imply if a parameter moves all trials alike, "S" what is reported.
RMSE of S over the parameters, and L1 error of the shares of their sum, with the difference of S
and labels in its standard errors (below 0: S is better; + marks more than 2 above). "first": how
often the parameter with the largest exact S comes first.

Then the learning rate of a noisy training loss (S is 0.12, the next one's 0.06).
"""

from __future__ import annotations

import argparse

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from problems import DESIGN, HELD, PROBLEMS, QUANTILE, Problem, Values, exact

from optuna_hpx.importance.maths.marginal import Marginal, few_values
from optuna_hpx.importance.maths.ped_anova import fits
from optuna_hpx.statistics.ranks import normal_scores
from optuna_hpx.trials.domain import n_possible_values

_SIZES = {60: 60, 100: 60, 300: 30, 1000: 15}  # trials, studies
_N_TRAINING = 500


def _training(**x: np.ndarray) -> np.ndarray:
    best = np.where(x["optimizer"] == 1, -1.5, -3.0)
    bowl = 0.075 * (np.log10(x["lr"]) - best) ** 2
    return np.asarray(bowl + 0.05 * np.abs(x["dropout"] - 0.2) + 0.02 * np.abs(x["layers"] - 3))


TRAINING = Problem(
    "noisy training",
    {
        "lr": FloatDistribution(1e-5, 0.03, log=True),
        "batch": CategoricalDistribution([16, 32, 64, 128]),
        "optimizer": CategoricalDistribution(["adam", "sgd", "adamw"]),
        "dropout": FloatDistribution(0.0, 0.6),
        "layers": IntDistribution(1, 5),
        "norm": CategoricalDistribution([False, True]),
    },
    _training,
    noise=0.02,
)


def _marginal(x: np.ndarray, dist: BaseDistribution) -> Marginal:
    rows = np.flatnonzero(~np.isnan(x))
    rows = rows[np.argsort(x[rows], kind="stable")]
    is_ordered = not (
        isinstance(dist, CategoricalDistribution) or few_values(n_possible_values(dist))
    )
    changes = np.flatnonzero(np.diff(x[rows])) + 1
    starts = np.concatenate([[0], changes, [len(rows)]])
    return Marginal(
        rows, None if is_ordered and len(changes) == len(rows) - 1 else starts, is_ordered
    )


def _study(problem: Problem, n: int, seed: int) -> tuple[Values, np.ndarray]:
    rng = np.random.default_rng([seed, n, 11])
    values = problem.sample(rng.random((n, len(problem.dists))))
    return values, problem.loss(**values) + problem.noise * rng.standard_normal(n)


def estimates(problem: Problem, n: int, seed: int) -> np.ndarray:
    """S (d, 3) of each parameter: by labels, as implied by ranks, and as reported."""
    values, losses = _study(problem, n, seed)
    top = losses <= np.sort(losses)[int(np.ceil(QUANTILE * n)) - 1]
    scores, rows = normal_scores(losses), []
    for name, dist in problem.dists.items():
        (fit,) = fits(top, n, [_marginal(values[name], dist)], scores)
        by = (fit.target_share, fit.implied.share) if fit.can_vary else (0.0, 0.0)
        rows.append([fit.weight * by[0], fit.weight * by[1], fit.part])
    return np.array(rows)


def _shares(s: np.ndarray) -> np.ndarray:
    total = s.sum(axis=-1, keepdims=True)
    return np.where(total > 0.0, s / np.where(total > 0.0, total, 1.0), 1.0 / s.shape[-1])


def _in_errors(difference: np.ndarray) -> float:
    return float(difference.mean() / (difference.std(ddof=1) / np.sqrt(len(difference)) + 1e-12))


def _row(name: str, n: int, n_studies: int) -> np.ndarray:
    s0 = exact(name)
    s = np.array([estimates(PROBLEMS[name], n, seed) for seed in range(n_studies)])
    square = np.mean((s - s0[:, None]) ** 2, axis=1)
    l1 = np.abs(_shares(np.swapaxes(s, 1, 2)) - _shares(s0)).sum(axis=-1)
    first = (s.argmax(axis=1) == s0.argmax()).mean(axis=0)
    z = _in_errors(square[:, 2] - square[:, 0]), _in_errors(l1[:, 2] - l1[:, 0])
    rmse, mean = np.sqrt(square.mean(axis=0)), l1.mean(axis=0)
    print(
        f"{n:5} {name:16}"
        + "".join(f"{value:8.3f}" for value in rmse)
        + f" ({z[0]:+5.1f})"
        + "".join(f"{value:8.3f}" for value in mean)
        + f" ({z[1]:+5.1f})"
        + "".join(f"{value:6.2f}" for value in first)
        + ("  +" if max(z) > 2.0 else ""),
        flush=True,
    )
    return np.concatenate([rmse, mean, first])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--design", action="store_true", help="those of the constants")
    names = DESIGN if parser.parse_args().design else HELD
    names = tuple(name for name in names if not PROBLEMS[name].noise)  # of which S is known
    print(
        "                        RMSE: labels, implied, S     L1: labels, implied, S         first"
    )
    for n, n_studies in _SIZES.items():
        mean = np.mean([_row(name, n, n_studies) for name in names], axis=0)
        print(f"{n:5} {'mean':16}" + "".join(f"{value:8.4f}" for value in mean) + "\n")
    for n in (60, 100, 300):
        s = np.array([estimates(TRAINING, n, seed) for seed in range(_N_TRAINING)])
        first = (s.argmax(axis=1) == 0).mean(axis=0)
        print(
            f"{n:5} {TRAINING.name}: learning rate first, labels {first[0]:.3f}, implied "
            f"{first[1]:.3f}, S {first[2]:.3f} of {_N_TRAINING} studies"
        )


if __name__ == "__main__":
    main()
