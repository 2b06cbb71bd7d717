"""Hostile names and reviews in a real browser: nothing runs, nothing is fetched, files hold only what they show."""

import csv
import io
import xml.etree.ElementTree as ET

import hostile
import pytest
from browsing import SCREENSHOTS, photograph, settled

from voc import words
from voc.report import made
from voc.ui import data, nav
from voc.ui.decisions import handing
from voc.ui.scoping import whole


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    return hostile.build(tmp_path_factory.mktemp("hostile") / "workspace", reviews=200)


@pytest.fixture(scope="module")
def attacked(serve, spoilt):
    return serve(spoilt.path)


def shown(text):
    """Return what a page shows of a text: what has no shape of its own is left out."""
    return " ".join(words.visible(text).split())


def calm(view):
    """Assert that nothing of the page's data became more than text."""
    assert view.evaluate("window.hacked === undefined")
    main = view.locator("[data-testid=stMain]")
    assert main.locator("img:not([src^=data]), .katex, script, iframe, object, [onerror], [onload]").count() == 0
    assert view.locator("[data-testid=stException]").count() == 0
    # No address that somebody wrote has become a link.
    assert main.locator("a[href*='//']:not([href^='http://localhost'])").count() == 0
    assert view.outside == []


def test_no_page_runs_or_fetches_what_data_says(visit, attacked):
    view = visit("?hazards=1", base=attacked)
    calm(view)
    assert "<script>window.hacked=true</script>" in view.locator("[data-testid=stMain]").inner_text()
    photograph(view, "hostile-overview-1280")
    for name in list(nav.PAGES)[1:]:
        view.goto(f"{attacked}/{name}?q=%3Cimg%20src%3Dx%20onerror%3D%22window.hacked%3Dtrue%22%3E")
        settled(view)
        for expander in view.locator("[data-testid=stMain] [data-testid=stExpander] summary").all()[:4]:
            expander.click()
        calm(view)
    photograph(view, "hostile-last-1280")


def test_a_hostile_decision_runs_nothing_and_its_files_hold_no_formula(visit, attacked, spoilt):
    decisions = spoilt.entries.decisions()
    view = visit("decisions", base=attacked)
    said = " ".join(view.locator("[data-testid=stMain]").inner_text().split()).casefold()
    assert [row["title"] for row in decisions if shown(row["title"]).casefold() not in said] == []
    calm(view)
    view.get_by_role("button", name="Take away").click()
    with view.expect_download() as taken:
        view.get_by_role("button", name="CSV").click()
    lines = list(csv.reader(io.StringIO(taken.value.path().read_text("utf-8-sig"))))
    assert len(lines) == len(decisions) + 1
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    for row in (decisions[1], decisions[6]):
        view.goto(f"{attacked}/decisions?decision={row['decision_id']}")
        settled(view)
        assert view.locator("h1.voc").inner_text().casefold() == shown(row["title"]).casefold()
        for expander in view.locator("[data-testid=stMain] [data-testid=stExpander] summary").all():
            expander.click()
        view.get_by_label("Owner").fill(hostile.TEXTS[7])
        view.locator("[data-testid=stFormSubmitButton] button").get_by_text("Save", exact=True).click()
        view.get_by_text("Saved.").wait_for()
        settled(view)
        calm(view)
    photograph(view, "hostile-decision-1280")
    # A sentence of the app that repeats what somebody typed makes no link of it.
    typed = "https://example.org www.example.org ftp://example.org"
    view.goto(f"{attacked}/themes?theme=th-fray")
    settled(view)
    view.get_by_label("Name", exact=True).fill(typed)
    view.get_by_role("button", name="Rename").click()
    view.locator("[data-testid=stAlert]").wait_for()
    assert "is now called" in view.locator("[data-testid=stAlert]").inner_text()
    settled(view)
    calm(view)


def test_what_is_taken_from_a_hostile_view_is_inert(visit, attacked, tmp_path):
    view = visit("opportunities?theme=th-fray", base=attacked)
    calm(view)
    view.get_by_text("All figures as a table").click()
    view.locator("[data-testid=stDataFrame]").wait_for()
    settled(view)
    calm(view)
    menu = view.locator("[class*=st-key-picture_]").first
    menu.get_by_role("button").click()
    with view.expect_download() as taken:
        view.get_by_role("button", name="SVG, to edit").click()
    taken.value.save_as(tmp_path / "chart.svg")
    drawn = ET.parse(tmp_path / "chart.svg")
    assert {element.tag.rsplit("}")[-1] for element in drawn.iter()} <= {
        "svg", "g", "rect", "path", "line", "text", "tspan", "defs", "clipPath", "linearGradient", "stop",
    }  # fmt: skip
    assert any("window.hacked" in (element.text or "") for element in drawn.iter())
    view.goto((tmp_path / "chart.svg").as_uri())
    assert view.evaluate("window.hacked === undefined")


def test_columns_of_a_hostile_export_show_literally(visit, attacked, tmp_path):
    header = [
        '"<img src=x onerror=window.hacked=true>"',
        '"=1+1"',
        '"![x](https://example.org/p.png)"',
        "$x^2$",
        "text",
    ]
    lines = [",".join(header), *(f"{n},:red[x],<script>window.hacked=true</script>,@a,It broke {n}." for n in range(5))]
    export = tmp_path / "![x](https:..example.org) <b>.csv"
    export.write_text("\n".join(lines))
    view = visit("analyse", base=attacked)
    view.locator("input[type=file]").first.set_input_files(export)
    view.wait_for_timeout(1500)
    settled(view)
    calm(view)
    assert "<b>" in view.locator("[data-testid=stMain]").inner_text()
    photograph(view, "hostile-export-1280")


def test_a_report_of_hostile_names_opens_and_runs_nothing(visit, attacked, spoilt, tmp_path, monkeypatch):
    monkeypatch.setenv("VOC_WORKSPACE", str(spoilt.path))
    basis = handing.basis(data.view(), whole())
    view = visit("fixes", base=attacked)
    asked = []
    view.on("request", lambda request: asked.append(request.url))
    for theme in (None, basis.ranked[0]["theme_id"]):
        (tmp_path / "report.html").write_bytes(made(basis, "html", theme))
        asked.clear()
        view.goto((tmp_path / "report.html").as_uri())
        assert len(asked) == 1
        assert view.evaluate("window.hacked === undefined")
        assert view.locator("script, img, iframe").count() == 0
        assert "<script>window.hacked=true</script>" in view.inner_text("body")
    view.emulate_media(media="print")
    photograph_report(view)


def photograph_report(view):
    SCREENSHOTS.mkdir(exist_ok=True)
    view.screenshot(path=SCREENSHOTS / "hostile-report.png", full_page=True)
