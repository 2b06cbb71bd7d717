"""The report of one opportunity: why it ranks where it does, who suffers, what they say, what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from voc import words
from voc.errors import VocError
from voc.insights import monthly
from voc.insights.intervals import wilson
from voc.insights.parting import NOT_STATED, OTHERS
from voc.insights.phases import Phase, listed, members
from voc.insights.scope import Scope, population, select
from voc.report import charts
from voc.report.basis import HOW_TO_READ, Basis, behind
from voc.report.document import Bar, Block, Figures, Items, Link, Picture, Report, Section, Table, Text
from voc.report.quoting import quoted
from voc.report.settled import settled

#: Said of a theme that is not in the list.
NOT_RANKED = "The theme {!r} has no opportunity in this scope; `voc opportunities` lists those there are."
#: Rows of each table of who suffers, and wishes.
MOST, WISHES = 6, 5
# What reviewers are told apart by, besides the version of their product.
_GROUPS = ("product", "market", "variant", "channel", "time_in_use")


def opportunity_report(basis: Basis, theme_id: str) -> Report:
    """Return the report of one opportunity.

    Args:
        basis: what the report is made from.
        theme_id: of a row of `basis.ranked`.

    Raises:
        VocError: the theme is not ranked in this scope.
    """
    row = next((row for row in basis.ranked if row["theme_id"] == theme_id), None)
    if row is None:
        raise VocError(NOT_RANKED.format(theme_id))
    rank = words.rank_interval(row["rank"], row["rank_low"], row["rank_high"], basis.config.confidence)
    found = basis.coverage
    dated = ""
    if found["first_day"] is not None:
        dated = f", written {words.day(found['first_day'])} to {words.day(found['last_day'])}"
    sections = [_said(basis, row), *_trend(basis, theme_id), *_who(basis, theme_id), *_wishes(basis, row)]
    sections += [*settled(basis, theme_id), _reading(basis)]
    return Report(
        eyebrow=f"Improvement opportunity · {rank} of {len(basis.ranked)}",
        title=str(row["name"]),
        subtitle=f"{words.sentence(basis.scope_words or 'all reviews')}: {words.count(row['analysed'])} read{dated}.",
        opening=_opening(basis, row),
        sections=sections,
        source=basis.source,
    )


def sums(row: Mapping[str, Any]) -> str:
    """Return an opportunity's stars as their parts: reach times the gap between the two mean ratings."""
    with_it, without = row["mean_with"], row["mean_without"]
    if with_it is None or without is None:
        return ""
    impact = abs(row["star_impact"])
    return (
        f"{words.percent(row['reach'])} of reviews mention it, and they are {without - with_it:.2f} stars lower than "
        f"the others ({words.stars(with_it)} against {words.stars(without)}): together "
        f"{impact:.{2 if impact >= 0.0095 else 3}f} stars off the mean rating."
    )


def _opening(basis: Basis, row: Mapping[str, Any]) -> list[Block]:
    going = words.momentum(row["momentum_low"], row["momentum_high"])
    cells = [
        (
            words.lost(row["star_impact"]),
            "off the mean rating",
            words.lost_interval(row["star_impact_low"], row["star_impact_high"]),
        ),
        (
            words.percent(row["reach"]),
            "of reviews mention it",
            f"{words.percent_interval(row['reach_low'], row['reach_high'])} %, {words.count(row['reviews'])} of "
            f"{words.count(row['analysed'])}",
        ),
        (words.severity(row["severity"]).capitalize(), "severity", f"{row['severity']:.2f} of 1"),
    ]
    if row["momentum"] is not None:
        interval = words.percent_interval(row["momentum_low"], row["momentum_high"])
        cells.append(
            (going.capitalize(), "lately, recent half against earlier", f"{words.points(row['momentum'])} ({interval})")
        )
    blocks: list[Block] = [Figures(cells)]
    if row["hazard"]:
        reports = words.plural(int(row["hazard_reviews"]), "review")
        blocks.append(
            Text(
                f"⚠ {reports} of it report a possible safety hazard. Read these first, whatever the rank.", strong=True
            )
        )
    said = sums(row)
    if said:
        blocks.append(Text(said))
    blocks += _overlap(basis, row["theme_id"])
    link = basis.link("opportunities", theme=str(row["theme_id"]))
    return [*blocks, *([Link("Open this view in voc", link)] if link else [])]


def _overlap(basis: Basis, theme_id: str) -> list[Block]:
    from voc.insights.second_opinion import adjusted_impacts

    rows = adjusted_impacts(basis.facts, basis.scope, config=basis.config).to_pylist()
    row = next((row for row in rows if row["theme_id"] == theme_id), None)
    if row is None or row["adjusted_impact"] is None:
        return []
    said = f"With the overlap with other themes taken out: {words.lost(row['adjusted_impact'])}"
    if row["adjusted_low"] is not None:
        said += f" ({words.lost_interval(row['adjusted_low'], row['adjusted_high'])})"
    shared = [words.sentence(str(name)) for name in row["shared_with"]]
    return [Text(said + (f"; shared with {', '.join(shared)}." if shared else "."))]


def _said(basis: Basis, row: Mapping[str, Any]) -> Section:
    return Section("What customers say", "", quoted(basis.facts, row["quotes"]))


def _trend(basis: Basis, theme_id: str) -> list[Section]:
    from voc.insights.movement import movements

    blocks: list[Block] = []
    dated = [phase for phase in basis.phases if phase["start"] is not None]
    if basis.coverage["first_day"] is not None:
        months = _months(basis, theme_id)
        table = monthly(basis.facts, basis.everywhen, theme_id, config=basis.config, months=months)
        drawn = charts.over_time(table, dated, share=True) if table.num_rows > 1 else ""
        if drawn:
            blocks.append(Picture(drawn, "Share of reviews that mention it over time, with its interval"))
    rows = _by_phase(basis, theme_id)
    if rows:
        moved = {
            row["phase_id"]: row
            for row in movements(basis.facts, basis.everywhen, config=basis.config).to_pylist()
            if row["theme_id"] == theme_id and row["against"] == "previous"
        }
        blocks.append(
            Table(
                ["Phase", "Dates", "Reach", "Interval", "Reviews", "Change", ""],
                [
                    [
                        row["name"],
                        words.span(row["start"], row["end"]),
                        words.percent(row["value"]),
                        words.percent_interval(row["low"], row["high"]),
                        f"{words.count(row['reviews'])} of {words.count(row['analysed'])}",
                        words.points(moved[row["phase_id"]]["change"]) if row["phase_id"] in moved else "",
                        moved[row["phase_id"]]["movement"] if row["phase_id"] in moved else "",
                    ]
                    for row in rows
                ],
                numbers=[2, 3, 4, 5],
            )
        )
    lead = "Share of the reviews that mention it, with its interval; the phases are shaded."
    return [Section("How it developed", lead, blocks)] if blocks else []


def _months(basis: Basis, theme_id: str) -> int:
    """Return how many months a point of the line needs to rest on some reviews."""
    first, last = basis.coverage["first_day"], basis.coverage["last_day"]
    months = max(1, (last.year - first.year) * 12 + last.month - first.month + 1)
    mentioned = next(int(row["reviews"]) for row in basis.ranked if row["theme_id"] == theme_id)
    reviews = min(int(basis.coverage["dated"]), 10 * mentioned)
    return next((width for width in (1, 3, 6, 12) if months / width <= 72 and reviews * width / months >= 20), 12)


def _by_phase(basis: Basis, theme_id: str) -> list[dict[str, Any]]:
    known = {phase.phase_id: phase for phase in listed(basis.facts.phases)}
    rows = []
    for phase in basis.phases:
        reach = _reach(basis, theme_id, basis.everywhen, known[phase["phase_id"]])
        if reach is not None:
            rows.append({**phase, **reach})
    return rows


def _reach(basis: Basis, theme_id: str, scope: Scope, phase: Phase) -> dict[str, Any] | None:
    """Return how many reviews of a phase mention a theme, and their share with its interval; None without reviews."""
    index = basis.facts.index
    number = next(i for i, theme in enumerate(index.themes) if theme.id == theme_id)
    base = population(index, select(basis.facts, scope) & members(index, phase))
    total, count = int(base.sum()), int(index.theme_pairs.counts(base)[number])
    if not total:
        return None
    value, low, high = (float(x[0]) for x in wilson(np.array([count]), total, basis.config.confidence))
    return {"value": value, "low": low, "high": high, "reviews": count, "analysed": total}


def _who(basis: Basis, theme_id: str) -> list[Section]:
    """Say in which products, versions, markets and the like more reviewers mention it than in the rest."""
    from voc.insights.segments import segments

    groups: list[tuple[str, list[dict[str, Any]]]] = []
    for by in _GROUPS:
        found = segments(basis.facts, basis.scope, by=by, config=basis.config).to_pylist()
        rows = [row for row in found if row["theme_id"] == theme_id and row["reviews"] and row["value"] is not None]
        rows = [row for row in rows if row["segment"] not in (NOT_STATED, OTHERS)]
        groups.append((by, sorted(rows, key=lambda row: -row["value"])[:MOST]))
    groups.insert(1, ("version", _versions(basis, theme_id)))
    groups = [(by, rows) for by, rows in groups if len(rows) > 1]
    if not groups:
        return []
    lead = (
        "Share of each group's reviews that mention it. More or less often than in the rest is said only where it "
        "stands out."
    )
    return [Section("Who suffers from it most", lead, [_group_table(groups, basis)])]


def _group_table(groups: Sequence[tuple[str, Sequence[Mapping[str, Any]]]], basis: Basis) -> Table:
    names = basis.facts.index.product_names
    top = max(row["high"] for _, rows in groups for row in rows)
    return Table(
        ["By", "Group", "Reach", "Interval", "", "Reviews", ""],
        [
            [
                "" if place else words.sentence(by.replace("_", "\u00a0")),
                str(names.get(row["segment"], row["segment"]) if by == "product" else row["segment"]),
                words.percent(row["value"]),
                words.percent_interval(row["low"], row["high"]),
                Bar(row["value"], row["low"], row["high"], top, words.percent(row["value"])),
                f"{words.count(row['reviews'])} of {words.count(row['analysed'])}",
                _apart(row),
            ]
            for by, rows in groups
            for place, row in enumerate(rows)
        ],
        numbers=[2, 3, 5],
    )


def _apart(row: Mapping[str, Any]) -> str:
    q = row.get("q_value")
    if q is None or q >= words.CLEAR_BELOW:
        return ""
    return "more\u00a0often" if row["difference"] > 0 else "less\u00a0often"


def _versions(basis: Basis, theme_id: str) -> list[dict[str, Any]]:
    versions = [phase for phase in listed(basis.facts.phases) if phase.source == "version"]
    found = [(phase.name, _reach(basis, theme_id, basis.scope, phase)) for phase in versions]
    rows = [{"segment": name, **reach} for name, reach in found if reach is not None and reach["reviews"]]
    return sorted(rows, key=lambda row: -float(row["value"]))[:MOST]


def _wishes(basis: Basis, row: Mapping[str, Any]) -> list[Section]:
    from voc.insights.needs import needs

    if not row["area"] or not basis.facts.wishes.num_rows:
        return []
    found = [
        need for need in needs(basis.facts, basis.scope, config=basis.config).to_pylist() if need["area"] == row["area"]
    ]
    if not found:
        return []
    table = Table(
        ["Customers wish for", "Reviews", "In their words"],
        [
            [
                words.sentence(need["name"]),
                words.count(need["reviews"]),
                need["quotes"][0]["text"] if need["quotes"] else "",
            ]
            for need in found[:WISHES]
        ],
        numbers=[1],
    )
    return [Section(f"Wishes about the same part: {row['area']}", "", [table])]


def _reading(basis: Basis) -> Section:
    return Section("What is behind these figures, and how to read them", "", [Items([*behind(basis), *HOW_TO_READ])])
