"""The command line that starts the app's server, with the theme given as options so that a wheel looks the same."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from voc.errors import VocError
from voc.resources import app_path

MAX_UPLOAD_MB = 500
#: Folders whose files may be analysed by their path, as a search path of the system.
DATA_VARIABLE = "VOC_DATA_DIRS"
#: The address that the server opens in a browser once it answers.
OPEN_VARIABLE = "VOC_OPEN"
OPEN_TO_ALL = (
    "Everybody who can reach this address can read and change everything: start with --read-only, or let people sign "
    "in (--sign-in FILE), unless that is what you want."
)


def streamlit_args(
    port: int = 8501,
    *,
    address: str = "localhost",
    max_upload_mb: int = MAX_UPLOAD_MB,
    app: Path | None = None,
    secrets: Path | None = None,
) -> list[str]:
    """Return the ``streamlit run`` command line of the app.

    Args:
        port: TCP port to listen on.
        address: the interface to bind to; anything but localhost shows the reviews to others.
        max_upload_mb: the largest export that may be uploaded, in megabytes.
        app: the entry point, by default the one that ships with the package.
        secrets: the file that sets up sign-in, by default Streamlit's own.

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
        # Said although they are the defaults: no configuration file of the folder or the user takes them away.
        "server.enableCORS": "true",
        "server.enableXsrfProtection": "true",
        "server.enableStaticServing": "false",
        "server.fileWatcherType": "none",
        "server.runOnSave": "false",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        # No page writes by a bare expression; to look for some takes each page's first visitor a while.
        "runner.magicEnabled": "false",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": "false",
    } | streamlit_options()
    if secrets is not None:
        options["secrets.files"] = str(secrets.resolve())
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "voc.ui.serving", "run", str(app or app_path()), *flags]


def is_local(address: str) -> bool:
    """Return whether only this machine reaches an address to listen on."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def check_port(address: str, port: int) -> None:
    """Look whether an address can be listened on, before a server is started that would only end again.

    Raises:
        VocError: another program listens on the port, or it cannot be listened on.
    """
    try:
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise VocError(f"{address}: this address is unknown ({error.strerror}); check --host.") from None
    family, kind, protocol, _, place = found[0]
    with socket.socket(family, kind, protocol) as tried:
        # As the server sets it: a port that was just closed is free.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name == "posix")
        try:
            tried.bind(place)
        except OSError as error:
            raise VocError(
                f"The app cannot listen on {address}:{port} ({error.strerror}); choose another port with --port."
            ) from None


def environment(
    *, read_only: bool = False, sign_in: bool = False, local: bool = True, data_dirs: Sequence[Path] = ()
) -> dict[str, str]:
    """Return the environment variables that tell the app how it was started.

    Args:
        read_only: nothing can be changed.
        sign_in: nobody sees anything before they have signed in.
        local: only this machine reaches the app; then files of the current folder may be analysed by their path.
        data_dirs: the folders whose files may be analysed by their path, in place of that.
    """
    from voc.ui.access import READ_ONLY_VARIABLE, SIGN_IN_VARIABLE

    folders = list(data_dirs) or ([Path.cwd()] if local and not sign_in else [])
    return {
        READ_ONLY_VARIABLE: "1" if read_only else "",
        SIGN_IN_VARIABLE: "1" if sign_in else "",
        DATA_VARIABLE: os.pathsep.join(str(folder.resolve()) for folder in folders),
    }


def check_secrets(path: Path) -> None:
    """Look whether a file sets up sign-in, before a server is started that would rely on it.

    Raises:
        VocError: it cannot be read, is not TOML, lacks what sign-in needs, or Authlib is not installed.
    """
    import importlib.util

    from voc.ui.access import checked_lists

    if importlib.util.find_spec("authlib") is None:
        raise VocError("Sign-in needs a library that is not installed: pip install 'voc[signin]'.")
    if path.suffix != ".toml":
        raise VocError(f"{path}: the file for --sign-in must be called something.toml.")
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise VocError(f"{path}: there is no such file; check the path given with --sign-in.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise VocError(f"{path}: the file cannot be read ({error}); correct it and start again.") from None
    section = found.get("auth")
    if not isinstance(section, dict):
        raise VocError(f"{path}: there is no table [auth], so nobody could sign in; see the README on sharing.")
    for key in ("redirect_uri", "cookie_secret"):
        if not section.get(key):
            raise VocError(f"{path}: [auth] lacks {key}; see the README on sharing.")
    if not str(section["redirect_uri"]).endswith("/oauth2callback"):
        raise VocError(f"{path}: redirect_uri must end with /oauth2callback.")
    if len(str(section["cookie_secret"])) < 32:
        raise VocError(f"{path}: cookie_secret must be a random text of 32 characters or more.")
    own = [section] if section.get("client_id") else []
    own += [value for value in section.values() if isinstance(value, dict) and value.get("client_id")]
    if not own:
        raise VocError(f"{path}: [auth] names no client_id; see the README on sharing.")
    for provider in own:
        for key in ("client_secret", "server_metadata_url"):
            if not provider.get(key):
                raise VocError(f"{path}: [auth] lacks {key}; see the README on sharing.")
    checked_lists(found.get("app", {}))
