"""Dropout that is cheap on a CPU, where drawing random numbers for each token takes longer than the products."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class TextDropout(nn.Module):
    """Dropout that leaves out the same features of all tokens of a text (Gal and Ghahramani 2016)."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, values: Tensor) -> Tensor:
        """Thin out values of shape (batch, length, hidden)."""
        if not self.training or self.p == 0:
            return values
        kept = torch.rand(values.shape[0], 1, values.shape[-1], device=values.device) >= self.p
        return values * (kept.to(values.dtype) / (1 - self.p))


def lean_dropout(encoder: Any, p: float = 0.1) -> None:
    """Put TextDropout in the place of an encoder's dropout, and none on its attention."""
    for name, module in list(encoder.named_modules()):
        for child, part in list(module.named_children()):
            if isinstance(part, nn.Dropout):
                setattr(module, child, nn.Dropout(0.0) if "attention.self" in name else TextDropout(p))
