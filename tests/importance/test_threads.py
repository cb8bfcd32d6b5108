"""One thread for small matrices, and as many as before afterwards."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_info

from optuna_hpx.importance._threads import one_thread


def test_one_thread_within_and_as_many_as_before_after() -> None:
    np.eye(2) @ np.eye(2)  # loads the library
    before = [pool["num_threads"] for pool in threadpool_info()]
    with one_thread():
        assert {pool["num_threads"] for pool in threadpool_info()} == {1}
    assert [pool["num_threads"] for pool in threadpool_info()] == before
