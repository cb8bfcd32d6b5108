"""What all codecs share."""

from __future__ import annotations

import pytest

from optuna_hpx.population.codecs.base import fitting


@pytest.mark.parametrize("error", [AttributeError, IndexError, KeyError, RuntimeError, TypeError])
def test_what_a_part_raises_says_which_part_it_was(error: type[Exception]) -> None:
    message = r"`net` does not fit .* cannot be searched"
    with pytest.raises(ValueError, match=message) as raised, fitting("net"):
        raise error("by hand")
    assert isinstance(raised.value.__cause__, error)


def test_what_is_no_fault_of_the_state_goes_through() -> None:
    with pytest.raises(MemoryError), fitting("net"):
        raise MemoryError
