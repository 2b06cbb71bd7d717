"""The small HTML parts that pages are made of; every text from data goes through `words.safe`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from voc import words

#: Said wherever a rank is shown with its interval.
RANK_CAPTION = "#2, 90 %: 1–4 means second in this list, and with 90 % confidence truly between first and fourth."

#: Said wherever star impact is shown.
STAR_IMPACT_CAPTION = (
    "Stars associated with a theme: how much lower the mean rating is with the reviews that mention it than without "
    "them. It tells where customers hurt; it is not the gain to expect from a fix."
)


def heading(title: str, subtitle: str = "", beside: Callable[[], None] | None = None) -> None:
    """Write a page's title and a sentence under it, and offer the link to the view beside them.

    Args:
        title: the title.
        subtitle: the sentence.
        beside: draws what else may be taken away from the whole page.
    """
    # Loaded late: what takes things away is made of these parts.
    from voc.ui import takeaway

    below = f'<p class="voc-sub">{words.safe(subtitle)}</p>' if subtitle else ""
    with st.container(key="heading", horizontal=True, horizontal_alignment="distribute", vertical_alignment="top"):
        st.html(f'<h1 class="voc">{words.safe(title)}</h1>{below}', width="content")
        with st.container(horizontal=True, width="content", key="heading_actions"):
            if beside is not None:
                beside()
            takeaway.share()


def section(title: str, subtitle: str = "") -> None:
    """Write a section's title and a sentence under it."""
    below = f'<p class="voc-sub">{words.safe(subtitle)}</p>' if subtitle else ""
    st.html(f'<h2 class="voc">{words.safe(title)}</h2>{below}')


def figure(value: str, label: str, detail: str = "", *, css: str = "") -> str:
    """Return one figure with its label and, under it, its interval or base."""
    more = f"<span>{words.safe(detail)}</span>" if detail else ""
    return f'<div class="voc-figure {css}"><b>{words.safe(value)}</b><span>{words.safe(label)}</span>{more}</div>'


def lost(row: Mapping[Any, Any]) -> str:
    """Return the stars that an opportunity costs as a figure with its interval."""
    interval = words.lost_interval(row["star_impact_low"], row["star_impact_high"])
    return figure(words.lost(row["star_impact"]), "off the mean rating", interval)


def reach(row: Mapping[Any, Any], base: str) -> str:
    """Return the share of reviews that mention an opportunity as a figure; `base` says of how many."""
    interval = words.percent_interval(row["reach_low"], row["reach_high"])
    return figure(words.percent(row["reach"]), "of reviews mention it", f"{interval}, {base}")


def figures(parts: Iterable[str]) -> str:
    """Return figures side by side, as many in a row as fit."""
    return f'<div class="voc-figures">{"".join(parts)}</div>'


def chip(text: str, css: str = "") -> str:
    """Return a word in a frame; `css` is worse, better, hazard or nothing."""
    return f'<span class="voc-chip {css}">{words.safe(text)}</span>'


def chips(row: Mapping[str, Any]) -> str:
    """Return the words that go with an opportunity: hazard, severity, where it goes, its area."""
    parts = []
    if row["hazard"]:
        parts.append(chip(f"⚠ Hazard in {words.plural(int(row['hazard_reviews']), 'review')}", "hazard"))
    parts.append(chip(f"severity: {words.severity(row['severity'])}"))
    word = words.momentum(row["momentum_low"], row["momentum_high"])
    if word != "not compared":
        text = {"growing": "↗ growing lately", "shrinking": "↘ shrinking lately"}.get(word, "→ no clear change lately")
        parts.append(chip(text, words.tone(word)))
    if isinstance(row.get("area"), str) and row["area"]:
        parts.append(chip(row["area"]))
    return f'<div class="voc-chips">{"".join(parts)}</div>'


def bar(value: float, low: float, high: float, top: float) -> str:
    """Return a thin bar with an interval and its middle, on a scale from 0 to `top`."""
    if top <= 0:
        return ""
    left, right, middle = (min(max(x / top, 0.0), 1.0) * 100 for x in (low, high, value))
    return (
        f'<div class="voc-bar"><i style="left:{left:.1f}%;width:{max(right - left, 1):.1f}%"></i>'
        f'<u style="left:{middle:.1f}%"></u></div>'
    )


def sparkline(values: Sequence[float | None], about: str) -> str:
    """Return a line of a theme's share over time, as wide as a card; gaps stay gaps.

    Args:
        values: one share for each stretch of time, None where nothing was read.
        about: what a screen reader says in place of the line.
    """
    known = [float(value) for value in values if value is not None and not words.missing(value)]
    if len(known) < 3 or not max(known):
        return ""
    top, last = max(known), len(values) - 1
    runs: list[list[tuple[float, float]]] = [[]]
    for place, value in enumerate(values):
        if value is None or words.missing(value):
            runs.append([])
        else:
            runs[-1].append((100 * place / last, 92 - 88 * value / top))
    # Cut out by CSS: Streamlit takes drawings out of the HTML it is given.
    pieces = "".join(
        f'<i style="clip-path:polygon({_edge(run)},{_edge(run[::-1], 7)})"></i>'
        f'<u style="clip-path:polygon({_edge(run)},{run[-1][0]:.1f}% 100%,{run[0][0]:.1f}% 100%)"></u>'
        for run in runs
        if len(run) > 1
    )
    return f'<div class="voc-spark" role="img" aria-label="{words.safe(about)}">{pieces}</div>'


def _edge(points: Sequence[tuple[float, float]], lower: float = 0.0) -> str:
    return ",".join(f"{x:.1f}% {y + lower:.1f}%" for x, y in points)


def how_to_read(*sentences: str) -> str:
    """Return explanations that unfold on a click."""
    said = "".join(f"<p>{words.safe(sentence)}</p>" for sentence in sentences if sentence)
    return f'<details class="voc-how"><summary>How to read these figures</summary>{said}</details>'


def table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[int] = (), short: Sequence[int] = ()
) -> str:
    """Return a plain table; cells are escaped.

    Args:
        headers: words above the columns.
        rows: cells of each row.
        numbers: columns that are set flush right.
        short: columns whose cells stay on one line.
    """

    def cell(tag: str, place: int, text: str) -> str:
        # A screen reader announces headers; a column without words has none.
        tag = tag if text or tag != "th" else "td"
        css = ' class="n"' if place in numbers else ' class="s"' if place in short else ""
        return f"<{tag}{css}>{words.safe(text)}</{tag}>"

    head = "".join(cell("th", place, text) for place, text in enumerate(headers))
    body = "".join(
        "<tr>" + "".join(cell("td", place, text) for place, text in enumerate(row)) + "</tr>" for row in rows
    )
    about = words.safe(", ".join(header for header in headers if header))
    # A table that is wider than the window is scrolled by the keyboard too.
    return (
        f'<div class="voc-scroll" tabindex="0" role="region" aria-label="Table: {about}">'
        f'<table class="voc-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def nothing(text: str) -> None:
    """Say in a quiet line that there is nothing to show, and why."""
    st.html(f'<p class="voc-sub">{words.safe(text)}</p>')


def empty_workspace(path: str) -> None:
    """Say what to do in a workspace without any analysis."""
    from voc.ui import access, nav, sample

    heading("Nothing has been analysed yet", "Give voc an export of reviews and it ranks what to improve first.")
    sample.invitation()
    if not access.may_edit():
        nothing("Exports are analysed by somebody who may change things here.")
        return
    with st.container(border=True):
        section("In the browser", "Upload a CSV, Excel, JSON or Parquet export, check the columns and start.")
        st.page_link(nav.page("analyse"), label="Analyse an export", icon=":material/upload_file:")
    with st.container(border=True):
        section("On the command line", "This page shows the result as soon as the run has ended; reload it then.")
        st.code(f'voc run reviews.csv --workspace "{path}"', language="bash")
