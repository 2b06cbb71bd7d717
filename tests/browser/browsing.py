"""What the browser tests share: waiting until a page is drawn, keeping pictures of it."""

from pathlib import Path

SCREENSHOTS = Path(__file__).resolve().parents[2] / "test-screenshots"


def settled(page):
    """Wait until the run of the page's script has ended and its charts are drawn."""
    page.wait_for_selector("h1.voc", timeout=60_000)
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'", timeout=60_000
    )
    page.wait_for_function(_PAINTED, timeout=60_000)
    page.wait_for_timeout(600)


#: Every chart that is in the layout has its drawing.
_PAINTED = """[...document.querySelectorAll('[data-testid=stVegaLiteChart]')]
.every(chart => chart.offsetParent === null || chart.querySelector('canvas.marks, svg.marks'))"""


def photograph(page, name):
    """Keep a picture of the whole page in test-screenshots/."""
    SCREENSHOTS.mkdir(exist_ok=True)
    width = page.viewport_size["width"]
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(height + 20, 600), 6000)})
    page.wait_for_timeout(500)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
    page.set_viewport_size({"width": width, "height": 900})


#: What axe-core finds in Streamlit's own widgets: the rule, and a selector of the widget.
STREAMLITS_OWN = {"presentation-role-conflict": "stFileUploaderDropzone"}


def inaccessible(page):
    """Return what axe-core finds wrong with a page, as readable lines; what Streamlit brings itself is left out."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]} {node['failureSummary']}"
        for rule in Axe().run(page).response["violations"]
        for node in rule["nodes"]
        if STREAMLITS_OWN.get(rule["id"], "\0") not in node["html"]
    ]
