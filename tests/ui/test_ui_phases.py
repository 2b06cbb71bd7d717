"""People's phases on the page of trends: changed, taken from versions, refused, dragged; none where nobody may edit."""

import datetime as dt

import pandas as pd
import pytest

from voc.ui.charts import time
from voc.ui.trends.phase_editor import dragged

DAY = dt.date


def moment(*when):
    """Return milliseconds since 1970 of a moment in Berlin."""
    import zoneinfo

    return dt.datetime(*when, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")).timestamp() * 1000


def selected(first, last):
    return {time.SPAN: {time.SPAN_FIELD: [first, last]}}


LAST = pd.Timestamp("2021-12-30", tz="UTC")


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        # Edges count for the nearest midnight where the reader is; the day after the last one is not in it.
        ((2020, 3, 1, 2), (2020, 5, 31, 22), (DAY(2020, 3, 1), DAY(2020, 5, 31))),
        ((2020, 7, 1, 13), (2020, 7, 20, 3), (DAY(2020, 7, 2), DAY(2020, 7, 19))),
        # Dragged the other way round.
        ((2020, 5, 31, 22), (2020, 3, 1, 2), (DAY(2020, 3, 1), DAY(2020, 5, 31))),
        # Up to the end of the data: it still runs.
        ((2020, 3, 1, 2), (2022, 1, 20, 0), (DAY(2020, 3, 1), None)),
        # Less than a day.
        ((2020, 3, 1, 2), (2020, 3, 1, 3), (DAY(2020, 3, 1), DAY(2020, 3, 1))),
    ],
)
def test_a_dragged_stretch_becomes_days(first, last, found):
    assert dragged(selected(moment(*first), moment(*last)), "Europe/Berlin", LAST) == found


@pytest.mark.parametrize("selection", [{}, {time.SPAN: {}}, {time.SPAN: {time.SPAN_FIELD: []}}])
def test_nothing_dragged_changes_nothing(selection):
    assert dragged(selection, "Europe/Berlin", LAST) is None


def test_an_unknown_time_zone_counts_as_utc():
    noon = dt.datetime(2020, 3, 1, 13, tzinfo=dt.UTC).timestamp() * 1000
    assert dragged(selected(noon, noon + 40 * 86_400_000), "Mars/Base", LAST) == (DAY(2020, 3, 2), DAY(2020, 4, 10))


@pytest.fixture
def free(copied, tmp_path, monkeypatch):
    """A workspace without phases of the configuration."""
    (tmp_path / "voc.toml").write_text("", encoding="utf-8")
    monkeypatch.setenv("VOC_CONFIG", str(tmp_path / "voc.toml"))
    return copied


def test_a_phase_is_renamed_and_gets_other_dates_by_link(app, written, free):
    phase = free.entries.put_phase("Old", DAY(2013, 1, 1), DAY(2014, 1, 1))
    page = app(free.path, "trends", edit=phase)
    assert page.text_input(key=f"phase_name_{phase}").value == "Old"
    # One phase is compared with nothing, so nothing is said of a change.
    said = written(page)[written(page).index("Every theme through the phases") :]
    assert "One phase is known here" in said
    assert "no clear change" not in said
    assert page.date_input(key=f"phase_end_{phase}").value == DAY(2013, 12, 31)
    page.text_input(key=f"phase_name_{phase}").set_value("New <b>name")
    page.date_input(key=f"phase_end_{phase}").set_value(DAY(2014, 6, 30))
    page.button(key=f"FormSubmitter:change_phase_{phase}-Save changes").click().run()
    assert not page.exception
    [row] = free.entries.phases().to_pylist()
    assert (row["phase_id"], row["name"], row["end"]) == (phase, "New <b>name", DAY(2014, 7, 1))
    assert "<span>New &lt;b&gt;name</span>" in written(page)


def test_a_phase_that_somebody_deleted_meanwhile_is_said(app, free):
    phase = free.entries.put_phase("Old", DAY(2013, 1, 1), DAY(2014, 1, 1))
    page = app(free.path, "trends", edit=phase)
    free.entries.delete_phase(phase)
    page.text_input(key=f"phase_name_{phase}").set_value("New")
    page.button(key=f"FormSubmitter:change_phase_{phase}-Save changes").click().run()
    assert not page.exception
    assert "somebody has deleted it" in page.warning[0].value
    assert free.entries.phases().num_rows == 0


def test_of_two_who_change_a_phase_the_last_is_told_and_may_insist(app, free):
    phase = free.entries.put_phase("Old", DAY(2013, 1, 1), DAY(2014, 1, 1))
    page = app(free.path, "trends", edit=phase)
    free.entries.put_phase("Hers", DAY(2013, 1, 1), DAY(2014, 1, 1), phase_id=phase)
    page.text_input(key=f"phase_name_{phase}").set_value("His")
    save = f"FormSubmitter:change_phase_{phase}-Save changes"
    page.button(key=save).click().run()
    assert "it is called 'Hers' now" in page.error[0].value.replace("\\", "")
    assert page.text_input(key=f"phase_name_{phase}").value == "His"
    assert [row["name"] for row in free.entries.phases().to_pylist()] == ["Hers"]
    page.button(key=save).click().run()
    assert [row["name"] for row in free.entries.phases().to_pylist()] == ["His"]


def test_versions_become_phases_of_their_product_at_once(app, written, free):
    page = app(free.path, "trends", edit="new")
    page.button(key="all_versions").click().run()
    assert not page.exception
    rows = free.entries.phases().to_pylist()
    assert [(row["name"], row["product_id"]) for row in rows] == [("v1", "cable"), ("v2", "cable"), ("v3", "cable")]
    assert [row["end"] for row in rows] == [rows[1]["start"], rows[2]["start"], None]
    assert page.query_params["product"] == "cable"
    assert "Phases of Bolt charging cable 1.8 m" in written(page)
    assert "is a phase" in written(page)
    # Elsewhere the product's phases do not stand in the way of those of the whole workspace.
    free.entries.put_phase("All", DAY(2012, 1, 1), None)
    assert "<span>All</span>" in written(app(free.path, "trends"))
    assert "<span>v2</span>" in written(app(free.path, "trends", product="cable"))


def test_one_version_becomes_a_phase(app, free):
    page = app(free.path, "trends", edit="new")
    next(b for b in page.button if (b.key or "").startswith("version_")).click().run()
    [row] = free.entries.phases().to_pylist()
    assert (row["name"], row["product_id"]) == ("v1", "cable")
    assert row["end"] is not None


def test_two_phases_that_a_link_names_are_compared(app, written, built):
    rows = {row["name"]: row["phase_id"] for row in built.current().table("phases").to_pylist()}
    page = app(built.path, "trends", **{"from": rows["Start"], "to": rows["Growth"]})
    assert page.query_params["view"] == "phases"
    assert "Tested together" in written(page)
    assert "Every theme through the phases" not in written(page)


def test_who_may_only_read_finds_no_editor(app, written, free, monkeypatch):
    monkeypatch.setenv("VOC_READ_ONLY", "1")
    for view in ("time", "alerts"):
        page = app(free.path, "trends", edit="new", view=view)
        assert not page.date_input
        assert not [b for b in page.button if (b.key or "").startswith(("edit_phases", "accept_", "from_"))]
    assert free.entries.phases().num_rows == 0


def test_small_multiples_read_out_every_phase_and_link_to_the_theme(app, written, built):
    text = written(app(built.path, "trends"))
    small = text[text.index("Cable: frays near the connector: Start") :]
    assert "Growth" in small[:200]
    assert "Expansion" in small[:200]
    assert 'href="trends?theme=th-fray"' in text
    assert "<svg" not in text[text.index("display:grid") :]  # drawn as a background: Streamlit takes drawings out


def test_releases_of_decisions_stand_on_the_chart_in_focus(app, copied):
    copied.entries.add_decision("th-fray", "New <b>plug", state="released", released_on=DAY(2014, 5, 1))
    copied.entries.add_decision("th-fray", "Thicker sheath", planned_on=DAY(2015, 5, 1), release="v4")
    copied.entries.add_decision("th-slow", "Another theme", planned_on=DAY(2015, 5, 1))
    page = app(copied.path, "trends", theme="th-fray")
    chart = next(c for c in page.get("vega_lite_chart") if "New <b>plug" in str(c.proto))
    assert "v4" in str(chart.proto)
    assert "Another theme" not in str(chart.proto)


def test_names_of_short_phases_are_told_below_the_chart(app, written, free):
    spans = [("Launch <b>", 2011, 2012), ("V2 and everything that followed until the relaunch", 2012, 2013)]
    for name, start, end in spans:
        free.entries.put_phase(name, DAY(start, 1, 1), DAY(end, 1, 1))
    html = written(app(free.path, "trends"))
    listed = "<li><b>1</b> Launch &lt;b&gt;</li><li><b>2</b> V2 and everything that followed until the relaunch</li>"
    assert html.count(listed) == 2  # below the rating and below the theme in focus
