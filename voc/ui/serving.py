"""Makes ready what pages need, then runs Streamlit's server: ``python -m voc.ui.serving run ...``.

Otherwise the first visitors would wait until pandas, Altair, the statistics and the reviews are there.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import os
import sys
import threading
import time

from voc.ui.launch import OPEN_VARIABLE

#: What pages import when they are first drawn.
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
    "voc.summaries",
    "scipy.stats",
    "statsmodels.stats.multitest",
    "voc.insights.stored",
    "voc.insights.sides",
    "voc.insights.offered",
    # What Streamlit leaves for the first page, or the first icon, that needs it.
    "PIL.Image",
    "streamlit.emojis",
    "streamlit.material_icon_names",
    "tokenizers",
    "safetensors",
)


#: What makes a process give memory back that it no longer needs: with 100,000 reviews a quarter of it. Streamlit runs
#: every page in a thread of its own, and the C library would keep an arena for each.
ALLOCATORS = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_TRIM_THRESHOLD_": "65536",
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


def main() -> None:
    """Run Streamlit's command line on the arguments of this process."""
    missing = {name: value for name, value in ALLOCATORS.items() if name not in os.environ}
    if missing and os.name == "posix":
        # They are read once, when a process begins.
        command = [sys.executable, "-m", "voc.ui.serving", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, **missing})  # noqa: S606 - this very program
    from streamlit.web.cli import main as streamlit

    # Functions that cache are made before the server is; its log would say so forty times.
    logging.getLogger("streamlit.runtime.caching.cache_data_api").setLevel(logging.ERROR)
    try:
        warm()
    except KeyboardInterrupt:
        # Ctrl-C is how one closes the app.
        sys.exit(0)
    address = os.environ.pop(OPEN_VARIABLE, None)
    if address:
        threading.Thread(target=_show, args=(address,), name="voc-browser", daemon=True).start()
    streamlit(prog_name="streamlit")


def warm() -> None:
    """Import what pages import, draw a first chart, and read the workspace."""
    for name in MODULES:
        importlib.import_module(name)
    from voc.ui import data, nav

    for page in nav.PAGES:
        importlib.import_module(f"voc.ui.pages.{page}")
    # Streamlit looks once from where it was started; of two thousand modules inspect then learns where they lie.
    inspect.stack()
    _chart()
    data.prepare()


def _chart() -> None:
    """Draw a chart for nobody: with its first one Altair sets itself up, which takes longer than a page."""
    import pandas as pd

    from voc.looks import LIGHT
    from voc.ui.charts import time as over_time

    day = pd.Timestamp("2020-01-01")
    point = {"month": [day], "analysed": [1], "mean_rating": [4.0], "rating_low": [3.0], "rating_high": [5.0]}
    phase = {"name": ["All"], "start": [day], "end": [day + pd.Timedelta(days=30)]}
    over_time.rating(pd.DataFrame(point), pd.DataFrame(phase), LIGHT)


def _show(address: str) -> None:
    """Open a browser window as soon as the server answers; without a browser the address on the screen must do."""
    import urllib.request
    import webbrowser

    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):  # noqa: S310 - our own server
                webbrowser.open(address)
            return
        except OSError:
            time.sleep(0.2)


if __name__ == "__main__":
    main()
