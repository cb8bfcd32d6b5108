"""One thread of linear algebra in each process of the tests, set before NumPy is imported.

The matrices are small, and of two threads in each of two workers most time is spent waiting for
the others.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
