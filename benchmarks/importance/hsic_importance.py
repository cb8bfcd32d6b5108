"""HSIC: equal to openturns and how much faster; size, power, coverage; the paper's toy examples.

Sizes and powers are shares of p-values of at most 5 % over repetitions; the standard error of a
size is in its table. Adaptive trials are those of Optuna's TPE, after n of its 200.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import optuna
import pandas as pd
from scipy import stats

from optuna_hpx import HsicImportanceEvaluator, TrialTable
from optuna_hpx.importance.maths.hsic import hsic, r2

SCORES = ("indicator", "rank", "log_rank")


def against_openturns(n: int) -> None:
    import openturns as ot

    rng = np.random.default_rng(0)
    x, y = rng.random(n), rng.random(n)
    z = (y + 0.5 * x <= np.quantile(y + 0.5 * x, 0.2)).astype(float)
    width = 0.7  # of the Gaussian kernel on the output, which of a binary one is linear but for:
    factor = 2.0 * (1.0 - np.exp(-1.0 / (2.0 * width**2)))
    models = ot.CovarianceModelCollection()
    models.add(ot.SquaredExponential([0.2]))
    models.add(ot.SquaredExponential([width]))
    inputs, outputs = ot.Sample(x[:, None]), ot.Sample(z[:, None])
    print(f"\nOne parameter and being among the best fifth, n = {n}")
    print(f"{'':34}{'ours':>16}{'openturns':>16}{'seconds':>10}{'theirs':>10}{'ratio':>8}")
    for name, statistic in (("V", ot.HSICVStat()), ("U", ot.HSICUStat())):
        start = time.perf_counter()
        theirs = ot.HSICEstimatorGlobalSensitivity(models, inputs, outputs, statistic)
        index, share = theirs.getHSICIndices()[0], theirs.getR2HSICIndices()[0]
        their_time = time.perf_counter() - start
        for label, kernel, bandwidth in (
            ("gaussian", "gaussian", 0.2),
            ("laplace", "laplace", 0.2),
            ("sobolev", "sobolev", None),
        ):
            options = {"kernel": kernel, "bandwidth": bandwidth, "statistic": name}
            start = time.perf_counter()
            ours = hsic(x, z, **options) * factor  # type: ignore[arg-type]
            our_share = r2(x, z, **options)  # type: ignore[arg-type]
            seconds = time.perf_counter() - start
            their_index, their_share = (
                (f"{index:16.10f}", f"{share:16.10f}")
                if kernel == "gaussian"
                else (f"{'':16}",) * 2
            )
            ratio = f"{seconds:10.4f}{their_time:10.2f}{their_time / seconds:8.0f}"
            print(f"{f'HSIC {name}, {label}':34}{ours:16.10f}{their_index}{ratio}")
            print(f"{f'R2 {name}, {label}':34}{our_share:16.10f}{their_share}")


def _table(columns: dict[str, np.ndarray], loss: np.ndarray) -> TrialTable:
    frame = pd.DataFrame({**columns, "loss": loss})
    return TrialTable.from_frame(frame, params=list(columns), value="loss")


def _p_values(table: TrialTable, score: str, seed: int) -> dict[str, float]:
    report = HsicImportanceEvaluator(score=score, n_permutations=199, seed=seed).report(table)
    return dict(zip(report.names, report.p_values, strict=True))


def _idle(seed: int, n: int) -> dict[str, float]:
    """P of idle parameters of three kinds, and of one that has ties, by score."""
    rng = np.random.default_rng([seed, n])
    columns = {
        "float": rng.random(n),
        "int": rng.integers(1, 8, n),
        "choice": np.array(list("abcde"))[rng.integers(0, 5, n)],
    }
    loss = np.round(rng.random(n), 2)  # ties
    table = _table(columns, loss)
    return {
        f"{score} {name}": p
        for score in SCORES
        for name, p in _p_values(table, score, seed).items()
    }


def _of_tpe(seed: int) -> dict[tuple[int, str, bool], list[float]]:
    """P by number of trials, score, and whether the parameter matters."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial: optuna.Trial) -> float:
        x = [trial.suggest_float(f"x{i}", 0, 1) for i in range(3)]
        for i in range(3):
            trial.suggest_float(f"idle{i}", 0, 1)
        trial.suggest_categorical("idle choice", list("abc"))
        trial.suggest_int("idle int", 1, 8)
        return (x[0] - 0.3) ** 2 + 0.5 * (x[1] - 0.6) ** 2 + 0.3 * abs(x[2] - 0.5)

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, n_trials=200)
    found: dict[tuple[int, str, bool], list[float]] = {}
    for n in (50, 100, 200):
        part = optuna.create_study()
        part.add_trials(study.trials[:n])
        for score in SCORES:
            for name, p in _p_values(TrialTable.from_study(part), score, seed).items():
                found.setdefault((n, score, not name.startswith("idle")), []).append(p)
    return found


def sizes(pool: ProcessPoolExecutor, repetitions: int, n_tpe: int) -> None:
    error = np.sqrt(0.05 * 0.95 / repetitions)
    print(f"\nSize at 5 %, independent trials, {repetitions} repetitions (s.e. {error:.4f})")
    for n in (50, 200):
        found = list(pool.map(_idle, range(repetitions), [n] * repetitions, chunksize=50))
        for key in found[0]:
            share = np.mean([each[key] <= 0.05 for each in found])
            print(f"  n = {n:4}  {key:20} {share:.4f}")
    print(f"\nTrials of TPE, {n_tpe} studies, 5 idle parameters and 3 that matter")
    by_study = list(pool.map(_of_tpe, range(n_tpe)))
    for case in by_study[0]:
        rejected = np.array([[p <= 0.05 for p in each[case]] for each in by_study])
        se = rejected.mean(axis=1).std(ddof=1) / np.sqrt(n_tpe)
        n, score, matters = case
        kind = "power" if matters else "size"
        print(f"  n = {n:4}  {score:10} {kind:6} {rejected.mean():.3f} (s.e. {se:.3f})")


_FUNCTIONS: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "line": lambda x, rng: 0.8 * x + rng.standard_normal(len(x)) / 2,
    "bowl": lambda x, rng: 6 * (x - 0.5) ** 2 + rng.standard_normal(len(x)) / 2,
    "corner": lambda x, rng: -2.0 * (x < 0.15) + rng.standard_normal(len(x)) / 2,
    "wave": lambda x, rng: np.sin(12 * x) * 0.7 + rng.standard_normal(len(x)) / 2,
}


def _power(job: tuple[str, int, int]) -> list[float]:
    name, n, seed = job
    rng = np.random.default_rng([seed, n])
    x = rng.random(n)
    loss = _FUNCTIONS[name](x, rng)
    table = _table({"x": x}, loss)
    top = loss <= np.sort(loss)[int(np.ceil(0.2 * n)) - 1]
    return [
        *(_p_values(table, score, seed)["x"] for score in SCORES),
        float(stats.spearmanr(x, loss).pvalue),
        float(stats.ks_2samp(x[top], x[~top]).pvalue),
    ]


def power(pool: ProcessPoolExecutor, repetitions: int) -> None:
    print(f"\nPower at 5 %, independent trials, {repetitions} repetitions")
    print(f"{'':18}" + "".join(f"{s:>11}" for s in (*SCORES, "Spearman", "KS")))
    for name in _FUNCTIONS:
        for n in (20, 40, 80, 160):
            jobs = [(name, n, seed) for seed in range(repetitions)]
            p = np.array(list(pool.map(_power, jobs, chunksize=20)))
            rejected = (p <= 0.05).mean(axis=0)
            print(f"{name:8}n = {n:4}  " + "".join(f"{share:11.2f}" for share in rejected))


def toys() -> None:
    """1{x1 < 1 and (x2 < 1 xor x3 < 1)} on [0, 2]^5, its best 24 %, 2000 trials."""
    rng = np.random.default_rng(0)
    x = 2.0 * rng.random((2000, 5))
    both = (x[:, 1] < 1.0) ^ (x[:, 2] < 1.0)
    loss = -((x[:, 0] < 1.0) & both).astype(float)
    table = _table({f"x{k + 1}": x[:, k] for k in range(5)}, loss)
    report = HsicImportanceEvaluator(target_quantile=0.24, seed=0).report(table, interactions=True)
    print("\nThe paper's example of an interaction: R2, p, and significant pairs")
    print(report.to_frame().iloc[:, :5].round(4).to_string())
    for first, second, value, p in report.significant_pairs():
        print(f"  {first} with {second}: {value:.3f}, p = {p:.2g}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=2000)
    parser.add_argument("--tpe", type=int, default=100, help="studies by TPE")
    parser.add_argument("--power", type=int, default=300, help="repetitions for powers")
    parser.add_argument("--n-openturns", type=int, default=5000)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    toys()
    against_openturns(arguments.n_openturns)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        sizes(pool, arguments.repetitions, arguments.tpe)
        power(pool, arguments.power)


if __name__ == "__main__":
    main()
