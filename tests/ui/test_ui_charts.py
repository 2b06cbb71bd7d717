import pandas as pd
import pytest

from voc.ui import listing
from voc.ui.charts import bands, marked, ranked, time
from voc.ui.charts import map as positions
from voc.ui.charts.span import NARROW, WIDE, width_of
from voc.ui.theme import DARK, LIGHT

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
        specification = chart.to_dict()
        kinds = marks(specification)
        assert kinds.index("rect") < kinds.index("area") < kinds.index("line")
        assert set(data_of(specification, "wide_label")) == {"Before", "After"}
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
    layers = bands.shading(versions, pd.Timestamp("2020-01-01"), pd.Timestamp("2020-04-01"), LIGHT)
    assert list(layers[0].data["end"]) == [pd.Timestamp("2020-02-01"), pd.Timestamp("2020-04-01")]


def listed(count=2, **columns):
    """Return rows as the page hands them to the chart of the list."""
    frame = pd.DataFrame(
        {
            "theme_id": [f"t{n + 1}" for n in range(count)],
            "rank": range(1, count + 1),
            "name": ["cable: frays", "<script>alert(1)</script>"][:count],
            "area": ["cable", None][:count],
            "reviews": [12, 1][:count],
            "hazard": [False, True][:count],
            "word": ["growing", "not compared"][:count],
            "star_impact": [0.2, 0.1][:count],
            "star_impact_low": [0.1, 0.05][:count],
            "star_impact_high": [0.3, 0.15][:count],
            "reach": [0.05, 0.02][:count],
            "reach_low": [0.04, 0.01][:count],
            "reach_high": [0.06, 0.03][:count],
        }
    )
    return frame.assign(**columns)


def test_the_ranked_list_draws_every_interval_and_lets_a_row_be_picked():
    frame = listed()
    for name, column in (("stars", "star_impact"), ("reach", "reach")):
        rows = listing.drawn(frame, name, {"t1": [0.1, 0.2, None, 0.4]})
        specification = ranked.opportunities(rows, LIGHT, chosen="t2", axis="stars").to_dict()
        assert data_of(specification, "low") == list(frame[f"{column}_low"])
        assert [p["name"] for p in specification["params"]] == [ranked.PICK]
        assert data_of(specification, "chosen") == [False, True]
        assert "⚠" in data_of(specification, "label")[1]
        assert data_of(specification, "about") == ["cable · 12 reviews", "1 review"]
        assert data_of(specification, "arrow") == ["↗", ""]


def test_the_line_beside_a_row_fills_its_own_height_and_keeps_its_gaps():
    rows = listing.drawn(listed(), "stars", {"t1": [0.1, None, 0.4, 0.2], "t2": [0.0, 0.0, 0.0]})
    specification = ranked.opportunities(rows, LIGHT, axis="stars").to_dict()
    # The second theme was never mentioned: it has no line. The highest point of the first is 25 pixels from its top.
    assert data_of(specification, "y") == [25 + 26 * 0.75, None, 25.0, 25 + 26 * 0.5]
    assert data_of(specification, "last") == [False, False, False, True]
    undated = ranked.opportunities(listing.drawn(listed(), "stars", {}), LIGHT, axis="stars").to_dict()
    assert data_of(undated, "y") == []


def placed(importance, satisfaction, names=None):
    count = len(importance)
    return pd.DataFrame(
        {
            "id": [f"t{n}" for n in range(count)],
            "name": names or [f"trouble {n}" for n in range(count)],
            "hazard": [False] * count,
            "reviews": range(10, 10 + count),
            "quadrant": "undetermined",
            **{f"importance{e}": importance for e in ("", "_low", "_high")},
            **{f"satisfaction{e}": satisfaction for e in ("", "_low", "_high")},
        }
    )


def test_the_map_names_its_quadrants_and_places_what_has_no_satisfaction_below_them():
    specification = positions.positions(placed([6.0, 3.0, 7.0], [2.0, 8.0, None]), LIGHT, chosen="t0").to_dict()
    texts = data_of(specification, "text")
    assert texts[:4] == ["Fix first", "Keep up", "Low priority", "Possible overkill"]
    assert texts[4].startswith("satisfaction not known")
    assert set(data_of(specification, "cut")) == {5.0}
    rows = {row["id"]: row for data in specification["datasets"].values() for row in data if "id" in row}
    assert rows["t0"]["at"] == 2.0
    assert rows["t2"]["at"] < min(rows["t0"]["at"], 3.5)
    assert [row["chosen"] for _, row in sorted(rows.items())] == [True, False, False]
    assert specification["params"][0]["name"] == positions.PICK


def test_no_name_on_the_map_covers_another_and_the_chosen_one_comes_first():
    crowd = placed([5.0, 5.02, 5.04, 8.0, 2.0], [5.0, 5.0, 5.02, 9.0, 1.0])
    specification = positions.positions(crowd, LIGHT, chosen="t1").to_dict()
    rows = {row["id"]: row for data in specification["datasets"].values() for row in data if "id" in row}
    assert rows["t1"]["label"] == "Trouble 1"
    assert rows["t3"]["label"] == "Trouble 3"
    sides = [rows[f"t{n}"]["side"] for n in range(3)]
    given = [side for side in sides if side]
    assert len(given) == len(set(given))


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


def test_marked_days_stand_on_the_line_where_the_axis_has_them():
    marks = pd.DataFrame(
        {"day": ["2020-02-10", "2031-01-01"], "label": ["New plug", "Far away"], "planned": [False, True]}
    )
    specification = time.reach(MONTHLY, PHASES, BY_PHASE, LIGHT, marks=marks).to_dict()
    assert "New plug" in data_of(specification, "label")
    assert "Far away" not in data_of(specification, "label")


def phases(*spans):
    return pd.DataFrame(
        [{"name": name, "start": pd.Timestamp(a).date(), "end": pd.Timestamp(b).date()} for name, a, b in spans]
    )


FIRST, LAST = pd.Timestamp("2011-01-01"), pd.Timestamp("2022-01-01")
CROWDED = phases(
    ("Launch", "2011-01-01", "2011-06-01"),
    ("Interim supplier", "2011-06-01", "2011-08-01"),
    ("All that followed from it until the relaunch", "2011-08-01", "2016-01-01"),
    ("Black Friday", "2016-11-20", "2016-12-01"),
    ("Cyber Monday", "2016-12-01", "2016-12-04"),
    ("Relaunch", "2016-12-04", "2022-01-01"),
)


def test_names_that_fit_stand_over_their_phases_and_need_no_key():
    fitting = phases(("Start", "2011-01-01", "2014-01-01"), ("Growth", "2014-01-01", "2022-01-01"))
    assert bands.key(fitting, FIRST, LAST) == ([], False)
    rows = bands.shading(fitting, FIRST, LAST, LIGHT)[0].data
    assert list(rows["narrow_label"]) == list(rows["wide_label"]) == ["Start", "Growth"]


def test_names_that_fit_only_a_wide_window_are_numbers_in_a_narrow_one():
    named = phases(
        ("Before the redesign of the plug", "2011-01-01", "2016-01-01"), ("After", "2016-01-01", "2022-01-01")
    )
    assert bands.key(named, FIRST, LAST) == (["Before the redesign of the plug", "After"], True)
    rows = bands.shading(named, FIRST, LAST, LIGHT)[0].data
    assert list(rows["wide_label"]) == ["Before the redesign of the plug", "After"]
    assert list(rows["narrow_label"]) == ["1 Before the redesign of the plug", "2 After"]


@pytest.mark.parametrize(("plot", "layout"), [(NARROW, "narrow"), (WIDE, "wide")])
def test_no_number_of_a_phase_covers_another(plot, layout):
    names, narrow_only = bands.key(CROWDED, FIRST, LAST)
    assert (names, narrow_only) == (list(CROWDED["name"]), False)
    rows = bands.shading(CROWDED, FIRST, LAST, LIGHT)[0].data
    ends = 0.0
    for number, row in enumerate(rows.to_dict("records"), start=1):
        if not row[f"{layout}_label"]:
            assert row["phase"] == "Cyber Monday"  # three days among eleven years: pointing at it names it
            continue
        start = row["at"] * plot + row[f"{layout}_shift"]
        assert row[f"{layout}_label"].startswith(str(number))
        assert start >= ends
        ends = start + width_of(str(number))
        # What is longer than its number is cut to its phase.
        assert row[f"{layout}_cut"] or row[f"{layout}_label"] == str(number)
    # The whole name and its days are told by pointing at it.
    assert list(rows["phase"]) == names
    assert rows["until"].iloc[3] == "30 Nov 2016"


DECISIONS = [
    ("2014-01-10", "Replace the first batch for free"),
    ("2017-03-25", "Thicker strain relief at the plug"),
    ("2017-03-25", "Braided sleeve instead of rubber"),
    ("2017-03-25", "Longer bend protection, tested to ten thousand bends"),
    ("2017-04-02", "New supplier"),
    ("2017-04-20", "Warn in the manual"),
    ("2021-11-24", "Thicker copper"),
    ("2021-12-20", "Recall"),
    ("2021-12-24", "Refund without return"),
]


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("count", range(1, len(DECISIONS) + 1))
def test_words_of_decisions_that_are_close_together_never_cover_one_another_or_a_line(wide, count):
    named = pd.DataFrame(DECISIONS[-count:], columns=["day", "label"]).assign(planned=False, decision_id="d")
    plot = WIDE if wide else NARROW
    rows = marked._placed(marked.days_of(named, FIRST, LAST), FIRST, LAST, wide=wide)
    assert len(rows) == count  # each day keeps its line
    at = [(row["start"] - FIRST) / (LAST - FIRST) * plot for row in rows]
    boxes = []
    for x, row in zip(at, rows, strict=True):
        if row["label"]:
            size = min(width_of(row["label"]), 0.45 * plot)
            start, end = (x - 6 - size, x - 6) if row["left"] else (x + 6, x + 6 + size)
            assert start >= 0
            assert end <= plot
            assert row["row"] < 4
            boxes.append((start, end, row["row"]))
            # A line that would cross these words begins below them.
            assert all(other["row"] > row["row"] for y, other in zip(at, rows, strict=True) if start < y < end)
    for place, (a, b, row) in enumerate(boxes):
        assert not any(row == other and a < d and c < b for c, d, other in boxes[place + 1 :])
    # What is counted is named by pointing at it.
    told = {name for row in rows for name in row["names"].split("; ")}
    assert told == {label for _, label in DECISIONS[-count:]}
    if count <= 3:
        assert {row["label"] for row in rows} == told


def test_decisions_without_room_are_counted():
    named = pd.DataFrame(DECISIONS, columns=["day", "label"]).assign(planned=True, decision_id="d")
    rows = marked._placed(marked.days_of(named, FIRST, LAST), FIRST, LAST, wide=False)
    assert [row["label"] for row in rows if row["label"]] == [
        "Replace the first batch for free",
        "5 decisions",
        "Thicker copper",
        "2 decisions",
    ]
    assert rows[1]["when"] == "25 Mar 2017 – 20 Apr 2017"
