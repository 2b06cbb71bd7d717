"""Exit statuses, the sentences of faults, and how light `voc --help` is."""

import json
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from voc.cli.frame import VocGroup, debug_option
from voc.errors import VocError

HEAVY = (
    "torch",
    "spacy",
    "transformers",
    "pandas",
    "numpy",
    "streamlit",
    "duckdb",
    "pyarrow",
    "sqlalchemy",
    "pydantic",
)


def loaded_by(*arguments):
    """Return which heavy packages a command loads, told by the process itself."""
    code = (
        "import json, sys\n"
        "from voc.cli import main\n"
        "try:\n    main(sys.argv[1:], prog_name='voc')\n"
        "except SystemExit as end:\n    status = end.code\n"
        f"print(json.dumps([status, [name for name in {HEAVY!r} if name in sys.modules]]))"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["opportunities", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments):
    assert loaded_by(*arguments) == [0, []]


def test_reading_a_workspace_loads_no_model_library(workspace):
    status, heavy = loaded_by("opportunities", "--workspace", str(workspace), "--format", "csv")
    assert status == 0
    assert not {"torch", "spacy", "transformers", "streamlit"} & set(heavy)


def test_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "voc.cli", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("voc ")


def group_raising(error):
    @click.group(cls=VocGroup)
    def main():
        pass

    @main.command()
    @debug_option
    def fail():
        raise error

    return main


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (VocError("a.csv: it is empty."), 1, "Error: a.csv: it is empty.\n"),
        (KeyboardInterrupt(), 130, "Stopped; what was stored before is unchanged.\n"),
        (OSError(28, "No space left on device", "x.json"), 1, "Error: x.json: No space left on device.\n"),
        (
            KeyError("x"),
            1,
            "Error: This is a fault in voc itself (KeyError); "
            "run the same command with --debug and report what it prints.\n",
        ),
    ],
)
def test_every_fault_is_one_sentence(error, status, sentence):
    result = CliRunner().invoke(group_raising(error), ["fail"])
    assert (result.exit_code, result.stdout, result.stderr) == (status, "", sentence)


def test_debug_shows_the_traceback():
    result = CliRunner().invoke(group_raising(KeyError("x")), ["fail", "--debug"])
    assert isinstance(result.exception, KeyError)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run"], "Missing argument 'EXPORT...'"),
        (["run", "a.csv", "--map", "rating"], "'rating' is not of the form COLUMN=HEADER."),
        (["opportunities", "--format", "yaml"], "'yaml' is not one of"),
        (["insights", "weather"], "'weather' is not one of"),
        (["insights", "trends", "--brand", "x"], "trends covers the whole workspace"),
        (["forget"], "Give one of --review ID and --import ID."),
        (["forget", "--review", "a", "--import", "b"], "Give one of --review ID and --import ID."),
        (["score", "a.csv"], "Missing option '--output'"),
        (["score", "a.csv", "--output", "x.txt"], "--output names the Parquet file"),
        (["nonsense"], "No such command 'nonsense'"),
    ],
)
def test_wrong_usage_exits_with_2(voc, arguments, sentence):
    result = voc(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert sentence in " ".join(result.stderr.split())


@pytest.mark.parametrize("command", [["opportunities"], ["insights", "phases"], ["theme", "list"]])
def test_without_a_workspace_the_next_step_is_named(voc, tmp_path, command):
    place = tmp_path / "none"
    result = voc(*command, "--workspace", place)
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {place}: there is no analysis here yet; run `voc run EXPORT --workspace {place}` first.\n"
    )
    assert not place.exists()


def test_configuration_that_is_wrong(voc, workspace, tmp_path):
    config = tmp_path / "voc.toml"
    config.write_text("[themes]\nsizes = 3\n")
    result = voc("opportunities", "--workspace", workspace, "--config", config)
    assert result.exit_code == 1
    assert result.stderr == (f"Error: {config}: themes.sizes is not a known key; remove it or correct its spelling.\n")


def test_training_without_data_says_what_to_name(voc, tmp_path):
    result = voc("train", "--data", tmp_path / "none")
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {tmp_path / 'none'}: there is no such data folder; name the one that holds absa/ with --data.\n"
    )
