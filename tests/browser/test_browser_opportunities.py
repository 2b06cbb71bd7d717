"""The page Opportunities as a person works with it: order, filters, map, tabs, links."""

import re

from browsing import inaccessible, photograph, settled


def first_of_the_list(view):
    return view.locator(".st-key-pick_theme").inner_text()


def without_ticks(text):
    """Leave out the axis: how many ticks it has depends on how far the chart has been fitted to its column."""
    return [line for line in text.splitlines() if not re.fullmatch(r"[\d.]+%", line.strip())]


def test_sorted_filtered_and_read_by_keyboard_and_by_link_in_a_second_browser(visit):
    view = visit("opportunities")
    view.get_by_role("combobox", name="Sort by").focus()
    view.keyboard.type("Reach")
    view.wait_for_timeout(300)
    view.keyboard.press("Enter")
    view.wait_for_url("**sort=reach*")
    settled(view)
    view.get_by_role("button", name="Filter").focus()
    view.keyboard.press("Enter")
    view.get_by_label("Words in the name").fill("charg")
    view.keyboard.press("Enter")
    view.wait_for_url("**find=charg*")
    view.keyboard.press("Escape")
    settled(view)
    ranking = view.locator(".st-key-ranking").inner_text()
    assert re.search(r"[12] of \d+ themes in all reviews: “charg” in the name", ranking)
    view.get_by_role("radio", name="Who").focus()
    view.keyboard.press("Enter")
    view.wait_for_url("**part=who*")
    settled(view)
    heading = view.locator("h2.voc").first.inner_text()
    assert view.get_by_text("Share of the reviews of each segment").count() == 1
    second = visit(view.url.split("/", 3)[3])
    assert second.locator("h2.voc").first.inner_text() == heading
    shown = second.locator(".st-key-ranking")
    for _ in range(50):
        # Its charts are drawn after its words.
        if without_ticks(shown.inner_text()) == without_ticks(ranking):
            break
        second.wait_for_timeout(200)
    assert without_ticks(shown.inner_text()) == without_ticks(ranking)
    assert second.get_by_text("Share of the reviews of each segment").count() == 1
    assert inaccessible(second) == []
    photograph(second, "opportunities-1280-who")
    second.get_by_role("button", name="Clear filters").click()
    second.wait_for_function("!location.search.includes('find')")


def test_a_click_on_the_map_opens_the_theme_and_on_a_part_lists_its_themes(visit):
    view = visit("opportunities?show=map&part=why", 420)
    before = view.locator("h2.voc").first.inner_text()
    points = view.locator(".st-key-positions svg.marks g.mark-symbol path")
    points.nth(7).wait_for(state="attached")
    for place in range(points.count()):
        points.nth(place).click(force=True)
        view.wait_for_timeout(700)
        settled(view)
        if view.locator("h2.voc").first.inner_text() != before:
            break
    assert view.locator("h2.voc").first.inner_text() != before
    assert "theme=th-" in view.url
    view.mouse.move(2, 2)  # the words beside the point go away
    view.wait_for_timeout(300)
    assert inaccessible(view) == []
    photograph(view, "opportunities-420-map")
    view.get_by_role("radio", name="Product parts").click()
    view.wait_for_url("**map=parts*")
    settled(view)
    view.locator(".st-key-positions svg.marks g.mark-symbol path").first.click(force=True)
    view.wait_for_url("**area=*")
    settled(view)
    assert "part " in view.locator(".st-key-ranking").inner_text()


def test_every_part_of_a_detail_fits_a_narrow_window_and_is_accessible(visit):
    view = visit("opportunities?theme=th-fray", 420, scheme="dark")
    for tab in ("Why", "Over time", "Who", "Related"):
        view.get_by_role("radio", name=tab, exact=True).click()
        view.wait_for_timeout(300)
        settled(view)
        wide = view.evaluate(
            "[...document.querySelectorAll('[data-testid=stMain] *')]"
            ".filter(e => e.getBoundingClientRect().right > innerWidth + 2)"
            ".filter(e => !e.closest('.voc-scroll, [data-testid=stDataFrame]')).length"
        )
        assert wide == 0, tab
        assert view.locator("[data-testid=stException]").count() == 0
        assert inaccessible(view) == []
        photograph(view, f"opportunities-420-{tab.lower().replace(' ', '-')}")
