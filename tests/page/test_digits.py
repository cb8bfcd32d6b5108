"""The objective of the demonstration."""

from __future__ import annotations

import optuna
import pytest

from optuna_hpx.page._digits import objective


@pytest.mark.parametrize("model", ["svm", "knn", "mlp"])
def test_the_objective_is_repeatable_given_the_trial(model: str) -> None:
    study = optuna.create_study(direction="maximize")
    params = {"scaler": "standard", "n_components": 12, "model": model}
    params |= {"svm_c": 10.0, "svm_gamma": 0.02, "svm_shrinking": True}
    params |= {"knn_neighbours": 3, "knn_weights": "uniform", "knn_metric": "cosine"}
    params |= {
        "mlp_width": 32,
        "mlp_learning_rate": 0.01,
        "mlp_weight_decay": 1e-4,
        "mlp_activation": "relu",
    }
    first, second = (objective(optuna.trial.FixedTrial(params, number=3)) for _ in range(2))
    other = objective(optuna.trial.FixedTrial(params, number=4))
    assert study.direction.name == "MAXIMIZE"
    assert first == second
    assert first != other, "every trial draws its own folds"
    assert 0.8 < first <= 1.0
