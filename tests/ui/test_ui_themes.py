"""The page on which people change themes."""

import pytest

from voc.store import Workspace


@pytest.fixture
def page(app, copied):
    return app(copied.path, "themes")


def entry(page, kind, label):
    return next(one for one in getattr(page, kind) if one.label == label)


def now(copied):
    return {row["theme_id"]: row for row in Workspace(copied.path).current().table("themes").to_pylist()}


def test_themes_are_listed_with_their_part_and_stability(page, written):
    assert "stability" in written(page)
    listed, mentions = (one.value for one in page.dataframe)
    assert list(listed.columns[:4]) == ["Part", "Theme", "Mentions", "Stability"]
    assert len(mentions) == listed["Mentions"][0]


def test_a_new_name_is_in_the_figures_at_once_and_can_be_taken_back(page, copied, written):
    theme = page.selectbox(key="pick_theme").value
    before = now(copied)[theme]["name"]
    entry(page, "text_input", "Name").set_value("Too big for a pocket")
    entry(page, "button", "Rename").click().run()
    assert not page.exception
    assert "is now called" in page.success[0].value
    assert now(copied)[theme]["name"] == "Too big for a pocket"
    assert "renamed theme" in written(page)
    page.button(key="undo").click().run()
    assert "Taken back" in page.success[0].value
    assert now(copied)[theme]["name"] == before


def test_a_name_that_another_theme_has_is_refused(page, copied):
    theme = page.selectbox(key="pick_theme").value
    other = next(row for key, row in now(copied).items() if key != theme)
    before = Workspace(copied.path).entries.history()
    entry(page, "text_input", "Name").set_value(other["name"])
    entry(page, "button", "Rename").click().run()
    assert "already" in page.error[0].value
    assert Workspace(copied.path).entries.history() == before


def test_merged_themes_are_one(page, copied):
    theme = page.selectbox(key="pick_theme").value
    sizes = {key: row["size"] for key, row in now(copied).items()}
    into = next(key for key in sizes if key != theme)
    entry(page, "selectbox", "Same trouble as").set_value(into)
    entry(page, "button", "Merge").click().run()
    assert not page.exception
    assert now(copied)[theme]["state"] == "merged"
    assert now(copied)[into]["size"] == sizes[theme] + sizes[into]
    ranked = {row["theme_id"] for row in Workspace(copied.path).current().table("opportunities").to_pylist()}
    assert theme not in ranked
    assert theme not in page.selectbox(key="pick_theme").options


def test_what_is_no_problem_is_not_ranked_until_it_is_one_again(page, copied):
    theme = page.selectbox(key="pick_theme").value
    page.button(key="dismiss").click().run()
    assert now(copied)[theme]["state"] == "dismissed"
    ranked = {row["theme_id"] for row in Workspace(copied.path).current().table("opportunities").to_pylist()}
    assert theme not in ranked
    page.selectbox(key="pick_theme").set_value(theme).run()
    page.button(key="restore").click().run()
    assert now(copied)[theme]["state"] == "active"


def test_a_theme_moves_to_another_part(page, copied):
    theme = page.selectbox(key="pick_theme").value
    entry(page, "selectbox", "Part of the product, or who else is to mend it").set_value("delivery")
    entry(page, "button", "Move").click().run()
    assert not page.exception
    areas = {row["area_id"]: row["name"] for row in Workspace(copied.path).current().table("areas").to_pylist()}
    assert areas[now(copied)[theme]["area_id"]] == "delivery"


def test_hidden_themes_are_marked(page, copied):
    theme = page.selectbox(key="pick_theme").value
    page.button(key="hide").click().run()
    assert Workspace(copied.path).entries.hidden_themes() == {theme}
