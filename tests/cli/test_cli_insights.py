"""The tables of `voc insights` that are computed, and `voc verify`, on a small workspace."""

import csv
import io
import json

import pytest

from voc.analyses import ANALYSES


@pytest.mark.parametrize("table", sorted(ANALYSES))
@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_every_table_is_printed_and_holds_the_same_rows(voc, workspace, table, form):
    result = voc("insights", table, "--workspace", workspace, "--format", form)
    assert result.exit_code == 0, result.output
    if form == "json":
        found = json.loads(result.stdout)
        assert isinstance(found, list)
        again = voc("insights", table, "--workspace", workspace, "--format", "csv")
        assert len(list(csv.DictReader(io.StringIO(again.stdout)))) == len(found)
    assert "Traceback" not in result.output


@pytest.mark.parametrize("table", ["movements", "benchmark", "segments"])
def test_an_unknown_product_is_one_sentence(voc, workspace, table):
    result = voc("insights", table, "--workspace", workspace, "--product", "Nonesuch")
    assert result.exit_code == 1
    assert "no product 'Nonesuch'" in result.output
    assert result.output.count("\n") == 1


def test_what_moved_the_rating_adds_up(voc, workspace):
    result = voc("insights", "rating", "--workspace", workspace, "--format", "json", "--from", "early", "--to", "late")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)
    assert rows[-1]["theme_id"] is None
    table = voc("insights", "rating", "--workspace", workspace, "--from", "early", "--to", "late")
    assert "The parts add up to it" in table.output


def test_phases_that_are_not_there_are_refused(voc, workspace):
    result = voc("insights", "rating", "--workspace", workspace, "--from", "never")
    assert result.exit_code == 1
    assert "no phase 'never'" in result.output


def test_an_unknown_column_to_tell_segments_apart_is_refused_with_those_there_are(voc, workspace):
    result = voc("insights", "segments", "--workspace", workspace, "--by", "shoe size")
    assert result.exit_code == 1
    assert "market" in result.output


def verify(voc, workspace, *arguments):
    return voc("verify", "--workspace", workspace, *arguments)


def test_a_fix_is_verified_or_the_data_said_to_be_too_thin(voc, workspace):
    result = verify(
        voc, workspace, "--theme", "cable: frays near the plug", "--since", "2022-01-01", "--format", "json"
    )
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["conclusion"] in ("fixed", "better", "no change seen", "worse", "not enough data")
    assert found["sentence"]
    assert {row["part"] for row in found["reach"]} >= {"before", "after"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--theme", "nothing", "--since", "2022-01-01"), "no active theme 'nothing'"),
        (("--theme", "cable: frays near the plug", "--since", "1990-02-01"), "outside the reviews"),
        (("--theme", "cable: frays near the plug", "--since", "2022-01-01", "--lag", "-3"), "lag"),
    ],
)
def test_what_cannot_be_verified_is_one_sentence(voc, workspace, arguments, said):
    result = verify(voc, workspace, *arguments)
    assert result.exit_code == 1
    assert said in result.output


def test_a_date_that_is_none_is_wrong_usage(voc, workspace):
    result = verify(voc, workspace, "--theme", "cable: frays near the plug", "--since", "soon")
    assert result.exit_code == 2


def test_a_remembered_fix_is_listed_verified_and_dropped_again(voc, workspace):
    theme = "cable: frays near the plug"
    assert "No fix is remembered" in verify(voc, workspace).output
    kept = verify(voc, workspace, "--theme", theme, "--since", "2022-01-01", "--keep")
    assert kept.exit_code == 0, kept.output
    [row] = json.loads(verify(voc, workspace, "--format", "json").stdout)
    assert (row["theme"], row["since"]) == (theme, "2022-01-01")
    assert row["fix_id"] in " ".join(kept.output.split())
    assert row["conclusion"]
    assert row["sentence"]
    again = verify(voc, workspace, "--theme", theme, "--since", "2022-01-01", "--lag", "10", "--keep")
    assert again.exit_code == 0, again.output
    [changed] = json.loads(verify(voc, workspace, "--format", "json").stdout)
    assert (changed["fix_id"], changed["lag_days"]) == (row["fix_id"], 10)
    assert verify(voc, workspace, "--drop", row["fix_id"]).exit_code == 0
    assert json.loads(verify(voc, workspace, "--format", "json").stdout) == []
    gone = verify(voc, workspace, "--drop", row["fix_id"])
    assert gone.exit_code == 1
    assert "There is no fix" in gone.output


@pytest.mark.parametrize(
    "arguments",
    [("--since", "2022-01-01"), ("--theme", "x"), ("--keep",), ("--lag", "3"), ("--drop", "f", "--theme", "x")],
)
def test_a_fix_that_is_named_by_halves_is_wrong_usage(voc, workspace, arguments):
    assert verify(voc, workspace, *arguments).exit_code == 2
