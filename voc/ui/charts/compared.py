"""Charts that compare: parts of a change that add up, both sides of a market, prices and scores, a fix over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from voc import words
from voc.ui.charts.kept import kept
from voc.ui.charts.layers import over
from voc.ui.charts.rim import rim_of
from voc.ui.frames import records
from voc.ui.theme import Palette

_ROW = 46
_PRICES_HEIGHT, _ROOM_FOR_NAMES = 340, 560
_BESIDE: tuple[tuple[Literal["left", "right"], int], ...] = (("left", 10), ("right", -10))
#: Products that the map of prices names; the pointer names the others.
LABELLED = 24


@kept
def waterfall(rows: pd.DataFrame, before: float, after: float, labels: tuple[str, str], colours: Palette) -> Any:
    """Draw what moved the mean rating: from the earlier mean, part by part, to the later one.

    Args:
        rows: columns name and contribution (stars), in display order; they add up to `after` - `before`.
        before: the earlier mean, in stars.
        after: the later one.
        labels: names of the earlier and the later phase.
        colours: the palette of the reader's mode.
    """
    steps = [{"label": labels[0], "low": before, "high": before, "words": words.stars(before), "tone": "end"}]
    at = before
    for row in records(rows):
        change = float(row["contribution"])
        steps.append(
            {
                "label": words.sentence(str(row["name"])),
                "low": min(at, at + change),
                "high": max(at, at + change),
                "words": _signed(change),
                "tone": "worse" if change < 0 else "better",
            }
        )
        at += change
    steps.append({"label": labels[1], "low": after, "high": after, "words": words.stars(after), "tone": "end"})
    data = pd.DataFrame(steps).assign(place=range(len(steps)))
    low, high = data["low"].min(), data["high"].max()
    room = max(0.05, (high - low) * 0.1)
    x = alt.X(
        "low:Q",
        title="mean stars",
        scale=alt.Scale(domain=[low - room, high + room], nice=False, zero=False),
        axis=alt.Axis(tickCount=5, format=".2f", grid=True),
    )
    tone = alt.Color(
        "tone:N",
        scale=alt.Scale(domain=["worse", "better", "end"], range=[colours.worse, colours.better, colours.ink]),
        legend=None,
    )
    base = alt.Chart(data).encode(
        y=alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0.12)),
        tooltip=[alt.Tooltip("label:N", title="what"), alt.Tooltip("words:N", title="stars")],
    )
    bars = base.mark_bar(height=10, cornerRadius=2, yOffset=10).encode(x=x, x2="high:Q", color=tone)
    ends = base.transform_filter(alt.datum.tone == "end").mark_tick(thickness=4, height=18, yOffset=10)
    name = base.mark_text(align="left", dy=-9, fontSize=14, fontWeight=600, limit=alt.expr("width - 90")).encode(
        x=alt.value(0), text="label:N", color=alt.value(colours.ink)
    )
    figure = base.mark_text(align="right", dy=-9, fontSize=13).encode(x=alt.value("width"), text="words:N", color=tone)
    return over(bars, ends.encode(x=x, color=tone), name, figure).properties(height=_ROW * len(data))


@kept
def sides(rows: pd.DataFrame, colours: Palette, *, labels: tuple[str, str] = ("ours", "theirs")) -> Any:
    """Draw each theme's reach on two sides, with intervals: our products and the competitors', or any other two.

    Args:
        rows: columns name, class, own_reach, own_low, own_high and the same of rival, in display order.
        colours: the palette of the reader's mode.
        labels: what the sides are called.
    """
    wide = rows.reset_index(drop=True)
    wide["place"] = range(len(wide))
    wide["label"] = [words.sentence(str(name)) for name in wide["name"]]
    both = (labels[0], "own"), (labels[1], "rival")
    long = pd.concat(
        [
            pd.DataFrame(
                {
                    "place": wide["place"],
                    "label": wide["label"],
                    "side": side,
                    "reach": wide[f"{column}_reach"],
                    "low": wide[f"{column}_low"],
                    "high": wide[f"{column}_high"],
                    "words": [words.percent(value) for value in wide[f"{column}_reach"]],
                }
            )
            for side, column in both
        ]
    )
    y = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0.12))
    tone = alt.Color(
        "side:N",
        scale=alt.Scale(domain=list(labels), range=[colours.accent, colours.unclear]),
        legend=alt.Legend(title=None, symbolType="circle", symbolSize=90, orient="top", columns=1, labelLimit=320),
    )
    base = alt.Chart(long).encode(
        y=y,
        tooltip=[alt.Tooltip("label:N", title="what"), alt.Tooltip("side:N"), alt.Tooltip("words:N", title="reach")],
    )
    x = alt.X("low:Q", title="share of reviews, with interval", axis=alt.Axis(format="%", tickCount=5, grid=True))
    layers = []
    for side, offset in zip(labels, (7, 15), strict=True):
        part = base.transform_filter(alt.datum.side == side)
        layers.append(
            part.mark_bar(height=5, cornerRadius=2, yOffset=offset, opacity=0.35).encode(x=x, x2="high:Q", color=tone)
        )
        layers.append(part.mark_point(size=60, filled=True, opacity=1, yOffset=offset).encode(x="reach:Q", color=tone))
    whole = alt.Chart(wide).encode(y=y)
    name = whole.mark_text(align="left", dy=-9, fontSize=14, fontWeight=600, limit=alt.expr("width - 150")).encode(
        x=alt.value(0), text="label:N", color=alt.value(colours.ink)
    )
    call = whole.mark_text(align="right", dy=-9, fontSize=13).encode(
        x=alt.value("width"), text="class:N", color=alt.value(colours.quiet)
    )
    return over(*layers, name, call).properties(height=(_ROW + 6) * len(wide))


@kept
def prices(rows: pd.DataFrame, colours: Palette) -> Any:
    """Draw products by price and mean rating; filled are ours.

    Args:
        rows: columns product, brand, own, price, mean_rating, rating_low, rating_high, reviews.
        colours: the palette of the reader's mode.
    """
    data = rows.assign(
        whose=["ours" if own else "competitors'" for own in rows["own"]],
        label=[
            str(p if isinstance(p, str) and p else i) for p, i in zip(rows["product"], rows["product_id"], strict=True)
        ],
    )
    floor = max(1.0, min(data["mean_rating"].min(), data["rating_low"].min()) - 0.1)
    top = min(5.0, max(data["mean_rating"].max(), data["rating_high"].max()) + 0.15)
    data = data.assign(**labelled(data["price"], data["mean_rating"], data["reviews"], (top - floor) / _PRICES_HEIGHT))
    base = alt.Chart(data).encode(
        x=alt.X("price:Q", title="price", scale=alt.Scale(zero=False, padding=20), axis=alt.Axis(tickCount=6)),
        tooltip=[
            alt.Tooltip("label:N", title="product"),
            alt.Tooltip("brand:N"),
            alt.Tooltip("price:Q"),
            alt.Tooltip("mean_rating:Q", title="mean stars", format=".2f"),
            alt.Tooltip("reviews:Q"),
        ],
    )
    y = alt.Y("mean_rating:Q", title="mean stars", scale=alt.Scale(domain=[floor, top], clamp=True))
    tone = alt.Color(
        "whose:N",
        scale=alt.Scale(domain=["ours", "competitors'"], range=[colours.accent, colours.unclear]),
        legend=alt.Legend(title=None, orient="top", symbolType="circle", symbolSize=90),
    )
    whisker = base.mark_rule(strokeWidth=3, opacity=0.35).encode(
        y=alt.Y("rating_low:Q", title="mean stars", scale=alt.Scale(domain=[floor, top], clamp=True)),
        y2="rating_high:Q",
        color=tone,
    )
    dot = base.mark_point(size=110, filled=True, opacity=1).encode(y=y, color=tone)
    names = [
        # A narrow screen has no room for names beside dots: there the pointer and the table name them.
        base.transform_filter(f"datum.side == '{align}' && width > {_ROOM_FOR_NAMES}")
        .mark_text(align=align, dx=dx, fontSize=12, limit=alt.expr("width * 0.4"), **rim)
        .encode(y=alt.Y("label_at:Q"), text="label:N", color=alt.value(colours.quiet))
        for align, dx in _BESIDE
        # First a rim of the ground's colour: lines and intervals behind do not strike the words through.
        for rim in (rim_of(colours), {})
    ]
    return over(whisker, dot, *names).properties(height=_PRICES_HEIGHT)


def labelled(
    price: pd.Series[float], rating: pd.Series[float], reviews: pd.Series[int], pixel: float
) -> dict[str, Any]:
    """Place the names of products on the map of prices so that none lies over another.

    A name stands on the side of its dot where the map has more room, and is moved up or down from names beside which
    it would not be legible. Of products with few reviews among many the name is left to the pointer.

    Args:
        price: of each product.
        rating: mean stars of each.
        reviews: of each.
        pixel: stars that a pixel's height stands for.

    Returns:
        Columns side ("left" or "right" alignment, nothing for no name) and label_at (stars), in the order of the rows.
    """
    span = float(price.max() - price.min()) or 1.0
    middle = float(price.min()) + span / 2
    aligned = ["left" if p <= middle else "right" for p in price]
    line, order = 15 * pixel, sorted(range(len(price)), key=lambda i: (-int(reviews.iloc[i]), i))
    placed: list[tuple[float, float, str]] = []
    side, at = [""] * len(price), [float(r) for r in rating]
    for i in order[:LABELLED]:
        # Names reach over nearly half of the map at most: what begins further away is out of their way.
        beside = [y for x, y, s in placed if s == aligned[i] and abs(x - float(price.iloc[i])) < 0.45 * span]
        # Nor over another product's dot.
        ahead = [
            float(rating.iloc[j])
            for j in range(len(price))
            if j != i and 0 <= (float(price.iloc[j] - price.iloc[i])) * (1 if aligned[i] == "left" else -1) < 0.2 * span
        ]
        steps = [0, *(sign * step for step in range(1, 9) for sign in (1, -1))]
        free = next(
            (
                step
                for step in steps
                if all(abs(at[i] + step * line / 2 - y) >= line for y in beside)
                and all(abs(at[i] + step * line / 2 - y) >= line * 0.7 for y in ahead)
            ),
            None,
        )
        if free is None:
            continue
        side[i], at[i] = aligned[i], at[i] + free * line / 2
        placed.append((float(price.iloc[i]), at[i], aligned[i]))
    return {"side": side, "label_at": at}


@kept
def event_study(rows: Sequence[Mapping[str, Any]], since: Any, colours: Palette) -> Any:
    """Draw the difference between treated and controls before and after a fix.

    Args:
        rows: of `Verification.event_study`.
        since: day of the fix.
        colours: the palette of the reader's mode.
    """
    data = pd.DataFrame([row for row in rows if row["difference"] is not None])
    data["start"], data["end"] = pd.to_datetime(data["start"]), pd.to_datetime(data["end"])
    data["middle"] = data["start"] + (data["end"] - data["start"]) / 2
    data["words"] = [words.points(value) for value in data["difference"]]
    data["part"] = data["part"].replace("lag", "old stock")
    day = pd.DataFrame({"day": [pd.Timestamp(since)], "label": ["fix"]})
    tone = alt.Color(
        "part:N",
        scale=alt.Scale(domain=["before", "old stock", "after"], range=[colours.unclear, colours.line, colours.accent]),
        legend=alt.Legend(title=None, orient="top", symbolType="circle", symbolSize=90),
    )
    base = alt.Chart(data).encode(
        tooltip=[
            alt.Tooltip("start:T", title="from"),
            alt.Tooltip("end:T", title="until"),
            alt.Tooltip("words:N", title="difference"),
            alt.Tooltip("reviews:Q"),
        ]
    )
    x = alt.X(
        "middle:T",
        title=None,
        # Else the first and the last point are cut in half.
        scale=alt.Scale(padding=8),
        axis=alt.Axis(format="%b %Y", tickCount=6, grid=False),
    )
    y = alt.Y("difference:Q", title="change against controls", axis=alt.Axis(format="+%", tickCount=5))
    zero = (
        alt.Chart(pd.DataFrame({"zero": [0.0]}))
        .mark_rule(strokeDash=[4, 4])
        .encode(y="zero:Q", color=alt.value(colours.unclear))
    )
    fix = alt.Chart(day).mark_rule(strokeWidth=2).encode(x="day:T", color=alt.value(colours.ink))
    name = (
        alt.Chart(day)
        .mark_text(align="left", dx=6, dy=8, fontSize=13, fontWeight=600)
        .encode(x="day:T", y=alt.value(0), text="label:N", color=alt.value(colours.ink))
    )
    whisker = base.mark_rule(strokeWidth=5, opacity=0.3).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=tone)
    dot = base.mark_point(size=80, filled=True, opacity=1).encode(x=x, y=y, color=tone)
    return over(zero, whisker, dot, fix, name).properties(height=260)


def _signed(change: float) -> str:
    return f"{change:+.2f}".replace("-", "−")
