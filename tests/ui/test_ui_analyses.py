"""The pages of comparisons, needs and fixes, and the analyses on the older pages."""

import datetime as dt

import pytest

from voc import tables
from voc.config import InsightsConfig
from voc.insights import Facts, Scope
from voc.insights.decomposition import decompose_rating
from voc.insights.stored import stored_analyses
from voc.ui.analyses import lines_table, typeset
from voc.ui.trends.changes import DRAWN, _drawn

NEW = ("compare", "needs", "fixes")


@pytest.mark.parametrize("page", NEW)
def test_an_empty_workspace_says_what_to_do(app, written, tmp_path, page):
    assert "Nothing has been analysed yet" in written(app(tmp_path / "none", page))


@pytest.mark.parametrize("page", [*NEW, "trends", "opportunities"])
def test_reviews_without_dates_show_what_can_be_shown(app, written, undated, page):
    text = written(app(undated.path, page))
    assert "<h1" in text
    if page == "fixes":
        assert "carry no dates" in text


def test_ours_stand_beside_the_competitors(app, written, built):
    text = written(app(built.path, "compare"))
    assert "reviews of 2 products of ours against" in text
    assert "Ours against the competitors" in text
    prices = written(app(built.path, "compare", view="prices"))
    assert "has a price" in prices  # none of these has: the page says how to give them


def test_a_brand_alone_has_nobody_to_compare_with_and_the_page_says_so(app, written, built):
    text = written(app(built.path, "compare", brand="Kestrel"))
    section = text[text.index("Ours against") :]
    assert "competitor" in section.lower()
    assert "<tbody>" not in section


def change_mentions(workspace, change):
    rows = [change(dict(row)) for row in workspace.current().table("mentions").to_pylist()]
    with workspace.writing() as writer:
        writer.commit(replace={"mentions": tables.from_rows("mentions", rows)})


def test_times_that_customers_state_are_counted(app, written, copied):
    def change(row):
        if row["theme_id"] == "th-fray":
            row |= {"days_in_use": 90, "time_event": "failed_after"}
        return row

    change_mentions(copied, change)
    page = app(copied.path, "needs", view="use")
    times = written(page)[written(page).index("When troubles come") :]
    assert "Cable: frays near the connector" in times
    assert "100%" in times
    assert len(page.get("vega_lite_chart")) == 1
    page.segmented_control(key="switch_view").set_value("failure").run()
    assert "reviews say when it failed" in written(page)
    assert page.query_params["view"] == "failure"
    assert len(page.get("vega_lite_chart")) == 2
    other = app(copied.path, "needs", view="failure", theme="th-led")
    assert "No review says when it failed" in written(other)


def test_needs_are_listed_with_their_depth(app, written, copied):
    rows = copied.current().table("mentions").to_pylist()
    wished = [dict(row) | {"kind": "wish", "theme_id": None} for row in rows[:6]]
    kept = tables.from_rows("mentions", [*wished, *rows[6:]])
    now = dt.datetime(2022, 1, 1, tzinfo=dt.UTC)
    need = {"need_id": "need-1", "need": "longer <b>cable", "need_area_id": "ar-cable", "area_id": "ar-cable"}
    wishes = tables.from_rows(
        "wishes",
        [
            {**need, "mention_id": row["mention_id"], "wanted": "longer", "depth": "variant", "first_run": now}
            for row in wished
        ],
    )
    with copied.writing() as writer:
        writer.commit(replace={"mentions": kept, "wishes": wishes})
    text = written(app(copied.path, "needs"))
    assert "Longer &lt;b&gt;cable" in text
    assert "variant" in text


def test_a_fix_is_judged_remembered_and_taken_out_again(app, written, copied):
    page = app(copied.path, "fixes", theme="th-fray", since="2013-01-01")
    text = written(page)
    assert "frays near the connector" in text
    assert any(word in text for word in ("Fixed", "Better", "No change seen", "Not enough data"))
    assert "Remembered fixes" not in text
    next(b for b in page.button if b.label == "Remember this fix").click().run()
    [fix] = copied.entries.fixes()
    assert (fix["theme_id"], fix["since"]) == ("th-fray", dt.date(2013, 1, 1))
    assert "Remembered fixes" in written(page)
    assert not [b for b in page.button if b.label == "Remember this fix"]
    overview = app(copied.path)
    assert "Fixes" in written(overview)
    assert "since 1 Jan 2013" in written(overview)
    page = app(copied.path, "fixes")
    page.button(key=f"open_{fix['fix_id']}").click().run()
    assert page.query_params["since"] == "2013-01-01"
    page.button(key=f"drop_{fix['fix_id']}").click().run()
    assert copied.entries.fixes() == []
    assert "Remembered fixes" not in written(page)


def test_an_address_with_a_wrong_date_or_lag_asks_again(app, written, built):
    for query in ({"since": "yesterday"}, {"since": "1890-01-01"}, {"since": "2013-01-01", "lag": "many"}):
        page = app(built.path, "fixes", theme="th-fray", **query)
        assert not page.error
    assert "Choose the first day" in written(app(built.path, "fixes", since="1890-01-01"))


def test_a_date_without_reviews_around_it_is_explained(app, written, built):
    text = written(app(built.path, "fixes", theme="th-fray", since="2011-01-20"))
    assert "Not enough data" in text or "lies outside" in text


def test_the_parts_of_a_change_of_the_rating_add_up_as_drawn(built):
    snapshot = built.current()
    facts = Facts(**{name: snapshot.table(name) for name in Facts.__dataclass_fields__})
    phases = [row["phase_id"] for row in facts.phases.to_pylist() if row["source"] == "user"]
    found = decompose_rating(facts, phases[1], phases[2], Scope(), config=InsightsConfig())
    drawn = _drawn(found.table.to_pandas())
    assert len(drawn) <= DRAWN + 1
    assert drawn["contribution"].sum() == pytest.approx(found.mean_after - found.mean_before)


def test_what_moved_the_rating_stands_on_the_page_of_phases(app, written, built):
    text = written(app(built.path, "trends", view="phases"))
    assert "Did the pain change" in text
    assert "The parts add up to it" in text
    said = text[text.index("the mean rating went from") :]
    assert "In all: " in said
    text = written(app(built.path, "trends", view="alerts"))
    for title in ("Where themes are going", "that the data suggests", "Rising beyond"):
        assert title in text, title


def suggestion(page):
    return next(b for b in page.button if (b.key or "").startswith("accept_"))


def test_a_suggested_phase_that_overlaps_one_of_the_configuration_is_refused(app, copied):
    page = app(copied.path, "trends", view="alerts")
    suggestion(page).click().run()
    assert "days overlap the phase '" in page.error[0].value
    assert copied.entries.phases().num_rows == 0


def test_a_suggested_phase_becomes_a_named_one(app, written, copied, tmp_path, monkeypatch):
    (tmp_path / "voc.toml").write_text("", encoding="utf-8")
    monkeypatch.setenv("VOC_CONFIG", str(tmp_path / "voc.toml"))
    page = app(copied.path, "trends", view="alerts")
    suggestion(page).click().run()
    [entered] = copied.entries.phases().to_pylist()
    assert entered["name"] in ("Start-up", "Growth", "Transition")
    assert f"<span>{entered['name']}</span>" in written(app(copied.path, "trends"))


def test_the_second_opinion_stands_beside_the_headline(app, written, built):
    text = written(app(built.path, "opportunities", theme="th-fray", part="why"))
    said = text[text.index("Overlap with other themes taken out: ") :][:120]
    assert " stars (" in said


@pytest.mark.parametrize("view", ["adjusted", "importance", "kano"])
def test_other_views_of_the_list(app, written, built, view):
    text = written(app(built.path, "opportunities", other=view))
    assert "<tbody>" in text[text.index("Other views of this list") :]


def test_what_rises_stands_on_the_first_page(app, written, copied):
    snapshot = copied.current()
    facts = Facts(**{name: snapshot.table(name) for name in Facts.__dataclass_fields__})
    stored = stored_analyses(facts, config=InsightsConfig())
    rows = stored["alerts"].to_pylist()
    rows[0] |= {
        "level": "new",
        "name": "<i>rises",
        "theme_id": None,
        "since": dt.date(2021, 3, 1),
        "reach_since": 0.05,
        "reach_before": 0.01,
        "reviews_before": 4,
    }
    with copied.writing() as writer:
        writer.commit(replace={**stored, "alerts": tables.from_rows("alerts", rows)})
    text = written(app(copied.path))
    assert "Rising beyond their own history" in text
    assert "&lt;i&gt;rises" in text.casefold()
    assert "5.0 % of the reviews since 1 Mar 2021" in text


def test_lines_become_a_table_with_figures_flush_right_and_escaped():
    lines = [
        {"theme": "cable <b>frays", "reach": "1.5% (1.0% to 2.0%)", "when": dt.date(2021, 2, 3), "reviews": 1200},
        {"theme": "", "reach": "", "when": None, "reviews": 2},
    ]
    table = lines_table(lines)
    assert "Cable &lt;b&gt;frays" in table
    assert "3 Feb 2021" in table
    assert '<td class="n">1,200' in table.replace("\u202f", ",") or '<td class="n">1' in table


def test_letters_above_columns_and_days_in_sentences_are_told_in_words(app, written, built):
    assert "q: the share of false alarms" in written(app(built.path, "trends", view="alerts"))
    assert typeset("at 2017-03-25 or 2017-02-31, id-2017-03-25") == "at 25 Mar 2017 or 2017-02-31, id-2017-03-25"
