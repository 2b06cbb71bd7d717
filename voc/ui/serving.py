"""Runs Streamlit's server, and beside it makes ready what the first page needs: ``python -m voc.ui.serving run ...``.

Without it the first visitor waits until pandas, Altair, the statistics and the reviews are there.
"""

from __future__ import annotations

import importlib
import threading

#: What pages import when they are first drawn, in the order in which the first page needs it.
MODULES = (
    "pandas",
    "pyarrow.compute",
    "duckdb",
    "altair",
    "voc.insights",
    "voc.ui.theme",
    "statsmodels.stats.proportion",
    "scipy.sparse",
    "voc.analyses.highlights",
    "voc.ui.charts.ranked",
    "voc.report",
)


def main() -> None:
    """Run Streamlit's command line on the arguments of this process."""
    from streamlit.web.cli import main as streamlit

    threading.Thread(target=warm, name="voc-warm", daemon=True).start()
    streamlit(prog_name="streamlit")


def warm() -> None:
    """Import what pages import, and read the workspace."""
    for name in MODULES[:5]:
        importlib.import_module(name)
    from voc.ui import data

    data.prepare()
    for name in MODULES[5:]:
        importlib.import_module(name)


if __name__ == "__main__":
    main()
