"""Scores parts in this process, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from voc.scoring.parts import BrokenPartError, Part, Scored, score_part

if TYPE_CHECKING:
    from voc.config import ModelConfig


def resolve(config: ModelConfig) -> ModelConfig:
    """Return the configuration with the device and the precision that reading will use.

    Raises:
        VocError: a GPU is asked for and there is none.
    """
    import torch

    from voc.errors import VocError
    from voc.extract.fast import fast_dtype

    device = config.device
    if device == "cuda" and not torch.cuda.is_available():
        raise VocError("No CUDA device can be used here; use --device cpu or --device auto.")
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    precision = config.precision
    if precision == "auto":
        precision = "bfloat16" if fast_dtype(torch.device(device)) == torch.bfloat16 else "float32"
    return config.model_copy(update={"device": device, "precision": precision})


def score_parts(
    parts: Sequence[Part], folder: Path, config: ModelConfig, told: Callable[[int], None] | None = None
) -> Iterator[Scored]:
    """Score parts and write their mentions into `folder`, yielding each when it is on the disk.

    Args:
        parts: what is to be scored.
        folder: the work folder.
        config: from `resolve`.
        told: called with how many reviews of the part at hand were read.

    Raises:
        VocError: the model cannot be loaded.
        OSError: the mentions cannot be written.
    """

    def progress(_: str, done: int, __: int | None) -> None:
        if told:
            told(done)

    for part in parts:
        try:
            yield score_part(part, folder, config, progress)
        except BrokenPartError:
            yield Scored(part.number, fault="reviews")
