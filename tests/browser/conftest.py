import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ui"))
import workspaces
from browsing import settled

from voc.ui.launch import environment, streamlit_args

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="there is no chromium on this machine"))


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    """Return a function that starts the app's server on a workspace, as `voc app` does, and returns its address."""
    started = []

    def start(workspace, *, secrets=None, read_only=False, **told):
        with socket.socket() as free:
            free.bind(("localhost", 0))
            port = free.getsockname()[1]
        log = (tmp_path_factory.mktemp("server") / "log").open("w+")
        process = subprocess.Popen(
            streamlit_args(port, secrets=secrets),
            env={
                **os.environ,
                "VOC_WORKSPACE": str(workspace),
                **environment(read_only=read_only, sign_in=secrets is not None, **told),
            },
            cwd=tmp_path_factory.mktemp("elsewhere"),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        started.append((process, log))
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=1).close()
                return f"http://localhost:{port}"
            except OSError:
                time.sleep(0.2)
        log.seek(0)
        raise AssertionError(log.read())

    yield start
    for process, log in started:
        process.terminate()
        process.wait(20)
        log.seek(0)
        text = log.read()
        log.close()
        assert "Traceback" not in text, text


@pytest.fixture(scope="session")
def workspace(tmp_path_factory):
    return workspaces.build(tmp_path_factory.mktemp("browser") / "workspace")


@pytest.fixture(scope="session")
def address(serve, workspace):
    return serve(workspace.path)


@pytest.fixture
def visit(chromium, address):
    """Return a function that opens a view and waits until it is drawn; no request may leave the machine."""
    contexts = []

    def open_view(path="", width=1280, base=None, scheme="light"):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.outside = []
        page.on(
            "request",
            lambda r: page.outside.append(r.url) if "://localhost" not in r.url and r.url[:4] == "http" else None,
        )
        page.warned = []
        page.on("console", lambda message: page.warned.append(message.text) if message.type == "warning" else None)
        page.goto(f"{base or address}/{path}")
        settled(page)
        return page

    yield open_view
    for context in contexts:
        for page in context.pages:
            assert page.outside == []
        context.close()
