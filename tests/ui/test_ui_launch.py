import sys
import tomllib
from pathlib import Path

from voc.ui.launch import streamlit_args
from voc.ui.theme import streamlit_options

ROOT = Path(__file__).resolve().parents[2]


def test_the_server_listens_on_localhost_and_reports_to_nobody():
    arguments = streamlit_args(8600)
    assert arguments[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert Path(arguments[4]).name in {"app.py", "_app.py"}
    assert {"--server.port=8600", "--server.address=localhost", "--browser.gatherUsageStats=false"} <= set(arguments)
    assert "--server.headless=true" in arguments
    assert "--server.address=0.0.0.0" in streamlit_args(8600, address="0.0.0.0")


def test_the_checkout_looks_as_the_command_makes_it_look():
    def flat(table, prefix=""):
        for name, value in table.items():
            if isinstance(value, dict):
                yield from flat(value, f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}", str(value).lower() if isinstance(value, bool) else str(value)

    configured = dict(flat(tomllib.loads((ROOT / ".streamlit/config.toml").read_text())))
    assert streamlit_options().items() <= configured.items()
    passed = dict(a.removeprefix("--").split("=", 1) for a in streamlit_args() if a.startswith("--"))
    assert {k: passed[k] for k in configured} == configured
