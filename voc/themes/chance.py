"""Chance that belongs to a text: the same one draws the same lot whatever else is there.

Drawn one after the other, the numbers of all rows would be others as soon as one row is added before them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Seeds = NDArray[np.uint64]
#: The step and the rounds of mixing: a tensor repeats them.
STEP = 0x9E3779B97F4A7C15  # of SplitMix64 (Steele, Lea and Flood 2014), whose mixing function this is
ROUNDS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


def seeds_of(texts: Sequence[str], seed: int) -> Seeds:
    """Return a number for each text, shape (n,), that depends on nothing but itself and `seed`."""
    key = seed.to_bytes(8, "little", signed=True)
    digests = b"".join(hashlib.blake2b(text.encode(), digest_size=8, key=key).digest() for text in texts)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def derived(seeds: Seeds, number: int) -> Seeds:
    """Return further numbers of the same texts, others for every `number`."""
    with np.errstate(over="ignore"):
        mixed = seeds + np.uint64((number + 1) * STEP % (1 << 64))
        for shift, factor in ROUNDS:
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        found: Seeds = mixed ^ (mixed >> np.uint64(31))
        return found


def uniform(seeds: Seeds) -> NDArray[np.float64]:
    """Return a number in [0, 1) for each of `seeds`."""
    found: NDArray[np.float64] = (seeds >> np.uint64(11)).astype(np.float64) / (1 << 53)
    return found
