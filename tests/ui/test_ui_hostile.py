"""Hostile names and reviews on every page: each text shows literally and starts nothing."""

import csv
import html
import io
import re
from html.parser import HTMLParser

import hostile
import openpyxl
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from voc.ui import data, nav, takeaway
from voc.ui.decisions import decided, handing
from voc.ui.scoping import whole

# What the app itself writes; everything else would come from a review.
TAGS = set(
    "style h1 h2 h3 p span div b i u br mark a blockquote footer details summary table thead tbody tr th td ul ol li "
    "svg path polyline polygon line rect circle g title time small em strong button abbr".split()
)
# Streamlit reads labels as Markdown: none of these may stand in one without a backslash before it.
ACTIVE = re.compile(r"(?<!\\)(?:!?\[[^\]]*\]\(|\$[^$\n]+\$|:(?!material/)[a-z-]+\[|<[a-z/!])")
ADDRESS = dict.fromkeys(("theme", "product", "brand", "market", "phase", "q", "from", "to", "by"), hostile.TEXTS[0])
ADDRESS |= {"more": "1e9", "hazards": "<b>", "review": '"><img src=x>'}
QUERIES = {
    "overview": {"hazards": "1"},
    "opportunities": {"theme": "th-fray", "more": "9", "list": "all"},
    "trends": {"theme": "th-fray"},
    "reviews": {"q": hostile.TEXTS[1]},
}


class Tags(HTMLParser):
    """Collects what is wrong with a piece of HTML."""

    def __init__(self):
        super().__init__()
        self.wrong = []

    def handle_starttag(self, tag, attributes):
        if tag not in TAGS:
            self.wrong.append(tag)
        for name, value in attributes:
            address = (value or "").strip().lower()
            if name.startswith("on") or (name in ("href", "src") and not re.match(r"[./?#]|[\w-]+(\?|$)", address)):
                self.wrong.append((tag, name, value))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return hostile.build(tmp_path_factory.mktemp("hostile") / "workspace")


def labels(page):
    """Return all words of a page that Streamlit reads as Markdown."""
    found = [
        str(element.value) for kind in ("markdown", "caption", "error", "warning", "info") for element in page.get(kind)
    ]
    for block in walked(page.main):
        proto = getattr(block, "proto", None)
        for name in ("label", "body", "help", "placeholder"):
            said = getattr(proto, name, "") if block.type != "html" else ""
            found.append(said if isinstance(said, str) else "")
        if block.type in ("button_group", "radio", "tabs"):
            found += [str(getattr(option, "content", option)) for option in getattr(proto, "options", [])]
        for holder in ("expandable", "popover", "tab"):
            found.append(getattr(getattr(proto, holder, None), "label", ""))
    return [label for label in found if label]


def walked(block):
    for child in block.children.values():
        yield child
        if hasattr(child, "children"):
            yield from walked(child)


def wrong(page, body):
    """Return what data has smuggled into a page: elements, attributes, active labels, unseen characters."""
    assert not page.exception, [e.value for e in page.exception]
    reader = Tags()
    reader.feed(re.sub(r"<style>.*?</style>", "", body, count=1, flags=re.S))
    unseen = re.findall("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", body)
    return reader.wrong, [label for label in labels(page) if ACTIVE.search(label)], unseen


def test_every_page_shows_hostile_text_literally(app, workspace, written):
    page = app(workspace.path)
    assert "&lt;script&gt;" in written(page)
    seen = 0
    for name in nav.PAGES:
        for query in (QUERIES.get(name, {}), ADDRESS):
            page.switch_page(f"voc/ui/pages/{name}.py")
            page.query_params.clear()
            for key, value in query.items():
                page.query_params[key] = value
            if name == "opportunities":
                page.session_state["all_figures"] = True
            page.run()
            assert wrong(page, written(page)) == ([], [], []), name
            seen += len(labels(page))
    assert seen > 100


def test_a_hostile_decision_shows_literally_also_while_two_edit_it(app, workspace, written):
    decisions = workspace.entries.decisions()
    released = next(row for row in decisions if row["state"] == "released")
    open_one = next(row for row in decisions if row["state"] == "proposed" and row["title"] in hostile.FORMULAS)
    for row in (released, open_one):
        page = app(workspace.path, "decisions", decision=row["decision_id"])
        assert wrong(page, written(page)) == ([], [], [])
        assert html.escape(row["title"]) in written(page)
    changed = {"title": hostile.TEXTS[6], "owner": hostile.TEXTS[2], "note": hostile.TEXTS[9]}
    workspace.entries.change_decision(open_one["decision_id"], changed, revision=1, by=hostile.TEXTS[5])
    key = f"e_{open_one['decision_id']}_1_"
    for name, value in (("title", hostile.TEXTS[0]), ("owner", hostile.TEXTS[5]), ("note", hostile.TEXTS[4])):
        kind = page.text_area if name == "note" else page.text_input
        kind(key=key + name).set_value(value)
    next(b for b in page.button if b.label == "Save").click().run()
    assert len([radio for radio in page.radio if (radio.key or "").startswith("settle_")]) == 3
    assert wrong(page, written(page)) == ([], [], [])
    for radio in [radio for radio in page.radio if (radio.key or "").startswith("settle_")]:
        radio.set_value("mine")
    next(b for b in page.button if b.label == "Save my choice").click().run()
    assert wrong(page, written(page)) == ([], [], [])
    assert (
        next(r for r in workspace.entries.decisions() if r["decision_id"] == open_one["decision_id"])["revision"] == 3
    )
    page.button(key="delete_decision").click().run()
    assert wrong(page, written(page)) == ([], [], [])
    # What was decided, changed and deleted stands in the list of all changes too.
    page = app(workspace.path, "themes")
    assert "deleted the decision" in written(page)
    assert wrong(page, written(page)) == ([], [], [])


def test_the_check_of_pages_finds_what_it_looks_for(written):
    def page():
        import streamlit as st

        st.html('<p onclick="x">a</p><img src="https://example.org"><a href="javascript:x">b</a>')
        st.html("a\u202eb")
        st.button("![x](https://example.org)")
        with st.popover("$x^2$ and :red[red]"), st.expander("<b>"):
            st.segmented_control("Choose", ["[a](b)", "plain"])

    drawn = AppTest.from_function(page).run()
    found = wrong(drawn, written(drawn))
    assert [len(kind) for kind in found] == [4, 4, 1]


@pytest.fixture
def view(workspace, monkeypatch):
    monkeypatch.setenv("VOC_WORKSPACE", str(workspace.path))
    return data.view()


@pytest.mark.parametrize("theme", [None, "th-fray"])
def test_reports_and_issues_of_hostile_names_are_inert(view, theme):
    files = {kind: make().decode() for kind, make in handing.makers(view, whole(), theme).items()}
    page = files["html"]
    reader = Tags()
    reader.handle_starttag = lambda tag, attributes: Tags.handle_starttag(
        reader,
        "p"
        if tag
        in {
            "html",
            "head",
            "meta",
            "title",
            "body",
            "main",
            "header",
            "section",
            "article",
            "figure",
            "defs",
            "clippath",
            "text",
            "tspan",
        }
        else tag,
        attributes,
    )
    reader.feed(re.sub(r"<style>.*?</style>", "", page, count=1, flags=re.S))
    assert reader.wrong == []
    assert "&lt;script&gt;" in page
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", "".join(files.values()))
    for kind in ("jira", "linear"):
        header, *lines = csv.reader(io.StringIO(files[kind]))
        assert lines
        assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
        assert all(len(line) == len(header) for line in lines)
    assert not re.search(r"(?<!\\)\{(?!quote\})|(?<!\\)\[~|(?<!\\)!http", files["jira"].replace("\u2060", ""))


def test_tables_of_hostile_names_hold_no_formula(view):
    for frame in (
        view.opportunities(whole()),
        view.frame("SELECT * FROM reviews"),
        view.frame("SELECT * FROM rejects"),
        decided.table(decided.rows(view), decided.theme_names(view)).to_pandas(),
        pd.DataFrame(view.workspace.entries.decision_history(view.workspace.entries.decisions()[-1]["decision_id"])),
    ):
        frame = frame.rename(columns={frame.columns[0]: hostile.FORMULAS[0], frame.columns[1]: "a\x00b"})
        content = takeaway._csv("=1+1 [hostile]", frame).decode("utf-8-sig")
        assert "\x00" not in content
        header, *lines = csv.reader(io.StringIO(content))
        assert len(lines) == len(frame)
        assert all(len(line) == len(header) for line in lines)
        cells = [cell for line in (header, *lines) for cell in line]
        # Negative figures begin with a minus and stay figures.
        assert not [
            c for c in cells if c.startswith(("=", "+", "@", "\t", "\r", "\n")) or re.match(r"-(?![\d.]+(e|$))", c)
        ]
        page = openpyxl.load_workbook(io.BytesIO(takeaway._xlsx("=1+1 [hostile]", frame))).active
        for row in page.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
                assert not str(cell.value or "").startswith(("=", "+", "@"))
