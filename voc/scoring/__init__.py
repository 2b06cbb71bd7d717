"""Batch scoring: exports of any size into Parquet files of mentions, on one machine or on a Ray cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc.scoring.batch import score
    from voc.scoring.report import ScoredFile, ScoreReport

__all__ = ["ScoreReport", "ScoredFile", "score"]


def __getattr__(name: str) -> object:
    # Arrow is loaded when something is scored, not when this room is imported.
    if name == "score":
        from voc.scoring.batch import score

        return score
    if name in ("ScoreReport", "ScoredFile"):
        from voc.scoring import report

        return getattr(report, name)
    raise AttributeError(name)
