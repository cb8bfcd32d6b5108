"""The objective of the demonstration: how well a classifier reads handwritten digits.

The data set is scikit-learn's own (1797 images of 8 x 8 pixels). The space is mixed, and has a
branch for each of three models; some of the parameters matter, others hardly do.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

if TYPE_CHECKING:
    import optuna

_SCALERS = {"none": None, "standard": StandardScaler(), "min-max": MinMaxScaler()}


@lru_cache(maxsize=1)
def _digits() -> tuple[np.ndarray, np.ndarray]:
    images, labels = load_digits(return_X_y=True)
    return images, labels


def objective(trial: optuna.Trial) -> float:
    """Return the mean accuracy of two folds, which every trial draws anew: noisy, as tuning is."""
    scaler = _SCALERS[trial.suggest_categorical("scaler", list(_SCALERS))]
    n_components = trial.suggest_int("n_components", 2, 64, log=True)
    model = _MODELS[trial.suggest_categorical("model", list(_MODELS))](trial)
    pipeline = make_pipeline(scaler, PCA(n_components, random_state=trial.number), model)
    folds = StratifiedKFold(2, shuffle=True, random_state=trial.number)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return float(cross_val_score(pipeline, *_digits(), cv=folds).mean())


def _svm(trial: optuna.Trial) -> Any:
    return SVC(
        C=trial.suggest_float("svm_c", 1e-3, 1e3, log=True),
        gamma=trial.suggest_float("svm_gamma", 1e-6, 1e1, log=True),
        shrinking=trial.suggest_categorical("svm_shrinking", [True, False]),
    )


def _neighbours(trial: optuna.Trial) -> Any:
    return KNeighborsClassifier(
        n_neighbors=trial.suggest_int("knn_neighbours", 1, 50, log=True),
        weights=trial.suggest_categorical("knn_weights", ["uniform", "distance"]),
        metric=trial.suggest_categorical("knn_metric", ["euclidean", "manhattan", "cosine"]),
    )


def _mlp(trial: optuna.Trial) -> Any:
    return MLPClassifier(
        hidden_layer_sizes=(trial.suggest_int("mlp_width", 8, 128, log=True),),
        learning_rate_init=trial.suggest_float("mlp_learning_rate", 1e-5, 1e-1, log=True),
        alpha=trial.suggest_float("mlp_weight_decay", 1e-6, 1.0, log=True),
        activation=trial.suggest_categorical("mlp_activation", ["relu", "tanh"]),
        max_iter=30,
        random_state=trial.number,
    )


_MODELS = {"svm": _svm, "knn": _neighbours, "mlp": _mlp}
