"""The report of a whole scope: what to do next, what is dangerous, the ranked list, what moved, what is wished for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voc import words
from voc.insights import hazard_products, hazards, monthly, satisfaction, striking
from voc.report import charts
from voc.report.basis import HOW_TO_READ, Basis, behind
from voc.report.document import (
    Bar,
    Block,
    Card,
    Cards,
    Figures,
    Items,
    Link,
    Picture,
    Quote,
    Report,
    Section,
    Table,
    Text,
)
from voc.report.opportunity import sums
from voc.report.quoting import quoted
from voc.report.settled import settled

#: Opportunities that are cards, that are listed; needs; themes of each direction.
NEXT, LISTED, NEEDS, MOVED = 3, 20, 10, 6
_WENT = {"emerging": "worse", "growing": "worse", "shrinking": "better", "resolved": "better"}


def state_report(basis: Basis) -> Report:
    """Return the report of the whole state of a scope."""
    found = basis.coverage
    dated = ""
    if found["first_day"] is not None:
        dated = f", written {words.day(found['first_day'])} to {words.day(found['last_day'])}"
    sections = [*_next(basis), *_hazards(basis), *_rating(basis), *_ranked(basis), *_moved(basis), *_needs(basis)]
    sections += [*settled(basis), _reading(basis)]
    link = basis.link("opportunities")
    return Report(
        eyebrow=f"Voice of customer · analysed on {words.day(basis.day)}",
        title="What to improve next",
        subtitle=f"{words.sentence(basis.scope_words or 'all reviews')}: {words.count(found['counted'])} read{dated}.",
        opening=[*_satisfaction(basis), *([Link("Open this view in voc", link)] if link else [])],
        sections=sections,
        source=basis.source,
    )


def _satisfaction(basis: Basis) -> list[Block]:
    found = satisfaction(basis.facts, basis.scope, config=basis.config)
    cells = []
    if found["mean_rating"] is not None:
        low, high = found["rating_low"], found["rating_high"]
        interval = "" if low is None else f"{words.stars(low)}–{words.stars(high)}"
        cells.append((f"{words.stars(found['mean_rating'])} ★", "mean rating", interval))
    pain, verdict = found["pain"], found["verdict_pain"]
    if pain["share"] is not None:
        interval = words.percent_interval(pain["share_low"], pain["share_high"])
        cells.append((words.percent(pain["share"]), "of reviews complain about something", interval))
        interval = words.percent_interval(verdict["share_low"], verdict["share_high"])
        cells.append((words.percent(verdict["share"]), "reject the product as a whole", interval))
    cells.append((words.count(len(basis.ranked)), "themes of complaints", ""))
    return [Figures(cells)]


def _next(basis: Basis) -> list[Section]:
    cards = []
    for row in basis.ranked[:NEXT]:
        blocks: list[Text | Figures | Quote | Link] = [
            Figures(
                [
                    (
                        words.lost(row["star_impact"]),
                        "off the mean rating",
                        words.lost_interval(row["star_impact_low"], row["star_impact_high"]),
                    ),
                    (
                        words.percent(row["reach"]),
                        f"of reviews (n = {words.count(row['reviews'])})",
                        words.percent_interval(row["reach_low"], row["reach_high"]),
                    ),
                ]
            ),
            Text(f"{_characters(row)}.", quiet=True),
            *quoted(basis.facts, row["quotes"][:1]),
        ]
        link = basis.link("opportunities", theme=str(row["theme_id"]))
        rank = words.rank_interval(row["rank"], row["rank_low"], row["rank_high"], basis.config.confidence)
        cards.append(Card(rank, str(row["name"]), [*blocks, *([Link("All about it in voc", link)] if link else [])]))
    if not cards:
        return [Section("What to do next", "", [Text("Too few complaints say what goes wrong to form themes.")])]
    title = "The three to do next" if len(cards) == NEXT else "To do next"
    return [Section(title, "The themes that cost most stars.", [Cards(cards)])]


def _characters(row: Mapping[str, Any]) -> str:
    parts = [f"Severity: {words.severity(row['severity'])}"]
    if row["hazard"]:
        parts.append(f"⚠ hazard in {words.plural(int(row['hazard_reviews']), 'review')}")
    word = words.momentum(row["momentum_low"], row["momentum_high"])
    if word != "not compared":
        parts.append(f"{word} lately")
    return ", ".join(parts)


def _hazards(basis: Basis) -> list[Section]:
    found = hazards(basis.facts, basis.scope)
    if not found.num_rows:
        return []
    products = hazard_products(basis.facts, basis.scope, config=basis.config).to_pylist()
    analysed = int(basis.coverage["analysed"])
    table = Table(
        ["Product", "Reviews", "Share", "Interval"],
        [
            [
                str(row["product"] or "No product named"),
                f"{words.count(row['reviews'])} of {words.count(row['analysed'])}",
                words.percent(row["share"]),
                words.percent_interval(row["share_low"], row["share_high"]),
            ]
            for row in products[:LISTED]
        ],
        numbers=[1, 2, 3],
    )
    lead = (
        f"{words.count(found.num_rows)} of {words.plural(analysed, 'analysed review')} "
        f"({words.percent(found.num_rows / analysed)}) report smoke, fire, burns, shock or the like. Read these first, "
        "whatever their rank."
    )
    return [
        Section("⚠ Possible safety hazards", lead, [table, *quoted(basis.facts, striking(found, 3).to_pylist())], True)
    ]


def _rating(basis: Basis) -> list[Section]:
    if basis.coverage["first_day"] is None:
        return []
    months = max(1, -(-(basis.coverage["last_day"] - basis.coverage["first_day"]).days // (30 * 72)))
    width = next((m for m in (1, 3, 6, 12) if m >= months), 12)
    table = monthly(basis.facts, basis.everywhen, None, config=basis.config, months=width)
    dated = [phase for phase in basis.phases if phase["start"] is not None]
    drawn = charts.over_time(table, dated, share=False) if table.num_rows > 1 else ""
    if not drawn:
        return []
    lead = "The line is the mean rating, the band its interval; the phases are shaded."
    return [Section("Rating over time", lead, [Picture(drawn, "Mean rating over time, with its interval")])]


def _ranked(basis: Basis) -> list[Section]:
    rows = list(basis.ranked[:LISTED])
    if not rows:
        return []
    top = max(row["star_impact_high"] for row in rows)
    table = Table(
        ["#", "Opportunity", "Stars", "Interval", "", "Reach", "Ranks", "Lately"],
        [
            [
                str(row["rank"]),
                ("⚠ " if row["hazard"] else "") + words.sentence(str(row["name"])),
                words.lost(row["star_impact"]).removesuffix(" stars"),
                words.lost_interval(row["star_impact_low"], row["star_impact_high"]),
                Bar(
                    row["star_impact"],
                    row["star_impact_low"],
                    row["star_impact_high"],
                    top,
                    words.lost(row["star_impact"]),
                ),
                words.percent(row["reach"]),
                f"{row['rank_low']}–{row['rank_high']}",
                _lately(row),
            ]
            for row in rows
        ],
        numbers=[0, 2, 3, 5, 6],
    )
    lead = f"Stars lost with each theme; {len(rows)} of {words.plural(len(basis.ranked), 'theme')}."
    return [Section("What customers suffer from, ranked", lead, [table])]


def _lately(row: Mapping[str, Any]) -> str:
    word = words.momentum(row["momentum_low"], row["momentum_high"])
    return {"growing": "↗\u00a0growing", "shrinking": "↘\u00a0shrinking"}.get(word, "")


def _moved(basis: Basis) -> list[Section]:
    """Say what changed from the last phase but one to the last."""
    from voc.insights.movement import movements

    if len(basis.phases) < 2:
        return []
    before, last = basis.phases[-2:]
    rows = [
        row
        for row in movements(basis.facts, basis.everywhen, config=basis.config).to_pylist()
        if row["against"] == "previous"
        and row["phase_id"] == last["phase_id"]
        and row["earlier_phase_id"] == before["phase_id"]
    ]
    clear = sorted((row for row in rows if row["movement"] in _WENT), key=lambda row: -abs(row["change"] or 0))
    blocks: list[Block] = [*_decomposed(basis, before, last)]
    worse = [row for row in clear if _WENT[row["movement"]] == "worse"][:MOVED]
    better = [row for row in clear if _WENT[row["movement"]] == "better"][:MOVED]
    if worse or better:
        blocks.append(_movement_table(before, last, [*worse, *better]))
    elif rows:
        blocks.append(Text("No theme changed clearly between these two phases."))
    if not blocks:
        return []
    lead = f"Tested together: {words.plural(len(rows), 'theme')}."
    return [Section(f"What moved from {before['name']} to {last['name']}", lead, blocks)]


def _movement_table(before: Mapping[str, Any], last: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Table:
    return Table(
        ["Theme", "", str(before["name"]), str(last["name"]), "Change", "Interval"],
        [
            [
                words.sentence(str(row["name"])),
                row["movement"],
                words.percent(row["reach_before"]),
                words.percent(row["reach"]),
                words.points(row["change"]),
                words.percent_interval(row["change_low"], row["change_high"]),
            ]
            for row in rows
        ],
        numbers=[2, 3, 4, 5],
    )


def _decomposed(basis: Basis, before: Mapping[str, Any], last: Mapping[str, Any]) -> list[Block]:
    from voc.errors import VocError
    from voc.insights.decomposition import decompose_rating

    try:
        found = decompose_rating(
            basis.facts, before["phase_id"], last["phase_id"], basis.everywhen, config=basis.config
        )
    except VocError:
        return []
    if found.mean_before is None or found.mean_after is None:
        return []
    change = found.mean_after - found.mean_before
    rows = [row for row in found.table.to_pylist() if row["theme_id"] is not None and row["contribution"] is not None]
    rows.sort(key=lambda row: -abs(row["contribution"]))
    parts = ", ".join(f"{words.sentence(row['name'])} {_signed(row['contribution'])}" for row in rows[:4])
    said = (
        f"The mean rating went from {words.stars(found.mean_before)} to {words.stars(found.mean_after)} "
        f"({_signed(change)})."
    )
    return [Text(said + (f" The largest parts that go with themes: {parts}." if parts else ""))]


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _needs(basis: Basis) -> list[Section]:
    from voc.insights.needs import needs

    if not basis.facts.wishes.num_rows:
        return []
    rows = needs(basis.facts, basis.scope, config=basis.config).to_pylist()
    if not rows:
        return []
    table = Table(
        ["Need", "Part", "Reviews", "Reach", "In their words"],
        [
            [
                words.sentence(row["name"]),
                words.sentence(row["area"]),
                words.count(row["reviews"]),
                words.percent(row["reach"]),
                row["quotes"][0]["text"].strip() if row["quotes"] else "",
            ]
            for row in rows[:NEEDS]
        ],
        numbers=[2, 3],
    )
    lead = f"{min(len(rows), NEEDS)} of {words.plural(len(rows), 'need')}, what most customers wish for first."
    return [Section("What customers wish for", lead, [table])]


def _reading(basis: Basis) -> Section:
    parts = [*behind(basis), *HOW_TO_READ]
    example = sums(basis.ranked[0]) if basis.ranked else ""
    if example:
        parts.append(f"The first of the list, as an example: {example}")
    return Section("What is behind these figures, and how to read them", "", [Items(parts)])
