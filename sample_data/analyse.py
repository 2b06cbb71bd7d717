"""Analyse the sample and pack the result, so that the app can show it at once: ``python sample_data/analyse.py``.

To be run again whenever the models, the analyses or the tables change; it takes about a minute.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from voc.config import load_config
from voc.pipeline import run
from voc.store import Workspace
from voc.store.packed import pack

FOLDER = Path(__file__).resolve().parent


def main() -> None:
    """Write ``analysed.tar.xz`` beside the export."""
    # A module beside this one bears the name of a library that spaCy needs.
    sys.path[:] = [place for place in sys.path if Path(place).resolve() != FOLDER]
    with tempfile.TemporaryDirectory() as place:
        workspace = Workspace(Path(place) / "workspace")
        run(
            [FOLDER / "reviews.csv"],
            workspace=workspace,
            config=load_config(FOLDER / "voc.toml"),
            products_file=FOLDER / "products.csv",
        )
        snapshot = workspace.current()
        if snapshot is None:
            raise SystemExit("nothing was stored")
        target = FOLDER / "analysed.tar.xz"
        # Vectors of what is no trouble: only themes made anew would need them.
        pack(snapshot, target, without=["further_embeddings"])
    print(f"{target.name}: {target.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
