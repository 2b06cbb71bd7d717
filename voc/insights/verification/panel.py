"""The reviews of a verification in blocks of time: before the fix, and after it without the weeks of old stock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voc.insights.index import Floats, Ints, Mask

#: No more blocks than this on either side of the date: enough to permute, and each long enough to be a unit of its own.
MAX_BLOCKS = 12
#: Fewer blocks on a side leave nothing to permute.
MIN_BLOCKS = 3
#: Treated reviews in a block, on average, at least.
BLOCK_REVIEWS = 10
#: Weeks next to one another are alike, four-week blocks hardly; shorter ones only where there would be too few.
BLOCK_DAYS, SHORTEST_BLOCK_DAYS = 28, 14


@dataclass(frozen=True)
class Cells:
    """Reviews and those that mention the theme, by unit (product or theme) and block, each of shape (units, blocks)."""

    count: Floats
    total: Floats

    def line(self) -> Floats:
        """Return the share in each block with the mix of units held fixed, shape (blocks,); NaN without reviews.

        Share of unit u in block b = a_u + b_b, fitted by least squares over reviews (two-way effects); the line is
        b_b plus the mean a_u over all reviews, so that a product that sells more in one block than in another does
        not move it. For a single unit these are its plain shares; for several they may lie a little outside 0 to 1.
        """
        blocks = self.total.sum(axis=0)
        out = np.full(len(blocks), np.nan)
        some = blocks > 0
        if not some.any():
            return out
        count, total = self.count[:, some], self.total[:, some]
        size = total.sum(axis=1)
        size[size == 0] = 1.0
        share = total / size[:, None]
        normal = np.diag(total.sum(axis=0)) - total.T @ share
        right = count.sum(axis=0) - share.T @ count.sum(axis=1)
        effect = np.linalg.lstsq(normal, right, rcond=1e-10)[0]
        effect -= effect @ total.sum(axis=0) / total.sum()
        out[some] = np.round(effect + count.sum() / total.sum(), 12)
        return out

    def sum(self, blocks: Mask) -> tuple[float, float]:
        """Return mentions and reviews of all units in these blocks."""
        return float(self.count[:, blocks].sum()), float(self.total[:, blocks].sum())

    def only(self, units: Mask) -> Cells:
        """Return these units alone."""
        return Cells(self.count[units], self.total[units])

    def within(self, blocks: Mask) -> Cells:
        """Return these blocks alone."""
        return Cells(self.count[:, blocks], self.total[:, blocks])


@dataclass(frozen=True)
class Panel:
    """Treated units and controls in the same blocks of time; days count from 1970-01-01 and ends are exclusive."""

    part: Ints  # (blocks,): -1 before the date, 0 the lag, 1 after it
    start: Ints
    end: Ints
    treated: Cells
    controls: Cells | None = None

    @property
    def before(self) -> Mask:
        """Which blocks are before the date."""
        return np.asarray(self.part < 0, bool)

    @property
    def after(self) -> Mask:
        """Which blocks are after the date and the lag."""
        return np.asarray(self.part > 0, bool)

    @property
    def middle(self) -> Floats:
        """The day in the middle of each block."""
        return np.asarray((self.start + self.end) / 2, np.float64)

    @property
    def usable(self) -> Mask:
        """Which blocks, the lag aside, have treated reviews and, where there are controls, reviews of those."""
        some = (self.part != 0) & (self.treated.total.sum(axis=0) > 0)
        if self.controls is not None:
            some &= self.controls.total.sum(axis=0) > 0
        return np.asarray(some, bool)

    def within(self, blocks: Mask) -> Panel:
        """Return these blocks alone."""
        controls = None if self.controls is None else self.controls.within(blocks)
        return Panel(
            self.part[blocks], self.start[blocks], self.end[blocks], self.treated.within(blocks), controls
        )  # fmt: skip


def cut(days: Ints, start: int, end: int) -> Ints:
    """Return the first days of blocks of one side, with about equally many treated reviews in each.

    Blocks of equal numbers carry equally much, whatever the ups and downs of sales, which is what lets them be
    permuted. Reviews of one day stay together.

    Args:
        days: days of the treated reviews of this side.
        start: first day of the side.
        end: the day after its last.

    Returns:
        The first day of each block, the first of them `start`; empty where even `MIN_BLOCKS` would be too short or too
        thin.
    """
    span = end - start
    blocks = max(span // BLOCK_DAYS, min(MIN_BLOCKS, span // SHORTEST_BLOCK_DAYS))
    blocks = min(MAX_BLOCKS, len(days) // BLOCK_REVIEWS, blocks)
    if blocks < MIN_BLOCKS:
        return np.empty(0, np.int64)
    unique, size = np.unique(days, return_counts=True)
    rank = np.cumsum(size) - size / 2
    block = np.minimum((rank / size.sum() * blocks).astype(np.int64), blocks - 1)
    first = unique[np.flatnonzero(np.append(True, np.diff(block) > 0))]
    first[0] = start
    return first if len(first) >= MIN_BLOCKS else np.empty(0, np.int64)


def cells(unit: Ints, day: Ints, weight: Floats, starts: Ints, ends: Ints, units: int) -> Floats:
    """Add up `weight` by unit and block, shape (units, blocks); days in no block are left out."""
    block = np.searchsorted(starts, day, side="right") - 1
    inside = (block >= 0) & (day < ends[np.maximum(block, 0)])
    key = unit[inside] * len(starts) + block[inside]
    added = np.bincount(key, weights=weight[inside], minlength=units * len(starts))
    return np.asarray(added, np.float64).reshape(units, len(starts))
