"""`voc opportunities` and `voc insights` on a small workspace."""

import csv
import io
import json

import openpyxl
import pytest

from voc.store import Workspace
from voc.tables import from_rows

KEYS = {
    *("rank", "rank_low", "rank_high", "theme_id", "name", "area", "score", "parts", "reviews"),
    *("reach", "reach_low", "reach_high", "star_impact", "star_impact_low", "star_impact_high"),
    *("severity", "hazard", "momentum", "quotes"),
}


def opportunities(voc, workspace, *arguments):
    result = voc("opportunities", "--workspace", workspace, "--format", "json", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_json_has_the_documented_keys_best_first(voc, workspace):
    found = opportunities(voc, workspace)
    assert [one["name"] for one in found] == ["cable: frays near the plug", "button: sticks"]
    assert [one["rank"] for one in found] == [1, 2]
    for one in found:
        assert one.keys() >= KEYS
        assert one["quotes"]
        for quote in one["quotes"]:
            assert quote.keys() >= {"review_id", "text", "start", "end"}
            assert quote["end"] - quote["start"] == len(quote["text"])
    cable = found[0]
    assert cable["reviews"] == 20
    assert cable["reach"] == pytest.approx(20 / 90)
    # Ratings without it: 10 of 3 stars and 60 of 5 stars; with it: 1 star.
    assert cable["parts"]["rating_gap"] == pytest.approx((10 * 3 + 60 * 5) / 70 - 1)
    assert cable["star_impact"] == pytest.approx(cable["parts"]["reach"] * cable["parts"]["rating_gap"])


def test_limit(voc, workspace):
    assert [one["rank"] for one in opportunities(voc, workspace, "--limit", "1")] == [1]


@pytest.mark.parametrize("name", ["p1", "Power Line", "power line"])
def test_a_product_is_found_by_id_or_name(voc, workspace, name):
    found = opportunities(voc, workspace, "--product", name)
    assert {(one["scope_type"], one["scope"]) for one in found} == {("product", "p1")}
    assert found[0]["reviews"] == 10


def test_brand_and_phase(voc, workspace):
    assert opportunities(voc, workspace, "--brand", "anchor")[0]["scope"] == "Anchor"
    assert opportunities(voc, workspace, "--phase", "early")[0]["scope_type"] == "phase"


def test_a_combination_is_computed(voc, workspace):
    found = opportunities(voc, workspace, "--product", "p1", "--phase", "early")
    # Odd numbers below 20 that are no multiple of three: 1 5 7 11 13 17 19.
    assert (found[0]["name"], found[0]["reviews"]) == ("cable: frays near the plug", 7)
    assert found[0]["scope_type"] == "filter"


@pytest.mark.parametrize("option", ["--product", "--brand", "--phase"])
def test_an_unknown_name_is_refused_with_those_there_are(voc, workspace, option):
    result = voc("opportunities", "--workspace", workspace, option, "Nothing")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "there is no" in result.stderr
    assert "'Nothing'" in result.stderr
    known = {"--product": "Power Line", "--brand": "Anchor", "--phase": "early"}[option]
    assert known in result.stderr


def test_names_that_people_gave_and_hidden_themes(voc, workspace):
    assert voc("theme", "rename", "t-cable", "Cable  breaks", "--workspace", workspace).exit_code == 0
    assert voc("theme", "hide", "t-button", "--workspace", workspace).exit_code == 0
    assert [one["name"] for one in opportunities(voc, workspace)] == ["Cable breaks"]
    table = voc("opportunities", "--workspace", workspace).stdout
    assert "Cable breaks" in table
    assert "sticks" not in table
    assert "1 hidden; `voc theme list` shows them." in table
    voc("theme", "hide", "t-button", "--show", "--workspace", workspace)
    assert len(opportunities(voc, workspace)) == 2


def test_all_hidden_says_so(voc, workspace):
    for theme in ("t-cable", "t-button"):
        Workspace(workspace).entries.hide_theme(theme)
    result = voc("opportunities", "--workspace", workspace, "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert result.stderr == "All 2 opportunities are hidden; `voc theme list` shows them.\n"


def test_table_and_markdown_show_intervals_and_words(voc, workspace):
    table = voc("opportunities", "--workspace", workspace).stdout
    assert "cable: frays near the plug" in " ".join(table.split())
    markdown = voc("opportunities", "--workspace", workspace, "--format", "markdown").stdout
    lines = markdown.splitlines()
    assert lines[0] == "## Opportunities"
    assert lines[2].startswith("| # | ranks | opportunity | stars lost |")
    assert lines[4].startswith("| 1 | ")
    assert "22.2% (" in lines[4]
    assert "The cable frays near the plug." in lines[4]


def test_csv_text_never_starts_a_formula(voc, workspace):
    text = voc("opportunities", "--workspace", workspace, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["rank"] for row in rows] == ["1", "2"]
    assert rows[1]["quotes"].startswith("'=HYPERLINK(1)")
    assert float(rows[0]["star_impact"]) > 0


def test_xlsx_stores_text_as_text(voc, workspace, tmp_path):
    output = tmp_path / "out.xlsx"
    result = voc("opportunities", "--workspace", workspace, "--format", "xlsx", "--output", output)
    assert (result.exit_code, result.stdout) == (0, "")
    sheet = openpyxl.load_workbook(output).active
    header = [cell.value for cell in sheet[1]]
    row = dict(zip(header, sheet[3], strict=True))
    assert row["rank"].value == 2
    assert row["quotes"].data_type == "s"
    assert row["quotes"].value.startswith("'=HYPERLINK(1)")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".out")] == []


def test_xlsx_needs_an_output(voc, workspace):
    result = voc("opportunities", "--workspace", workspace, "--format", "xlsx")
    assert result.exit_code == 2
    assert "--format xlsx needs --output FILE.xlsx." in result.stderr


def test_output_into_a_missing_folder(voc, workspace, tmp_path):
    output = tmp_path / "none" / "out.csv"
    result = voc("opportunities", "--workspace", workspace, "--format", "csv", "--output", output)
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {output}: this file cannot be written (No such file or directory); choose another --output.\n"
    )


@pytest.mark.parametrize("form", ["json", "table", "csv", "markdown"])
@pytest.mark.parametrize(
    "table", ["phases", "trends", "coverage", "areas", "satisfaction", "hazards", "imports", "rejects"]
)
def test_every_insight_prints_in_every_format(voc, workspace, table, form):
    result = voc("insights", table, "--workspace", workspace, "--format", form)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout


def test_insights_say_what_was_found(voc, workspace):
    def document(table, *arguments):
        return json.loads(voc("insights", table, "--workspace", workspace, "--format", "json", *arguments).stdout)

    assert [phase["name"] for phase in document("phases")] == ["early", "late"]
    assert document("coverage")["reviews"] == 90
    assert document("coverage", "--product", "p1")["reviews"] == 45
    assert [area["name"] for area in document("areas")] == ["cable", "button"]
    assert document("satisfaction")["mean_rating"] == pytest.approx((20 * 1 + 10 * 3 + 60 * 5) / 90)
    trends = document("trends")
    cable = [row for row in trends if row["theme"] == "cable: frays near the plug"]
    assert {row["phase"] for row in cable} == {"early", "late"}
    # 60 of 90 reviews are early; of the 20 cable reviews those that are no multiple of three.
    assert {row["phase"]: (row["reviews"], row["analysed"]) for row in cable} == {"early": (13, 60), "late": (7, 30)}


def test_hazards_are_listed_with_their_product_and_theme(voc, workspace):
    store = Workspace(workspace)
    rows = store.current().table("mentions").to_pylist()
    rows = [row | {"hazard": row["review_id"] in ("r20", "r21"), "theme_id": None} for row in rows]
    with store.writing() as writer:
        writer.commit(replace={"mentions": from_rows("mentions", rows)})
    result = voc("insights", "hazards", "--workspace", workspace, "--format", "json")
    found = json.loads(result.stdout)
    assert [one["review_id"] for one in found] == ["r21", "r20"]
    assert found[0]["text"] == "=HYPERLINK(1) the button sticks."
    assert (found[0]["start"], found[0]["end"], found[0]["theme_id"]) == (0, len(found[0]["text"]), None)
    table = " ".join(voc("insights", "hazards", "--workspace", workspace).stdout.split())
    assert "(in no theme)" in table
    assert "Power Line: 1 of 45 analysed reviews, 2.22%" in table
    assert "Power Bank: 1 of 45 analysed reviews, 2.22%" in table
    lines = list(csv.DictReader(io.StringIO(voc("insights", "hazards", "-w", workspace, "--format", "csv").stdout)))
    assert lines[0]["text"].startswith("'=HYPERLINK(1)")
    scoped = voc("insights", "hazards", "--workspace", workspace, "--product", "p1", "--format", "json")
    assert [one["review_id"] for one in json.loads(scoped.stdout)] == ["r21"]
    assert voc("insights", "hazards", "--workspace", workspace, "--product", "Lamp").exit_code == 1
