"""Takes the README's pictures: analyses the sample, starts the app on it and photographs its pages in Chromium.

    python sample_data/screenshots.py

Needs the development extra (Playwright) and Chromium. Takes about two minutes on two cores.
"""

from __future__ import annotations

import argparse
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
from pathlib import Path

from voc.config import load_config
from voc.pipeline import run
from voc.ui.launch import streamlit_args

HERE = Path(__file__).resolve().parent
#: Name of the picture -> address of the view, height of the window in pixels.
PICTURES = {
    "overview": ("", 1010),
    "opportunities": ("opportunities", 1010),
}
WIDTH = 1280


def main() -> int:
    """Make all pictures, or the one that is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=PICTURES, help="the one picture to take; all by default")
    parser.add_argument("--workspace", type=Path, help="a workspace with the analysed sample, to save the analysis")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = given.workspace or analysed(Path(folder) / "workspace")
        with served(workspace) as address:
            photograph(address, [given.only] if given.only else list(PICTURES))
    return 0


def analysed(workspace: Path) -> Path:
    """Analyse the sample as the README does."""
    config = load_config(HERE / "voc.toml")
    run([HERE / "reviews.csv"], workspace=workspace, config=config, products_file=HERE / "products.csv")
    return workspace


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


def photograph(address: str, names: list[str]) -> None:
    """Write one PNG for each name beside this file."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=["--no-sandbox"]
        )
        for name in names:
            path, height = PICTURES[name]
            page = browser.new_page(viewport={"width": WIDTH, "height": height}, color_scheme="light")
            page.goto(f"{address}/{path}")
            page.wait_for_selector("h1.voc", timeout=60_000)
            page.wait_for_function(
                "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'",
                timeout=120_000,
            )
            page.wait_for_timeout(2_000)
            page.screenshot(path=HERE / f"{name}.png")
            print(f"{name}.png: {(HERE / f'{name}.png').stat().st_size // 1000} kB")
            page.close()
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
