"""What the page says of trials that tell nothing of random search, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optuna_hpx.law._error import NoLawError

__all__ = ["ADVICE", "MISFIT", "RARE", "WITHOUT_DRAWS", "explain", "fit_in_words"]

RARE = 0.004  # written as "under 1 %": what never comes by a forecast may come, and the reverse

MISFIT = "The law does not describe these trials"
WITHOUT_DRAWS = {
    "adaptive": "A sampler that learns, or a person, chose these trials.",
    "even": "These are the points of a grid or of a quasi-random sequence.",
}
ADVICE = (
    "How good it can get is told by independent random draws: InterleavedSampler makes some among "
    "the trials of any other sampler."
)


def explain(error: NoLawError) -> str:
    """Say why there is no law, and what to do where more random draws would mend it."""
    return f"{error.reason} {ADVICE}" if error.needs_draws else error.reason


def fit_in_words(p_value: float) -> str:
    """Write the p-value of the goodness of fit of a law that does not describe its trials."""
    p = f"= {p_value:.2g}" if p_value >= 0.001 else "< 0.001"
    return f"goodness of fit p {p}"
