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
    assert "Harbour power bank 20000" in lane(text)
    assert lane(text).count("<blockquote") == 3


def lane(text):
    return text[text.index("Possible safety hazards") : text.index("voc-eyebrow")]


def mark_hazards(workspace, choose):
    """Rewrite the workspace so that just the mentions that `choose` accepts are hazards, and those in no theme."""
    rows = [
        row | ({"hazard": True, "theme_id": None} if choose(row) else {"hazard": False})
        for row in workspace.current().table("mentions").to_pylist()
    ]
    with workspace.writing() as writer:
        writer.commit(replace={"mentions": tables.from_rows("mentions", rows)})


def test_a_single_hazard_in_no_theme_is_in_the_lane_and_hostile_text_shows_literally(app, written, copied):
    mark_hazards(copied, lambda row: row["review_id"] == "hostile")
    page = app(copied.path)
    found = lane(written(page))
    assert re.search(r"<b>1 of \d+ analysed reviews", found)
    assert "1 of" in found[found.index("Bolt charging cable 1.8 m") :]
    assert "&lt;script&gt;" in found
    assert "<script" not in written(page)
    assert "<img" not in written(page)
    assert not [button for button in page.button if "hazards" in (button.key or "")]


def test_all_hazards_open_by_a_click_and_by_a_link_in_portions(app, written, copied):
    mark_hazards(copied, lambda row: row["theme_id"] in ("th-big", "th-slow"))
    reports = {row["review_id"] for row in copied.current().table("mentions").to_pylist() if row["hazard"]}
    assert len(reports) > 30
    page = app(copied.path)
    page.button(key="all_hazards").click().run()
    assert page.query_params["hazards"] == "1"
    assert f"All {len(reports)} reports, newest first" in written(page)
    assert lane(written(page)).count("<blockquote") == 3 + 30
    page.button(key="more_hazards").click().run()
    assert page.query_params["hazards"] == "2"
    linked = app(copied.path, hazards="900")
    assert lane(written(linked)).count("<blockquote") == 3 + len(reports)
    linked.button(key="few_hazards").click().run()
    assert "hazards" not in linked.query_params
    assert "reports, newest first" not in written(linked)
    assert "reports, newest first" not in written(app(copied.path, hazards="<b>"))


def test_without_hazards_there_is_no_lane(app, written, copied):
    mark_hazards(copied, lambda row: False)
    assert "hazard" not in written(app(copied.path, hazards="1")).split("</style>")[-1].lower()


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


def test_trends_open_on_the_step_with_most_clear_changes_and_name_it(app, written, built):
    page = app(built.path, "trends")
    text = written(page)
    places = [found.start() for found in re.finditer("no clear change</span>", text)]
    assert "↘ shrinking, Growth → Expansion" in text
    assert page.selectbox(key="pick_theme").value == "th-fray"
    assert text.index("↘ shrinking, Growth → Expansion") < min(places, default=len(text))


def page_phase(built, name):
    return next(r["phase_id"] for r in built.current().table("phases").to_pylist() if r["name"] == name)


def test_versions_are_phases_too(app, written, built):
    text = written(app(built.path, "trends", kind="version"))
    assert "Versions of Bolt charging cable" in text
    assert "<td>v2</td>" in text


def test_a_phase_is_added_refused_where_it_overlaps_and_removed(app, written, copied):
    workspace = copied
    page = app(workspace.path, "trends", edit="new")

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
