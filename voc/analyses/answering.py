"""Reviews that are worth answering, as the command line and the app print them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voc.analyses.frame import Analysis, Found, Options, Row, stars

if TYPE_CHECKING:
    from voc.config import InsightsConfig
    from voc.insights import Facts, Scope

#: How the points are made, in a sentence; `voc.insights.answering.POINTS` is what counts.
HOW = (
    "Points: a hazard 5, what goes wrong 3, a question 3, service 2, low stars up to 2, helpful votes up to 3, recent "
    "up to 3 (counted back from the newest review), broken or worse 1, verified 1. Competitors' products are left out."
)


def _answers(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.answering import worth_answering

    return Found(worth_answering(facts, scope), [HOW])


def _line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    text = " ".join(str(row["text"]).split())
    return {
        "points": row["points"],
        "why": ", ".join(row["reasons"]),
        "review": row["review_id"],
        "product": row["product"] or "",
        "date": "" if row["written_at"] is None else row["written_at"].date(),
        "stars": "" if row["rating"] is None else stars(row["rating"]).removesuffix(".00"),
        "text": text if len(text) <= 140 else f"{text[:139].rstrip()}…",
    }


ANALYSES = {"answer": Analysis("Reviews worth answering", _answers, _line)}
