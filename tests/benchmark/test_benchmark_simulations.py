"""`voc benchmark simulations`: what it measures, goes on with, and writes into a page."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from voc.benchmark.drawn import drawn_facts
from voc.benchmark.simulations import measuring
from voc.benchmark.simulations.figures import Tally, figure
from voc.benchmark.simulations.measuring import benchmark_simulations, missing
from voc.benchmark.simulations.page import BEGIN, END, table
from voc.benchmark.simulations.registry import SIMULATIONS
from voc.benchmark.simulations.simulation import as_json
from voc.cli import main

TABLE = ("--only", "reach", "--only", "shrinkage", "--runs", "3")


def command(*words):
    return CliRunner().invoke(main, ["benchmark", "simulations", *map(str, words)])


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(f"# Before\n\n{BEGIN}\nold table\n{END}\n\nAfter, with ümlaut.\n", encoding="utf-8")
    return path


def test_named_simulations_are_measured_and_stored(tmp_path):
    output = tmp_path / "figures.json"
    done = command(*TABLE, "--output", output, "--format", "json")
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert result == json.loads(output.read_text())
    assert result["benchmark"] == "simulations"
    named = [(part["simulation"], part["runs"]) for part in result["simulations"]]
    assert named == [("shrinkage", 3), *[("reach", 3)] * 3]
    (covers,) = result["simulations"][1]["figures"]
    assert (covers["nominal"], covers["asked"], covers["runs"], covers["cases"]) == (0.9, "near", 3, 3)
    assert 0 <= covers["measured"] <= 1
    assert covers["error"] > 0
    assert result["simulations"][0]["measured"].startswith(result["machine"]["date"])
    assert "star-impact" in missing(result)
    assert "reach" not in missing(result)


def test_the_table_replaces_what_stands_between_the_marks_and_nothing_else(page):
    done = command(*TABLE, "--table", page)
    assert done.exit_code == 0, done.output
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Before\n\n{BEGIN}\nWritten by `voc benchmark simulations --table`; measured 2")
    assert text.endswith(f"|\n{END}\n\nAfter, with ümlaut.\n")
    assert "old table" not in text
    assert "| figure | drawn | counted | level | measured | runs | stays |" in text
    assert "| reach, of troubles and needs | 5 % of 50 reviews | interval covers | 90 % |" in text
    assert "Not measured, or not as they are drawn now: star-impact, ranks, units" in text
    assert command(*TABLE, "--table", page).exit_code == 0
    again = page.read_text(encoding="utf-8")
    assert again.count("| figure |") == again.count("\n| ---") == 1
    assert [one.name for one in page.parent.iterdir()] == ["page.md"]


@pytest.mark.parametrize(
    "text",
    ["nothing", BEGIN, f"{END}\n{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}", f"{BEGIN}{BEGIN}{END}", f"{END}{BEGIN}{END}"],
)
def test_a_page_without_both_marks_is_refused_before_anything_is_measured(tmp_path, monkeypatch, text):
    monkeypatch.setattr(measuring, "SIMULATIONS", ())
    path = tmp_path / "page.md"
    path.write_text(text)
    output = tmp_path / "figures.json"
    done = command("--table", path, "--output", output)
    assert done.exit_code == 1
    assert f"the table goes between a line {BEGIN} and one {END}" in done.output
    assert path.read_text() == text
    assert not output.exists()


def test_other_bad_input_is_one_sentence(tmp_path, page):
    unknown = command("--only", "luck", "--table", page)
    assert unknown.exit_code == 2
    assert "there is no simulation 'luck'; there is star-impact, " in unknown.output
    absent = command("--only", "reach", "--table", tmp_path / "none.md")
    assert absent.exit_code == 1
    assert "none.md: this file cannot be read (No such file or directory)" in absent.output
    assert command("--runs", "3", "--quick").exit_code == 2
    assert command("--runs", "1").exit_code == 2
    (tmp_path / "binary.md").write_bytes(b"\xff\xfe")
    assert "no text in UTF-8" in command("--only", "reach", "--table", tmp_path / "binary.md").output
    assert "old table" in page.read_text(encoding="utf-8")


def measured(*names, known=None, runs=3, **options):
    kept = []
    result = benchmark_simulations(
        names, runs=runs, progress=lambda *_: None, known=known,
        keep=lambda so_far: kept.append(json.loads(json.dumps(so_far))), **options,
    )  # fmt: skip
    return result, kept


def test_an_interrupted_run_goes_on_and_drops_nothing():
    whole, kept = measured("reach", "shrinkage")
    assert [len(so_far["simulations"]) for so_far in kept] == [1, 2, 3, 4]
    again, more = measured("reach", "shrinkage", known=kept[1])
    assert len(more) == 2
    assert [(p["drawn"], p["figures"]) for p in again["simulations"]] == [
        (p["drawn"], p["figures"]) for p in whole["simulations"]
    ]
    other, more = measured("units", known=json.loads(json.dumps(again)))
    assert len(more) == 3
    assert [p["simulation"] for p in other["simulations"]] == ["shrinkage", *["reach"] * 3, *["units"] * 3]


def test_other_runs_and_other_settings_are_measured_anew():
    first, _ = measured("shrinkage")
    assert measured("shrinkage", known=first)[1] == []
    (part,) = measured("shrinkage", known=first, runs=4)[0]["simulations"]
    assert part["runs"] == 4
    changed = json.loads(json.dumps(first))
    changed["simulations"][0]["settings"] = {"seed": 3}
    assert "shrinkage" in missing(changed)
    assert len(measured("shrinkage", known=changed)[1]) == 1
    gone = {**changed["simulations"][0], "simulation": "of long ago"}
    kept, _ = measured("shrinkage", known={"simulations": [gone, *first["simulations"]]})
    assert [p["simulation"] for p in kept["simulations"]] == ["shrinkage", "of long ago"]


def test_quick_takes_a_tenth():
    result, _ = measured("shrinkage", runs=None, quick=True)
    assert result["simulations"][0]["runs"] == 200


@pytest.mark.parametrize("one", SIMULATIONS, ids=[one.name for one in SIMULATIONS])
def test_every_simulation_can_be_asked_and_printed(one):
    drawn, settings = next(iter(one.drawn.items()))
    figures = one.simulate(runs=2, **settings)
    assert figures
    assert all(found["unit"] == "weeks" or found["runs"] <= 2 for found in figures)
    rows = table({"simulations": [{"figure": one.figure, "drawn": drawn, "figures": json.loads(json.dumps(figures))}]})
    assert {row["counted"] for row in rows} >= {found["name"] for found in figures if not found["detail"]}
    assert len({found["name"] for found in figures}) == len(figures)


def test_names_and_settings_tell_parts_apart():
    assert len({one.name for one in SIMULATIONS}) == len(SIMULATIONS)
    for one in SIMULATIONS:
        told = [json.dumps(as_json(settings)) for settings in one.drawn.values()]
        assert len(set(told)) == len(told)


def test_a_share_and_its_error_by_hand():
    tally = Tally()
    for hits in ([True, True], [True, False], [False, False], []):
        tally.add("a", hits)
    found = tally.figure("a", "a", nominal=0.9, asked="near")
    # Runs of 2, 1 and 0 of 2: residuals 1, 0, -1 from 0.5; sqrt(3 / 2 x 2) / 6.
    assert (found["measured"], found["runs"], found["cases"]) == (0.5, 3, 6)
    assert found["error"] == pytest.approx(np.sqrt(3) / 6)
    # Where all agree, a run with and one without are added: sqrt(6 / 7 x 1 / 7 / 5).
    for _ in range(5):
        tally.add("b", True)
    assert tally.figure("b", "b")["error"] == pytest.approx(np.sqrt(6 / 7 / 7 / 5))
    assert tally.figure("c", "c", nominal=0.9, asked="near")["measured"] is None


@pytest.mark.parametrize(
    ("asked", "measured", "error", "stays"),
    [
        ("near", 0.86, 0.001, "yes"),
        ("near", 0.84, 0.001, "too low"),
        ("near", 0.84, 0.03, "yes"),
        ("near", 0.96, 0.01, "too high"),
        ("at least", 1.0, 0.001, "yes"),
        ("at least", 0.88, 0.005, "too low"),
        ("at most", 0.1, 0.001, "yes"),
        ("at most", 0.92, 0.005, "too high"),
        (None, 0.1, 0.001, None),
        ("near", None, None, None),
    ],
)
def test_what_stays_where_it_should(asked, measured, error, stays):
    assert figure("a", measured, error, runs=9, nominal=0.9, asked=asked)["stays"] == stays


def test_figures_are_printed_in_their_units():
    def printed(**fields):
        one = figure("a", fields.pop("measured"), fields.pop("error", None), runs=1000, **fields)
        (row,) = table({"simulations": [{"figure": "f", "drawn": "d", "figures": [one]}]})
        return row["level"], row["measured"], row["stays"]

    assert printed(measured=0.8971, error=0.0041, nominal=0.9, asked="near") == ("90 %", "89.7 ± 0.4 %", "yes")
    assert printed(measured=0.0012, error=0.0002, nominal=0.001486, asked="at most") == (
        "at most 0.15 %", "0.12 ± 0.02 %", "yes",
    )  # fmt: skip
    assert printed(measured=0.45, error=0.02, nominal=0.9) == ("(90 %)", "45.0 ± 2.0 %", "–")
    assert printed(measured=0.431, error=0.012, unit="ratio") == ("–", "0.43 ± 0.01", "–")
    assert printed(measured=4.0, unit="weeks") == ("–", "4 weeks", "–")
    assert printed(measured=1.0, unit="weeks") == ("–", "1 week", "–")
    assert printed(measured=None, nominal=0.9, asked="near") == ("90 %", "–", "–")


def test_details_are_printed_where_they_do_not_stay():
    figures = [
        figure(name, value, 0.01, runs=100, nominal=0.9, asked="near", detail=detail)
        for name, value, detail in (("a", 0.9, False), ("b", 0.9, True), ("c", 0.7, True))
    ]
    rows = table({"simulations": [{"figure": "f", "drawn": "d", "figures": figures}]})
    assert [(row["counted"], row["stays"]) for row in rows] == [("a", "yes"), ("c", "too low")]


def test_drawn_reviews_have_the_mentions_that_were_drawn():
    facts = drawn_facts(
        [5, 1, 3], np.array([0, 1, 1]), day=np.array([0, 31, 400]), pain=np.array([[1, 0], [0, 1], [1, 1]], bool),
        severity=np.full((3, 2), 0.25), areas=("cable", "sound"), area_of=(1, 0),
        blamed=np.array([[1, 0], [0, 0], [0, 0]], bool), praised=np.array([[0, 0], [0, 0], [0, 1]], bool),
        columns={"market": ["US", "DE", "US"]},
    )  # fmt: skip
    assert facts.reviews["written_at"].to_pylist()[1].isoformat() == "2020-02-01T00:00:00+00:00"
    assert facts.reviews["market"].to_pylist() == ["US", "DE", "US"]
    rows = facts.mentions.select(["review_id", "kind", "specificity", "theme_id", "area_id", "severity"]).to_pylist()
    said = [tuple(row.values()) for row in rows]
    assert said == [
        ("r0000000", "pain", "trouble", "t0", "a1", 0.25),
        ("r0000001", "pain", "trouble", "t1", "a0", 0.25),
        ("r0000002", "pain", "trouble", "t0", "a1", 0.25),
        ("r0000002", "pain", "trouble", "t1", "a0", 0.25),
        ("r0000000", "pain", "judgement", None, "a0", 0.5),
        ("r0000002", "praise", "judgement", None, "a1", 0.5),
    ]
    assert drawn_facts([4.0]).mentions.num_rows == 0
