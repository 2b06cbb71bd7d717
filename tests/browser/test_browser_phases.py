"""Changing phases in a real browser: dragged, typed, taken from versions; and links into the page of trends."""

import datetime as dt

import pytest
import workspaces
from browsing import inaccessible, photograph, settled

from voc.config import Config


@pytest.fixture(scope="module")
def own(serve, tmp_path_factory):
    """Serve a workspace without phases of the configuration, which these tests change."""
    workspace = workspaces.build(tmp_path_factory.mktemp("phases") / "workspace", config=Config())
    return workspace, serve(workspace.path)


@pytest.fixture(autouse=True)
def _clean(own):
    yield
    for row in own[0].entries.phases().to_pylist():
        own[0].entries.delete_phase(row["phase_id"])


def drag(view, first, last):
    """Drag over the chart of the rating between two shares of its time axis."""
    plot = view.locator(
        "[class*=st-key-rating_dragged] svg.marks .mark-group.role-frame.root > g > path.background"
    ).first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    y = box["y"] + box["height"] / 2
    view.mouse.move(box["x"] + first * box["width"], y)
    view.mouse.down()
    view.mouse.move(box["x"] + (first + last) / 2 * box["width"], y, steps=4)
    view.mouse.move(box["x"] + last * box["width"], y, steps=4)
    view.mouse.up()
    view.wait_for_timeout(800)
    settled(view)


def test_a_phase_is_dragged_out_of_the_chart_corrected_and_deleted(visit, own):
    workspace, address = own
    view = visit("trends", base=address)
    view.get_by_role("button", name="Edit phases").click()
    settled(view)
    drag(view, 0.25, 0.5)
    view.get_by_label("Name").fill("Relaunch")
    photograph(view, "phases-1280-dragged")
    view.get_by_role("button", name="Add phase").click()
    view.locator(".st-key-phase_editor").get_by_text("Relaunch").first.wait_for()
    settled(view)
    [row] = workspace.entries.phases().to_pylist()
    # The axis has some 11 years from January 2011 on; a pixel is some four days.
    assert abs(row["start"] - dt.date(2013, 10, 1)) < dt.timedelta(days=60)
    assert abs(row["end"] - dt.date(2016, 7, 1)) < dt.timedelta(days=60)
    view.get_by_role("button", name="Change").click()
    settled(view)
    drag(view, 0.5, 0.999)
    view.get_by_label("Name").fill("Relaunch in Asia")
    view.get_by_role("button", name="Save changes").click()
    view.locator(".st-key-phase_editor").get_by_text("Relaunch in Asia").first.wait_for()
    [changed] = workspace.entries.phases().to_pylist()
    assert (changed["phase_id"], changed["name"]) == (row["phase_id"], "Relaunch in Asia")
    assert abs(changed["start"] - row["end"]) < dt.timedelta(days=30)
    view.get_by_role("button", name="Delete").click()
    view.locator(".st-key-phase_editor").get_by_text("Relaunch in Asia").wait_for(state="detached")
    assert workspace.entries.phases().num_rows == 0


def test_versions_become_phases_by_a_click_and_a_link_shows_them_in_a_second_browser(visit, own):
    workspace, address = own
    view = visit("trends?edit=new", base=address)
    view.get_by_text("Make phases of product versions").click()
    view.get_by_role("button", name="Make phases of all 3").click()
    view.get_by_text("Phases of Bolt charging cable").wait_for()
    settled(view)
    assert [row["name"] for row in workspace.entries.phases().to_pylist()] == ["v1", "v2", "v3"]
    view.get_by_role("button", name="Done").click()
    settled(view)
    smalls = view.locator("[role=img][aria-label*='frays near the connector: v1']")
    assert smalls.count() == 1
    photograph(view, "phases-1280-versions")
    view.locator("a[title='Bring into focus']").nth(1).click()
    settled(view)
    chosen = view.get_by_role("combobox", name="Theme").input_value()
    second = visit(view.url.split("/", 3)[3], base=address)
    assert second.get_by_role("combobox", name="Theme").input_value() == chosen
    assert second.get_by_text("Phases of Bolt charging cable").count() == 1


def test_two_products_are_compared_and_a_link_opens_the_same_in_a_second_browser(visit):
    view = visit("compare")
    view.get_by_role("radio", name="A against B").click()
    view.get_by_role("combobox", name="A", exact=True).wait_for()
    settled(view)
    view.get_by_role("button", name="Swap sides").click()
    view.wait_for_url("**a=*")
    settled(view)
    view.get_by_role("combobox", name="Theme").click()
    view.keyboard.type("charging: slower")
    view.wait_for_timeout(300)
    view.keyboard.press("Enter")
    view.wait_for_url("**theme=th-slow**")
    settled(view)
    photograph(view, "compare-1280-pair")
    table = view.locator(".voc-table").first.inner_text()
    assert "Mean rating" in table
    quote = view.locator(".voc-quote p").first.inner_text()
    second = visit(view.url.split("/", 3)[3])
    assert second.locator(".voc-table").first.inner_text() == table
    assert second.locator(".voc-quote p").first.inner_text() == quote
    assert second.get_by_role("combobox", name="A", exact=True).input_value().startswith("Harbour power bank")


@pytest.mark.parametrize(
    "page", ["compare?view=several", "compare?view=pair&by=brand", "trends?view=phases", "trends?edit=new"]
)
def test_views_fit_a_narrow_window_and_are_accessible(visit, page):
    view = visit(page, 420, scheme="dark")
    wide = view.evaluate(
        "[...document.querySelectorAll('[data-testid=stMain] *')]"
        ".filter(e => e.getBoundingClientRect().right > innerWidth + 2)"
        ".filter(e => !e.closest('.voc-scroll, [data-testid=stDataFrame]')).length"
    )
    assert wide == 0
    assert view.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0
    # Vega gives what is dragged out of a chart a role and no name; the chart around it has its own text.
    assert [fault for fault in inaccessible(view) if "_brush" not in fault] == []
    assert [text for text in view.warned if "onflicting" in text] == []
    photograph(view, f"{page.replace('?', '-').replace('&', '-').replace('=', '-')}-420")
