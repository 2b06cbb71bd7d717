"""`voc.analyze`, `voc.open` and what an analysis answers, on one small analysis made by the real pipeline."""

import datetime as dt
import doctest
import gc
import re
import shutil
from pathlib import Path
from typing import get_args

import duckdb
import pandas as pd
import polars as pl
import pyarrow.compute as pc
import pytest

import voc
from voc.api.tables import INSIGHTS, WHOLE, InsightName, TableName
from voc.cli.insights import INSIGHTS as PRINTED
from voc.store import Workspace
from voc.tables import MENTIONS, OPPORTUNITIES, SCHEMAS

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_data"
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


def test_a_frame_goes_through_the_whole_pipeline(analysed, frame):
    report = analysed.run.reports[0]
    assert report.file == "DataFrame"
    assert report.rows_read == len(frame) == report.accepted + report.duplicates + report.rejected
    assert len(analysed.table("reviews")) == report.accepted
    assert f"{len(frame)} rows read" in analysed.messages[0]
    assert {"workspace", "product", "brand", "phase"} & set(analysed.table("opportunities")["scope_type"])
    assert len(analysed.opportunities()) >= 3


def test_cells_of_a_frame_keep_their_meaning(analysed, frame):
    reviews = {row["review_id"]: row for row in analysed.table("reviews")}
    for row in frame.itertuples():
        if row.review_id in reviews:
            found = reviews[row.review_id]
            assert found["written_at"] == row.date.to_pydatetime().replace(tzinfo=dt.UTC)
            assert found["rating"] == row.rating or (found["rating"] is None and row.rating != row.rating)
            assert found["verified"] == row.verified
            assert found["version"] == (row.version if isinstance(row.version, str) else None)


def test_products_may_be_a_frame_too(analysed):
    products = {row["product_id"]: row for row in analysed.table("products")}
    listed = pd.read_csv(SAMPLE / "products.csv")
    for row in listed.itertuples():
        assert products[row.product_id]["own"] == row.own
        assert products[row.product_id]["brand"] == row.brand


def test_opportunities_are_those_of_the_command_line(analysed):
    from click.testing import CliRunner

    from voc.cli import main

    for scope in ({}, {"product": "Tidewatt USB Cable"}, {"brand": "Tidewatt"}, {"phase": "I Start"}):
        arguments = [part for name, value in scope.items() for part in (f"--{name}", value)]
        asked = ["opportunities", "--workspace", str(analysed.path), "--format", "csv", *arguments]
        printed = CliRunner().invoke(main, asked).stdout
        found = analysed.opportunities(**scope)
        assert found.arrow.schema.equals(OPPORTUNITIES)
        assert len(found) == printed.count("\n") - 1
        for row in found:
            assert row["theme_id"] in printed


def test_a_scope_is_narrowed_by_kinds_and_widened_by_names(analysed):
    reviews = analysed.table("reviews").pandas()
    days = reviews["written_at"].dt.strftime("%Y-%m-%d")
    us = reviews[reviews["market"] == "US"]
    assert analysed.summary(market="US")["reviews"] == len(us)
    assert analysed.summary(market=["us", "UK"])["reviews"] == reviews["market"].isin(["US", "UK"]).sum()
    inside = (days >= "2011-06-01") & (days < "2011-12-01") & (reviews["brand"] == "Tidewatt")
    since, until = dt.date(2011, 6, 1), "2011-12-01"
    assert analysed.summary(brand="Tidewatt", since=since, until=until)["reviews"] == inside.sum()
    assert analysed.summary(phase="I Start")["reviews"] == len(reviews)
    found = analysed.opportunities(product=["TW-C1", "JK-C1"], since=since)
    assert set(found["scope_type"]) <= {"filter"}
    assert "TW-C1, JK-C1, since 2011-06-01" in found.title


@pytest.mark.parametrize("name", INSIGHTS)
def test_every_insight_comes_in_every_form(analysed, name):
    found = analysed.insight(name)
    assert len(found.pandas()) == len(found.polars()) == len(found) == found.arrow.num_rows
    assert list(found.polars().columns) == found.columns == found.arrow.column_names
    assert found.title in repr(found)
    assert "<table" in found._repr_html_() or not found._lines(1)
    if name not in WHOLE:
        analysed.insight(name, brand="Tidewatt")


def test_names_of_insights_and_tables_are_those_there_are(analysed):
    """Whoever adds a table adds its name to the types, and what it tells to the list."""
    assert set(get_args(InsightName)) == set(INSIGHTS) == set(PRINTED)
    assert set(get_args(TableName)) == set(SCHEMAS)
    assert analysed.insights()["name"] == list(INSIGHTS)
    assert analysed.tables()["name"] == list(SCHEMAS)


def test_every_stored_table_comes_in_every_form(analysed):
    for name in SCHEMAS:
        found = analysed.table(name)
        assert len(found.pandas()) == len(found.polars()) == len(found)
        assert repr(found)
        assert found._repr_html_()


def test_stored_figures_are_those_computed_anew(analysed):
    """The analysis may take what the run stored; another configuration makes it compute."""
    settings = Workspace(analysed.path).current().info["config"]
    settings["insights"]["quotes"] = 4
    other = voc.open(analysed.path, config=settings)
    figures = ["theme_id", "rank", "star_impact", "reach"]
    for scope in ({}, {"brand": "Tidewatt"}):
        one, two = (each.opportunities(**scope).arrow.select(figures) for each in (analysed, other))
        assert one.equals(two)
    assert max(len(quotes) for quotes in other.opportunities()["quotes"]) == 4


def test_quotes_stand_where_they_say(analysed):
    theme = analysed.opportunities()[0]
    found = analysed.quotes(theme["name"], limit=None)
    assert len(found) == theme["reviews"] == len(set(found["review_id"]))
    for row in found:
        assert row["text"][row["start"] : row["end"]].strip() == row["quote"]
    assert analysed.quotes(theme["theme_id"], limit=3).arrow.equals(found.arrow.slice(0, 3))
    narrowed = analysed.quotes(theme["theme_id"], limit=None, market="US")
    assert set(narrowed["market"]) == {"US"}


def test_a_query_over_the_tables(analysed):
    found = analysed.sql("SELECT count(*) AS n FROM mentions WHERE kind = ?", ["pain"])
    pains = pc.sum(pc.equal(analysed.table("mentions").arrow["kind"], "pain")).as_py()
    assert found.rows() == [{"n": pains}]
    assert len(analysed.sql("SET threads = 1")) == 0
    with pytest.raises(voc.VocError, match="cannot be run") as caught:
        analysed.sql("SELEC")
    assert "\n" not in str(caught.value)


def test_reports_and_a_verification(analysed, tmp_path):
    theme = analysed.opportunities()[0]
    assert theme["name"].split(":")[0].casefold() in analysed.report(format="markdown").casefold()
    assert analysed.report(tmp_path / "r.html", theme=theme["theme_id"], brand="Tidewatt") == tmp_path / "r.html"
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!")
    assert analysed.report(format="jira").count("\n") >= 3
    found = analysed.verify(theme["name"], "2011-06-01")
    assert found.theme == theme["name"]
    assert found.sentence


def test_what_people_name_and_hide_shows_at_once(copied):
    first, second = copied.opportunities()[:2]
    copied.workspace.entries.rename_theme(first["theme_id"], "The <b>plug</b>")
    copied.workspace.entries.hide_theme(second["theme_id"])
    found = copied.opportunities()
    assert found[0]["name"] == "The <b>plug</b>"
    assert second["theme_id"] not in found["theme_id"]
    assert "<b>plug" not in found._repr_html_()
    assert "The &lt;b&gt;plug&lt;/b&gt;" in copied._repr_html_()
    assert len(copied.quotes("the <b>plug</b>")) > 0


def test_what_is_known_is_not_read_again(copied, frame):
    again = voc.analyze(pl.from_pandas(frame.head(40)), workspace=copied.path)
    assert again.run.reviews_new == again.run.mentions_new == 0
    assert again.run.reports[0].duplicates + again.run.reports[0].rejected == 40
    # The configuration of the last run holds.
    assert "I Start" in again.insight("phases")["name"]
    assert again.opportunities()["theme_id"] == copied.opportunities()["theme_id"]


def test_texts_alone_are_analysed_and_leave_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    # A team's database has nothing to do with what is tried out.
    monkeypatch.setenv("VOC_ENTRIES_URL", "postgresql://nobody@localhost:1/none")
    hostile = "<script>alert(1)</script> The cable \x1b[31mfrays near the plug."
    seen = []
    with voc.analyze([hostile, "Charges fast."], progress=lambda *told: seen.append(told)) as analysis:
        folder = analysis.path
        assert folder.parent == tmp_path
        assert seen
        assert {row["kind"] for row in analysis.table("mentions")} >= {"pain", "praise"}
        assert analysis.table("mentions").arrow.schema.equals(MENTIONS)
        assert "<script" not in analysis._repr_html_() + analysis.table("reviews")._repr_html_()
        assert "\x1b" not in repr(analysis.table("reviews"))
        assert "2 reviews" in repr(analysis)
        assert analysis.opportunities().rows() == []
    assert list(tmp_path.iterdir()) == []
    assert repr(analysis) == "Analysis (closed)"
    with pytest.raises(voc.VocError, match="was closed"):
        analysis.opportunities()
    analysis.close()


def test_an_analysis_nobody_holds_takes_its_workspace_along(analysed, tmp_path):
    from voc.api.state import State

    place = tmp_path / "gone"
    place.mkdir()
    held = voc.Analysis(State(analysed.workspace, Workspace(analysed.path).current(), voc.Config()), temporary=place)
    assert place.exists()
    del held
    gc.collect()
    assert not place.exists()


@pytest.mark.parametrize(
    ("products", "said"),
    [
        (pd.DataFrame(), "products: DataFrame: it has no columns"),
        ([], "products: The list is empty"),
        ([{"product": "a"}], None),
        ([pd.DataFrame({"product": ["a"]})] * 2, "products: 2 tables were given; put them together into one."),
    ],
)
def test_what_is_wrong_with_products_is_said_of_them(products, said):
    reviews = [{"text": "The cable broke after a week.", "product": "a"}]
    if said is None:
        with voc.analyze(reviews, products=products) as analysis:
            assert analysis.table("products").rows()[0]["product"] == "a"
        return
    with pytest.raises(voc.VocError, match=f"^{said}"):
        voc.analyze(reviews, products=products)


def test_nothing_is_left_of_a_run_that_fails(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(voc.VocError, match="no column holds review text"):
        voc.analyze([{"price": 1}, {"price": 2}])
    assert list(tmp_path.iterdir()) == []


def test_an_analysis_is_kept_in_another_folder(copied, tmp_path):
    theme = copied.opportunities()[0]["theme_id"]
    copied.workspace.entries.rename_theme(theme, "Renamed")
    kept = copied.save(tmp_path / "kept")
    assert voc.open(kept).opportunities()[0]["name"] == "Renamed"
    assert Workspace(kept).current().id == copied.workspace.current().id
    with pytest.raises(voc.VocError, match="new or empty"):
        copied.save(kept)
    assert not list(tmp_path.glob(".kept*"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda a: a.opportunities(product="Teapot"), "there is no product 'Teapot'"),
        (lambda a: a.opportunities(phase="Teatime"), "there is no phase 'Teatime'"),
        (lambda a: a.opportunities(since="yesterday"), "since='yesterday' is no day"),
        (lambda a: a.opportunities(since="2012-01-01", until="2011-01-01"), "swap the dates"),
        (lambda a: a.opportunities(product=[]), "list of names is empty"),
        (lambda a: a.insight("teapots"), "There is no insight 'teapots'; there are adjusted"),
        (lambda a: a.insight("trends", brand="Tidewatt"), "trends covers the whole workspace"),
        (lambda a: a.insight("kano", by="market"), "kano takes no by"),
        (lambda a: a.table("teapots"), "There is no table 'teapots'"),
        (lambda a: a.quotes("teapots"), "There is no active theme 'teapots'"),
        (lambda a: a.report(format="pdf"), "There is no report as 'pdf'"),
        (lambda a: a.report("/nowhere/at/all.html"), "cannot be written"),
        (lambda a: a.opportunities().save("best.doc"), "give one of .parquet"),
        (lambda a: voc.open("nowhere"), "there is no analysis here yet"),
        (lambda a: voc.analyze("nowhere.csv"), "there is no such file"),
        (lambda a: voc.analyze(["A text."], config={"model": {"colour": "red"}}), "model.colour is not a known key"),
        (lambda a: voc.analyze(["A text."], config={"phases": [{"name": "P"}]}), "config: phases.0.start"),
        (lambda a: voc.analyze(["A text."], config="nowhere.toml"), "check the path with config="),
        (lambda a: voc.analyze([{"a": 1}]), 'name it with mapping={"body": "HEADER"}'),
        (lambda a: voc.analyze([{"text": "Hm."}], mapping={"rating": "Score"}), "there is no column 'Score'"),
        (lambda a: voc.analyze(["A text."], mapping={"body": 5}), "both are texts"),
        (lambda a: voc.analyze(["A text."], mapping=["body"]), "both are texts"),
        (lambda a: voc.analyze(["A text."], workspace=5), "workspace is of type int"),
    ],
)
def test_what_cannot_be_is_one_sentence(analysed, asked, said):
    with pytest.raises(voc.VocError) as caught:
        asked(analysed)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "--" not in str(caught.value)


def test_other_libraries_take_a_result_as_it_is(analysed):
    best = analysed.opportunities()
    assert pl.DataFrame(best).equals(best.polars())
    assert duckdb.sql("SELECT name FROM best ORDER BY rank").fetchall() == [(name,) for name in best["name"]]


def test_examples_in_docstrings():
    failed, tried = doctest.testmod(voc, optionflags=doctest.ELLIPSIS)
    assert (failed, tried >= 5) == (0, True)


@pytest.mark.parametrize("page", ["README.md", "voc/api/README.md"])
def test_examples_of_the_documentation_run(page, analysed, frame, tmp_path, monkeypatch):
    """From top to bottom, in a folder with an export whose reviews the workspace knows already, which is quick."""
    examples = EXAMPLE.findall((ROOT / page).read_text(encoding="utf-8"))
    assert examples or page == "README.md"
    shutil.copytree(analysed.path, tmp_path / "voc-workspace")
    frame.to_csv(tmp_path / "reviews.csv", index=False)
    for name in ("voc.toml", "products.csv"):
        shutil.copy(SAMPLE / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    namespace = {}
    for number, example in enumerate(examples, start=1):
        exec(compile(example, f"{page}, example {number}", "exec"), namespace)
