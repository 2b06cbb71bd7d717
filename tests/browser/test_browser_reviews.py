"""Reviews as a person uses them: search, narrow down, read one, hand over a link, take the list away."""

import csv
import io
import re

from browsing import photograph, settled


def number(view):
    return int(re.match(r"([\d ]+) reviews? of", view.locator("p[role=status]").inner_text())[1].replace(" ", ""))


def answered(view, before):
    view.wait_for_function(
        "before => { const p = document.querySelector('p[role=status]'); return p && p.innerText !== before; }",
        arg=before,
    )
    settled(view)


def test_search_filter_read_share_and_take_away(visit):
    view = visit("reviews")
    every = view.locator("p[role=status]").inner_text()
    view.get_by_label("Search reviews").fill("fray connector")
    view.keyboard.press("Enter")
    answered(view, every)
    assert "q=fray+connector" in view.url or "q=fray%20connector" in view.url
    found, said = number(view), view.locator("p[role=status]").inner_text()
    assert view.locator(".voc-quote mark.found").first.inner_text().lower() == "fray"
    photograph(view, "reviews-1280")

    view.get_by_text("More filters").click()
    settled(view)
    view.get_by_role("combobox", name="Stars").click()
    view.get_by_role("option").first.wait_for()
    view.keyboard.type("1 ★")
    view.wait_for_timeout(300)
    view.keyboard.press("Enter")
    answered(view, said)
    assert "stars=1" in view.url
    assert 0 < number(view) < found
    first = view.locator(".voc-quote p").first.inner_text()

    second = visit(view.url.split("/", 3)[3], width=420)
    assert number(second) == number(view)
    assert second.locator(".voc-quote p").first.inner_text() == first
    photograph(second, "reviews-420")

    view.get_by_text("Take away").click()
    with view.expect_download() as download:
        view.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert len(rows) == number(second)
    assert {row["rating"] for row in rows} == {"1.0"}
    assert all("fray" in row["text"].lower() and "cable: frays" in row["themes"] for row in rows)

    second.locator(".voc-quote").first.get_by_role("link", name="Open review").click()
    second.wait_for_url("**/reviews?review=*")
    second.wait_for_selector("text=What was read in it")
    settled(second)
    assert second.locator(".voc-whole mark").count() >= 2
    photograph(second, "review-420")
    second.locator(".voc-table").get_by_role("link", name="Cable: frays near the connector").first.click()
    second.wait_for_url("**/opportunities?theme=th-fray")


def test_from_a_number_to_the_whole_words_of_a_customer(visit):
    view = visit("opportunities?theme=th-fray")
    quote = view.locator(".voc-quote").first
    said = quote.locator("p").first.inner_text().strip("“”")
    quote.get_by_role("link", name="Open review").click()
    view.wait_for_url("**/reviews?review=*")
    view.wait_for_selector("text=What was read in it")
    settled(view)
    assert said in view.locator(".voc-whole p").inner_text()
    view.get_by_role("button", name="Back to all reviews").click()
    view.wait_for_url(re.compile(r"/reviews$"))
    settled(view)
    assert number(view) > 800
    hostile = visit("reviews?review=hostile")
    assert hostile.evaluate("window.hacked === undefined")
    assert hostile.locator("[data-testid=stMain] img").count() == 0
