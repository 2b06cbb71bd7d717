"""UMAP and HDBSCAN, BERTopic's usual parts, for those who want them in the place of the consensus.

On a GPU they are cuML's where it is installed, else umap-learn's and hdbscan's on the processor. Neither knows how
often a wording is said: each counts once, and the size that a cluster needs is turned into wordings. HDBSCAN never puts
all into one cluster: wordings that are about one thing alone are none to it, or several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from voc.themes.centres import Labels, centres_of, nearest
from voc.themes.chance import derived, seeds_of, uniform
from voc.themes.device import gpu
from voc.themes.embedding import Vectors

# As BERTopic has them by default.
_NEIGHBOURS = 15
_DIMENSIONS = 5
_PANELS = 4
_SAMPLE = 0.8  # of the rows, that a panel is fitted to
_FEWEST = 6  # rows that are fitted
_SEEDS = 2**31  # that both makers' UMAP can take


@dataclass(frozen=True)
class Maker:
    """Whose UMAP and HDBSCAN are used.

    Attributes:
        umap: module that has the class `UMAP`.
        hdbscan: module that has the class `HDBSCAN`.
        said: sentence for people that says so, and why it is not the GPU's where a GPU is used.
        umap_options: what this maker's UMAP is told beyond what both understand.
        hdbscan_options: the same of HDBSCAN.
    """

    umap: str
    hdbscan: str
    said: str
    umap_options: Mapping[str, Any] = field(default_factory=dict)
    hdbscan_options: Mapping[str, Any] = field(default_factory=dict)

    def parts(self, rows: int, least: int, seed: int) -> tuple[Any, Any]:
        """Return UMAP and HDBSCAN, not yet fitted, for so many rows, 4 at least, of which `least` make a cluster."""
        umap = import_module(self.umap).UMAP(
            n_neighbors=min(_NEIGHBOURS, rows - 1),
            # The spectral layout that UMAP begins with needs two rows more than dimensions.
            n_components=min(_DIMENSIONS, rows - 2),
            min_dist=0.0,
            metric="cosine",
            random_state=seed % _SEEDS,
            **self.umap_options,
        )
        hdbscan = import_module(self.hdbscan).HDBSCAN(
            min_cluster_size=least,
            min_samples=min(least, rows - 1),
            metric="euclidean",
            cluster_selection_method="eom",
            **self.hdbscan_options,
        )
        return umap, hdbscan


# More threads than one would add up in another order, or be refused by umap-learn beside a seed.
_ON_PROCESSOR = Maker(
    "umap",
    "hdbscan",
    "Themes were grouped by UMAP and HDBSCAN on the processor.",
    {"n_jobs": 1},
    {"core_dist_n_jobs": 1},
)
_ON_GPU = Maker(
    "cuml.manifold",
    "cuml.cluster",
    "Themes were grouped by cuML's UMAP and HDBSCAN on the GPU.",
    {"output_type": "numpy"},
    {"output_type": "numpy"},
)


def maker_for(on_gpu: bool, missing: str | None) -> Maker:
    """Return whose parts are used where a GPU is used or not, and cuML is there or `missing` says why it is not."""
    if not on_gpu:
        return _ON_PROCESSOR
    if missing is None:
        return _ON_GPU
    said = f"Themes were grouped by UMAP and HDBSCAN on the processor, not on the GPU: {missing}."
    return replace(_ON_PROCESSOR, said=said)


def maker(device: str) -> Maker:
    """Return whose parts are used; `device` is as `voc.themes.device.gpu` reads it.

    Raises:
        VocError: "cuda" is wanted where there is no GPU.
    """
    on_gpu = gpu(device) is not None
    return maker_for(on_gpu, _missing() if on_gpu else None)


def _missing() -> str | None:
    """Return why cuML cannot be used; None where it can."""
    try:
        for name in (_ON_GPU.umap, _ON_GPU.hdbscan):
            import_module(name)
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and error.name == "cuml":
            return "cuML is not installed (pip install cuml-cu12 for CUDA 12, cuml-cu13 for CUDA 13)"
        return f"cuML is installed, but cannot be loaded ({error})"
    return None


@dataclass(frozen=True)
class Density:
    """A clustering of rows by UMAP and HDBSCAN.

    Attributes:
        texts: name the rows.
        maker: whose UMAP and HDBSCAN.
        least: rows that make a cluster.
        seed: of all that is left to chance.
    """

    texts: Sequence[str]
    maker: Maker
    least: int
    seed: int

    def parts(self) -> tuple[Any, Any]:
        """Return UMAP and HDBSCAN for all rows, not yet fitted."""
        return self.maker.parts(len(self.texts), self.least, self.seed)

    def panels(self, vectors: Vectors, above: float, device: str) -> Labels:
        """Return the clusters that fits to samples of the rows find, shape (n, 4); `vectors` has shape (n, dimensions).

        Each is fitted to another four fifths with another seed; then all rows go to the nearest centre if their cosine
        with it is `above` or more, as they do in the real fit. Rows that are near to none get a label for each.
        """
        seeds = seeds_of(self.texts, self.seed)
        found = []
        for panel in range(_PANELS):
            there = np.flatnonzero(uniform(derived(seeds, panel)) < _SAMPLE)
            if len(there) < _FEWEST:
                there = np.arange(len(vectors))
            least = max(2, round(self.least * len(there) / len(vectors)))
            umap, hdbscan = self.maker.parts(len(there), least, self.seed + panel + 1)
            with one_thread():
                own = hdbscan.fit(umap.fit_transform(vectors[there])).labels_.astype(np.int64)
            labels = nearest(vectors, centres_of(vectors[there], own), above, device)
            alone = np.flatnonzero(labels < 0)
            labels[alone] = int(labels.max(initial=-1)) + 1 + np.arange(len(alone))
            found.append(labels)
        return np.stack(found, axis=1)


def one_thread() -> Any:
    """Return a context in which sums are added up in the same order every time."""
    return threadpool_limits(1)
