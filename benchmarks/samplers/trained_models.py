"""Real training of scikit-learn's models, on which no design of a sampler was tuned.

Each training takes some tens of milliseconds. The loss is an error on held-out folds, which the
seed divides; the least possible one is not known.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import optuna

Loss = Callable[[optuna.Trial], float]


@functools.cache
def _data(name: str) -> tuple[np.ndarray, np.ndarray]:
    from sklearn import datasets

    if name == "two-class":
        return datasets.make_classification(
            400, 12, n_informative=5, n_redundant=3, flip_y=0.05, random_state=0
        )
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return x, y


def _score(model: Any, name: str, seed: int, scoring: str, n: int = 400) -> float:
    """Loss on three folds of at most n rows, the features standardised."""
    from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = _data(name)
    chosen = np.random.default_rng([seed, 6]).permutation(len(x))[:n]
    folds = (KFold if scoring == "r2" else StratifiedKFold)(3, shuffle=True, random_state=seed)
    scaled = make_pipeline(StandardScaler(), model)
    return -float(cross_val_score(scaled, x[chosen], y[chosen], cv=folds, scoring=scoring).mean())


def _log(trial: optuna.Trial, name: str, low: float, high: float) -> float:
    return trial.suggest_float(name, low, high, log=True)


def boosting(seed: int) -> Loss:
    """Boosted trees on diabetes; a rate, rows and columns, and the trees' shape."""

    def loss(trial: optuna.Trial) -> float:
        from sklearn.ensemble import GradientBoostingRegressor

        model = GradientBoostingRegressor(
            learning_rate=_log(trial, "rate", 1e-3, 1.0),
            n_estimators=trial.suggest_int("trees", 5, 30, log=True),
            max_depth=trial.suggest_int("depth", 1, 6),
            subsample=trial.suggest_float("rows", 0.3, 1.0),
            max_features=trial.suggest_float("columns", 0.1, 1.0),
            min_samples_leaf=trial.suggest_int("leaf", 1, 50, log=True),
            loss=trial.suggest_categorical("loss", ["squared_error", "huber"]),
            random_state=0,
        )
        return _score(model, "diabetes", seed, "r2")

    return loss


def forest(seed: int) -> Loss:
    """A random forest's log loss on wine; no parameter is conditional."""

    def loss(trial: optuna.Trial) -> float:
        from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

        kind = trial.suggest_categorical("kind", ["random", "extra"])
        make = RandomForestClassifier if kind == "random" else ExtraTreesClassifier
        model = make(
            n_estimators=trial.suggest_int("trees", 2, 24, log=True),
            max_depth=trial.suggest_int("depth", 1, 12),
            max_features=trial.suggest_float("columns", 0.05, 1.0),
            min_samples_leaf=trial.suggest_int("leaf", 1, 20, log=True),
            criterion=trial.suggest_categorical("criterion", ["gini", "entropy"]),
            bootstrap=trial.suggest_categorical("bootstrap", [True, False]),
            random_state=0,
        )
        return _score(model, "wine", seed, "neg_log_loss")

    return loss


def network(seed: int) -> Loss:
    """A network's log loss on 300 digits; the widths of one to three layers, two solvers."""

    def loss(trial: optuna.Trial) -> float:
        from sklearn.neural_network import MLPClassifier

        layers = trial.suggest_int("layers", 1, 3)
        solver = trial.suggest_categorical("solver", ["adam", "sgd"])
        options: dict[str, Any] = {
            "hidden_layer_sizes": tuple(
                trial.suggest_int(f"width{k}", 4, 64, log=True) for k in range(layers)
            ),
            "solver": solver,
            "learning_rate_init": _log(trial, "rate", 1e-4, 1.0),
            "alpha": _log(trial, "alpha", 1e-6, 10.0),
            "batch_size": trial.suggest_int("batch", 16, 128, log=True),
            "activation": trial.suggest_categorical("activation", ["relu", "tanh"]),
        }
        if solver == "sgd":
            options["momentum"] = trial.suggest_float("momentum", 0.0, 0.99)
        model = MLPClassifier(**options, max_iter=4, random_state=0)
        return _score(model, "digits", seed, "neg_log_loss", 300)

    return loss


def support_vector_regression(seed: int) -> Loss:
    """On diabetes, 250 rows; kernels as branches."""

    def loss(trial: optuna.Trial) -> float:
        from sklearn.svm import SVR

        kernel = trial.suggest_categorical("kernel", ["rbf", "poly", "sigmoid", "linear"])
        options = {"C": _log(trial, "C", 1e-2, 1e3), "epsilon": _log(trial, "epsilon", 1e-2, 1e2)}
        if kernel != "linear":
            options["gamma"] = _log(trial, "gamma", 1e-4, 1.0)
        if kernel == "poly":
            options["degree"] = trial.suggest_int("degree", 2, 4)
        if kernel in ("poly", "sigmoid"):
            options["coef0"] = trial.suggest_float("coef0", -1.0, 2.0)
        return _score(SVR(kernel=kernel, **options, max_iter=5000), "diabetes", seed, "r2", 250)

    return loss


def choice_of_models(seed: int) -> Loss:
    """Preparation and one of four models on a synthetic task of two classes: a deep tree."""

    def loss(trial: optuna.Trial) -> float:
        from sklearn.decomposition import PCA
        from sklearn.feature_selection import SelectKBest
        from sklearn.pipeline import make_pipeline

        steps: list[Any] = []
        preparation = trial.suggest_categorical("preparation", ["none", "pca", "select"])
        if preparation == "pca":
            whiten = trial.suggest_categorical("whiten", [True, False])
            steps = [PCA(trial.suggest_int("components", 2, 12), whiten=whiten, random_state=0)]
        elif preparation == "select":
            steps = [SelectKBest(k=trial.suggest_int("kept", 1, 12))]
        model = make_pipeline(*steps, _chosen_model(trial))
        return _score(model, "two-class", seed, "neg_log_loss")

    return loss


def _chosen_model(trial: optuna.Trial) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.tree import DecisionTreeClassifier

    kind = trial.suggest_categorical("model", ["linear", "neighbours", "tree", "bayes"])
    if kind == "linear":
        return LogisticRegression(C=_log(trial, "C", 1e-4, 1e3), max_iter=200)
    if kind == "neighbours":
        metric = trial.suggest_categorical("metric", ["minkowski", "chebyshev"])
        options = {"p": trial.suggest_float("p", 1.0, 4.0)} if metric == "minkowski" else {}
        return KNeighborsClassifier(
            trial.suggest_int("neighbours", 1, 100, log=True),
            weights=trial.suggest_categorical("weights", ["uniform", "distance"]),
            metric=metric,
            **options,
        )
    if kind == "bayes":
        return GaussianNB(var_smoothing=_log(trial, "smoothing", 1e-10, 1.0))
    splitter = trial.suggest_categorical("splitter", ["best", "random"])
    return DecisionTreeClassifier(
        splitter=splitter,
        max_depth=trial.suggest_int("depth", 1, 12),
        min_samples_leaf=trial.suggest_int("leaf", 1, 60, log=True),
        ccp_alpha=_log(trial, "alpha", 1e-5, 1e-1),
        random_state=0,
    )


TRAINED: dict[str, Callable[[int], Loss]] = {
    "boosting": boosting,
    "forest": forest,
    "network": network,
    "svr": support_vector_regression,
    "models": choice_of_models,
}
