"""`voc report`: a report or issues, of everything, a scope or one opportunity."""

import csv
import io


def test_the_state_is_written_as_one_page(voc, workspace, tmp_path):
    file = tmp_path / "state.html"
    result = voc("report", "--workspace", workspace, "--output", file)
    assert result.exit_code == 0
    page = file.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "Cable: frays near the plug" in page
    assert "href=" not in page


def test_one_opportunity_of_a_product_by_name_with_a_link_back(voc, workspace):
    result = voc(
        "report", "--workspace", workspace, "--product", "Power Line", "--theme", "Cable: frays near the plug",
        "--format", "markdown", "--link", "https://voc.example/",
    )  # fmt: skip
    assert result.exit_code == 0
    assert result.output.startswith("# Cable: frays near the plug")
    assert "Power Line: " in result.output
    assert "(<https://voc.example/opportunities?product=p1&theme=t-cable>)" in result.output


def test_issues_carry_people_s_names_and_as_many_as_asked_for(voc, workspace):
    for form in ("jira", "linear"):
        lines = list(csv.reader(io.StringIO(voc("report", "--workspace", workspace, "--format", form).output)))
        assert len(lines) == 3
    one = list(csv.reader(io.StringIO(voc("report", "-w", workspace, "--format", "jira", "--limit", 1).output)))
    assert len(one) == 2


def test_what_is_not_there_is_said_in_a_sentence(voc, workspace, tmp_path):
    assert voc("report", "--workspace", workspace).exit_code == 2
    gone = voc("report", "--workspace", workspace, "--theme", "nothing", "--format", "markdown")
    assert gone.exit_code == 1
    assert "no active theme 'nothing'" in gone.output
    nowhere = voc("report", "--workspace", tmp_path / "none", "--format", "markdown")
    assert nowhere.exit_code == 1
    assert "there is no analysis here yet" in nowhere.output
