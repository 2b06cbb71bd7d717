"""Takes the README's pictures: analyses the sample, starts the app on it and photographs its pages in Chromium.

    python sample_data/screenshots.py

Needs the development extra (Playwright) and Chromium. Takes about three minutes on two cores.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image

from voc.config import load_config
from voc.pipeline import run
from voc.store import Workspace
from voc.ui.launch import streamlit_args

HERE = Path(__file__).resolve().parent
WIDTH = 1280
#: A screenshot has few colours: with this many it is a third as large and looks the same.
COLOURS = 256
#: What the theme is called that the pictures of one theme are about: the cables of the first years fray.
THEME = "frayed"


@dataclass(frozen=True)
class Picture:
    """One view of the app.

    Attributes:
        address: of the view; `{theme}` and `{decision}` stand for the ids of the theme and of the decision about it.
        height: of the window, in pixels.
        mode: of the browser.
        scroll_to: heading that is scrolled to the top.
    """

    address: str
    height: int = 1010
    mode: Literal["light", "dark"] = "light"
    scroll_to: str = ""


PICTURES = {
    "overview": Picture(""),
    "opportunities": Picture("opportunities"),
    "opportunity": Picture("opportunities?show=map&theme={theme}&part=who", 1300, "dark"),
    "trends": Picture("trends?theme={theme}", 1000, scroll_to="One theme in focus"),
    "phases": Picture("trends?view=phases", 900, scroll_to="What moved the mean rating"),
    "compare": Picture("compare", 1140),
    "reviews": Picture("reviews?show=answer", 900),
    "decision": Picture("decisions?decision={decision}", 1180),
}


def main() -> int:
    """Make all pictures, or the one that is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=PICTURES, help="the one picture to take; all by default")
    parser.add_argument("--workspace", type=Path, help="a workspace with the analysed sample, to save the analysis")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "sample"
        if given.workspace:
            shutil.copytree(given.workspace, workspace)
        else:
            analysed(workspace)
        ids = decided(workspace)
        with served(workspace) as address:
            photograph(address, [given.only] if given.only else list(PICTURES), ids)
    return 0


def analysed(workspace: Path) -> None:
    """Analyse the sample as the README does."""
    config = load_config(HERE / "voc.toml")
    run([HERE / "reviews.csv"], workspace=workspace, config=config, products_file=HERE / "products.csv")


def decided(path: Path) -> dict[str, str]:
    """Decide something about the theme of the pictures, and return the ids of both."""
    workspace = Workspace(path)
    themes = workspace.current().table("themes").to_pylist()
    theme = max((row for row in themes if THEME in row["name"]), key=lambda row: row["name"].startswith("cable"))
    decision = workspace.entries.add_decision(
        theme["theme_id"],
        "Stronger strain relief at both ends",
        by="Maria",
        owner="Maria",
        state="released",
        release="Cable V2",
        planned_on=dt.date(2012, 11, 1),
        released_on=dt.date(2013, 1, 1),
        expected_unit="percent",
        expected_value=50.0,
    )
    return {"theme": theme["theme_id"], "decision": decision}


@contextmanager
def served(workspace: Path) -> Iterator[str]:
    """Run the app's server on a free port for the length of the block."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "VOC_WORKSPACE": str(workspace)}
    with subprocess.Popen(streamlit_args(port), env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.2)
            yield f"http://localhost:{port}"
        finally:
            server.terminate()


def photograph(address: str, names: list[str], ids: dict[str, str]) -> None:
    """Write one PNG for each name beside this file; `ids` fill the addresses."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=["--no-sandbox"]
        )
        for name in names:
            picture = PICTURES[name]
            page = browser.new_page(viewport={"width": WIDTH, "height": picture.height}, color_scheme=picture.mode)
            page.goto(f"{address}/{picture.address.format(**ids)}")
            page.wait_for_selector("h1.voc", timeout=60_000)
            page.wait_for_function(
                "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'",
                timeout=120_000,
            )
            page.wait_for_timeout(2_000)
            if picture.scroll_to:
                page.get_by_role("heading", name=picture.scroll_to).evaluate("heading => heading.scrollIntoView()")
                # The app's bar covers the top of the window.
                page.locator("[data-testid=stMain]").evaluate("main => main.scrollBy(0, -80)")
                page.wait_for_timeout(500)
            target = HERE / f"{name}.png"
            taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            # Colours that cover little, such as a chip's, stay apart; those that cover much stay exact.
            few = taken.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
            few.save(target, optimize=True)
            print(f"{name}.png: {target.stat().st_size // 1000} kB")
            page.close()
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
