"""NoSurrogateError: why some trials say nothing of points between them."""

from __future__ import annotations

from optuna_hpx._errors import LackingError

__all__ = ["NoSurrogateError"]


class NoSurrogateError(LackingError):
    """The objective cannot be predicted from these trials, though the arguments are right.

    Attributes:
        reason: What the trials lack, in one sentence for a person who reads no code.
        advice: What to do about it, in terms of code; "" if there is nothing to say.

    Example:
        >>> import optuna
        >>> from optuna_hpx import NoSurrogateError, ablation_path
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=5)
        >>> try:
        ...     path = ablation_path(study)
        ... except NoSurrogateError as error:
        ...     print(error.reason)
        5 complete trials are too few to predict the objective: at least 20 are needed.
    """
