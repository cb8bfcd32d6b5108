"""What a checkpoint holds, whatever the kinds of its parts."""

from __future__ import annotations

import random

import numpy as np
import pytest

from optuna_hpx.population import Checkpoint, CheckpointError
from tests.population.codecs.parts import (
    child_of,
    passed_on,
)

torch = pytest.importorskip("torch")


def test_seeding_everything() -> None:
    found = []
    for _ in range(2):
        Checkpoint(0, 4_000_000_000).seed_everything()
        found.append((random.random(), np.random.random(), float(torch.rand(1))))
    assert found[0] == found[1]
    Checkpoint(0, 1).seed_everything()
    assert random.random() != found[0][0]


def test_at_the_root_plain_values_come_back_and_nothing_changes() -> None:
    x = np.ones(2)
    assert Checkpoint(0, 0).load(x=x, step=3) == {"step": 3}
    assert x.tolist() == [1.0, 1.0]


def test_the_last_save_counts() -> None:
    root = Checkpoint(0, 0)
    root.save(step=1)
    root.save(step=2)
    assert child_of(root).load(step=0) == {"step": 2}


def test_a_damaged_checkpoint_names_its_trial() -> None:
    child = passed_on(x=np.ones(2))
    child._parent_sha256 = "0" * 64
    with pytest.raises(CheckpointError, match="checkpoint of trial 0 cannot be loaded"):
        child.load(x=np.zeros(2))


def test_a_state_dict_is_no_part() -> None:
    with pytest.raises(TypeError, match="pass the module or optimiser itself"):
        Checkpoint(0, 0).load(net={"weight": np.zeros(2)})
