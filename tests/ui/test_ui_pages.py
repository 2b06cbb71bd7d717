import datetime as dt
import re

import pytest
import workspaces

from voc import tables


def test_an_empty_workspace_says_what_to_do(app, written, tmp_path):
    for page in ("overview", "opportunities", "trends"):
        page = app(tmp_path / "none", page)
        assert "Nothing has been analysed yet" in written(page)
        assert "voc run" in page.code[0].value
    assert not (tmp_path / "none").exists()


def test_overview_shows_hazards_before_the_three_costliest_themes(app, written, built):
    text = written(app(built.path))
    stored = built.current().table("opportunities").to_pylist()
    best = sorted((r for r in stored if r["scope_type"] == "workspace"), key=lambda r: r["rank"])[:3]
    places = [text.index(f'voc-card-title">{row["name"]}') for row in best]
    assert places == sorted(places)
    assert text.index("Possible safety hazards") < places[0]
    assert "gets hot and smells of burning" in text


def test_opportunities_start_with_the_first_and_a_link_opens_its_theme(app, written, built):
    first = app(built.path, "opportunities")
    assert "#1, 90 %" in written(first)
    linked = app(built.path, "opportunities", theme="th-led")
    assert "Light: too bright at night" in written(linked)
    assert "lights up the whole bedroom" in written(linked) or "far too bright at night" in written(linked)


def test_an_unknown_theme_in_a_link_is_said_and_replaced(app, written, built):
    page = app(built.path, "opportunities", theme="th-gone")
    assert "has no opportunity under these filters" in written(page)
    assert "theme" not in page.query_params


def test_filters_narrow_the_scope_and_stand_in_the_address(app, written, built):
    page = app(built.path, "opportunities")
    page.selectbox(key="pick_product").select("bank").run()
    assert page.query_params["product"] == "bank"
    text = written(page)
    stored = built.current().table("opportunities").to_pylist()
    ranked = [r for r in stored if r["scope_type"] == "product" and r["scope"] == "bank"]
    assert f"{len(ranked)} themes in Harbour power bank 20000" in text
    assert "frays near the connector" not in text


def test_stars_choose_quotes_and_leave_every_figure_alone(app, written, built):
    every = written(app(built.path, "opportunities", theme="th-slow"))
    low = written(app(built.path, "opportunities", theme="th-slow", stars="low"))
    figures = every[every.index("voc-figures") : every.index("What customers say")]
    assert figures in low
    quotes = low[low.index("The stars choose quotes only") :]
    assert "of 5 stars" in quotes
    assert "3 of 5 stars" not in quotes
    assert "3 of 5 stars" in every


def test_trends_compare_two_phases_in_plain_words(app, written, built):
    page = app(built.path, "trends", **{"from": page_phase(built, "Start"), "to": page_phase(built, "Expansion")})
    text = written(page)
    assert "shrinking" in text
    assert "Tested together" in text
    assert re.search(r"[1-9]\d* shrinking", text)


def page_phase(built, name):
    return next(r["phase_id"] for r in built.current().table("phases").to_pylist() if r["name"] == name)


def test_versions_are_phases_too(app, written, built):
    text = written(app(built.path, "trends", kind="version"))
    assert "Versions of Bolt charging cable" in text
    assert "<td>v2</td>" in text


def test_a_phase_is_added_refused_where_it_overlaps_and_removed(app, written, copied):
    workspace = copied
    page = app(workspace.path, "trends")

    def add(name, start, end):
        page.text_input[0].set_value(name)
        page.date_input[0].set_value(start)
        page.date_input[1].set_value(end)
        page.button(key="FormSubmitter:add_phase-Add phase").click().run()
        assert not page.exception

    add("Relaunch", dt.date(2020, 1, 1), dt.date(2020, 6, 30))
    assert "overlap the phase" in page.error[0].value
    assert workspace.entries.phases().num_rows == 0
    add("Relaunch", dt.date(2022, 1, 1), None)
    assert [r["name"] for r in workspace.entries.phases().to_pylist()] == ["Relaunch"]
    assert "Relaunch" in written(page)
    next(b for b in page.button if b.key.startswith("drop_")).click().run()
    assert workspace.entries.phases().num_rows == 0
    assert "<td>Relaunch</td>" not in written(page)


def test_a_new_run_and_a_rename_show_at_the_next_look(app, written, copied):
    workspace = copied
    page = app(workspace.path)
    assert "401" in written(page)
    workspace.entries.rename_theme("th-slow", "Charging: a person's name")
    with workspace.writing() as writer:
        now = dt.datetime(2022, 1, 5, tzinfo=dt.UTC)
        row = workspaces.review(
            "new",
            "cable",
            "Bolt",
            "Northwind",
            now,
            text="Fine.",
            language="en",
            market="US",
            version=None,
            rating=5.0,
            written_at=None,
        )
        readings = [workspaces.reading("new", analysed=True, rating=5.0)]
        writer.commit(
            append={"reviews": tables.from_rows("reviews", [row]), "readings": tables.from_rows("readings", readings)}
        )
    page.run()
    assert "402" in written(page)
    page.switch_page("voc/ui/pages/opportunities.py").run()
    assert "a person&#x27;s name" in written(page) or any(
        "a person's name" in option for box in page.selectbox for option in box.options
    )


def test_a_hidden_theme_is_gone_from_every_page(app, written, copied):
    workspace = copied
    workspace.entries.hide_theme("th-slow")
    for name in ("overview", "opportunities", "trends"):
        page = app(workspace.path, name)
        assert "slower than promised" not in written(page)
        assert not any("slower than promised" in option for box in page.selectbox for option in box.options)


def test_hostile_review_text_is_escaped_on_every_page(app, written, built):
    for name, query in (("overview", {}), ("opportunities", {"theme": "th-fray", "more": "50"}), ("trends", {})):
        page = app(built.path, name, **query)
        assert "<script" not in written(page)
        assert "<img" not in written(page)
        assert not any("onerror" in m.value for m in page.markdown)
        if name == "opportunities":
            assert "&lt;script&gt;" in written(page)


@pytest.mark.parametrize("page", ["overview", "opportunities", "trends"])
def test_reviews_without_dates_still_show(app, written, undated, page):
    text = written(app(undated.path, page))
    assert "no dates" in text


def test_a_configuration_at_fault_is_one_sentence(app, built, monkeypatch, tmp_path):
    bad = tmp_path / "voc.toml"
    bad.write_text("[insights]\nnonsense = 1\n")
    monkeypatch.setenv("VOC_CONFIG", str(bad))
    page = app(built.path)
    assert len(page.error) == 1
    assert "not a known key" in page.error[0].value
