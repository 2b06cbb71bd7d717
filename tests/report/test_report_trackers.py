"""Issues: the columns that the importers of Jira and Linear name, priorities by the stated rule."""

import csv
import io

from voc.report import made
from voc.report.trackers import RULE, level, wiki


def rows(basis, kind, **options):
    return list(csv.reader(io.StringIO(made(basis, kind, **options).decode())))


def test_jira_has_its_columns_and_one_label_in_each_of_several(basis):
    header, *lines = rows(basis, "jira", most=4)
    assert header == ["Summary", "Issue Type", "Priority", "Labels", "Labels", "Labels", "Description"]
    assert len(lines) == 4
    for line, row in zip(lines, basis.ranked, strict=False):
        assert line[0].lower() == row["name"].lower()
        assert line[1] == "Bug"
        assert line[2] in ("Highest", "High", "Medium", "Low", "Lowest")
        assert not any(" " in label for label in line[3:6])
        assert ("safety" in line[3:6]) == row["hazard"]
        assert "{quote}\n“" in line[6]
        assert f"[Open this view in voc|http://localhost:8501/opportunities?theme={row['theme_id']}]" in line[6]
        assert RULE.split(":")[1][:40] in line[6]


def test_linear_has_its_columns_and_markdown(basis):
    header, *lines = rows(basis, "linear", theme_id="th-fray")
    assert header[:5] == ["Title", "Description", "Priority", "Status", "Labels"]
    assert len(lines) == 1
    assert lines[0][2] in ("Urgent", "High", "Medium", "Low", "No priority")
    assert "### What customers say\n\n> “" in lines[0][1]
    assert "(<http://localhost:8501/opportunities?theme=th-fray>)" in lines[0][1]


def test_priority_goes_by_hazard_then_rank_then_severity():
    plain = {"hazard": False, "rank": 30, "severity": 0.2}
    assert level(plain | {"hazard": True}) == 0
    assert level(plain | {"rank": 3}) == 1
    assert level(plain | {"rank": 10}) == 2
    assert level(plain | {"severity": 0.75}) == 2
    assert level(plain) == 3


def test_jira_markup_in_data_shows_literally():
    assert wiki("{code}x{code}") == "\\{code\\}x\\{code\\}"
    assert wiki("see [x|https://example.org] !a.png!") == "see \\[x\\|https\u2060://example.org\\] \\!a.png\\!"
    assert wiki("it *broke* -twice- well-known") == "it \\*broke\\* \\-twice- well-known"
    assert wiki("h1. big") == "\u2060h1. big"
    assert wiki("\\[x]") == "\\\u2060\\[x\\]"
    assert wiki("plain words, 4.5 % (n = 3): fine?") == "plain words, 4.5 % (n = 3): fine?"
