"""What the browser tests share: waiting until a page is drawn, keeping pictures of it."""

from pathlib import Path

SCREENSHOTS = Path(__file__).resolve().parents[2] / "test-screenshots"


def settled(page):
    """Wait until the run of the page's script has ended, its charts are drawn and nothing has changed for a while."""
    page.wait_for_selector("h1.voc", timeout=60_000)
    page.evaluate(_OBSERVE)
    page.wait_for_function(_SETTLED, timeout=60_000)


#: Note when the document last changed; a page that is left takes its note with it.
_OBSERVE = """() => {
    if (window.vocChanged === undefined) {
        const watched = {subtree: true, childList: true, characterData: true, attributes: true};
        new MutationObserver(() => { window.vocChanged = performance.now() }).observe(document.body, watched);
    }
    window.vocChanged = performance.now();
}"""

#: The script rests, no place is held for what is still loading, every chart in the layout has its marks, and all
#: this has stood for 600 ms: a chart is fetched, laid out and drawn one after the other, with pauses in between.
_SETTLED = """() => {
    const all = (selector) => [...document.querySelectorAll(selector)].filter(e => e.offsetParent !== null);
    const ready = document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'
        && all('[data-testid^=stSkeleton], [data-testid=stAppSkeleton]').length === 0
        && all('[data-testid=stVegaLiteChart]').every(chart =>
            chart.querySelector('canvas.marks, svg.marks [class*=mark-]'));
    if (!ready) window.vocChanged = performance.now();
    return ready && performance.now() - window.vocChanged > 600;
}"""


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
