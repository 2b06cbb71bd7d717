"""Decisions in the app: made from an opportunity, listed, edited by two people at once, verified after the release."""

import datetime as dt

import pytest
import streamlit as st

from voc.errors import ConflictError
from voc.ui import decided, deciding

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
    assert "Cable: frays near the connector" in html
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
