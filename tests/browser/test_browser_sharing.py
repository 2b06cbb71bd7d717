"""What several people of a company see: sign-in before anything else, roles, and an app that nobody can change."""

import shutil

import pytest
from browsing import photograph, settled
from oidc import Provider

from voc.store import Workspace


@pytest.fixture(scope="module")
def provider():
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def shared(serve, workspace, provider, tmp_path_factory):
    """An app that people sign in to: ann and cy edit, everybody else of her company looks on."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(workspace.path, folder / "workspace")
    secrets = folder / "secrets.toml"
    lists = '[app]\neditors = ["ann@example.com", "cy@example.com"]\nviewers = ["*@example.com"]\n'
    secrets.write_text(provider.secrets(lists))
    return serve(folder / "workspace", secrets=secrets), Workspace(folder / "workspace")


def sign_in(view, email):
    view.get_by_role("button", name="Sign in", exact=True).click()
    view.get_by_label("Email").fill(email)
    view.get_by_role("button", name="Go on").click()
    settled(view)


def test_nothing_is_seen_before_signing_in_and_changes_carry_a_name(visit, shared):
    base, workspace = shared
    theme = workspace.current().table("themes").to_pylist()[0]
    view = visit(f"themes?theme={theme['theme_id']}", base=base)
    photograph(view, "sign-in")
    said = view.locator("[data-testid=stApp]").inner_text()
    assert "Sign in to see" in said
    assert theme["name"].casefold() not in said.casefold()
    assert view.get_by_role("link", name="Themes").count() == 0
    sign_in(view, "ann@example.com")
    view.wait_for_url("**/themes?*")
    settled(view)
    # The provider sends everybody to the front page; the link that was opened is not forgotten over it.
    assert theme["theme_id"] in view.url
    assert "ann@example.com" in view.locator(".st-key-voc_who").inner_text()
    second = visit(f"themes?theme={theme['theme_id']}", base=base)
    sign_in(second, "cy@example.com")
    second.wait_for_url("**/themes?*")
    settled(second)
    view.get_by_label("Name", exact=True).fill("Named by Ann")
    view.get_by_role("button", name="Rename").click()
    view.get_by_text("is now called").wait_for(timeout=30_000)
    photograph(view, "signed-in")
    assert workspace.entries.history()[-1]["who"] == "ann@example.com"

    # Cy still sees the old name; nothing of Ann's is lost, nor what Cy typed, and Cy may insist.
    second.get_by_label("Name", exact=True).fill("Named by Cy")
    second.get_by_role("button", name="Rename").click()
    second.get_by_text("ann@\u2060example.com renamed this theme to 'Named by Ann' at").wait_for(timeout=30_000)
    assert second.locator("a[href^='mailto:']").count() == 0
    settled(second)
    photograph(second, "themes-conflict")
    assert workspace.entries.theme_names() == {theme["theme_id"]: "Named by Ann"}
    assert second.locator("h2.voc").first.inner_text() == "Named by Ann"
    assert second.get_by_label("Name", exact=True).input_value() == "Named by Cy"
    second.get_by_role("button", name="Rename").click()
    second.get_by_text("'Named by Ann' is now called 'Named by Cy'").wait_for(timeout=30_000)
    assert [line["who"] for line in workspace.entries.history()[-2:]] == ["ann@example.com", "cy@example.com"]
    view.get_by_role("button", name="Sign out").click()
    view.get_by_role("button", name="Sign in", exact=True).wait_for(timeout=30_000)


def test_who_is_on_the_list_of_viewers_changes_nothing_and_others_see_nothing(visit, shared):
    base, _ = shared
    view = visit("", base=base)
    sign_in(view, "bob@example.com")
    view.get_by_role("link", name="Themes").wait_for()
    settled(view)
    view.get_by_role("link", name="Themes").click()
    view.get_by_text("Changes people made").wait_for()
    settled(view)
    assert "read-only" in view.locator(".st-key-voc_who").inner_text()
    assert view.get_by_role("button", name="Rename").count() == 0
    stranger = visit("", base=base)
    sign_in(stranger, "eve@evil.example")
    assert "may not see this app" in stranger.locator("[data-testid=stAlert]").inner_text()
    assert stranger.get_by_role("link", name="Themes").count() == 0


def test_a_read_only_app_shows_everything_and_takes_nothing(visit, serve, workspace):
    before = workspace.entries.version()
    base = serve(workspace.path, read_only=True)
    view = visit("themes", base=base)
    photograph(view, "read-only")
    assert "read-only" in view.locator(".st-key-voc_who").inner_text()
    for name in ("Rename", "Merge", "Move", "Hide it", "This is no problem", "Undo"):
        assert view.get_by_role("button", name=name).count() == 0, name
    view.get_by_role("link", name="Analyse", exact=True).click()
    view.get_by_role("heading", name="Analyse an export").wait_for()
    settled(view)
    assert view.locator("input[type=file]").count() == 0
    assert workspace.entries.version() == before
