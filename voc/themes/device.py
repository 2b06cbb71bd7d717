"""Where the costly sums of clustering are done: on the processor, or on a GPU if there is one."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from voc.errors import VocError

if TYPE_CHECKING:
    from voc.themes.tensors import OnTensors


@cache
def gpu(device: str) -> OnTensors | None:
    """Return what computes on the GPU; None for the processor.

    Args:
        device: "auto" for a GPU if there is one, "cuda" or "cpu".

    Raises:
        VocError: "cuda" is wanted where there is none.
    """
    if device == "cpu":
        return None
    import torch

    if torch.cuda.is_available():
        from voc.themes.tensors import OnTensors

        return OnTensors(torch.device("cuda"))
    if device == "cuda":
        raise VocError('There is no GPU that CUDA can use; set model.device to "auto" or "cpu".')
    return None
