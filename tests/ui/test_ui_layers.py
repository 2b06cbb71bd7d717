"""Charts one over the other are those that Altair itself puts together."""

import re

import altair as alt
import pandas as pd
import pytest
import vl_convert
from altair.utils import core
from jsonschema import ValidationError

from voc.looks import DARK, LIGHT, configured
from voc.ui.charts import quick
from voc.ui.charts.kept import taken_apart
from voc.ui.charts.layers import over

DATA = pd.DataFrame({"name": ["a", "b"], "value": [1.0, 3.0]})
BASE = alt.Chart(DATA).encode(x="value:Q", y="name:N")
ZERO = alt.Chart(pd.DataFrame({"zero": [0.5]})).mark_rule().encode(x="zero:Q")


def picked():
    return BASE.mark_bar().add_params(alt.selection_point(name="pick", fields=["name"], on="click"))


def drawn(chart, colours=LIGHT):
    svg = vl_convert.vegalite_to_svg(taken_apart(configured(chart, colours)).to_dict())
    return re.sub(r"view_\w+?_marks|clip\d+", "", svg)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_the_same_is_drawn(colours):
    parts = [picked(), ZERO, BASE.mark_text().encode(text="name:N")]
    assert drawn(over(*parts).properties(height=90), colours) == drawn(alt.layer(*parts).properties(height=90), colours)


def test_layers_can_hold_layers_with_scales_of_their_own():
    inner = [BASE.mark_point(), ZERO]
    apart = alt.Resolve(scale=alt.ScaleResolveMap(x="independent"))
    ours = over(over(picked(), ZERO), over(*inner)).properties(resolve=apart, height=70)
    theirs = alt.LayerChart(layer=[alt.layer(picked(), ZERO), alt.layer(*inner)], resolve=apart, height=70)
    assert drawn(ours) == drawn(theirs)
    assert drawn(ours) != drawn(ours.properties(height=71))


def test_a_selection_belongs_to_the_whole_chart_and_says_where_it_is_made():
    spec = over(over(ZERO, picked()), ZERO).to_dict()
    [pick] = spec["params"]
    assert pick["name"] == "pick"
    assert pick["views"] == [spec["layer"][0]["layer"][1]["name"]]
    assert all("params" not in layer for layer in [spec["layer"][0], *spec["layer"][0]["layer"]])


def test_data_stands_in_the_specification_unless_it_is_taken_apart():
    spec = over(BASE.mark_bar(), ZERO, BASE.mark_point()).to_dict()
    assert sorted(map(len, spec["datasets"].values())) == [1, 2]
    kept = taken_apart(over(BASE.mark_bar(), ZERO, BASE.mark_point()))
    assert "datasets" not in kept.layout
    assert sorted(map(len, kept.frames.values())) == [1, 2]


def test_what_is_no_vega_lite_is_refused():
    with pytest.raises(ValidationError):
        over(BASE.mark_bar()).properties(height="tall and wide").to_dict()


@pytest.mark.parametrize(
    "channels",
    [
        {"color": alt.value("red"), "x": alt.value(0), "x2": alt.value("width"), "y": "name:N"},
        {"color": alt.condition("datum.value > 1", alt.value("red"), alt.value("blue"))},
        {"strokeDash": alt.condition("datum.value > 1", alt.value([5, 4]), alt.value([1, 0]))},
        {"color": alt.condition("datum.value > 1", "name:N", alt.value("blue"))},
        {"color": alt.condition("datum.value > 1", alt.value("blue"), "name:N"), "tooltip": ["name:N", "value:Q"]},
    ],
)
def test_channels_are_those_that_altair_finds_by_its_schemas(channels, monkeypatch):
    def encoded():
        return alt.Chart(DATA).mark_bar().encode(**channels).to_dict()["encoding"]

    ours = encoded()
    monkeypatch.setattr(core._ChannelCache, "_wrap_in_channel", quick._wrap)
    assert ours == encoded()
