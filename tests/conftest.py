"""What holds for every test: no network, and as many threads as a small machine has cores."""

from __future__ import annotations

import os

# Before anything imports torch, numpy or a hub client: they read these once. Subprocesses inherit them.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "2")

from hypothesis import settings  # noqa: E402

# A busy machine makes an example slow, not wrong.
settings.register_profile("voc", deadline=None)
settings.load_profile("voc")
