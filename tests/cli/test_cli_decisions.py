"""The database of people's entries, named for every command; decisions as a table."""

import datetime as dt
import json

import pytest

from voc.config import Config, WorkspaceConfig, load_config
from voc.errors import VocError
from voc.store import Entries, Workspace


def test_the_database_is_named_in_the_configuration_or_the_environment(tmp_path, monkeypatch):
    (tmp_path / "voc.toml").write_text('[workspace]\nentries = "sqlite:///file.sqlite"\n', encoding="utf-8")
    monkeypatch.delenv("VOC_ENTRIES_URL", raising=False)
    config = load_config(tmp_path / "voc.toml").workspace
    assert config.entries_url() == "sqlite:///file.sqlite"
    assert load_config(None).workspace.entries_url() is None
    monkeypatch.setenv("VOC_ENTRIES_URL", "sqlite:///other.sqlite")
    assert config.entries_url() == load_config(None).workspace.entries_url() == "sqlite:///other.sqlite"
    (tmp_path / "voc.toml").write_text('[workspace]\nentry = "sqlite:///file.sqlite"\n', encoding="utf-8")
    with pytest.raises(VocError, match=r"workspace\.entry is not a known key"):
        load_config(tmp_path / "voc.toml")


def test_a_password_is_neither_stored_nor_printed():
    config = Config(workspace=WorkspaceConfig(entries="postgresql://ana:s3cret@host/voc"))
    assert "s3cret" not in f"{config.model_dump_json()} {config!r} {config.model_dump()}"


def test_a_teams_database_holds_what_commands_read(workspace, voc, tmp_path, monkeypatch):
    where = tmp_path / "team.sqlite"
    theme = Workspace(workspace).current().table("themes").to_pylist()[0]
    Entries(where).add_decision(theme["theme_id"], "Sleeve", owner="Ana", planned_on=dt.date(2024, 5, 1))
    asked = ("insights", "decisions", "-w", workspace, "--format", "json")
    monkeypatch.setenv("VOC_ENTRIES_URL", f"sqlite:///{where}")
    done = voc(*asked)
    assert done.exit_code == 0, done.output
    [row] = json.loads(done.stdout)
    assert (row["title"], row["owner"], row["planned_on"], row["theme"]) == (
        "Sleeve",
        "Ana",
        "2024-05-01",
        theme["name"],
    )
    monkeypatch.delenv("VOC_ENTRIES_URL")
    assert json.loads(voc(*asked).stdout) == []
    (tmp_path / "voc.toml").write_text(f'[workspace]\nentries = "sqlite:///{where}"\n', encoding="utf-8")
    assert "Sleeve" in voc(*asked, "--config", tmp_path / "voc.toml").stdout
