"""Sources of random numbers go on where the parent's were."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tests.population.codecs.parts import (
    passed_on,
)

torch = pytest.importorskip("torch")


def test_sources_of_random_numbers() -> None:
    generators = {
        "numpy": np.random.default_rng(3),
        "old": np.random.RandomState(3),
        "python": random.Random(3),
        "torch": torch.Generator().manual_seed(3),
        "global_python": random,
        "global_numpy": np.random,
        "global_torch": torch,
        "mersenne": np.random.Generator(np.random.MT19937(3)),
    }

    def draw() -> list[float]:
        return [
            float(generators["numpy"].random()),
            float(generators["old"].normal()),
            generators["python"].gauss(0, 1),
            float(torch.rand(1, generator=generators["torch"])),
            random.random(),
            float(np.random.random()),
            float(torch.rand(1)),
            float(generators["mersenne"].random()),
        ]

    draw()
    child = passed_on(**generators)
    after = draw()
    assert after != draw()
    child.load(**generators)
    assert draw() == after


def test_another_bit_generator_is_refused() -> None:
    child = passed_on(rng=np.random.Generator(np.random.MT19937(3)))
    with pytest.raises(ValueError, match="`rng` does not fit what the parent saved"):
        child.load(rng=np.random.default_rng(3))
