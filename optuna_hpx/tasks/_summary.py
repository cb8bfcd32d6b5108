"""A certificate in a few lines for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna_hpx.tasks._certificate import Certificate
    from optuna_hpx.tasks._improvement import Improvement
    from optuna_hpx.tasks._methods import CertificateMethod

__all__ = ["summarise"]


def summarise(certificate: Certificate, method: CertificateMethod) -> str:
    """Say what a certificate says, and what it rests on, a sentence or two on each line."""
    lines = [
        f"Of {certificate.params}, first tried in trial {certificate.trial}.",
        *_on_bound(certificate, method),
    ]
    if math.isfinite(certificate.naive):
        lines.append(_on_naive(certificate))
    n_tasks = certificate.tasks_to_halve()
    if n_tasks is not None:
        lines.append(
            f"To halve the distance of {certificate.width:.3g} between them: about "
            f"{n_tasks} tasks."
        )
    if certificate.baseline is not None:
        lines.append(_on_baseline(certificate.baseline, certificate.params, certificate.delta))
    lines.append("Assumed:")
    lines += [f"- {assumption}" for assumption in certificate.assumptions]
    return "\n".join(lines)


def _on_bound(certificate: Certificate, method: CertificateMethod) -> list[str]:
    than = "at least" if certificate.direction == "maximize" else "at most"
    kind = "finite-sample" if certificate.is_finite_sample else "approximate"
    scope = method.scope(certificate.n_tried, _count(certificate.log_n_configs))
    lines = [
        f"Mean over tasks like these: {than} {certificate.bound:.4g} with probability "
        f"{1.0 - certificate.delta:.4g} ({certificate.method}, {kind}).",
        f"Observed on {certificate.n_tasks} tasks: {certificate.observed:.4g}; {scope}.",
    ]
    if certificate.is_vacuous:
        lines.append(
            "This bound is vacuous: the bounds of the values say as much. More tasks, fewer "
            "declared configurations or another method would say more."
        )
    return lines


def _on_naive(certificate: Certificate) -> str:
    text = f"Student's t would say {certificate.naive:.4g}"
    if certificate.is_held_out:
        return f"{text}, approximately."
    return f"{text}: it ignores the choice, and holds less often than it says."


def _on_baseline(baseline: Improvement, params: dict[str, Any], delta: float) -> str:
    if baseline.params == params:
        return "No configuration that was tried is better than the baseline."
    verdict = "is better" if baseline.lower_bound > 0.0 else "may be no better"
    text = (
        f"Than the baseline it {verdict}: by {baseline.observed:.4g} on all tasks of the study, "
        f"at least {baseline.lower_bound:.4g} with probability {1.0 - delta:.4g} (betting, "
        f"finite-sample), {baseline.approximate_lower_bound:.4g} (bootstrap, approximate)."
    )
    if baseline.lower_bound <= 0.0 and baseline.n_tasks_needed is not None:
        text += f" About {baseline.n_tasks_needed} tasks would be needed to tell."
    return text


def _count(log_n: float) -> str:
    """Write a number of configurations, a large one as a power of two."""
    return f"{math.exp(log_n):.0f}" if log_n < math.log(1e6) else f"2^{log_n / math.log(2.0):.0f}"
