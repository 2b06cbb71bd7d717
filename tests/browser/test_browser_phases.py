"""Changing phases in a real browser: dragged, typed, taken from versions; and links into the page of trends."""

import datetime as dt

import pytest
import workspaces
from browsing import photograph, settled

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
    plot = view.locator("[class*=st-key-rating_dragged] svg.marks .mark-group.role-frame.root > g > path.background").first
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
