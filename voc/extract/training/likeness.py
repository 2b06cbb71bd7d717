"""Trains a head so that its vectors are as like to one another, and to given ones, as the given ones are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

#: What the likeness of a batch's vectors to one another weighs against the likeness of each to its target.
_AMONG = 5.0
#: Every so many rows are held out to measure on.
_HELD = 20


def fit(
    apply: Callable[[Tensor], Tensor],
    parameters: Iterable[nn.Parameter],
    inputs: NDArray[np.float16],
    wanted: Tensor,
    *,
    epochs: int,
    rate: float,
    rows_per_batch: int,
    seed: int,
    log: Callable[[str], None],
    measure: Callable[[Tensor], Tensor] | None = None,
) -> float:
    """Train `parameters` until `apply(inputs)` is near to `wanted` (n, dimensions).

    `inputs` (n, width) are in half precision to be small. `measure` is what is applied to the rows held out, where it
    is not `apply`. Returns the mean cosine on these.
    """
    began = time.monotonic()
    held = torch.arange(len(wanted)) % _HELD == 0
    rows = torch.arange(len(wanted))[~held]
    torch.manual_seed(seed)
    optimiser = torch.optim.AdamW(list(parameters), lr=rate, weight_decay=0.01, fused=True)
    steps = epochs * -(-len(rows) // rows_per_batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps + 1)

    def take(places: Tensor) -> Tensor:
        return torch.from_numpy(inputs[places.numpy()].astype(np.float32))

    figure = 0.0
    for epoch in range(epochs):
        for places in torch.split(rows[torch.randperm(len(rows))], rows_per_batch):
            unit = functional.normalize(apply(take(places)), dim=-1)
            goal = functional.normalize(wanted[places], dim=-1)
            near = 1 - (unit * goal).sum(-1).mean()
            loss = near + _AMONG * functional.mse_loss(unit @ unit.T, goal @ goal.T)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
        with torch.inference_mode():
            parts = torch.split(torch.arange(len(wanted))[held], 4096)
            found = torch.cat([(measure or apply)(take(part)) for part in parts])
            figure = float(functional.cosine_similarity(found, wanted[held]).mean())
        log(f"meaning: epoch {epoch + 1}, cosine on held-out spans {figure:.3f}, {time.monotonic() - began:.0f} s")
    return figure
