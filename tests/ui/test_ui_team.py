"""A team whose entries lie in PostgreSQL: every command and every page reads them there, and every run keeps them."""

import csv
import datetime as dt
import random
import sys
from pathlib import Path

import pytest
import workspaces
from click.testing import CliRunner

from voc.cli import main
from voc.store import Workspace, entry_database

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "store"))
import postgres

DAY = dt.date


@pytest.fixture
def database():
    if postgres.missing():
        pytest.skip(postgres.missing())
    with postgres.server() as url:
        yield url + "postgres"
        entry_database._shared(url + "postgres").dispose()


def export(path, first, count):
    """Write reviews in the words of the synthetic workspace, four of its troubles in every third review or so."""
    rng = random.Random(first)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["review_id", "date", "product", "brand", "market", "body", "rating"])
        for number in range(first, first + count):
            product_id, product, brand, _ = rng.choices(workspaces.PRODUCTS, [5, 4, 3])[0]
            found = [t for t in workspaces.TROUBLES[:4] if product_id in t.products and rng.random() < 0.3][:2]
            said = [f"{workspaces.parsed(rng.choice(t.clauses))[0].capitalize()}." for t in found]
            body = f"{' '.join(said) or rng.choice(workspaces.PRAISE)} ({number})"
            stars = min((rng.choice(t.stars) for t in found), default=5)
            day = f"20{12 + number % 6}-03-{1 + number % 28:02d}"
            writer.writerow([f"R{number}", day, product, brand, rng.choice(("US", "GB")), body, stars])
    return path


def voc(*arguments, code=0):
    done = CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="voc")
    assert done.exit_code == code, done.output
    return done.output


def button(page, label):
    return next(one for one in page.button if one.label == label)


def test_a_team_works_on_one_database_through_runs_pages_and_commands(app, written, database, tmp_path, monkeypatch):
    place, settings = tmp_path / "workspace", tmp_path / "voc.toml"
    settings.write_text(f'[workspace]\nentries = "{database}"\n', encoding="utf-8")
    told = ("--workspace", place, "--config", settings)
    voc("run", export(tmp_path / "monday.csv", 0, 120), *told)
    themes = Workspace(place, entries_url=database).current().table("themes").to_pylist()
    frays, slow = (next(row for row in themes if word in row["name"]) for word in ("fray", "charging"))

    # In the app: a name, a phase and a decision.
    monkeypatch.setenv("VOC_CONFIG", str(settings))
    page = app(place, "themes", theme=frays["theme_id"])
    next(one for one in page.text_input if one.label == "Name").set_value("Cable frays at the plug")
    button(page, "Rename").click().run()
    assert "is now called" in page.success[0].value
    page = app(place, "trends", edit="new")
    page.text_input(key="phase_name_new").set_value("Second supplier")
    page.date_input(key="phase_start_new").set_value(DAY(2014, 1, 1))
    button(page, "Add phase").click().run()
    page = app(place, "opportunities", theme=frays["theme_id"])
    page.text_input(key="d_title_0").set_value("Stronger sleeve")
    button(page, "Decide").click().run()
    assert not page.exception

    # The next run, on another machine perhaps, is told of the database by its environment, and loses nothing.
    monkeypatch.delenv("VOC_CONFIG")
    monkeypatch.setenv("VOC_ENTRIES_URL", database)
    told = ("--workspace", place)
    assert "Cable frays at the plug" in voc("run", export(tmp_path / "tuesday.csv", 1000, 20), *told)
    team = Workspace(place, entries_url=database)
    assert team.current().rows("reviews") == 140
    assert not list(place.glob("entries*")), "nothing of the team's lies beside the snapshots"
    phases = {row["name"]: row["start"] for row in team.current().table("phases").to_pylist()}
    assert phases["Second supplier"] == DAY(2014, 1, 1)
    [decision] = team.entries.decisions()
    assert (decision["title"], decision["theme_id"], decision["state"]) == (
        "Stronger sleeve",
        frays["theme_id"],
        "decided",
    )
    for name in ("overview", "trends", "compare", "needs", "reviews", "fixes", "decisions"):
        page.switch_page(f"voc/ui/pages/{name}.py").run()
        assert not page.exception, name
        if name in ("overview", "trends", "decisions"):
            assert "Cable frays at the plug" in written(page), name
        assert ("Second supplier" in written(page)) == (name == "trends"), name
    assert "Stronger sleeve" in written(page)

    # Commands read and write there too.
    team.entries.change_decision(
        decision["decision_id"], {"state": "released", "released_on": DAY(2015, 1, 1), "lag_days": 0}, revision=1
    )
    assert decision["decision_id"] in voc("verify", *told, "--format", "json")
    assert "Stronger sleeve" in voc("insights", "decisions", *told)
    assert "Cable frays at the plug" in voc("opportunities", *told, "--format", "json")
    voc("report", *told, "--output", tmp_path / "report.html")
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Cable frays at the plug" in report
    assert "Stronger sleeve" in report
    voc("theme", "rename", slow["theme_id"], "Charges slowly", *told, "--by", "Bo")
    assert team.entries.history()[-1]["who"] == "Bo"
    voc("theme", "undo", *told, "--by", "Cy")
    assert team.entries.theme_names() == {frays["theme_id"]: "Cable frays at the plug"}
    mention = next(row for row in team.current().table("mentions").to_pylist() if row["theme_id"] == slow["theme_id"])
    voc("theme", "correct", mention["mention_id"], "--hazard", *told)
    assert mention["review_id"] in str(team.entries.history())
    assert "1 review was forgotten" in voc("forget", "--review", mention["review_id"], *told)
    assert mention["review_id"] not in str(team.entries.history())
    assert (team.entries.edits().corrections, team.current().rows("reviews")) == ((), 139)

    # Without the address no command begins a second set of entries in the folder.
    monkeypatch.delenv("VOC_ENTRIES_URL")
    assert "team's database" in voc("theme", "hide", slow["theme_id"], *told, code=1)
    assert not list(place.glob("entries*"))
