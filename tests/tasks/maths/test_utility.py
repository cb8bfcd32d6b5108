"""UtilityScale: there and back, for both directions."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.tasks.maths.utility import UtilityScale


@pytest.mark.parametrize("is_maximised", [True, False])
def test_there_and_back(is_maximised: bool) -> None:
    scale = UtilityScale(-3.0, 5.0, is_maximised)
    values = np.linspace(-3.0, 5.0, 9)
    u = scale.utilities(values)
    assert u[[0, -1]].tolist() == ([0.0, 1.0] if is_maximised else [1.0, 0.0])
    np.testing.assert_allclose([scale.value(x) for x in u], values)
    assert (scale.value(0.0), scale.value(1.0)) == (scale.worst, scale.best)
    assert scale.range == 8.0
    assert np.isnan(scale.utilities(np.array([np.nan]))).all()
