"""What holds for every test: no network, no more threads than a small machine has cores, and Ctrl-C ends what runs."""

from __future__ import annotations

import os
import signal

# Before anything imports torch, numpy or a hub client: they read these once. Subprocesses inherit them.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# Workers of pytest-xdist share the cores among themselves.
_THREADS = "1" if "PYTEST_XDIST_WORKER" in os.environ else "2"
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, _THREADS)

# A shell that starts the tests in the background hands down that Ctrl-C is ignored; some send it to what they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

from hypothesis import settings  # noqa: E402

# A busy machine makes an example slow, not wrong.
settings.register_profile("voc", deadline=None)
settings.load_profile("voc")
