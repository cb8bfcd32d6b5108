r"""How rough a model's dual curves can be, counted from its structure, beside a plain count.

Notation
    a, w            the hyperparameter, of an interval; the weights, of a box
    f(a, w)         utility of one task: a share of examples that are classified correctly
    u(a)            max_w f(a, w), the dual curve of the task; values in [0, H], H = 1 here
    N               cells: connected sets of (a, w) on which f is constant
    B               bound on the jumps, and on the oscillations, of every dual curve
    W, v            weights; v = W + 1 variables, with a
    m, D            polynomials, and their largest degree
    M               configurations, if counted: 2^64 floats at most
    T, eps, delta   tasks; width and failure probability of a bound
    S, C            sign vectors of polynomials, and components of the sets that they cut

What is derived here, and is not a statement of a paper:

(1) B <= 2N. The shadow of a connected cell on the a-axis is an interval, and u is the largest of
the N constants on their N intervals. So u changes at the 2N ends only, as does 1{u(a) >= z}.

(2) N. Fix the signs of the polynomials that decide on which piece each activation of the hidden
layers lies; then all polynomials that matter are fixed, and so is f on each cell of their signs.

1. m_l polynomials of degree D_l in v_l variables have at most S(m_l, D_l, v_l) sign vectors,
   S = 2 (2 e m D / v)^v or 2^m where m < v (Bartlett, Harvey, Liaw and Mehrabian, JMLR 20, 2019,
   Lemma 17). Given those of the layers before, so do the ones of layer l: the product of S over
   the hidden layers bounds the number of choices.
2. With a choice fixed, the polynomials p of all layers are m, of degree D at most, in v variables.
   Each set A of them has a cell in the box: p >= 0 for those in A, p < 0 for the others. All cells
   together have at most C = (4 e (2m + 2v) D / v)^v connected components. For take a point of each
   of finitely many, and delta > 0 such that every p that is negative at one is below -delta there.
   With the box wider by eps on each side, the sets {p >= -eps in A, p <= -delta else} are compact,
   and shrink, as eps falls to 0, into the cell of A. If two of its points were in one component
   for every eps, they would be in one of the cell, as nested compact connected sets have a
   connected intersection. So some eps < delta tells all points apart, in the smaller, open sets
   {p > -eps in A, p < -delta else} inside the wider box, too; and for different A these are
   disjoint. No p + eps, p + delta or side vanishes on them, and where none of these 2m + 2v
   polynomials does, their signs tell in which set one is, if in any. So each set is made of whole
   components of where none vanishes, of which there are C at most (Warren, Trans. Amer. Math. Soc.
   133, 1968).
3. ln N <= sum_l ln S_l + ln C.

One raise of each p would not do: {x^2 - y^2 - r^4 >= 0, -9 r^2 < 0}, r^2 = x^2 + y^2, is two lobes
that touch at 0, which is not in it. With both raised by any eps they join around 0.

Step 2 is needed, as one sign vector can have many components: {(a, w): p(a) >= w^2} can have half
as many as the degree of p. The number of sign vectors alone does not bound B.

Like every worst-case count of this kind the result is large: a certificate by counting
configurations is the smaller one for every network that was tried, from 7 weights on. That is why
:meth:`Capacity.summary` never shows one without the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from optuna_hpx import _checks
from optuna_hpx.tasks.maths import bounds
from optuna_hpx.tasks.maths.oscillations import check_level, oscillation_tasks, pdim_from_log

__all__ = ["Capacity", "interpolated_activation", "polynomial_gcn"]

_FLOATS = 2**64  # values of one float without a step, at most


@dataclass(frozen=True)
class Capacity:
    """How rough the dual curves of a family can be, whatever the tasks are.

    Attributes:
        family: In words.
        log_cells: ln N.
        n_configs: M, of which counting makes use.
    """

    family: str
    log_cells: float
    n_configs: int = _FLOATS

    def __post_init__(self) -> None:
        _checks.finite("log_cells", self.log_cells)
        if self.log_cells < 0.0:
            raise ValueError(f"`log_cells` must not be negative, got {self.log_cells!r}.")
        _checks.count("n_configs", self.n_configs, at_most=None)

    @property
    def log_oscillations(self) -> float:
        """The bound (1) on the oscillations: ln B = ln 2N."""
        return math.log(2.0) + self.log_cells

    @property
    def pdim(self) -> int:
        """Bound on the pseudo-dimension by structure."""
        return pdim_from_log(self.log_oscillations)

    @property
    def log2_configs(self) -> float:
        """Bound on the pseudo-dimension by counting, log2 M: n tasks need 2^n configurations."""
        return math.log2(self.n_configs)

    def tasks_needed(self, epsilon: float = 0.1, delta: float = 0.05) -> int:
        """Compute T by structure: see :func:`.oscillations.oscillation_tasks`."""
        return oscillation_tasks(
            epsilon, delta, log_oscillations=self.log_oscillations, piecewise_constant=True
        )

    def tasks_by_counting(self, epsilon: float = 0.1, delta: float = 0.05) -> int:
        """Compute T by Hoeffding's inequality: see :func:`.bounds.tasks_needed`."""
        check_level(epsilon, delta)
        return bounds.tasks_needed(epsilon, delta, math.log(self.n_configs))

    def summary(self, epsilon: float = 0.1, delta: float = 0.05) -> str:
        """Show both counts side by side, and which is the smaller."""
        by_structure = self.tasks_needed(epsilon, delta)
        by_counting = self.tasks_by_counting(epsilon, delta)
        if by_structure == by_counting:
            verdict = "They need equally many tasks."
        else:
            smaller = "The structure" if by_structure < by_counting else "Counting"
            verdict = f"{smaller} needs fewer tasks."
        tasks = f"tasks for a width of {epsilon:g} at level {1.0 - delta:g}"
        rows = [
            ("", "structure", f"{_power(self.n_configs)} configurations"),
            ("pseudo-dimension, at most", f"{self.pdim:,}", f"{math.floor(self.log2_configs)}"),
            (tasks, f"{by_structure:,}", f"{by_counting:,}"),
        ]
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        return "\n".join(
            [
                self.family,
                *(f"  {a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}" for a, b, c in rows),
                verdict,
                "The structure's cells were counted here, and are no figure of a paper. Both are",
                "worst cases over all tasks, for the best weights and the share classified right.",
            ]
        )


def interpolated_activation(
    widths: Sequence[int],
    n_examples: int,
    n_breakpoints: int,
    degree: int,
    *,
    n_configs: int = _FLOATS,
) -> Capacity:
    """Count the cells of networks with the activation a s_1 + (1 - a) s_2 between layers.

    With z_l a pre-activation of layer l, of degree D_l in (a, w), the activation has degree
    ``degree`` D_l + 1, and D_(l+1) = ``degree`` D_l + 2, D_1 = 1. Hidden layer l decides
    m_l = ``n_examples`` k_l ``n_breakpoints`` signs, of its and the earlier weights. The output
    decides one sign per example, or one per pair of classes.

    Args:
        widths: Of the input, of each hidden layer, and of the output: 1 for two classes, else one
            per class. All layers have a bias.
        n_examples: Of a task.
        n_breakpoints: At which s_1 or s_2 changes its polynomial, together; 1 for ReLU and linear.
        degree: Of the polynomials, at most.
        n_configs: Values that the hyperparameter can take, for the comparison.

    Returns:
        The count by (2); derived in this module. O(layers).

    Raises:
        TypeError: If an argument is not an int, or ``widths`` not a sequence of ints.
        ValueError: If one is too small, or ``widths`` has fewer than 2.
    """
    if isinstance(widths, str) or not isinstance(widths, Sequence):
        raise TypeError(f"`widths` must be a sequence of ints, got {widths!r}.")
    if len(widths) < 2:
        raise ValueError(f"`widths` must have an input and an output at least, got {widths!r}.")
    for i, width in enumerate(widths):
        _checks.count(f"widths[{i}]", width)
    _checks.count("n_examples", n_examples)
    _checks.count("n_breakpoints", n_breakpoints, at_least=0)
    _checks.count("degree", degree, at_least=0)

    d, v, m, log_choices = 1, 1, 0, 0.0  # v counts a, and then the weights so far
    for fan_in, fan_out in pairwise(widths[:-1]):
        v += (fan_in + 1) * fan_out
        m_l = n_examples * fan_out * n_breakpoints
        log_choices += _log_sign_vectors(m_l, d, v)
        m += m_l
        d = degree * d + 2
    v += (widths[-2] + 1) * widths[-1]
    m += n_examples * _comparisons(widths[-1])
    name = "-".join(str(width) for width in widths)
    return Capacity(
        f"Interpolated activation, network {name}, {n_examples} examples per task",
        log_choices + _log_components(m, d, v),
        n_configs,
    )


def polynomial_gcn(
    n_nodes: int,
    n_labelled: int,
    in_features: int,
    hidden: int,
    n_classes: int,
    degree: int,
    *,
    n_configs: int = _FLOATS,
) -> Capacity:
    """Count the cells of two-layer graph networks with adjacency (distance + a)^degree, by rows.

    With A = kernel + I, and its row sums r_i, which are polynomials of a of degree ``degree``, and
    positive as neither distances nor a are negative, the class scores are
    A ReLU(A X W_0 / r) W_1 / r. The sign of a hidden unit is that of (A X W_0)_ij: n d_0
    polynomials of degree ``degree`` + 1. The comparisons of two classes on a labelled node, times
    all r_i, have degree (n + 1) ``degree`` + 2. See
    :class:`optuna_hpx.tasks.nn.PolynomialKernelGCN`; its symmetric
    normalisation has square roots, and is not covered.

    Args:
        n_nodes: n, of a task's graph.
        n_labelled: Of these, on which the accuracy is measured.
        in_features: Columns of X.
        hidden: d_0, columns of W_0.
        n_classes: Columns of W_1, at least 2.
        degree: Of the kernel.
        n_configs: Values that the hyperparameter can take, for the comparison.

    Returns:
        The count by (2); derived in this module. O(1).

    Raises:
        TypeError: If an argument is not an int.
        ValueError: If one is too small, or there are more labelled nodes than nodes.
    """
    _checks.count("n_nodes", n_nodes)
    _checks.count("n_labelled", n_labelled)
    _checks.count("in_features", in_features)
    _checks.count("hidden", hidden)
    _checks.count("n_classes", n_classes, at_least=2)
    _checks.count("degree", degree)
    if n_labelled > n_nodes:
        raise ValueError(
            f"`n_labelled` must be at most `n_nodes` = {n_nodes}, got {n_labelled!r}."
        )
    v_hidden = in_features * hidden + 1
    v = v_hidden + hidden * n_classes
    m_hidden = n_nodes * hidden
    m = m_hidden + n_labelled * n_classes * (n_classes - 1) // 2
    log_choices = _log_sign_vectors(m_hidden, degree + 1, v_hidden)
    return Capacity(
        f"Graph network with a polynomial kernel of degree {degree}, {n_nodes} nodes, "
        f"{in_features}-{hidden}-{n_classes}",
        log_choices + _log_components(m, (n_nodes + 1) * degree + 2, v),
        n_configs,
    )


def _log_sign_vectors(m: int, d: int, v: int) -> float:
    """Return ln S of step 1, for ``m`` polynomials of degree ``d`` in ``v`` variables."""
    if m < v:
        return m * math.log(2.0)
    return math.log(2.0) + v * (1.0 + math.log(2.0 * m * d / v))


def _log_components(m: int, d: int, v: int) -> float:
    """Return ln C of step 2: ``m`` polynomials, raised twice, and the sides of the box."""
    return v * (1.0 + math.log(4.0 * (2 * m + 2 * v) * d / v))


def _comparisons(n_outputs: int) -> int:
    """Count the signs of the outputs by which an example is classified."""
    return 1 if n_outputs == 1 else n_outputs * (n_outputs - 1) // 2


def _power(n: int) -> str:
    """Write ``n``, a large power of two as such."""
    n = int(n)
    is_power = n & (n - 1) == 0
    return f"2^{n.bit_length() - 1}" if is_power and n > 1024 else f"{n:,}"
