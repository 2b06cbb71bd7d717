"""The page Opportunities: its order, its filters, its map, and the parts of a detail."""

import re

import pytest

from voc.insights import Facts, Scope
from voc.insights.importance import importance
from voc.ui import listing


def ranked(workspace):
    rows = workspace.current().table("opportunities").to_pylist()
    return sorted((r for r in rows if r["scope_type"] == "workspace"), key=lambda r: r["rank"])


def offered(page):
    """Return the words of the select box that names the themes of the list, in order."""
    return page.selectbox(key="pick_theme").options


def test_the_list_is_sorted_by_what_the_reader_chooses_and_the_address_keeps_it(app, built):
    page = app(built.path, "opportunities")
    stars = [f"{r['rank']}. " for r in ranked(built)]
    assert [re.match(r"\d+\. ", o)[0] for o in offered(page)] == stars
    page.selectbox(key="pick_sort").select("reach").run()
    assert page.query_params["sort"] == "reach"
    by_reach = sorted(ranked(built), key=lambda r: (-r["reach"], r["rank"]))
    assert [re.match(r"\d+\. ", o)[0] for o in offered(page)] == [f"{r['rank']}. " for r in by_reach]
    for name in listing.MEASURES:
        page.selectbox(key="pick_sort").select(name).run()
        assert not page.exception
        assert len(offered(page)) == len(stars)
    # Links of earlier versions.
    old = app(built.path, "opportunities", measure="reach")
    assert old.selectbox(key="pick_sort").value == "reach"


@pytest.fixture(scope="module")
def scored(built):
    snapshot = built.current()
    facts = Facts(**{name: snapshot.table(name) for name in Facts.__dataclass_fields__})
    from workspaces import CONFIG

    return importance(facts, Scope(), config=CONFIG.insights).to_pylist()


def test_the_order_by_opportunity_is_that_of_the_analysis(app, built, scored):
    page = app(built.path, "opportunities", sort="opportunity")
    rank = {r["theme_id"]: r["rank"] for r in ranked(built)}
    known = [r for r in scored if r["opportunity"] is not None]
    best = sorted(known, key=lambda r: (-r["opportunity"], rank[r["theme_id"]]))
    shown = [int(re.match(r"\d+", o)[0]) for o in offered(page)]
    assert shown[: len(best)] == [rank[r["theme_id"]] for r in best]


def test_filters_of_the_list_narrow_it_and_can_all_be_taken_away(app, written, built):
    page = app(built.path, "opportunities", find="BAG")
    assert [o.split(". ", 1)[1] for o in offered(page)] == ["Size: too big for a small bag"]
    assert f"1 of {len(ranked(built))} themes in all reviews: “BAG” in the name." in written(page)
    page.button(key="clear_filters").click().run()
    assert "find" not in page.query_params
    assert len(offered(page)) == len(ranked(built))
    page.toggle(key="toggle_hazard").set_value(True).run()
    hazards = [f"{r['rank']}. " for r in ranked(built) if r["hazard"]]
    assert hazards
    assert [re.match(r"\d+\. ", o)[0] for o in offered(page)] == hazards
    many = app(built.path, "opportunities", least="50")
    assert len(offered(many)) == sum(r["reviews"] >= 50 for r in ranked(built))
    part = app(built.path, "opportunities", area="cable")
    assert len(offered(part)) == sum(r["area"] == "cable" for r in ranked(built))


def test_a_list_that_filters_leave_empty_says_how_to_widen_it(app, written, built):
    page = app(built.path, "opportunities", find="<b>nothing", hazard="1")
    text = written(page)
    assert "No theme passes all of these filters" in text
    assert "“&lt;b&gt;nothing” in the name, hazards" in text
    assert 'class="voc-figures"' not in text


def test_a_linked_theme_outside_the_filters_is_shown_and_said(app, written, built):
    page = app(built.path, "opportunities", theme="th-led", find="bag")
    text = written(page)
    assert "Light: too bright at night" in text
    assert "is not among those that pass the filters" in text


def test_the_map_shows_themes_and_parts_and_leaves_the_detail_open(app, written, built):
    page = app(built.path, "opportunities", theme="th-led", show="map")
    assert "Click a point to read about it" in written(page)
    assert "Light: too bright at night" in written(page)
    page.segmented_control(key="switch_map").set_value("parts").run()
    assert not page.exception
    assert "Click a part to list its themes" in written(page)


def test_why_holds_every_part_of_the_rank(app, written, built):
    row = ranked(built)[0]
    text = written(app(built.path, "opportunities", part="why"))
    said = text[text.index("Why it ranks here</h2>") :]
    assert f"truly between {row['rank_low']} and {row['rank_high']}" in said or "It is number 1, with 90 %" in said
    for words in ("Stars lost, shrunk", "Reach, weighted by severity", "Reviews that report a hazard", "Quadrant"):
        assert words in said
    assert "What customers say" not in said


def test_over_time_has_phases_versions_and_the_life_of_the_product(app, written, built):
    text = written(app(built.path, "opportunities", part="time", theme="th-fray"))
    for phase in ("Start", "Growth", "Expansion"):
        assert f"<td>{phase}</td>" in text
    assert "By product version" in text
    assert "<td>v2</td>" in text
    assert "In the life of a product" in text


def test_who_tells_which_segments_differ(app, written, built):
    page = app(built.path, "opportunities", part="who", theme="th-big")
    text = written(page)
    assert "Differ from the rest by more than chance" in text
    found = re.search(r"Harbour power bank 20000</span> \(product\): [\d.]+ % against 0.0 %", text)
    assert found
    page.segmented_control(key="switch_by").set_value("market").run()
    assert page.query_params["by"] == "market"
    assert not page.exception


def test_related_themes_and_wishes_are_listed_with_links(app, written, built):
    text = written(app(built.path, "opportunities", part="related", theme="th-fray", product="cable", sort="reach"))
    assert "In the same reviews" in text
    assert "Wishes next to it" in text
    for address in re.findall(r'href="(opportunities\?[^"]*)"', text):
        assert "product=cable&amp;sort=reach&amp;part=related&amp;theme=th-" in address


def test_the_way_to_the_next_theme_follows_the_list(app, written, built):
    page = app(built.path, "opportunities", sort="reach")
    second = sorted(ranked(built), key=lambda r: (-r["reach"], r["rank"]))[1]
    assert page.button(key="go_previous").disabled
    page.button(key="go_next").click().run()
    assert page.query_params["theme"] == second["theme_id"]
    assert not page.button(key="go_previous").disabled


def test_themes_with_a_decision_can_be_left_out(app, copied):
    first = ranked(copied)[0]["theme_id"]
    copied.entries.add_decision(first, "Thicker sleeve")
    page = app(copied.path, "opportunities", open="1")
    assert len(offered(page)) == len(ranked(copied)) - 1
    assert not any(option.startswith("1. ") for option in offered(page))
