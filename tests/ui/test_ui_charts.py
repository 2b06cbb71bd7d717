import pandas as pd
import pytest

from voc.ui.charts import ranked, time
from voc.ui.theme import DARK, LIGHT, configured

MONTHLY = pd.DataFrame(
    {
        "month": [
            pd.Timestamp("2020-01-01").date(),
            pd.Timestamp("2020-02-01").date(),
            pd.Timestamp("2020-03-01").date(),
        ],
        "analysed": [40, 0, 50],
        "reviews": [4, 0, 3],
        "reach": [0.1, None, 0.06],
        "reach_low": [0.04, None, 0.02],
        "reach_high": [0.2, None, 0.15],
        "mean_rating": [3.5, None, 4.1],
        "rating_low": [3.1, None, 3.8],
        "rating_high": [3.9, None, 4.4],
    }
)
PHASES = pd.DataFrame(
    {
        "phase_id": ["a", "b", "c"],
        "name": ["Before", "After", "No dates"],
        "start": [pd.Timestamp("2019-06-01").date(), pd.Timestamp("2020-02-15").date(), None],
        "end": [pd.Timestamp("2020-02-15").date(), None, None],
    }
)
BY_PHASE = PHASES.head(2).assign(
    phase=["Before", "After"], place=[0, 1], reach=[0.1, 0.05], reach_low=[0.05, 0.02], reach_high=[0.2, 0.1]
)


def marks(specification):
    """Return the marks of a chart and of the layers in it."""
    found = []
    for layer in specification.get("layer", [specification]):
        found += marks(layer) if "layer" in layer else [layer["mark"]["type"]]
    return found


def data_of(specification, column):
    return [row[column] for rows in specification["datasets"].values() for row in rows if column in row]


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_lines_have_shaded_phases_and_an_interval_band(colours):
    for chart in (time.rating(MONTHLY, PHASES, colours), time.reach(MONTHLY, PHASES, BY_PHASE, colours)):
        specification = configured(chart, colours).to_dict()
        kinds = marks(specification)
        assert kinds.index("rect") < kinds.index("area") < kinds.index("line")
        assert set(data_of(specification, "label")) == {"Before", "After"}
        assert specification["config"]["background"] == "transparent"


def test_a_month_without_reviews_breaks_the_line():
    specification = time.rating(MONTHLY, PHASES, LIGHT).to_dict()
    assert data_of(specification, "mean_rating") == [3.5, None, 4.1]


def test_shading_is_cut_to_the_time_that_is_shown():
    specification = time.volume(MONTHLY, PHASES, LIGHT).to_dict()
    starts = [row["start"] for rows in specification["datasets"].values() for row in rows if "phase" in row]
    assert starts == ["2020-01-01T00:00:00", "2020-02-15T00:00:00"]


def test_versions_that_overlap_are_shaded_one_after_the_other():
    versions = pd.DataFrame(
        {"name": ["v1", "v2"], "start": [pd.Timestamp("2020-01-01"), pd.Timestamp("2020-02-01")], "end": [None, None]}
    )
    layers = time.shading(versions, pd.Timestamp("2020-01-01"), pd.Timestamp("2020-04-01"), LIGHT)
    assert list(layers[0].data["end"]) == [pd.Timestamp("2020-02-01"), pd.Timestamp("2020-04-01")]


def test_the_ranked_list_draws_every_interval_and_lets_a_row_be_picked():
    frame = pd.DataFrame(
        {
            "theme_id": ["t1", "t2"],
            "rank": [1, 2],
            "name": ["cable: frays", "<script>alert(1)</script>"],
            "hazard": [False, True],
            "star_impact": [0.2, 0.1],
            "star_impact_low": [0.1, 0.05],
            "star_impact_high": [0.3, 0.15],
            "reach": [0.05, 0.02],
            "reach_low": [0.04, 0.01],
            "reach_high": [0.06, 0.03],
        }
    )
    for measure in ("star_impact", "reach"):
        specification = ranked.opportunities(frame, LIGHT, chosen="t2", measure=measure).to_dict()
        assert data_of(specification, "low") == list(frame[f"{measure}_low"])
        assert [p["name"] for p in specification["params"]] == [ranked.PICK]
        assert data_of(specification, "chosen") == [False, True]
        assert "⚠" in data_of(specification, "label")[1]


def test_the_dumbbell_joins_two_phases_in_the_colour_of_the_direction():
    frame = pd.DataFrame(
        {
            "name": ["a", "b"],
            "word": ["growing", "no clear change"],
            "before": [0.1, 0.2],
            "before_low": [0.05, 0.1],
            "before_high": [0.2, 0.3],
            "after": [0.3, 0.21],
            "after_low": [0.2, 0.1],
            "after_high": [0.4, 0.3],
        }
    )
    specification = ranked.dumbbell(frame, LIGHT, "Then", "Now").to_dict()
    assert data_of(specification, "figures") == ["+20.0 points · growing", "+1.0 points · no clear change"]
    assert sorted(set(data_of(specification, "phase"))) == ["Now", "Then"]


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_text_colour_is_legible(colours):
    """WCAG 2.1 AA asks for a contrast of 4.5 for text."""
    for ground in ("paper", "panel", "shade_odd", "shade_even"):
        for name in ("ink", "quiet", "worse", "better", "accent"):
            pair = sorted([luminance(getattr(colours, name)), luminance(getattr(colours, ground))])
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (name, ground)
    pair = sorted([luminance(colours.hazard), luminance(colours.hazard_panel)])
    assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5
