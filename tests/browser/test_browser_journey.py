"""The whole way of a product manager in one sitting: from an export to a decision that is verified and shared.

On the sample's export, or on the one that the environment variable VOC_JOURNEY_EXPORT names.
"""

import csv
import io
import os

import pytest
from browsing import photograph, settled

from voc.resources import sample_dir
from voc.store import Workspace

EXPORT = os.environ.get("VOC_JOURNEY_EXPORT") or str(sample_dir() / "reviews.csv")


def typed(view, label, day):
    view.locator(f"[aria-label='{label}'] [data-type=year]").click()
    view.keyboard.type(day)
    view.keyboard.press("Tab")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_from_an_export_to_a_decision_that_is_verified_and_shared(visit, serve, tmp_path):
    base = serve(tmp_path / "workspace")
    view = visit("analyse", base=base)
    view.set_input_files("input[type=file]", EXPORT)
    view.get_by_role("button", name="Analyse", exact=True).wait_for(timeout=120_000)
    settled(view)
    view.get_by_role("button", name="Analyse", exact=True).click()
    view.get_by_text("Analysis finished").wait_for(timeout=1_500_000)
    settled(view)
    photograph(view, "journey-1-analysed")

    # The top pain, why it ranks there, and what customers say.
    view.get_by_text("See what to fix first").click()
    view.wait_for_function("location.pathname === '/'")
    settled(view)
    photograph(view, "journey-2-overview")
    top = view.locator(".st-key-card_1 .voc-card-title").inner_text()
    view.locator(".st-key-card_1").get_by_text("Why it ranks here").click()
    view.wait_for_url("**/opportunities?theme=*")
    settled(view)
    assert view.locator("h2.voc").first.inner_text().lower() == top.lower()
    assert view.locator(".voc-quote").count() >= 3
    view.locator(".voc-quote").first.get_by_role("link", name="Open review").click()
    view.wait_for_url("**/reviews?review=*")
    settled(view)
    photograph(view, "journey-3-review")
    view.go_back()
    view.wait_for_url("**/opportunities?theme=*")
    settled(view)

    # It is decided.
    view.get_by_text("Decide", exact=True).first.click()
    view.get_by_label("What is to be done").fill("Mend it in the next version")
    view.get_by_label("Owner").fill("Ana")
    view.locator("[data-testid=stFormSubmitButton] button", has_text="Decide").click()
    view.get_by_role("link", name="Mend it in the next version").wait_for()
    settled(view)

    # A phase is added, and every figure is shown by it.
    workspace = Workspace(tmp_path / "workspace")
    with workspace.current().connect() as connection:
        middle = connection.sql("SELECT median(written_at)::DATE FROM reviews").fetchall()[0][0]
    view.get_by_role("link", name="Trends", exact=True).click()
    view.wait_for_url("**/trends*")
    settled(view)
    view.get_by_role("button", name="Edit phases").click()
    settled(view)
    view.get_by_label("Name").fill("Newer half")
    typed(view, "First day", f"{middle:%Y%m%d}")
    view.get_by_role("button", name="Add phase").click()
    view.locator(".st-key-phase_editor").get_by_text("Newer half").first.wait_for()
    settled(view)
    photograph(view, "journey-4-phases")

    # It is released: the page says what the reviews say.
    [decision] = workspace.entries.decisions()
    view = visit(f"decisions?decision={decision['decision_id']}", base=base)
    view.get_by_text("Edit", exact=True).first.click()
    view.get_by_label("Owner").wait_for()
    view.get_by_role("combobox", name="State").click()
    view.get_by_role("option", name="Released").click()
    typed(view, "Sold since", f"{middle:%Y%m%d}")
    view.locator("[data-testid=stFormSubmitButton] button").get_by_text("Save", exact=True).click()
    view.get_by_text("Saved.").wait_for()
    settled(view)
    assert view.get_by_text("Did it help?").is_visible()
    photograph(view, "journey-5-decision")
    assert [row["state"] for row in workspace.entries.decisions()] == ["released"]

    # What goes to the meeting: the list as a file, the report, and a link that a colleague opens.
    view = visit("opportunities", base=base)
    view.get_by_text("All figures as a table").click()
    settled(view)  # it unfolds, and what lies below it moves
    view.get_by_role("button", name="Take away").first.click()
    with view.expect_download() as taken:
        view.get_by_role("button", name="CSV").first.click()
    rows = list(csv.DictReader(io.StringIO(taken.value.path().read_text("utf-8-sig"))))
    assert (
        len(rows) == workspace.current().table("opportunities").to_pandas().query("scope_type == 'workspace'").shape[0]
    )
    view = visit("", base=base)
    view.get_by_role("button", name="Report", exact=True).click()
    with view.expect_download(timeout=120_000) as taken:
        view.get_by_role("button", name="Report, to print").first.click()
    report = taken.value.path().read_text("utf-8")
    assert top.lower() in report.lower()
    view = visit("opportunities?sort=reach&stars=low", base=base)
    view.get_by_role("button", name="Copy link").click()
    link = view.locator("[data-testid=stCode]").first.inner_text().strip()
    second = visit(link.split("/", 3)[3], base=base)
    assert second.locator("h2.voc").first.inner_text() == view.locator("h2.voc").first.inner_text()
    assert second.locator(".voc-quote p").first.inner_text() == view.locator(".voc-quote p").first.inner_text()
    photograph(second, "journey-6-shared")
