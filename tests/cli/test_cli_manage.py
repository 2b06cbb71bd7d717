"""`voc theme`, `voc forget` and `voc app`."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from voc.store import Workspace


def test_theme_list_shows_ids_names_and_what_people_did(voc, workspace):
    Workspace(workspace).entries.rename_theme("t-cable", "Cable breaks")
    Workspace(workspace).entries.hide_theme("t-button")
    found = json.loads(voc("theme", "list", "--workspace", workspace, "--format", "json").stdout)
    assert [(one["theme_id"], one["name"], one["hidden"], one["renamed"]) for one in found] == [
        ("t-cable", "Cable breaks", False, True),
        ("t-button", "button: sticks", True, False),
    ]


@pytest.mark.parametrize("command", [["rename", "t-none", "x"], ["hide", "t-none"]])
def test_an_unknown_theme_is_refused(voc, workspace, command):
    result = voc("theme", *command, "--workspace", workspace)
    assert result.exit_code == 1
    assert result.stderr == f"Error: There is no theme 't-none' in {workspace}; `voc theme list` shows the ids.\n"
    assert Workspace(workspace).entries.history() == []


def test_an_empty_name_is_refused(voc, workspace):
    result = voc("theme", "rename", "t-cable", "  ", "--workspace", workspace)
    assert result.exit_code == 2
    assert Workspace(workspace).entries.theme_names() == {}


def test_forget_one_review(voc, workspace):
    result = voc("forget", "--review", "r00", "--workspace", workspace, "--no-refresh")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "1 review was forgotten, with the mentions and quotes taken from the text.\n"
        "Figures and names of themes are still those of the last run; the next `voc run` renews them.\n"
    )
    snapshot = Workspace(workspace).current()
    assert snapshot.table("reviews").num_rows == 89
    assert "r00" not in snapshot.table("mentions")["review_id"].to_pylist()
    after = voc("opportunities", "--workspace", workspace, "--format", "json")
    quoted = [quote["review_id"] for one in json.loads(after.stdout) for quote in one["quotes"]]
    assert "r00" not in quoted
    # Whoever reads figures that still count the review is told so.
    assert after.stderr == (
        "Reviews were forgotten since these figures were computed; the next `voc run` renews them.\n"
    )


def test_forget_an_import(voc, workspace):
    result = voc("forget", "--import", "i2", "--workspace", workspace)
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "30 reviews were forgotten, with the mentions and quotes taken from the text.\n"
        "Figures and names of themes were computed anew without them.\n"
    )
    snapshot = Workspace(workspace).current()
    assert snapshot.table("reviews").num_rows == 60
    assert "stale" not in snapshot.info
    everywhere = [row for row in snapshot.table("opportunities").to_pylist() if row["scope_type"] == "workspace"]
    assert all(row["analysed"] == 60 for row in everywhere)


def test_forgetting_everything_leaves_an_empty_workspace(voc, workspace):
    for import_id in ("i1", "i2"):
        assert voc("forget", "--import", import_id, "--workspace", workspace).exit_code == 0
    result = voc("opportunities", "--workspace", workspace, "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert result.stderr == "None of the stored reviews could be analysed, so there is nothing to rank.\n"


def test_forget_what_is_not_there(voc, workspace):
    before = Workspace(workspace).current().id
    result = voc("forget", "--review", "r999", "--workspace", workspace)
    assert result.exit_code == 1
    assert result.stderr == f"Error: There is no review 'r999' in {workspace}; nothing was removed.\n"
    assert Workspace(workspace).current().id == before


def test_forget_without_a_workspace(voc, tmp_path):
    result = voc("forget", "--review", "r00", "--workspace", tmp_path / "none")
    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path / 'none'}: there is no workspace here; check --workspace.\n"


def free_port():
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("browser", [True, False])
def test_app_answers_asks_nothing_and_ends_with_ctrl_c(workspace, tmp_path, browser):
    import signal

    port = free_port()
    command = [sys.executable, "-m", "voc.cli", "app", "--workspace", str(workspace), "--port", str(port)]
    # A session of its own, so that the interrupt reaches both processes as Ctrl-C in a terminal does.
    # A home of its own, as on a first start; the browser is a command that writes down what it was asked to open.
    opened = tmp_path / "opened"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > "{opened}"\n')
    script.chmod(0o755)
    with subprocess.Popen(
        command if browser else [*command, "--no-browser"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "HOME": str(tmp_path), "BROWSER": f"{script} %s"},
    ) as process:
        try:
            answer = ""
            deadline = time.monotonic() + 150
            while answer != "ok" and time.monotonic() < deadline and process.poll() is None:
                try:
                    with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2) as response:
                        answer = response.read().decode()
                except OSError:
                    time.sleep(0.2)
            assert answer == "ok"
            while browser and not opened.exists() and time.monotonic() < deadline:
                time.sleep(0.1)
            os.killpg(process.pid, signal.SIGINT)
            _, stderr = process.communicate(timeout=30)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == 0
    assert f"The app is at http://localhost:{port}; Ctrl-C closes it." in stderr
    assert "Traceback" not in stderr
    assert "mail" not in stderr
    assert opened.exists() == browser
    if browser:
        assert opened.read_text().strip() == f"http://localhost:{port}"


def test_every_change_is_in_the_figures_at_once_and_can_be_undone(voc, workspace):
    def listed(*options):
        return {
            one["theme_id"]: one
            for one in json.loads(voc("theme", "list", *options, "-w", workspace, "--format", "json").stdout)
        }

    def ranked():
        found = voc("opportunities", "--workspace", workspace, "--format", "json")
        return [one["name"] for one in json.loads(found.stdout)]

    before = listed("--all")
    assert voc("theme", "merge", "t-button", "t-cable", "-w", workspace).exit_code == 0
    assert (list(listed()), listed()["t-cable"]["mentions"]) == (["t-cable"], 30)
    assert len(ranked()) == 1
    assert voc("theme", "undo", "-w", workspace).stdout.startswith("Taken back: merged 'button: sticks' into")
    assert voc("theme", "dismiss", "t-cable", "-w", workspace).exit_code == 0
    assert listed("--all")["t-cable"]["state"] == "dismissed"
    assert ranked() == ["button: sticks"]
    assert voc("theme", "dismiss", "--restore", "t-cable", "-w", workspace).exit_code == 0
    assert voc("theme", "move", "t-cable", "delivery", "--by", "Ana", "-w", workspace).exit_code == 0
    assert listed()["t-cable"]["area"] == "delivery"
    changes = json.loads(voc("theme", "history", "-w", workspace, "--format", "json").stdout)
    assert [one["what"] for one in changes] == [
        "move_theme",
        "restore_theme",
        "dismiss_theme",
        "undo",
        "merge_theme",
    ]
    assert changes[0]["who"] == "Ana"
    for _ in range(3):
        assert voc("theme", "undo", "-w", workspace).exit_code == 0
    assert listed("--all") == before
    nothing = voc("theme", "undo", "-w", workspace)
    assert nothing.exit_code == 1
    assert nothing.stderr == "Error: There is no change of a theme or a mention left to undo.\n"


def test_a_mention_is_corrected(voc, workspace):
    found = json.loads(voc("theme", "mentions", "t-cable", "-w", workspace, "--format", "json").stdout)
    assert len(found) == 20
    first = found[0]["mention_id"]
    assert "frays" in found[0]["quote"]
    assert voc("theme", "correct", first, "--theme", "none", "-w", workspace).exit_code == 0
    assert voc("theme", "correct", found[1]["mention_id"], "--theme", "t-button", "-w", workspace).exit_code == 0
    assert voc("theme", "correct", found[2]["mention_id"], "--kind", "praise", "-w", workspace).exit_code == 0
    assert voc("theme", "correct", found[3]["mention_id"], "--hazard", "-w", workspace).exit_code == 0
    rows = {row["mention_id"]: row for row in Workspace(workspace).current().table("mentions").to_pylist()}
    assert [rows[one["mention_id"]]["theme_id"] for one in found[:4]] == [None, "t-button", None, "t-cable"]
    assert (rows[found[2]["mention_id"]]["kind"], rows[found[3]["mention_id"]]["hazard"]) == ("praise", True)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["merge", "t-cable", "t-cable"], "Theme 't-cable' cannot be merged with itself; name the theme"),
        (["merge", "t-cable", "t-none"], "There is no theme 't-none' in"),
        (
            ["rename", "t-cable", "Button: sticks"],
            "Theme 't-button' is called 'button: sticks' already; choose another",
        ),
        (["split", "t-cable", "--words", "left"], "No mention of 'cable: frays near the plug' says 'left'; try other"),
        (["split", "t-cable", "--words", "frays"], "All 20 mentions of 'cable: frays near the plug' say 'frays'"),
        (["correct", "m-none", "--theme", "none"], "There is no mention 'm-none' in"),
        (["correct", "m-none"], "Say what is wrong with the mention"),
        (["move", "t-cable", " "], "An area needs a name"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_and_changes_nothing(voc, workspace, command, sentence):
    before = Workspace(workspace).current().id
    result = voc("theme", *command, "-w", workspace)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {sentence}"), result.stderr
    assert Workspace(workspace).entries.history() == []
    assert Workspace(workspace).current().id == before


def test_a_change_during_a_run_is_kept_for_it(voc, workspace, monkeypatch):
    import voc.pipeline as pipeline

    monkeypatch.setattr(pipeline, "WAIT", 0.0)
    with Workspace(workspace).writing():
        result = voc("theme", "rename", "t-cable", "Cable breaks", "-w", workspace)
    assert result.exit_code == 0
    assert "The change is kept and comes into the figures with the next run." in result.stderr
    assert Workspace(workspace).entries.theme_names() == {"t-cable": "Cable breaks"}
