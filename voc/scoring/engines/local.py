"""Scores parts on this machine: in processes that share them, or in this one where there are few."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from voc.scoring.parts import Part, Scored, score_part
from voc.workers import processes, shared

if TYPE_CHECKING:
    from voc.config import ModelConfig


def resolve(config: ModelConfig) -> ModelConfig:
    """Return the configuration with the device and the precision that reading will use.

    Raises:
        VocError: a GPU is asked for and there is none.
    """
    from voc.extract import fast

    return fast.resolve(config)


def score_parts(
    parts: Sequence[Part], folder: Path, config: ModelConfig, told: Callable[[int], None] | None = None
) -> Iterator[Scored]:
    """Score parts and write their mentions into `folder`, yielding each when it is on the disk.

    Args:
        parts: what is to be scored.
        folder: the work folder.
        config: from `resolve`.
        told: called with how many reviews of the part at hand were read, where this process reads them.

    Raises:
        VocError: the model cannot be loaded, or processes that read die again and again.
        OSError: the mentions cannot be written.
    """
    count = processes(config, len(parts))
    if count > 1:
        for _, scored in shared(partial(score_part, folder=folder, config=config), parts, count):
            yield scored
        return

    def progress(_: str, done: int, __: int | None) -> None:
        if told:
            told(done)

    for part in parts:
        yield score_part(part, folder, config, progress)
