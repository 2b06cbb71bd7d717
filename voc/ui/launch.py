"""The command line that starts the app's server, with the theme given as options so that a wheel looks the same."""

from __future__ import annotations

import sys
from pathlib import Path

from voc.resources import app_path


def streamlit_args(
    port: int = 8501,
    *,
    address: str = "localhost",
    max_upload_mb: int = 500,
    app: Path | None = None,
) -> list[str]:
    """Return the ``streamlit run`` command line of the app.

    Args:
        port: TCP port to listen on.
        address: the interface to bind to; anything but localhost shows the reviews to others.
        max_upload_mb: the largest export that may be uploaded, in megabytes.
        app: the entry point, by default the one that ships with the package.

    Returns:
        Arguments for ``subprocess``, the running Python first.
    """
    from voc.ui.theme import streamlit_options

    options = {
        "server.port": str(port),
        "server.address": address,
        # Else Streamlit asks for an e-mail address on its first start, and waits for it.
        "server.headless": "true",
        "server.maxUploadSize": str(max_upload_mb),
        "server.fileWatcherType": "none",
        "server.runOnSave": "false",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": "false",
    } | streamlit_options()
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "streamlit", "run", str(app or app_path()), *flags]
