"""Decisions in a real browser: made from an opportunity, edited by two people at once, verified after the release."""

import datetime as dt

import pytest
import workspaces
from browsing import inaccessible, photograph, settled


@pytest.fixture(scope="module")
def own(serve, tmp_path_factory):
    """Serve a workspace that these tests decide about."""
    workspace = workspaces.build(tmp_path_factory.mktemp("decisions") / "workspace")
    return workspace, serve(workspace.path)


def opened(visit, base, decision, width=1280):
    page = visit(f"decisions?decision={decision}", base=base, width=width)
    page.get_by_text("Edit", exact=True).first.click()
    page.get_by_label("Owner").wait_for()
    settled(page)
    return page


def submit(page, label):
    page.locator("[data-testid=stFormSubmitButton] button").get_by_text(label, exact=True).click()


def test_decide_from_an_opportunity_edit_at_once_and_see_whether_it_helped(visit, own):
    workspace, base = own
    page = visit("opportunities?theme=th-fray&product=cable", base=base)
    page.get_by_text("Decide", exact=True).first.click()
    page.get_by_label("What is to be done").fill("Stronger sleeve")
    page.get_by_label("Owner").fill("Ana")
    page.locator("[data-testid=stFormSubmitButton] button", has_text="Decide").click()
    page.get_by_role("link", name="Stronger sleeve").wait_for()
    [row] = workspace.entries.decisions()
    assert (row["title"], row["owner"], row["product"]) == ("Stronger sleeve", "Ana", "cable")

    # Two people have the form open; the second is told what the first one made of it, and chooses.
    first, second = (opened(visit, base, row["decision_id"]) for _ in range(2))
    first.get_by_label("Owner").fill("Bo")
    submit(first, "Save")
    first.get_by_text("Saved.").wait_for()
    second.get_by_label("Owner").fill("Cy")
    submit(second, "Save")
    second.get_by_text("Choose what holds").first.wait_for()
    assert [one["owner"] for one in workspace.entries.decisions()] == ["Bo"]
    photograph(second, "decision-conflict-1280")
    second.get_by_text("You: Cy").click()
    submit(second, "Save my choice")
    second.get_by_text("Saved.").wait_for()
    [row] = workspace.entries.decisions()
    assert row["owner"] == "Cy"

    # After the release the page says what the reviews say.
    workspace.entries.change_decision(
        row["decision_id"],
        {
            "state": "released", "released_on": dt.date(2016, 1, 1), "lag_days": 0,
            "expected_unit": "percent of reviews", "expected_value": 20.0,
        },
        revision=row["revision"],
    )  # fmt: skip
    for width in (1280, 420):
        page = visit(f"decisions?decision={row['decision_id']}", base=base, width=width)
        page.get_by_text("Did it help?").wait_for()
        assert page.get_by_text("of reviews before it").is_visible()
        assert page.get_by_text("Fixed", exact=True).is_visible()
        assert page.get_by_text("Expected effect reached").is_visible()
        assert page.get_by_text("Expected: reach falls to 20 % of reviews. Measured:").is_visible()
        page.locator("[data-testid=stVegaLiteChart] svg.marks, [data-testid=stVegaLiteChart] canvas").first.wait_for()
        photograph(page, f"decision-{width}")
        assert inaccessible(page) == []
    page = visit("decisions", base=base, width=420)
    assert page.get_by_text("Released (1)").is_visible()
    photograph(page, "decisions-420")
