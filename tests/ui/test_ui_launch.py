import os
import sys
import tomllib
from pathlib import Path

import pytest

from voc.errors import VocError
from voc.ui import access, places, serving
from voc.ui.launch import DATA_VARIABLE, check_secrets, environment, is_local, streamlit_args
from voc.ui.theme import streamlit_options

ROOT = Path(__file__).resolve().parents[2]


def test_the_server_listens_on_localhost_and_reports_to_nobody():
    arguments = streamlit_args(8600)
    assert arguments[:4] == [sys.executable, "-m", "voc.ui.serving", "run"]
    assert Path(arguments[4]).name in {"app.py", "_app.py"}
    assert {"--server.port=8600", "--server.address=localhost", "--browser.gatherUsageStats=false"} <= set(arguments)
    assert "--server.headless=true" in arguments
    assert "--server.address=0.0.0.0" in streamlit_args(8600, address="0.0.0.0")


def test_the_server_begins_anew_with_allocators_that_give_memory_back(monkeypatch):
    for name in serving.ALLOCATORS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MALLOC_ARENA_MAX", "7")
    begun = []

    def execve(program, command, surroundings):
        begun.append((program, command, surroundings))
        raise SystemExit

    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.setattr(sys, "argv", ["serving", "run", "app.py", "--server.port=1"])
    with pytest.raises(SystemExit):
        serving.main()
    ((program, command, surroundings),) = begun
    assert (program, command) == (sys.executable, [*streamlit_args()[:4], "app.py", "--server.port=1"])
    # What somebody has set stays.
    assert surroundings["MALLOC_ARENA_MAX"] == "7"
    assert surroundings["ARROW_DEFAULT_MEMORY_POOL"] == "system"


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


def test_no_configuration_file_can_take_the_protections_away():
    assert {
        "--server.enableCORS=true",
        "--server.enableXsrfProtection=true",
        "--server.enableStaticServing=false",
        "--client.showErrorDetails=none",
    } <= set(streamlit_args())
    assert "--server.maxUploadSize=7" in streamlit_args(max_upload_mb=7)


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("192.168.0.7", False),
        ("pc", False),
    ],
)
def test_which_addresses_only_this_machine_reaches(address, local):
    assert is_local(address) == local


def test_files_are_offered_by_path_only_where_nobody_else_looks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert environment()[DATA_VARIABLE] == str(tmp_path)
    assert environment(local=False)[DATA_VARIABLE] == ""
    assert environment(sign_in=True)[DATA_VARIABLE] == ""
    assert environment(local=False, data_dirs=[tmp_path / "in"])[DATA_VARIABLE] == str(tmp_path / "in")


def test_paths_stay_under_their_folder(tmp_path, monkeypatch):
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "a.csv").write_text("text\nfine\n")
    (inside / "link.csv").symlink_to(outside / "a.csv")
    (inside / "away").symlink_to(outside)
    monkeypatch.setenv(DATA_VARIABLE, str(inside))
    assert places.find("a.csv") == [inside / "a.csv"]
    assert places.find(".") == [inside / "a.csv"]
    for typed in ("../out/a.csv", str(outside / "a.csv"), "link.csv", "away/a.csv", "away", "none.csv", "a\0.csv"):
        with pytest.raises(VocError) as caught:
            places.find(typed)
        assert "out" not in str(caught.value).replace(str(inside), "").replace("without", "")
    monkeypatch.setenv(DATA_VARIABLE, "")
    with pytest.raises(VocError, match="upload it instead"):
        places.find(str(inside / "a.csv"))


GOOD = (
    '[auth]\nredirect_uri = "https://voc.example.com/oauth2callback"\ncookie_secret = "' + "s" * 40 + '"\n'
    'client_id = "a"\nclient_secret = "b"\nserver_metadata_url = "https://id.example.com"\n'
)


def test_a_secrets_file_that_would_let_everybody_in_is_refused(tmp_path):
    path = tmp_path / "secrets.toml"
    path.write_text(GOOD)
    check_secrets(path)
    for text, said in (
        ("", "no table"),
        (GOOD.replace("client_id", "id"), "names no client_id"),
        (GOOD.replace("s" * 40, "short"), "32 characters"),
        (GOOD.replace("/oauth2callback", "/"), "must end with"),
        (GOOD + '[app]\neditor = ["a@example.com"]\n', "knows editors and viewers"),
        (GOOD + '[app]\neditors = "a@example.com"\n', "list of e-mail addresses"),
        (GOOD + "[", "cannot be read"),
    ):
        path.write_text(text)
        with pytest.raises(VocError, match=said):
            check_secrets(path)
    with pytest.raises(VocError, match="no such file"):
        check_secrets(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("user", "lists", "role"),
    [
        ({"email": "a@x.com"}, {}, "editor"),
        ({"email": "A@x.com"}, {"editors": ["a@X.com"]}, "editor"),
        ({"email": "b@x.com"}, {"editors": ["a@x.com"]}, "viewer"),
        ({"email": "b@x.com"}, {"editors": ["a@x.com"], "viewers": ["*@x.com"]}, "viewer"),
        ({"email": "b@y.com"}, {"editors": ["a@x.com"], "viewers": ["*@x.com"]}, "stranger"),
        ({"email": "b@y.com"}, {"viewers": []}, "stranger"),
        ({"email": "b@evil.com@x.com"}, {"editors": ["*@x.com"], "viewers": []}, "stranger"),
        ({"email": "a@x.com", "email_verified": False}, {"editors": ["a@x.com"], "viewers": []}, "stranger"),
        ({}, {"editors": ["*"], "viewers": []}, "stranger"),
    ],
)
def test_roles(user, lists, role):
    assert access.role_of(user, lists) == role


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\shop\\a.csv", "a.csv"),
        ("con.csv", "_con.csv"),
        ("..", "export"),
        ("", "export"),
        ("a\0b\n.csv", "ab.csv"),
        ("x" * 400 + ".csv", "x" * 138 + ".csv"),
    ],
)
def test_names_of_uploads(given, kept):
    from voc.ui.analysing.upload import safe_name

    assert safe_name(given) == kept
