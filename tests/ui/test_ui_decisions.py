"""Decisions in the app: made from an opportunity, listed, edited by two people at once, verified after the release."""

import datetime as dt
from html import escape, unescape

import pytest
import streamlit as st

from voc.errors import ConflictError
from voc.insights import Scope
from voc.insights.verification import verify
from voc.ui import analyses, data
from voc.ui.decisions import decided, deciding

DAY = dt.date


def test_nothing_decided_says_how_to_begin(app, written, built):
    assert "Open an opportunity and choose Decide" in written(app(built.path, "decisions"))


def test_an_opportunity_becomes_a_decision(app, written, copied):
    page = app(copied.path, "opportunities", theme="th-fray", product="cable")
    page.text_input(key="d_title_0").set_value("Stronger <b>sleeve")
    page.text_input(key="d_owner_0").set_value("Ana")
    page.selectbox(key="d_0_unit").set_value("percent of reviews")
    page.number_input(key="d_0_value").set_value(5.0)
    next(b for b in page.button if b.label == "Decide").click().run()
    assert not page.exception
    [row] = copied.entries.decisions()
    assert (row["title"], row["owner"], row["state"], row["product"]) == (
        "Stronger <b>sleeve",
        "Ana",
        "decided",
        "cable",
    )
    assert (row["expected_unit"], row["expected_value"]) == ("percent of reviews", 5.0)
    assert page.text_input(key="d_title_1").value == ""
    page = app(copied.path, "decisions", decision=row["decision_id"])
    html = written(page)
    assert "Stronger &lt;b&gt;sleeve" in html
    assert "Reach falls to 5 % of reviews" in html


def test_decisions_are_listed_by_state_filtered_and_late_ones_marked(app, written, copied):
    late = copied.entries.add_decision("th-fray", "Late one", owner="Ana", planned_on=DAY(2020, 1, 1))
    copied.entries.add_decision("th-hot", "Other one", owner="Bo", state="rejected", planned_on=DAY(2020, 1, 1))
    html = written(app(copied.path, "decisions"))
    assert html.index("Proposed (1)") < html.index("Late one") < html.index("Rejected (1)") < html.index("Other one")
    assert html.count("Overdue") == 1
    html = written(app(copied.path, "decisions", owner="Bo"))
    assert "Other one" in html
    assert "Late one" not in html
    html = written(app(copied.path, "decisions", state="overdue"))
    assert "Late one" in html
    assert "Other one" not in html
    page = app(copied.path, "decisions")
    page.button(key=f"open_{late}").click().run()
    assert page.query_params["decision"] == late
    assert not page.exception


def edited(page, decision, revision, **values):
    for name, value in values.items():
        page.text_input(key=f"e_{decision}_{revision}_{name}").set_value(value)
    return next(b for b in page.button if b.label == "Save").click().run()


def test_two_edit_at_once_and_the_last_one_chooses(app, written, copied):
    decision = copied.entries.add_decision("th-fray", "Title", owner="Ana", by="Ana")
    page = app(copied.path, "decisions", decision=decision)
    copied.entries.change_decision(decision, {"owner": "Bo", "release": "v4"}, revision=1, by="Bo")
    edited(page, decision, 1, owner="Cy", title="Better title")
    assert not page.exception
    [row] = copied.entries.decisions()
    assert (row["owner"], row["title"]) == ("Bo", "Title")
    assert "Bo changed this decision" in page.warning[0].value
    assert page.radio(key="settle_owner").options == ["Bo\\: Bo", "You\\: Cy"]
    page.radio(key="settle_owner").set_value("mine")
    next(b for b in page.button if b.label == "Save my choice").click().run()
    assert not page.exception
    [row] = copied.entries.decisions()
    assert (row["owner"], row["title"], row["release"]) == ("Cy", "Better title", "v4")
    assert "Owner: “Bo” → “Cy”" in written(page)


def test_where_a_decision_holds_is_edited_merged_and_followed_by_its_figures(app, written, copied):
    phase = next(row["phase_id"] for row in copied.current().table("phases").to_pylist() if row["name"] == "Growth")
    decision = copied.entries.add_decision(
        "th-fray", "Sleeve", state="released", released_on=DAY(2014, 1, 1), lag_days=0, product="cable",
        expected_unit="points", expected_value=1, by="Ana",
    )  # fmt: skip
    page = app(copied.path, "decisions", decision=decision)
    place = {name: page.selectbox(key=f"e_{decision}_1_{name}") for name in decided.EVERYWHERE}
    # The words of the filters above a page.
    filters = app(copied.path, "opportunities")
    for name, box in place.items():
        shown = filters.selectbox(key=f"pick_{name.removesuffix('_id')}")
        assert (box.label, box.options) == (shown.label, shown.options)
    assert [box.value for box in place.values()] == ["cable", "", "", ""]
    before = written(page)
    assert "Bolt charging cable 1.8 m" in before
    assert "Did it help?" in before

    # Bo limits it to a market meanwhile, Cy to another product: both stay, and Cy is told.
    copied.entries.change_decision(decision, {"market": "US"}, revision=1, by="Bo")
    place["product"].set_value("rival")
    next(b for b in page.button if b.label == "Save").click().run()
    assert not page.exception
    assert "market; that is kept too" in page.success[0].value
    [row] = copied.entries.decisions()
    assert (row["product"], row["market"], row["brand"], row["phase_id"]) == ("rival", "US", None, None)
    assert [(one["product"], one["market"]) for one in copied.entries.fixes()] == [("rival", "US")]
    after = written(page)
    assert "Kestrel braided cable, US" in after
    assert "Product: “Bolt charging cable 1.8 m” → “Kestrel braided cable”" in after
    scope = Scope(products=("rival",), markets=("US",))
    view = data.view()
    found = verify(view.facts(), "th-fray", DAY(2014, 1, 1), scope=scope, lag_days=0, config=view.config.insights)
    assert analyses.typeset(found.sentence) in unescape(after)
    assert analyses.typeset(found.sentence) not in unescape(before)

    # Both change the product: the last one is shown both, in words, and chooses.
    copied.entries.change_decision(decision, {"product": "bank"}, revision=3, by="Bo")
    page.selectbox(key=f"e_{decision}_3_product").set_value("")
    page.selectbox(key=f"e_{decision}_3_phase_id").set_value(phase)
    next(b for b in page.button if b.label == "Save").click().run()
    assert page.radio(key="settle_product").options == ["Bo\\: Harbour power bank 20000", "You\\: All products"]
    page.radio(key="settle_product").set_value("mine")
    next(b for b in page.button if b.label == "Save my choice").click().run()
    assert not page.exception
    [row] = copied.entries.decisions()
    assert (row["product"], row["market"], row["phase_id"]) == (None, "US", phase)
    assert "US, phase Growth" in written(page)


def test_a_choice_of_place_survives_a_run_that_ends_while_the_form_is_open(app, copied):
    decision = copied.entries.add_decision("th-fray", "Sleeve", product="cable")
    page = app(copied.path, "decisions", decision=decision)
    drawn = page.selectbox(key=f"e_{decision}_1_product").options
    reviews = copied.current().table("reviews")
    with copied.writing() as writer:
        writer.commit(replace={"reviews": reviews.slice(40)})
    page.run()
    # What was picked and not saved yet comes back as the words it had when it was picked.
    assert page.selectbox(key=f"e_{decision}_1_product").options == drawn
    page.selectbox(key=f"e_{decision}_1_product").set_value("rival")
    next(b for b in page.button if b.label == "Save").click().run()
    assert not page.exception
    assert [row["product"] for row in copied.entries.decisions()] == ["rival"]
    assert page.selectbox(key=f"e_{decision}_2_product").options != drawn


def test_a_decision_about_what_has_no_reviews_any_more_says_so_and_keeps_it(app, written, copied):
    decision = copied.entries.add_decision(
        "th-fray", "Sleeve", state="released", released_on=DAY(2014, 1, 1), product="gone", phase_id="gone-too"
    )
    page = app(copied.path, "decisions", decision=decision)
    assert "Choose under Edit where this decision holds" in written(page)
    assert page.selectbox(key=f"e_{decision}_1_product").options[-1] == "gone (no reviews)"
    edited(page, decision, 1, title="Other")
    [row] = copied.entries.decisions()
    assert (row["title"], row["product"], row["phase_id"]) == ("Other", "gone", "gone-too")
    page.selectbox(key=f"e_{decision}_2_product").set_value("cable")
    page.selectbox(key=f"e_{decision}_2_phase_id").set_value("")
    next(b for b in page.button if b.label == "Save").click().run()
    assert "Choose under Edit" not in written(page)
    assert "Did it help?" in written(page)


def test_changes_of_other_fields_are_kept_and_told(app, copied):
    decision = copied.entries.add_decision("th-fray", "Title", owner="Ana")
    page = app(copied.path, "decisions", decision=decision)
    copied.entries.change_decision(decision, {"owner": "Bo"}, revision=1, by="Bo")
    edited(page, decision, 1, title="Better title")
    [row] = copied.entries.decisions()
    assert (row["owner"], row["title"]) == ("Bo", "Better title")
    assert "owner; that is kept too" in page.success[0].value


def test_a_released_decision_is_verified_and_compared_with_what_was_expected(app, written, copied):
    decision = copied.entries.add_decision(
        "th-fray", "Sleeve", state="released", released_on=DAY(2014, 1, 1), product="cable",
        expected_unit="percent of reviews", expected_value=30,
    )  # fmt: skip
    html = written(app(copied.path, "decisions", decision=decision))
    assert "Did it help?" in html
    assert "of reviews before it" in html
    assert "30 are needed" in html
    assert "It cannot be compared yet: the data is too thin." in html
    html = written(app(copied.path, "fixes"))
    assert "Remembered fixes" in html
    # By what was done, as several decisions may be about one theme.
    assert "<b>Sleeve</b>" in html
    assert "Cable: frays near the connector · cable · since 1 Jan 2014" in html
    assert "<b>Sleeve</b><br>since 1 Jan 2014: " in written(app(copied.path))
    page = app(copied.path, "fixes")
    assert not [b for b in page.button if b.key == f"drop_{decision}"]


def test_the_last_change_is_taken_back_and_a_deleted_decision_brought_back(app, copied):
    decision = copied.entries.add_decision("th-fray", "Title")
    copied.entries.change_decision(decision, {"title": "Other"}, revision=1)
    page = app(copied.path, "decisions", decision=decision)
    page.button(key="restore_decision").click().run()
    assert [row["title"] for row in copied.entries.decisions()] == ["Title"]
    page.button(key="delete_decision").click().run()
    assert not page.exception
    assert copied.entries.decisions() == []
    next(b for b in page.button if b.label == "Bring it back").click().run()
    assert [row["title"] for row in copied.entries.decisions()] == ["Title"]
    assert page.button(key="restore_decision").disabled, "only that it was made is left"


def test_the_changes_of_others_since_the_page_was_drawn_are_not_taken_back(app, copied):
    decision = copied.entries.add_decision("th-fray", "Title")
    copied.entries.change_decision(decision, {"title": "Other"}, revision=1)
    page = app(copied.path, "decisions", decision=decision)
    copied.entries.change_decision(decision, {"owner": "Bo"}, revision=2, by="Bo")
    page.button(key="restore_decision").click().run()
    assert "a later one of the same theme, mention or decision stands on it" in page.error[0].value
    assert [(row["title"], row["owner"]) for row in copied.entries.decisions()] == [("Other", "Bo")]


def test_decisions_are_in_the_history_of_changes_and_taken_back_there(app, written, copied):
    decision = copied.entries.add_decision("th-fray", "Sleeve", owner="Ana", by="Ana")
    copied.entries.change_decision(decision, {"owner": "Bo", "product": "cable"}, revision=1, by="Bo")
    snapshot = copied.current().id
    page = app(copied.path, "themes")
    changed = "changed the decision 'Sleeve': Owner: “Ana” → “Bo”; Product: All products → “Bolt charging cable 1.8 m”"
    assert escape(changed) in written(page)
    assert page.selectbox(key="line_history_0").options == [changed]
    page.button(key="undo").click().run()
    assert "Taken back\\: changed the decision 'Sleeve'" in page.success[0].value
    assert [(row["owner"], row["product"]) for row in copied.entries.decisions()] == [("Ana", None)]
    assert copied.current().id == snapshot, "no figure depends on it"
    assert "took back a change of the decision" in written(page)
    assert not [b for b in page.button if b.key == "undo"], "it is deleted on its page, not taken back"
    copied.entries.delete_decision(decision, revision=3, by="Cy")
    page = app(copied.path, "themes")
    page.button(key="undo").click().run()
    assert [row["title"] for row in copied.entries.decisions()] == ["Sleeve"]


def test_who_may_only_read_changes_nothing(app, written, copied, monkeypatch):
    decision = copied.entries.add_decision("th-fray", "Title")
    monkeypatch.setenv("VOC_READ_ONLY", "1")
    page = app(copied.path, "decisions", decision=decision)
    assert not page.text_input
    assert not [b for b in page.button if b.key in ("restore_decision", "delete_decision")]
    page = app(copied.path, "opportunities", theme="th-fray")
    assert not [b for b in page.button if b.label == "Decide"]
    assert copied.entries.version() == 1


class Found:
    """What `reached` reads of a verification."""

    effect, effect_low, effect_high = -0.04, -0.06, -0.02

    def __init__(self, before, after):
        import pyarrow as pa

        self.reach = pa.Table.from_pylist(
            [
                {"group": "treated", "part": part, "reach": mid, "reach_low": low, "reach_high": high}
                for part, (mid, low, high) in (("before", before), ("after", after))
            ]
        )


@pytest.mark.parametrize(
    ("unit", "value", "word"),
    [
        ("percent of reviews", 8, "reached"),
        ("percent of reviews", 3, "missed"),
        ("percent of reviews", 6, "open"),
        ("points", 1, "reached"),
        ("points", 7, "missed"),
        ("points", 4, "open"),
        ("percent", 10, "reached"),  # of 10 %: one point
        ("percent", 70, "missed"),
        ("percent", 40, "open"),
        (None, None, ""),
    ],
)
def test_what_was_measured_against_what_was_expected(unit, value, word):
    found = Found((0.10, 0.09, 0.11), (0.06, 0.05, 0.07))
    assert decided.reached({"expected_unit": unit, "expected_value": value}, found)[0] == word


def test_a_conflict_without_fields_leaves_nothing_to_settle():
    st.session_state.pop(deciding.CONFLICT, None)
    deciding.raise_fields(ConflictError("gone"))
    assert deciding.CONFLICT not in st.session_state


def test_decisions_of_one_day_and_those_off_the_chart_are_listed_below_it(app, written, copied):
    day, late = DAY(2014, 5, 1), DAY(2031, 5, 1)
    first = copied.entries.add_decision("th-fray", "New plug", state="released", released_on=day)
    second = copied.entries.add_decision("th-fray", "Thicker <b>sheath", state="released", released_on=day)
    copied.entries.add_decision("th-fray", "Recall", planned_on=late)
    html = written(app(copied.path, "decisions", decision=first))
    link = f'<a href="decisions?decision={second}" target="_self">Thicker &lt;b&gt;sheath</a>'
    assert f"<li>1 May 2014: <b>New plug</b>; {link}</li>" in html
    assert "<li>1 May 2031, planned, after the last review: <a " in html
    # A single one stands on the chart alone.
    copied.entries.delete_decision(second, revision=1)
    [recall] = [row["decision_id"] for row in copied.entries.decisions() if row["title"] == "Recall"]
    copied.entries.delete_decision(recall, revision=1)
    assert "voc-days" not in written(app(copied.path, "decisions", decision=first)).split("</style>")[1]


def test_of_many_decisions_about_an_opportunity_the_earlier_ones_unfold(app, written, copied):
    made = [copied.entries.add_decision("th-fray", f"Decision {number}") for number in range(5)]
    html = written(app(copied.path, "opportunities", theme="th-fray"))
    listed, unfolded = html.split("<summary>2 earlier decisions</summary>")
    assert [f"Decision {n}</a>" in listed for n in range(5)] == [False, False, True, True, True]
    assert f'<a href="decisions?decision={made[0]}" target="_self">Decision 0</a>' in unfolded
