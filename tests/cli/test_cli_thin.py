"""Data that allows little: every table and the verification say so in a sentence, and show what can be shown."""

import datetime as dt
import json

import pytest

from tests.insights.build import facts
from voc.analyses import ANALYSES
from voc.config import InsightsConfig
from voc.insights import all_opportunities, phase_trends
from voc.store import Workspace

DAY = dt.datetime(2021, 5, 3, tzinfo=dt.UTC)
THIN = {
    "three reviews": [{"rating": 1.0 + n, "pains": ["a"], "written_at": DAY} for n in range(3)],
    "all ratings equal": [
        {"rating": 5.0, "pains": ["a"] if n % 4 == 0 else [], "written_at": DAY + dt.timedelta(days=3 * n)}
        for n in range(80)
    ],
    "no dates at all": [{"rating": 1.0 + n % 5, "pains": ["a"] if n % 4 == 0 else []} for n in range(80)],
    "no ratings": [{"pains": ["a"] if n % 4 == 0 else [], "written_at": DAY} for n in range(80)],
}


@pytest.fixture(params=THIN.values(), ids=THIN.keys())
def thin(request, tmp_path):
    data, config = facts([{"product_id": "p1", **row} for row in request.param]), InsightsConfig(bootstrap=100)
    tables = {name: getattr(data, name) for name in data.__dataclass_fields__}
    tables["opportunities"] = all_opportunities(data, config=config)
    tables["trends"] = phase_trends(data, config=config)
    with Workspace(tmp_path / "ws").writing() as writer:
        writer.commit(replace=tables, info={"config": {"insights": config.model_dump()}})
    return tmp_path / "ws"


@pytest.mark.parametrize("table", sorted(ANALYSES))
def test_every_table_shows_what_it_can_or_says_why_not_in_one_sentence(voc, thin, table):
    result = voc("insights", table, "--workspace", thin)
    assert "Traceback" not in result.output
    assert "nan" not in result.output.casefold().split()
    assert "fault in voc itself" not in result.output
    if result.exit_code:
        assert result.exit_code == 1
        assert result.output.count("\n") == 1
    else:
        assert result.output.strip()
        found = voc("insights", table, "--workspace", thin, "--format", "json")
        assert isinstance(json.loads(found.stdout), list)


def test_a_fix_is_not_judged_by_data_that_cannot_tell(voc, thin, request):
    result = voc("verify", "--workspace", thin, "--theme", "theme a", "--since", "2021-05-03", "--format", "json")
    if result.exit_code:
        assert result.output.count("\n") == 1
        assert "date" in result.output
    else:
        found = json.loads(result.stdout)
        assert found["conclusion"] in ("not enough data", "no change seen")
        assert found["sentence"]


@pytest.mark.parametrize(
    ("phases", "said"),
    [
        ([("One", "2021-05-01", "2021-04-01")], "which is not after its start"),
        ([("One", "2021-01-01", "2021-06-01"), ("Two", "2021-05-01", "2021-07-01")], "overlap"),
    ],
)
def test_phases_that_cannot_be_are_refused_before_anything_is_read(voc, tmp_path, phases, said):
    (tmp_path / "voc.toml").write_text(
        "".join(f'[[phases]]\nname = "{name}"\nstart = {start}\nend = {end}\n' for name, start, end in phases),
        encoding="utf-8",
    )
    (tmp_path / "reviews.csv").write_text("text,rating\nThe cable frays near the plug.,2\n", encoding="utf-8")
    result = voc(*("run", tmp_path / "reviews.csv", "--config", tmp_path / "voc.toml", "--workspace", tmp_path / "ws"))
    assert result.exit_code == 1
    assert said in result.output
    assert "voc.toml" in result.output
    assert result.output.count("\n") == 1
    assert not (tmp_path / "ws").exists()
