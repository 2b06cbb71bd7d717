"""Changing themes in a real browser."""

import pytest
import workspaces
from browsing import photograph, settled


@pytest.fixture
def own(serve, tmp_path):
    """Serve a workspace that this test may change."""
    workspace = workspaces.build(tmp_path / "workspace")
    return workspace, serve(workspace.path)


def test_a_theme_is_renamed_merged_and_all_is_taken_back(visit, own):
    workspace, address = own
    view = visit("themes?theme=th-fray", base=address)
    before = view.locator("h2.voc").first.inner_text()
    name = view.get_by_role("textbox", name="Name")
    name.fill("Cable frays at the plug")
    view.get_by_role("button", name="Rename").click()
    view.get_by_text("is now called").wait_for()
    settled(view)
    assert view.locator("h2.voc").first.inner_text() == "Cable frays at the plug"
    view.get_by_role("tab", name="Merge").click()
    view.get_by_role("combobox", name="Same trouble as").click()
    view.get_by_role("option").nth(1).click()
    view.get_by_role("button", name="Merge", exact=True).click()
    view.get_by_text("is part of").wait_for()
    settled(view)
    themes = {row["theme_id"]: row for row in workspace.current().table("themes").to_pylist()}
    assert themes["th-fray"]["state"] == "merged"
    photograph(view, "themes-1280-changed")
    for _ in range(2):
        view.get_by_role("button", name="Undo", exact=True).click()
        view.get_by_text("Taken back").wait_for()
        settled(view)
        view.reload()
        settled(view)
    back = visit("themes?theme=th-fray", base=address)
    assert back.locator("h2.voc").first.inner_text() == before
    assert visit("", base=address).get_by_text("Cable frays at the plug").count() == 0


def test_from_an_opportunity_to_its_theme(visit):
    view = visit("opportunities?theme=th-fray")
    title = view.locator("h2.voc").first.inner_text()
    view.get_by_role("link", name="Correct this theme").click()
    view.wait_for_url("**/themes?theme=th-fray")
    settled(view)
    assert view.locator("h2.voc").first.inner_text() == title
