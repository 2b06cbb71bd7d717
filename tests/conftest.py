"""What holds for every test: no network, and no more threads than a small machine has cores."""

from __future__ import annotations

import os

# Before anything imports torch, numpy or a hub client: they read these once. Subprocesses inherit them.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# Workers of pytest-xdist share the cores among themselves.
_THREADS = "1" if "PYTEST_XDIST_WORKER" in os.environ else "2"
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, _THREADS)

from hypothesis import settings  # noqa: E402

# A busy machine makes an example slow, not wrong.
settings.register_profile("voc", deadline=None)
settings.load_profile("voc")
