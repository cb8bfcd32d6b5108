"""One thread of linear algebra in each process of the tests, and in those that they start.

The matrices are small: threads of two workers wait for each other several times as long as they
compute.
"""

from __future__ import annotations

import os

from threadpoolctl import threadpool_limits

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # for what is loaded later

# For what is there: with Optuna's warning that pyproject.toml names, pytest has imported NumPy.
threadpool_limits(int(os.environ["OMP_NUM_THREADS"]))
