"""One pair of exports and the result of scoring them undisturbed, which every disturbed run must equal."""

import shutil

import pytest

from tests.scoring.exports import write_exports
from voc.scoring.engines import local

#: Small, so that the little there is makes several parts.
PART_ROWS = 24
ROWS = 48


@pytest.fixture(scope="session")
def exports(tmp_path_factory):
    return write_exports(tmp_path_factory.mktemp("exports"), ROWS)


@pytest.fixture(scope="session")
def run():
    """Return a function that scores exports in this process, on the CPU."""
    from voc.config import Config
    from voc.scoring import score

    def call(exports, output, **options):
        config = options.pop("config", None) or Config.model_validate({"model": {"device": "cpu"}})
        return score(exports, output, config=config, **{"part_rows": PART_ROWS, **options})

    return call


@pytest.fixture(scope="session")
def undisturbed(exports, run, tmp_path_factory):
    """Return the report and the output of an undisturbed run; the rejects lie beside it."""
    output = tmp_path_factory.mktemp("undisturbed") / "mentions.parquet"
    return run(exports, output), output


class Killed(BaseException):
    """Ends a run where a kill would, as far as this process goes on."""


@pytest.fixture(scope="session")
def interrupted_once(exports, run, tmp_path_factory):
    """Return a folder with what a run left that ended when two parts were on the disk, the second untold of."""
    output = tmp_path_factory.mktemp("interrupted") / "mentions.parquet"
    whole = local.score_parts

    def some(*arguments, **options):
        for number, scored in enumerate(whole(*arguments, **options)):
            if number == 1:
                raise Killed
            yield scored

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "score_parts", some)
        with pytest.raises(Killed):
            run(exports, output)
    assert not output.exists()
    return output.parent


@pytest.fixture
def interrupted(interrupted_once, tmp_path):
    """Return the output of a run that was ended when two parts were on the disk."""
    shutil.copytree(interrupted_once, tmp_path / "interrupted")
    return tmp_path / "interrupted" / "mentions.parquet"


@pytest.fixture
def same(undisturbed):
    """Return a function that says whether an output and its rejects are the undisturbed ones, byte for byte."""
    _, known = undisturbed

    def compare(output):
        rejects = output.with_suffix(".rejects.parquet")
        assert rejects.read_bytes() == known.with_suffix(".rejects.parquet").read_bytes()
        assert output.read_bytes() == known.read_bytes()
        assert not output.with_name(f".{output.name}.parts").exists()
        assert not list(output.parent.glob(".*"))
        return True

    return compare
