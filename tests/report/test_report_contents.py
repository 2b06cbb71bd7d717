"""What a report says, and that both of its writers say it."""

import dataclasses
import datetime as dt
import re

import pytest

from voc import tables, words
from voc.errors import VocError
from voc.insights import Scope
from voc.report import made, report
from voc.report.document import Bar, Figures, Picture, Quote, Table
from voc.report.markdown import as_markdown
from voc.report.page import as_html


def block(found, title, kind):
    section = next(section for section in found.sections if section.title.startswith(title))
    return next(one for one in section.blocks if isinstance(one, kind))


def test_an_opportunity_tells_its_figures_quotes_phases_and_who_suffers(basis):
    row = basis.ranked[0]
    found = report(basis, row["theme_id"])
    assert found.title == row["name"]
    assert words.rank_interval(row["rank"], row["rank_low"], row["rank_high"], 0.9) in found.eyebrow
    figures = next(one for one in found.opening if isinstance(one, Figures)).cells
    assert figures[0][::2] == (
        words.lost(row["star_impact"]),
        words.lost_interval(row["star_impact_low"], row["star_impact_high"]),
    )
    assert figures[1][0] == words.percent(row["reach"])
    quote = block(found, "What customers say", Quote)
    assert "".join(text for text, _ in quote.pieces) == row["quotes"][0]["text"].strip()
    assert {kind for _, kind in quote.pieces} >= {"phrase", "aspect"}
    assert "★" in quote.byline
    assert "Bolt" in quote.byline or "Kestrel" in quote.byline or "Harbour" in quote.byline
    phases = block(found, "How it developed", Table).rows
    assert [line[0] for line in phases] == ["Start", "Growth", "Expansion"]
    assert block(found, "How it developed", Picture).svg.startswith("<svg")


def test_the_shares_by_phase_and_product_are_those_counted_by_hand(basis):
    theme = "th-fray"
    found = report(basis, theme)
    reviews = {row["review_id"]: row for row in basis.facts.reviews.to_pylist()}
    analysed = {row["review_id"] for row in basis.facts.readings.to_pylist() if row["analysed"]}
    about = {row["review_id"] for row in basis.facts.mentions.to_pylist() if row["theme_id"] == theme}

    def shown(inside):
        chosen = {id_ for id_, row in reviews.items() if inside(row)} & analysed
        return f"{len(chosen & about)} of {len(chosen)}"

    start, end = dt.datetime(2013, 1, 1, tzinfo=dt.UTC), dt.datetime(2016, 1, 1, tzinfo=dt.UTC)
    growth = block(found, "How it developed", Table).rows[1]
    assert growth[4] == shown(lambda row: row["written_at"] is not None and start <= row["written_at"] < end)
    lines = block(found, "Who suffers", Table).rows
    rival = next(line for line in lines if line[1] == "Kestrel braided cable")
    assert rival[5] == shown(lambda row: row["product_id"] == "rival")
    assert [line[0] for line in lines if line[0]][:2] == ["Product", "Version"]


def test_the_state_lists_hazards_the_next_three_and_the_ranking(basis):
    found = report(basis)
    titles = [section.title for section in found.sections]
    assert titles[:2] == ["The three to do next", "⚠ Possible safety hazards"]
    assert "What moved from Growth to Expansion" in titles
    listed = block(found, "What customers suffer from", Table).rows
    assert [line[1].removeprefix("⚠ ") for line in listed] == [
        words.sentence(row["name"]) for row in basis.ranked[: len(listed)]
    ]
    moved = block(found, "What moved", Table).rows
    assert ["Cable: frays near the connector", "shrinking"] in [line[:2] for line in moved]


def test_both_writers_carry_every_text_of_the_report(basis):
    for theme in (None, "th-fray"):
        found = report(basis, theme)
        page, text = as_html(found), as_markdown(found).replace("\\", "").replace("\u2060", "")
        for section in found.sections:
            assert words.safe(section.title) in page
            assert section.title in text
            for one in section.blocks:
                for line in one.rows if isinstance(one, Table) else ():
                    for cell in line:
                        if not isinstance(cell, Bar):
                            assert words.safe(cell) in page
                            assert " ".join(cell.split()) in text


def test_a_page_holds_no_script_and_fetches_nothing(basis):
    page = as_html(report(basis))
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<iframe|<link|@import|url\(", page)
    assert set(re.findall(r'(?:href|src)="([^"]*)"', page)) == {
        f"http://localhost:8501/opportunities{rest}"
        for rest in ("", *(f"?theme={row['theme_id']}" for row in basis.ranked[:3]))
    }
    without = as_html(report(dataclasses.replace(basis, address="")))
    assert "href=" not in without
    assert "javascript:" not in as_html(report(dataclasses.replace(basis, address="javascript:alert(1)//")))


def test_decisions_and_verified_fixes_stand_in_the_report_of_their_theme(basis_of, workspace):
    fix = {"theme_id": "th-fray", "theme": "cable: frays", "since": dt.date(2016, 1, 1), "fault": None}
    fix |= {"sentence": "Reach fell by 3 points beyond the others.", "conclusion": "fixed"}
    workspace.entries.add_decision(
        "th-fray", "Longer strain relief | <b>", owner="Ada", release="1.2", planned_on=dt.date(2022, 5, 1),
        expected_unit="percent of reviews", expected_value=2,
    )  # fmt: skip
    basis = basis_of(workspace, fixes=[fix], decisions=workspace.entries.decisions())
    text = as_markdown(report(basis, "th-fray"))
    assert "Reach fell by 3 points" in text
    assert "| Longer strain relief \\| \\<b\\> | Cable: frays near the connector | proposed | Ada |" in text
    assert "1.2, planned for 1 May 2022 | reach falls to 2 % of reviews |" in text
    assert "Reach fell" not in as_markdown(report(basis, "th-big"))
    assert "Reach fell" in as_markdown(report(basis))


def test_a_theme_that_is_not_ranked_is_refused_in_one_sentence(basis):
    for kind in ("html", "markdown", "jira", "linear"):
        with pytest.raises(VocError, match="has no opportunity in this scope"):
            made(basis, kind, "th-gone")


def test_scopes_without_dates_stars_or_themes_have_a_report_all_the_same(basis, basis_of, workspace):
    narrow = basis_of(workspace, scope=Scope(products=("bank",)), scope_words="Harbour <b>", ranked=[])
    page = made(narrow, "html").decode()
    assert "Too few complaints say what goes wrong" in page
    assert "Harbour &lt;b&gt;" in page
    undated = tables.from_rows("reviews", [row | {"written_at": None} for row in basis.facts.reviews.to_pylist()])
    bare = basis_of(workspace, facts=dataclasses.replace(basis.facts, reviews=undated))
    for theme in (None, "th-fray"):
        text = made(bare, "markdown", theme).decode()
        assert "over time" not in text
        assert "written" not in text.split("##")[0]
