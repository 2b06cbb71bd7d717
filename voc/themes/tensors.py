"""The costly sums of clustering on torch tensors, for a GPU.

They do what `voc.themes.sums`, `voc.themes.kmeans` and `voc.themes.centres.nearest` do in NumPy: the same lots are
drawn, since chance belongs to the text, and ties fall to the first. Numbers are added up in another order, so that a
row halfway between two centres may go to the other one. Members of a cluster are added up as a product with a matrix:
on a GPU, scattered additions that race for a cell come out otherwise from one time to the next.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from voc.themes.centres import DIGITS, Labels
from voc.themes.chance import ROUNDS, STEP
from voc.themes.embedding import Vectors
from voc.themes.kmeans import SETTLED
from voc.themes.sums import Run

#: Numbers that a block of rows may make at a time: 256 MiB in single precision.
_CELLS = 1 << 26


class OnTensors:
    """The `Sums` of a consensus on a device, with NumPy arrays in and out."""

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def labels(self, data: Vectors, weights: NDArray[np.float32], runs: Sequence[Run]) -> Labels:
        """See `Sums`."""
        rows, masses = self._held(data), self._held(weights)
        found = torch.empty((len(data), len(runs)), dtype=torch.int16, device=self.device)
        for place, run in enumerate(runs):
            sample, seeds = self._held(run.sample), self._held(run.seeds.view(np.int64))
            centres = kmeans(rows[sample], masses[sample], run.clusters, seeds, run.iterations)
            found[:, place] = closest(rows, centres).to(torch.int16)
        return found.cpu().numpy().astype(np.int64)

    def apart(self, labels: Labels) -> NDArray[np.float64]:
        """See `Sums`."""
        count, number = labels.shape
        runs = self._held(labels.T.astype(np.int16))
        found = np.empty(count * (count - 1) // 2)
        step = max(1, _CELLS // count)
        filled = 0
        for begin in range(0, count, step):
            rows = runs[:, begin : begin + step]
            differ = torch.zeros((rows.shape[1], count), dtype=torch.int16, device=self.device)
            for own, run in zip(rows, runs, strict=True):
                differ += own[:, None] != run
            for row, counted in enumerate(differ.cpu().numpy(), start=begin):
                ahead = counted[row + 1 :]
                np.divide(ahead, number, out=found[filled : filled + len(ahead)])
                filled += len(ahead)
        return found

    def together(
        self,
        labels: Labels,
        own: Labels,
        weights: NDArray[np.float64],
        sizes: NDArray[np.float64],
    ) -> NDArray[np.float32]:
        """See `Sums`."""
        count = len(sizes)
        places = torch.arange(len(own), device=self.device)
        shares = torch.zeros((len(own), count + 1), dtype=torch.float64, device=self.device)
        shares[places, self._held(own)] = self._held(weights)  # what belongs to none falls into the last column
        shares = shares[:, :count] / self._held(sizes)
        total = torch.zeros((len(own), count), dtype=torch.float32, device=self.device)
        for run in self._held(labels.T):
            members = torch.zeros((int(run.max()) + 1, len(own)), dtype=torch.float64, device=self.device)
            members[run, places] = 1
            total += (members @ shares).float()[run]
        return total.cpu().numpy()

    def nearest(self, vectors: Vectors, centres: Vectors, above: float) -> Labels:
        """Return what `voc.themes.centres.nearest` does, of at least one centre."""
        middles = self._held(centres)
        found = []
        step = max(1, _CELLS // len(centres))
        for begin in range(0, len(vectors), step):
            similar = torch.round(self._held(vectors[begin : begin + step]) @ middles.T, decimals=DIGITS)
            best, place = similar.max(1)
            found.append(torch.where(best >= above, place, -1).cpu().numpy())
        return np.concatenate(found)

    def _held(self, array: NDArray[np.generic]) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)


def kmeans(
    data: torch.Tensor, weights: torch.Tensor, clusters: int, seeds: torch.Tensor, iterations: int
) -> torch.Tensor:
    """Return centres of shape (clusters, dimensions) of rows (n, dimensions); see `voc.themes.kmeans.kmeans`."""
    centres = _begin(data, weights, clusters, seeds)
    places = torch.arange(len(data), device=data.device)
    labels: torch.Tensor | None = None
    for _ in range(iterations):
        found = closest(data, centres)
        if labels is not None and float((found != labels).double().mean()) < SETTLED:
            break
        labels = found
        members = torch.zeros((clusters, len(data)), dtype=data.dtype, device=data.device)
        members[labels, places] = weights
        mass = members.sum(1, keepdim=True)
        # An empty cluster stays where it is.
        centres = torch.where(mass > 0, members @ data / mass.clamp(min=torch.finfo(data.dtype).tiny), centres)
    return centres


def closest(data: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
    """Return the place of the centre that is nearest to each row; of equally near ones the first."""
    return (data @ centres.T - 0.5 * (centres * centres).sum(1)).argmax(1)


def lots(seeds: torch.Tensor, numbers: int) -> torch.Tensor:
    """Return `uniform(derived(seeds, number))` for each number below `numbers`, shape (numbers, n).

    `seeds` of shape (n,) are those of `voc.themes.chance` as signed numbers of the same bits.
    """
    steps = torch.tensor([_signed((number + 1) * STEP) for number in range(numbers)], device=seeds.device)
    mixed = seeds + steps[:, None]
    for shift, factor in ROUNDS:
        mixed = (mixed ^ _shifted(mixed, shift)) * _signed(factor)
    return _shifted(mixed ^ _shifted(mixed, 31), 11).double() / (1 << 53)


def _begin(data: torch.Tensor, weights: torch.Tensor, clusters: int, seeds: torch.Tensor) -> torch.Tensor:
    """Choose rows as centres by exponential lots, each with a chance that grows with its squared distance to them."""
    squares = (data * data).sum(1)
    apart = torch.full_like(squares, torch.inf)
    rates = weights
    centres = []
    for falls in -torch.log1p(-lots(seeds, clusters)):
        # A row without a chance never falls.
        first = torch.nan_to_num(falls / rates, nan=torch.inf, posinf=torch.inf).argmin(0, keepdim=True)
        centre = data.index_select(0, first)[0]
        centres.append(centre)
        apart = torch.minimum(apart, squares + centre @ centre - 2 * (data @ centre))
        rates = apart.clamp(min=0) * weights
    return torch.stack(centres)


def _signed(number: int) -> int:
    """Return the signed number of 64 bits that has the lowest bits of `number`."""
    low = number % (1 << 64)
    return low - (1 << 64) if low >> 63 else low


def _shifted(numbers: torch.Tensor, by: int) -> torch.Tensor:
    """Shift to the right without regard to the sign."""
    return (numbers >> by) & ((1 << (64 - by)) - 1)
