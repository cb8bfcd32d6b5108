"""Groups of trials for the tests of HSIC."""

from __future__ import annotations

import numpy as np

from optuna_hpx.importance.maths.hsic import scores
from optuna_hpx.importance.maths.hsic_group import Group
from optuna_hpx.importance.maths.kernels import kernel_of


def make_group(x: np.ndarray, y: np.ndarray, kind: str = "rank", kernel: str = "sobolev") -> Group:
    n = len(x)
    order = np.argsort(y, kind="stable")
    if kind == "rank":
        score, slope = scores(y, "rank"), np.full(n, -1.0)
    else:
        m = n // 5
        score = np.isin(np.arange(n), order[:m]).astype(float)
        near = slice(m - m // 3, m + m // 3)
        slope = np.zeros(n)
        slope[near] = -n / len(slope[near])
    return Group(
        rows=np.arange(n),
        kernel=kernel_of(x, kernel),
        w=score - score.mean(),
        weight=1.0,
        order=order,
        slope=slope,
        phi=None,
        variance=float(np.var(score)),
    )
