"""What the app lets people do: read-only in every callback, roles, the sample beside one's own reviews."""

import os
import re

import pytest

from voc.errors import VocError
from voc.store import Workspace
from voc.ui import access, curating, sample


@pytest.fixture
def read_only(monkeypatch):
    monkeypatch.setenv(access.READ_ONLY_VARIABLE, "1")


def test_read_only_draws_no_control_that_changes_anything(app, copied, written, read_only):
    page = app(copied.path, "themes")
    labels = {button.label for button in page.button}
    assert not labels & {"Rename", "Merge", "Move", "Hide it", "This is no problem", "Undo", "Correct"}
    assert "read-only" in written(page)
    page.switch_page("voc/ui/pages/analyse.py").run()
    assert not page.get("file_uploader")
    assert not page.exception


def test_a_callback_that_comes_all_the_same_changes_nothing(copied, monkeypatch, read_only):
    class View:
        workspace, config = copied, None

    curating.change(View, lambda curator: curator.hide("any"))
    assert copied.entries.history() == []


def test_a_workspace_opened_read_only_refuses_every_way_of_writing(copied):
    place = Workspace(copied.path, read_only=True)
    theme = place.current().table("themes").to_pylist()[0]["theme_id"]
    for write in (
        lambda: place.entries.rename_theme(theme, "Another name"),
        lambda: place.entries.hide_theme(theme),
        lambda: place.entries.dismiss_theme(theme),
        lambda: place.forget(review_id="r1"),
        lambda: place.writing().__enter__(),
    ):
        with pytest.raises(VocError, match="open read-only"):
            write()
    assert place.entries.history() == []


def test_who_renames_an_older_name_is_told_of_the_newer_one(app, copied):
    page = app(copied.path, "themes")
    theme = page.selectbox(key="pick_theme").value
    Workspace(copied.path).entries.rename_theme(theme, "The colleague's name", "bob@example.com")
    name = next(one for one in page.text_input if one.label == "Name")
    name.set_value("My name")
    next(one for one in page.button if one.label == "Rename").click().run()
    assert "example\\.com renamed this theme" in page.error[0].value
    assert Workspace(copied.path).entries.theme_names()[theme] == "The colleague's name"
    # What was typed stands there still; whoever insists, saves again.
    assert next(one for one in page.text_input if one.label == "Name").value == "My name"
    next(one for one in page.button if one.label == "Rename").click().run()
    assert Workspace(copied.path).entries.theme_names()[theme] == "My name"
    # Who comes back later begins with the name of then.
    page.switch_page("voc/ui/pages/fixes.py").run()
    Workspace(copied.path).entries.rename_theme(theme, "A third name", "bob@example.com")
    page.switch_page("voc/ui/pages/themes.py").run()
    page.selectbox(key="pick_theme").set_value(theme).run()
    assert next(one for one in page.text_input if one.label == "Name").value == "A third name"


def test_a_change_in_the_middle_of_the_history_is_taken_back(copied):
    entries = copied.entries
    themes = [row["theme_id"] for row in copied.current().table("themes").to_pylist()][:2]
    entries.rename_theme(themes[0], "First")
    entries.hide_theme(themes[1])
    entries.rename_theme(themes[0], "Second")
    lines = entries.undoable()
    assert [line["what"] for line in lines] == ["rename_theme", "hide_theme"]
    entries.undo("ann", lines[1]["id"])
    assert entries.hidden_themes() == set()
    assert entries.theme_names()[themes[0]] == "Second"
    first = entries.history()[0]["id"]
    with pytest.raises(VocError, match="a later one of the same theme"):
        entries.undo("ann", first)


@pytest.mark.skipif(not sample.available(), reason="the sample was not analysed")
def test_the_sample_opens_at_a_click_and_is_never_mixed_with_own_reviews(app, tmp_path, written):
    page = app(tmp_path / "own")
    page.button(key="open_sample").click().run()
    assert not page.exception
    assert "You are looking at the sample" in written(page)
    assert "Nothing has been analysed yet" not in written(page)
    assert page.query_params["workspace"] == "sample"
    page.switch_page("voc/ui/pages/themes.py").run()
    assert page.query_params["workspace"] == "sample"
    page.switch_page("voc/ui/pages/analyse.py").run()
    assert "You are looking at the sample" not in written(page)
    assert not os.path.exists(tmp_path / "own")
    page.switch_page("voc/ui/pages/overview.py").run()
    assert "Nothing has been analysed yet" in written(page)


@pytest.mark.skipif(not sample.available(), reason="the sample was not analysed")
def test_a_link_says_that_it_is_of_the_sample(app, built, written):
    page = app(built.path, "themes")
    page.query_params["workspace"] = "sample"
    page.run()
    assert "You are looking at the sample" in written(page)
    page.button(key="leave_sample").click().run()
    assert "You are looking at the sample" not in written(page)
    assert "workspace" not in page.query_params


@pytest.mark.skipif(not sample.available(), reason="the sample was not analysed")
def test_links_in_the_sample_stay_in_the_sample(app, built, written):
    page = app(built.path)
    for inside in (False, True):
        if inside:
            page.query_params["workspace"] = "sample"
            page.run()
        found = re.findall(r'href="(reviews\?review=[^"]*)"', written(page))
        assert found
        assert {address.endswith("&amp;workspace=sample") for address in found} == {inside}
