"""The demonstration of a random search: a network that learns to read handwritten digits.

The data set is scikit-learn's own (1797 images of 8 x 8 pixels). The learning rate decides most,
and which of its values are good depends on the activation and on the momentum; where it is too
high, training diverges, and the trial fails. Other parameters matter little or not at all.
"""

from __future__ import annotations

import math
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from optuna_hpx.page.demo._by_number import RandomByNumber

if TYPE_CHECKING:
    import optuna

    from optuna_hpx.page.demo._job import Job

__all__ = ["DivergedError", "images_and_digits", "objective", "tune"]

_DIVERGED = 2.0 * math.log(10.0)  # twice the loss of guessing one of ten digits
_MESSAGE = "training diverged: the log loss is over twice that of guessing"


class DivergedError(ArithmeticError):
    """Training has come to nothing."""


@lru_cache(maxsize=1)
def images_and_digits() -> tuple[np.ndarray, np.ndarray]:
    """Load (n, 64) images, each pixel in [0, 1], and (n,) what they show."""
    images, digits = load_digits(return_X_y=True)
    return images / 16.0, digits


def tune(job: Job) -> None:
    """Run a worker's share of the trials."""
    job.load(sampler=RandomByNumber(job.seed)).optimize(
        objective, n_trials=job.n_trials, callbacks=[job.end_early], catch=(DivergedError,)
    )


def objective(trial: optuna.Trial) -> float:
    """Return the log loss on the half of the images that the network has not seen.

    Every trial draws its halves and its first weights anew: noisy, as tuning is.

    Raises:
        DivergedError: If it would have been better to guess.
    """
    network = MLPClassifier(
        hidden_layer_sizes=(trial.suggest_int("width", 8, 128, log=True),),
        activation=trial.suggest_categorical("activation", ["relu", "tanh", "logistic"]),
        solver="sgd",
        learning_rate_init=trial.suggest_float("learning_rate", 1e-3, 10.0, log=True),
        momentum=trial.suggest_float("momentum", 0.0, 0.99),
        nesterovs_momentum=trial.suggest_categorical("nesterov", [True, False]),
        alpha=trial.suggest_float("weight_decay", 1e-6, 1.0, log=True),
        batch_size=trial.suggest_int("batch_size", 8, 128, log=True),
        max_iter=15,
        random_state=trial.number,
    )
    images, digits = images_and_digits()
    seen, unseen, digits_seen, digits_unseen = train_test_split(
        images, digits, test_size=0.5, stratify=digits, random_state=trial.number
    )
    with warnings.catch_warnings(), np.errstate(all="ignore"):  # it is told of what diverges
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(seen, digits_seen)
        loss = float(log_loss(digits_unseen, network.predict_proba(unseen)))
    if not loss <= _DIVERGED:
        trial.set_user_attr("error", _MESSAGE)
        raise DivergedError(_MESSAGE)
    return loss
