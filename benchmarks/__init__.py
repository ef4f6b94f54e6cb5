"""Measured speed and quality, printed as tables; no pass or fail on time."""

import os

# One thread for numpy, before anything imports it: its threads and the embedding model's wait for each other, and the
# baselines would look slower than they are.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
