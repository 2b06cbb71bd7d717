"""The importance-performance map: what many bring up, against how content people are, in four named quadrants."""

from __future__ import annotations

from itertools import product
from typing import Any, Literal

import altair as alt
import pandas as pd

from voc import words
from voc.insights.importance import IMPORTANCE_CUT, SATISFACTION_CUT
from voc.ui.charts.kept import kept
from voc.ui.charts.layers import over
from voc.ui.charts.rim import rim_of
from voc.ui.theme import Palette

PICK = "place"
#: What the map draws of its rows.
COLUMNS = [
    "id", "name", "hazard", "reviews", "quadrant", "importance", "importance_low", "importance_high", "satisfaction",
    "satisfaction_low", "satisfaction_high",
]  # fmt: skip
#: Of the whole chart and of the plot in it: the browser takes the axis out of the chart's height.
HEIGHT, PLOT = 540, 488
#: Pixels above and below the points for the quadrants' names, and under the map for what has no satisfaction.
BAND, STRIP = 26, 92
#: Quadrant of `voc.insights.importance.QUADRANTS` -> its name on the map.
NAMES = {
    "concentrate here": "Fix first",
    "keep up the good work": "Keep up",
    "low priority": "Low priority",
    "possible overkill": "Possible overkill",
    "undetermined": "not sure",
}
#: A map so narrow still has labels that do not overlap; points and letters in pixels.
_NARROW, _LETTER, _LINE, _LONGEST = 350.0, 6.2, 15.0, (30, 20, 14)
#: Where a name may stand: how it is set, and pixels from the middle of its point.
_SIDES: dict[str, tuple[Literal["left", "center", "right"], float, float]] = {
    "right": ("left", 12, 0),
    "left": ("right", -12, 0),
    "above": ("center", 0, -18),
    "below": ("center", 0, 18),
}


@kept
def positions(frame: pd.DataFrame, colours: Palette, *, chosen: str = "") -> Any:
    """Draw rows of `importance` or `area_importance`; a click on a point selects its ``id``.

    Args:
        frame: `COLUMNS`, and no more: id, name, hazard, reviews, quadrant, importance and satisfaction (0..10) with
            their bounds. Rows without satisfaction stand in a strip below the map.
        colours: the palette of the reader's mode.
        chosen: id of the point that shows its intervals.
    """
    known = frame[frame["satisfaction"].notna()]
    plain = frame.reset_index(drop=True)
    unplaced = plain["satisfaction"].isna()
    room = PLOT - (STRIP if unplaced.any() else 0)
    across = _domain(plain["importance"], IMPORTANCE_CUT)
    up = _domain(known["satisfaction"], SATISFACTION_CUT, BAND / (room - 2 * BAND))
    unit = (up[1] - up[0]) / room  # of satisfaction, per pixel
    at = plain["satisfaction"].fillna(up[0] - unit * (STRIP - 28))
    data = plain.assign(
        title=[words.sentence(str(name)) for name in plain["name"]],
        quadrant=[NAMES.get(str(word), str(word)) for word in plain["quadrant"]],
        sure=plain["quadrant"] != "undetermined",
        chosen=plain["id"] == chosen,
        important=[_scored(a, b, c) for a, b, c in _three(plain, "importance")],
        content=[_scored(a, b, c) for a, b, c in _three(plain, "satisfaction")],
        at=at,
        **_labels(plain, at, across, up[1], unit, room, chosen),
    )
    x = alt.X(
        "importance:Q",
        title="importance, 0–10: how many bring it up →",
        scale=alt.Scale(domain=across, nice=False, zero=False),
        axis=alt.Axis(tickCount=5, format="~f"),
    )
    y = alt.Y(
        "at:Q",
        title="satisfaction, 0–10: who is content →",
        scale=alt.Scale(domain=[up[1] - unit * PLOT, up[1]], nice=False, zero=False),
        axis=alt.Axis(values=[v for v in range(11) if up[0] <= v <= up[1]], format="~f"),
    )
    size = alt.Size("reviews:Q", scale=alt.Scale(type="sqrt", range=[36, 620], zero=True), legend=None)
    tone = alt.condition("datum.hazard", alt.value(colours.hazard), alt.value(colours.accent))
    pick = alt.selection_point(name=PICK, fields=["id"], on="click", empty=False, toggle=False)
    tooltip = [
        alt.Tooltip("title:N", title="what"),
        alt.Tooltip("quadrant:N"),
        alt.Tooltip("important:N", title="importance"),
        alt.Tooltip("content:N", title="satisfaction"),
        alt.Tooltip("reviews:Q", format=","),
    ]
    points = (
        alt.Chart(data)
        .mark_point(filled=True, cursor="pointer", strokeWidth=2)
        .encode(
            x=x,
            y=y,
            size=size,
            color=tone,
            stroke=alt.condition("datum.chosen", alt.value(colours.ink), alt.value("transparent")),
            opacity=alt.condition("datum.sure", alt.value(0.8), alt.value(0.32)),
            tooltip=tooltip,
            order=alt.Order("reviews:Q", sort="descending"),
        )
    )
    one = data[data["chosen"] & ~unplaced]
    marked = alt.Chart(one)
    spans = [
        marked.mark_rule(strokeWidth=2).encode(
            x="importance_low:Q", x2="importance_high:Q", y="satisfaction:Q", color=alt.value(colours.ink)
        ),
        marked.mark_rule(strokeWidth=2).encode(
            x="importance:Q", y="satisfaction_low:Q", y2="satisfaction_high:Q", color=alt.value(colours.ink)
        ),
    ]
    text = alt.Chart(data[data["label"] != ""]).encode(
        x="importance:Q", y="at:Q", text="label:N", color=alt.value(colours.ink)
    )
    names = [
        text.transform_filter(f"datum.side == '{side}'").mark_text(align=align, dx=dx, dy=dy, fontSize=12, **rim)
        for side, (align, dx, dy) in _SIDES.items()
        if (data["side"] == side).any()
        # First a rim of the ground's colour: the borders and lines behind do not strike the words through.
        for rim in (rim_of(colours), {})
    ]
    layers = [*_ground(across, up, colours), *(spans if len(one) else []), points.add_params(pick), *names]
    if unplaced.any():
        note = pd.DataFrame([{"text": "satisfaction not known: of no single part", "y": up[0] - unit * 14}])
        layers.append(
            alt.Chart(note)
            .mark_text(align="left", fontSize=12, fontStyle="italic")
            .encode(x=alt.value(6), y="y:Q", text="text:N", color=alt.value(colours.quiet))
        )
    return over(*layers).properties(height=HEIGHT)


def _ground(across: list[float], up: list[float], colours: Palette) -> list[Any]:
    """Return the quadrants: the one to fix first shaded, the borders, and the four names in their corners."""
    fix = pd.DataFrame([{"a": IMPORTANCE_CUT, "b": across[1], "c": up[0], "d": SATISFACTION_CUT}])
    shade = alt.Chart(fix).mark_rect(color=colours.shade_odd).encode(x="a:Q", x2="b:Q", y="c:Q", y2="d:Q")
    borders = [
        alt.Chart(pd.DataFrame({"cut": [cut]}))
        .mark_rule(strokeDash=[4, 4], color=colours.unclear)
        .encode(**{axis: "cut:Q"})
        for axis, cut in (("x", IMPORTANCE_CUT), ("y", SATISFACTION_CUT))
    ]
    corners: list[tuple[str, float, float, Literal["left", "right"], Literal["top", "bottom"], str]] = [
        ("Fix first", across[1], up[0], "right", "bottom", colours.worse),
        ("Keep up", across[1], up[1], "right", "top", colours.better),
        ("Low priority", across[0], up[0], "left", "bottom", colours.quiet),
        ("Possible overkill", across[0], up[1], "left", "top", colours.quiet),
    ]
    names = [
        alt.Chart(pd.DataFrame([{"x": x, "y": y, "text": text}]))
        .mark_text(
            align=align, baseline=baseline, fontSize=14, fontWeight=700, color=colour,
            dx=6 if align == "left" else -6, dy=6 if baseline == "top" else -6,
        )
        .encode(x="x:Q", y="y:Q", text="text:N")
        for text, x, y, align, baseline, colour in corners
    ]  # fmt: skip
    return [shade, *borders, *names]


def _domain(values: pd.Series[float], cut: float, room: float = 0.08) -> list[float]:
    """Return a stretch of the scale 0..10 that holds all values and its cut, with some of its length on both sides."""
    low, high = min([cut - 1.5, *values.dropna()]), max([cut + 1.5, *values.dropna()])
    return [low - (room + 0.1) * (high - low), high + (room + 0.1) * (high - low)]


def _labels(
    frame: pd.DataFrame, at: pd.Series[float], across: list[float], top: float, unit: float, room: float, chosen: str
) -> dict[str, list[str]]:
    """Choose which points get a name, and on which side, so that no name covers another name or point.

    The chosen point comes first, then the most important ones; who finds no room is told by pointing at it. It is laid
    out for the narrowest window: on a wider one, names have more room.
    """
    px = [(value - across[0]) * _NARROW / (across[1] - across[0]) for value in frame["importance"]]
    py = [(top - value) / unit for value in at]
    taken = [(x - 9, y - 9, x + 9, y + 9) for x, y in zip(px, py, strict=True)]
    # The names of the quadrants and of the strip.
    taken += [(0, 0, 130, BAND), (_NARROW - 70, 0, _NARROW, BAND), (0, room - BAND, _NARROW, room + 24)]
    labels, sides = [""] * len(frame), [""] * len(frame)
    order = sorted(range(len(frame)), key=lambda i: (frame["id"][i] != chosen, -frame["importance"][i]))
    for i in order:
        whole = words.sentence(str(frame["name"][i]))
        for longest, (side, (align, dx, dy)) in product(_LONGEST, _SIDES.items()):
            name = whole if len(whole) <= longest else f"{whole[: longest - 1].rstrip()}…"
            wide = _LETTER * len(name)
            start = px[i] + dx - {"left": 0.0, "center": wide / 2, "right": wide}[align]
            box = (start, py[i] + dy - _LINE / 2, start + wide, py[i] + dy + _LINE / 2)
            others = (other for j, other in enumerate(taken) if j != i)
            inside = box[0] >= 0 and box[2] <= _NARROW and box[3] <= PLOT
            if inside and not any(_meet(box, other) for other in others):
                labels[i], sides[i] = name, side
                taken.append(box)
                break
    return {"label": labels, "side": sides}


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _three(frame: pd.DataFrame, name: str) -> Any:
    return zip(frame[name], frame[f"{name}_low"], frame[f"{name}_high"], strict=True)


def _scored(value: float, low: float, high: float) -> str:
    return "not known" if words.missing(value) else f"{value:.1f} ({low:.1f}–{high:.1f})"
