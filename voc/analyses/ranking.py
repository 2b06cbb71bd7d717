"""Other views of the ranked list: overlap taken out, importance and satisfaction, and what kind of need an area is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voc.analyses.frame import Analysis, Found, Options, Row, between, share, stars

if TYPE_CHECKING:
    from voc.config import InsightsConfig
    from voc.insights import Facts, Scope


def _adjusted(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.second_opinion import adjusted_impacts

    note = (
        "A second opinion beside the ranked list: themes that come together do not count the same stars twice. "
        "Associated with the theme, not what a fix would gain."
    )
    return Found(adjusted_impacts(facts, scope, config=config), [note])


def _adjusted_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    return {
        "#": row["rank"],
        "theme": row["name"],
        "stars lost": stars(row["star_impact"]),
        "adjusted": between(stars, {**row, "adjusted": row["adjusted_impact"]}, "adjusted"),
        "shared with": ", ".join(row["shared_with"] or ()),
        "": row["reason"] or "",
    }


def _importance(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.importance import importance

    note = "Importance and satisfaction from 0 to 10 on scales that are the same for every scope (Ulwick)."
    found = importance(facts, scope, config=config)
    return Found(found.sort_by([("opportunity", "descending"), ("theme_id", "ascending")]), [note])


def _importance_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    def score(value: float | None) -> str:
        return "" if value is None else f"{value:.1f}"

    return {
        "theme": row["name"],
        "severe reach": share(row["severe_reach"]),
        "importance": between(score, row, "importance"),
        "satisfaction": between(score, row, "satisfaction"),
        "opportunity": between(score, row, "opportunity"),
        "quadrant": row["quadrant"] or row["reason"] or "",
    }


def _kano(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.kano import kano

    return Found(
        kano(facts, scope, config=config), ["Penalty and reward in stars, of those who blame or praise a part."]
    )


def _kano_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    return {
        "part": row["name"],
        "blamed": row["blamed"],
        "praised": row["praised"],
        "penalty": between(stars, row, "penalty"),
        "reward": between(stars, row, "reward"),
        "kind": row["kano_class"] or row["reason"] or "",
    }


def _reach(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.config import ModelConfig
    from voc.insights.correction import reach_as_corrected
    from voc.insights.labels import labels_of_model

    labels = labels_of_model(options.model or ModelConfig().opinions)
    found = reach_as_corrected(facts, scope, labels=labels, config=config)
    notes = [
        found.basis or found.reason or "",
        "Themes are as extracted: how well single themes are found is not known before people check some. The star "
        "impact of a theme is of the reviews in which it was found; where many are missed, the true one is larger.",
    ]
    return Found(found.table, notes)


def _reach_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    return {
        "what": row["name"],
        "reviews": row["reviews"],
        "as extracted": between(share, row, "reach"),
        "corrected": between(share, row, "corrected"),
        "found of those there": share(row["sensitivity"], 0),
        "false alarms": "" if row["specificity"] is None else share(1 - row["specificity"], 0),
        "": row["reason"] if row["subject"] == "kind" and row["reason"] else "",
    }


ANALYSES = {
    "reach": Analysis("Reach, corrected for what reading misses", _reach, _reach_line),
    "adjusted": Analysis("Stars lost, overlap taken out", _adjusted, _adjusted_line),
    "importance": Analysis("Importance and satisfaction", _importance, _importance_line),
    "kano": Analysis("What kind of need each part is", _kano, _kano_line),
}
