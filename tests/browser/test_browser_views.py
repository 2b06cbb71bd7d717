"""Views of a finished workspace in a real browser."""

import re

import pytest
from browsing import inaccessible, photograph, settled

PAGES = ["", "opportunities", "themes", "trends", "compare", "needs", "fixes", "analyse"]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (420, "dark")])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_fits_its_window_and_is_accessible(visit, page, width, scheme):
    view = visit(page, width, scheme=scheme)
    charts = {"": 2, "opportunities": 2, "trends": 2, "compare": 1}.get(page, 0)
    if charts:
        view.locator("[data-testid=stVegaLiteChart] svg.marks").nth(charts - 1).wait_for(state="attached")
    wide = view.evaluate(
        "[...document.querySelectorAll('[data-testid=stMain] *')]"
        ".filter(e => e.getBoundingClientRect().right > innerWidth + 2)"
        ".filter(e => !e.closest('.voc-scroll, [data-testid=stDataFrame]')).length"
    )
    assert wide == 0
    assert view.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0
    assert inaccessible(view) == []
    photograph(view, f"{page or 'overview'}-{width}")


def test_the_keyboard_alone_leads_from_the_overview_to_the_quotes(visit):
    view = visit()
    for _ in range(60):
        view.keyboard.press("Tab")
        if "Why it ranks here" in view.evaluate("document.activeElement.closest('a')?.innerText ?? ''"):
            break
    assert view.evaluate(
        "getComputedStyle(document.activeElement).outlineStyle !== 'none' "
        "|| getComputedStyle(document.activeElement).boxShadow !== 'none'"
    )
    view.keyboard.press("Enter")
    view.wait_for_url("**/opportunities?theme=*")
    settled(view)
    assert view.locator(".voc-quote").count() >= 3


def test_dark_mode_follows_the_reader(visit):
    view = visit("opportunities", scheme="dark")
    ground = view.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", ground)[:3])) < 150
    ink = view.evaluate("getComputedStyle(document.querySelector('h1.voc')).color")
    assert sum(map(int, re.findall(r"\d+", ink)[:3])) > 600
    photograph(view, "opportunities-1280-dark")


def test_from_the_overview_to_the_quotes_and_by_link_in_a_second_browser(visit):
    view = visit()
    title = view.locator(".st-key-card_1 .voc-card-title").inner_text()
    view.locator(".st-key-card_1").get_by_text("Why it ranks here").click()
    view.wait_for_url("**/opportunities?theme=*")
    settled(view)
    heading = view.locator("h2.voc").first.inner_text()
    assert heading.lower() == title.lower()
    view.get_by_role("radio", name="1–2 ★").click()
    view.wait_for_url("**stars=low*")
    settled(view)
    first = view.locator(".voc-quote p").first.inner_text()
    second = visit(view.url.split("/", 3)[3])
    assert second.locator("h2.voc").first.inner_text() == heading
    assert second.locator(".voc-quote p").first.inner_text() == first


def test_all_reports_of_hazards_unfold_and_open_by_link(visit):
    view = visit()
    lane = view.locator(".st-key-hazards")
    assert lane.locator(".voc-quote").count() == 3
    lane.get_by_role("button", name="Read all").click()
    view.wait_for_url("**hazards=1")
    settled(view)
    photograph(view, "overview-hazards-1280")
    reports = lane.locator(".voc-quote").count()
    assert reports > 6
    assert visit("?hazards=1").locator(".st-key-hazards .voc-quote").count() == reports


def test_charts_draw_without_complaint(visit):
    for page in ("", "opportunities?theme=th-fray", "trends"):
        assert [text for text in visit(page).warned if "onflicting" in text] == []


def test_a_click_on_a_row_of_the_list_opens_its_theme(visit):
    view = visit("opportunities")
    before = view.locator("h2.voc").first.inner_text()
    chart = view.locator(".st-key-ranked svg.marks")
    box = chart.bounding_box()
    view.mouse.click(box["x"] + 120, box["y"] + 3.5 * 50)
    view.wait_for_url("**theme=*")
    settled(view)
    assert view.locator("h2.voc").first.inner_text() != before
    chosen = re.search(r"theme=([\w-]+)", view.url)[1]
    view.get_by_role("combobox", name="Go to a theme").click()
    view.keyboard.type(before)
    view.wait_for_timeout(300)
    view.keyboard.press("Enter")
    view.wait_for_function(f"!location.search.includes('{chosen}')")
    settled(view)
    assert view.locator("h2.voc").first.inner_text() == before


def test_filters_go_along_to_the_next_page(visit):
    view = visit("opportunities?product=bank&market=US")
    assert "Harbour power bank" in view.locator(".st-key-ranking").inner_text()
    view.get_by_role("link", name="Trends", exact=True).click()
    view.wait_for_url("**/trends?*product=bank*")
    settled(view)
    assert "market=US" in view.url


def test_a_whole_review_unfolds_with_its_clause_marked(visit):
    view = visit("opportunities?theme=th-fray")
    quote = view.locator(".voc-quote:has(details)").first
    assert quote.locator("details p").is_visible() is False
    quote.locator("summary").click()
    assert quote.locator("details p").is_visible()
    assert quote.locator("details .clause, details mark").count() > 0


def test_hostile_review_text_shows_literally_and_runs_nothing(visit):
    for page in ("?hazards=1", "opportunities?theme=th-fray&more=50&market=US&product=cable", "trends?theme=th-fray"):
        view = visit(page)
        assert view.evaluate("window.hacked === undefined")
        assert view.locator("[data-testid=stMain] img, [data-testid=stMain] .katex").count() == 0
        if "more" in page:
            hostile = view.locator(".voc-quote", has_text="window.hacked")
            assert "<script>window.hacked = true</script>" in hostile.first.inner_text()
            assert "$\\frac{1}{2}$ **bold**" in hostile.first.inner_text()


def test_a_phase_is_added_on_the_page_and_shows_in_the_charts(visit, workspace):
    view = visit("trends")
    view.get_by_role("button", name="Edit phases").click()
    settled(view)
    view.get_by_label("Name").fill("Relaunch")
    view.locator("[aria-label='First day'] [data-type=year]").click()
    view.keyboard.type("20220101")
    view.get_by_label("Name").click()
    view.get_by_role("button", name="Add phase").click()
    try:
        view.locator(".st-key-phase_editor").get_by_text("Relaunch").first.wait_for()
        assert [row["name"] for row in workspace.entries.phases().to_pylist()] == ["Relaunch"]
        settled(view)
        assert view.locator("td", has_text="Relaunch").count() >= 1
    finally:
        for row in workspace.entries.phases().to_pylist():
            workspace.entries.delete_phase(row["phase_id"])
