"""What names say; the names are those that people use."""

from __future__ import annotations

import pytest

from optuna_hpx.trials.frames.names import hint_of, is_setting, words_of


@pytest.mark.parametrize(
    ("hint", "names"),
    [
        ("result", "loss val_loss trainLoss eval/f1 test-logloss-mean top1_acc RMSE metrics/mAP50 "
                   "r2 grad_norm mean_reward RsquaredSD clip_score best_val_acc loss_epoch_3"),
        ("", "lr batch_size loss_weight focal_loss_gamma min_child_weight early_stopping_patience "
             "val_split score_threshold epochs num_epochs warmup_steps time_steps learning_rate "
             "max_grad_norm label_smoothing eta n_estimators weight_decay use_auc_loss params"),
        ("seed", "seed random_state config.seed numpy_seed"),
        ("date", "created_at timestamp start_time Date"),
        ("duration", "runtime fit_time duration_s time_total_s p99_ms"),
        ("progress", "epoch best_epoch global_step iteration"),
        ("machine", "gpu_mem samples_per_second flops cpu_count"),
        ("size", "n_params model/params/total trainable_parameters"),
        ("id", "id run_id git_hash Name hostname run_name uuid"),
        ("text", "notes Tags comment"),
        ("internal", "_step _wandb"),
    ],
)  # fmt: skip
def test_hints(hint: str, names: str) -> None:
    assert {name: hint_of(name) for name in names.split()} == dict.fromkeys(names.split(), hint)


def test_words() -> None:
    assert words_of("valLoss/epoch_3") == ["val", "loss", "epoch", "3"]
    assert words_of("GPUType x1") == ["gpu", "type", "x1"]
    assert words_of("...") == []


def test_settings() -> None:
    assert is_setting("optimizer.lr")
    assert is_setting("hiddenUnits")
    assert not is_setting("purity")
