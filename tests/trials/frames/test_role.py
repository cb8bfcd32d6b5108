"""What a column is taken as."""

from optuna_hpx.trials.frames.role import Role


def test_parameters() -> None:
    assert Role("x", "parameter").is_parameter
    assert not Role("x", "left out", "a seed").is_parameter
