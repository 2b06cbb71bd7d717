"""What is taken away: the files behind the menus hold what the page shows, and are made only on request."""

import csv
import io
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
import streamlit as st

from voc.insights import Scope
from voc.ui import analyses, data, takeaway
from voc.ui.decisions import handing
from voc.ui.scoping import whole


class Taken:
    """Collects download buttons in place of drawing them."""

    def __init__(self):
        self.files = {}

    def button(self, label, made, *, file_name, **options):
        self.files[file_name] = made


@pytest.fixture
def taken(monkeypatch):
    found = Taken()
    monkeypatch.setattr(st, "download_button", found.button)
    return found


@pytest.fixture
def view(built, monkeypatch):
    monkeypatch.setenv("VOC_WORKSPACE", str(built.path))
    return data.view()


def table(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_table_is_made_whole_and_only_when_it_is_asked_for(view, taken):
    asked = []

    def frame():
        asked.append(1)
        return view.opportunities(whole())

    takeaway.files("Opportunities", frame)
    assert not asked
    day = f"{view.snapshot.created_at:%Y-%m-%d}"
    assert list(taken.files) == [f"voc-opportunities-{day}.csv", f"voc-opportunities-{day}.xlsx"]
    rows = table(taken.files[f"voc-opportunities-{day}.csv"]())
    shown = view.opportunities(whole())
    assert [row["name"] for row in rows] == list(shown["name"])
    assert list(rows[0]) == list(shown.columns)
    assert [float(row["star_impact"]) for row in rows] == pytest.approx(list(shown["star_impact"]))
    assert rows[0]["quotes"].startswith(shown["quotes"][0][0]["text"])
    page = openpyxl.load_workbook(io.BytesIO(taken.files[f"voc-opportunities-{day}.xlsx"]())).active
    assert page.max_row == len(shown) + 1
    assert asked == [1, 1]


def test_names_of_files_say_scope_and_day_and_suit_every_file_system(view, taken, monkeypatch):
    monkeypatch.setitem(st.session_state, takeaway.SCOPE, "Bolt cable 1.8 m / US: <b> ../x")
    name = takeaway.file_name("Reach / over time", "png")
    assert name == f"voc-reach-over-time-bolt-cable-1-8-m-us-b-x-{view.snapshot.created_at:%Y-%m-%d}.png"
    assert takeaway.origin().startswith("voc, workspace, Bolt cable 1.8 m / US: <b> ../x, ")


def test_empty_tables_and_arrow_tables_are_files_too(view, taken):
    takeaway.files("none", pd.DataFrame({"a": pd.Series(dtype="string"), "b": pd.Series(dtype="float")}))
    takeaway.files("some", pa.table({"n": pa.array([1, None]), "l": [["x", "y"], None]}))
    empty, _, some, _ = taken.files.values()
    assert empty().decode("utf-8-sig") == "a,b\n"
    assert some().decode("utf-8-sig") == 'n,l\n1,"x, y"\n,\n'


def test_every_analysis_goes_along_whole_with_the_names_of_phases(view):
    found = analyses.analysed(view, "movements", whole())
    assert found.table.num_rows == len(found.rows) > len(found.lines)
    assert {"phase", "phase_id", "earlier_phase"} <= set(found.table.column_names)
    assert "Growth" in found.table["phase"].to_pylist()


def test_an_opportunity_and_the_state_are_taken_from_the_page(app, written, built):
    page = app(built.path, "opportunities", theme="th-fray")
    assert not page.dataframe
    page.session_state["all_figures"] = True
    page.run()
    assert len(page.dataframe) == 1
    labels = [button.proto.label for button in page.get("download_button")]
    assert labels.count("Report as Markdown") == 1
    assert {"Issues for Jira (CSV)", "Issues for Linear (CSV)", "PNG, for slides", "SVG, to edit", "CSV", "Excel"} <= {
        *labels
    }
    assert not page.exception


def test_a_report_is_of_the_scope_under_view(view, monkeypatch):
    monkeypatch.setattr(handing, "address", lambda: "https://voc.example/tools")
    scope = Scope(products=("bank",), markets=("US",))
    first = view.opportunities(scope).iloc[0]
    text = handing.makers(view, scope, str(first["theme_id"]))["markdown"]().decode()
    assert text.startswith(f"# {first['name'][0].upper()}")
    assert "Harbour power bank 20000, US: " in text
    link = next(part for part in text.split("(<") if part.startswith("https://voc.example/tools/opportunities?"))
    query = parse_qs(urlsplit(link.split(">)")[0]).query)
    assert query == {"product": ["bank"], "market": ["US"], "theme": [first["theme_id"]]}


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://localhost:8501", "http://localhost:8501"),
        ("http://localhost:8501/opportunities", "http://localhost:8501"),
        ("https://voc.example/tools/trends", "https://voc.example/tools"),
        ("https://voc.example/tools/", "https://voc.example/tools"),
        ("javascript:alert(1)", ""),
        (None, ""),
    ],
)
def test_the_address_of_the_app_is_that_of_no_page(monkeypatch, url, base):
    monkeypatch.setattr(type(st.context), "url", url)
    assert handing.address() == base


def test_scope_in_words_is_kept_for_what_is_taken_away(app, built):
    page = app(built.path, "opportunities", product="bank")
    assert page.session_state[takeaway.SCOPE] == "Harbour power bank 20000"
    page.switch_page("voc/ui/pages/overview.py").run()
    assert page.session_state[takeaway.SCOPE] == ""
