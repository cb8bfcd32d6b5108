"""Does the goodness-of-fit test hold its level, and what does it find?

Size: trials from the law, whole and censored at the median. Power: losses whose lower tail the law
cannot have: without an end (Cauchy, Student with 2.5 degrees of freedom, normal), and a bowl that
is only part of the regime.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

from optuna_hpx.law.maths.regime import fit_regime

GAMMAS = np.arange(1.0, 11.0)
Draw = Callable[[np.random.Generator, int], np.ndarray]


def of_the_law(gamma: float, sigma: float) -> Draw:
    return lambda rng, n: rng.random(n) ** (2.0 / gamma) + sigma * rng.normal(size=n)


def two_parts(rng: np.random.Generator, n: int) -> np.ndarray:
    """A quarter near the optimum, three quarters on a plateau above it."""
    return np.where(rng.random(n) < 0.25, rng.random(n), 1.0 + 0.05 * rng.random(n))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=200)
    args = parser.parse_args()
    cases: dict[str, Draw] = {
        f"law {gamma}, noise {sigma}": of_the_law(gamma, sigma)
        for gamma, sigma in ((1, 0.0), (1, 0.05), (2, 0.05), (3, 0.0), (5, 0.2))
    }
    cases["Cauchy"] = lambda rng, n: rng.standard_cauchy(n)
    cases["Student 2.5"] = lambda rng, n: rng.standard_t(2.5, n)
    cases["normal"] = lambda rng, n: rng.normal(size=n)
    cases["two parts"] = two_parts
    print(f"{'losses':18s} {'n':>4s} {'regime':>6s} {'p < .05':>8s} {'p < .1':>7s} {'p < .5':>7s}")
    for name, draw in cases.items():
        for n in (50, 200):
            for share in (1.0, 0.5):
                p = [
                    fit_regime(
                        np.sort(draw(np.random.default_rng([seed, n]), n)),
                        int(share * n),
                        0,
                        GAMMAS,
                    ).p_value
                    for seed in range(args.repetitions)
                ]
                rates = [np.mean(np.array(p) < level) for level in (0.05, 0.1, 0.5)]
                print(
                    f"{name:18s} {n:4d} {share:6.1f} "
                    + " ".join(f"{rate:7.3f}" for rate in rates),
                    flush=True,
                )
    print(f"standard error of 5 %: {np.sqrt(0.0475 / args.repetitions):.3f}")


if __name__ == "__main__":
    main()
