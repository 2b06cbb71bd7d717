"""A PostgreSQL server of the tests' own: a cluster in a temporary folder, on a free port, without durability."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

_FOUND = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
INITDB = _FOUND[-1] if _FOUND else shutil.which("initdb")
# initdb refuses to run as root.
_AS = ["runuser", "-u", "postgres", "--"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def missing():
    """Return why no server can be started here; "" where one can."""
    if INITDB is None:
        return "PostgreSQL is not installed"
    if _AS and subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode:
        return "PostgreSQL does not run as root, and there is no user postgres"
    return ""


@contextlib.contextmanager
def server():
    """Start a server and give the beginning of a URL of its databases; `postgres` is one that is there."""
    bin_folder = Path(INITDB).parent
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        if _AS:
            shutil.chown(folder, "postgres")
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        data = f"{folder}/data"

        def call(*command):
            done = subprocess.run([*_AS, *command], cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr

        call(str(bin_folder / "initdb"), "-D", data, "-U", "voc", "--auth=trust", "--no-sync", "-E", "UTF8")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
        call(str(bin_folder / "pg_ctl"), "-D", data, "-l", f"{folder}/log", "-o", options, "-w", "start")
        try:
            yield f"postgresql+psycopg://voc:secret@127.0.0.1:{port}/"
        finally:
            call(str(bin_folder / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
