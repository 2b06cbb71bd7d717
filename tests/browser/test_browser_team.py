"""Two people of a team at once, signed in, with their entries in PostgreSQL: told of each other, nothing lost."""

import sys
from pathlib import Path

import pytest
from browsing import photograph, settled
from oidc import Provider

from voc.store import Workspace, entry_database

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "store"))
import postgres


@pytest.fixture
def database():
    if postgres.missing():
        pytest.skip(postgres.missing())
    with postgres.server() as url:
        yield url + "postgres"
        entry_database._shared(url + "postgres").dispose()


@pytest.fixture
def team(serve, workspace, database, tmp_path, monkeypatch):
    """The address of an app that two editors sign in to, and the workspace with its team's entries."""
    provider = Provider()
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(provider.secrets('[app]\neditors = ["*@example.com"]\n'))
    monkeypatch.setenv("VOC_ENTRIES_URL", database)
    yield serve(workspace.path, secrets=secrets), Workspace(workspace.path, entries_url=database)
    provider.close()


def signed_in(visit, base, email, path):
    view = visit(path, base=base)
    view.get_by_role("button", name="Sign in", exact=True).click()
    view.get_by_label("Email").fill(email)
    view.get_by_role("button", name="Go on").click()
    view.get_by_text("Edit", exact=True).first.click()
    view.get_by_label("Owner").wait_for()
    settled(view)
    return view


def save(view, label="Save"):
    view.locator("[data-testid=stFormSubmitButton] button").filter(has_text=label).press("Enter")


def test_the_last_editor_of_a_decision_is_told_who_was_first_and_nothing_is_lost(visit, team):
    base, workspace = team
    decision = workspace.entries.add_decision("th-fray", "Stronger sleeve", product="cable", by="ann@example.com")
    ann, cy = (
        signed_in(visit, base, f"{name}@example.com", f"decisions?decision={decision}") for name in ("ann", "cy")
    )
    ann.get_by_label("Owner").fill("Ann")
    ann.get_by_label("Planned release").fill("v4")
    save(ann)
    ann.get_by_text("Saved.").wait_for()
    cy.get_by_label("Owner").fill("Cy")
    cy.get_by_label("Note").fill("The supplier agrees")
    save(cy)
    cy.get_by_text("ann@\u2060example.com changed this decision at").wait_for()
    cy.get_by_text("ann@\u2060example.com: Ann").wait_for()
    # Someone's address is told, and is no link.
    assert cy.locator("a[href^='mailto:']").count() == 0
    photograph(cy, "team-conflict-1280")
    [row] = workspace.entries.decisions()
    assert (row["owner"], row["release"], row["note"]) == ("Ann", "v4", None), "nothing of Cy's is stored half"
    cy.get_by_text("You: Cy").click()
    save(cy, "Save my choice")
    cy.get_by_text("Saved.", exact=True).wait_for()
    [row] = workspace.entries.decisions()
    assert (row["owner"], row["release"], row["note"]) == ("Cy", "v4", "The supplier agrees")
    lines = workspace.entries.decision_history(decision)
    assert [(line["who"], line["after"]["owner"]) for line in lines] == [
        ("ann@example.com", None),
        ("ann@example.com", "Ann"),
        ("cy@example.com", "Cy"),
    ]
