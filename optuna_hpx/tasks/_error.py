"""NoCertificateError: why the best configuration of a study has no certificate."""

from __future__ import annotations

from optuna_hpx._errors import LackingError

__all__ = ["NoCertificateError"]


class NoCertificateError(LackingError):
    """There is no certificate for this study, though the arguments are right.

    Attributes:
        reason: What the study lacks, in one sentence.
        advice: What to do about it, in terms of code; "" if there is nothing to say.

    Example:
        >>> import optuna
        >>> from optuna_hpx import MultiTaskObjective, NoCertificateError, certify
        >>> def evaluate(trial, task):
        ...     return (trial.suggest_float("x", 0, 1, step=0.5) - task) ** 2
        >>> study = optuna.create_study(sampler=optuna.samplers.BruteForceSampler(seed=0))
        >>> study.optimize(MultiTaskObjective(evaluate, tasks=[0.5]))
        >>> try:
        ...     certificate = certify(study, bounds=(0, 1))
        ... except NoCertificateError as error:
        ...     print(error.reason)
        `study` must have at least 2 tasks, got 1.
    """
