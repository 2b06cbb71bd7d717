"""Steps from one phase to the next: which changes are clear, and which step has most of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from voc import words

CLEAR = ("growing", "shrinking")


def tested(trends: pd.DataFrame) -> pd.DataFrame:
    """Return trends with the q-values of each step over the themes of that step alone.

    That is the family which two phases compared have, so that a theme goes by one word all over the app, however many
    phases a page shows. Themes that neither phase has are not tested.

    Args:
        trends: rows of the trends table with the columns theme_id, place (of the phase), reviews, p_value and q_value,
            ordered by place.
    """
    from voc.insights.intervals import benjamini_hochberg

    frame = trends.copy()
    themes = frame[frame["theme_id"].notna()]
    before = themes.groupby("theme_id")["reviews"].shift(1)
    p_values = themes["p_value"].astype(float).where((themes["reviews"] > 0) | (before > 0))
    q_values = p_values.groupby(themes["place"]).transform(lambda step: benjamini_hochberg(step.to_numpy()))
    frame.loc[themes.index, "q_value"] = q_values
    return frame


def clear(trends: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of themes whose change from the phase before is clear, with its word, the earlier phase first.

    Args:
        trends: rows as `tested` returns them, with the names of phases in the column phase.

    Returns:
        The rows with the further columns word (`words.direction`) and since, the name of the phase before.
    """
    themes = trends[trends["theme_id"].notna() & trends["name"].notna()]
    found = themes.assign(
        word=[words.direction(c, q) for c, q in zip(themes["change"], themes["q_value"], strict=True)],
        since=themes.groupby("theme_id")["phase"].shift(1),
    )
    return found[found["word"].isin(CLEAR)]


def sizes(trends: pd.DataFrame) -> pd.Series[float]:
    """Return for each theme its biggest clear change, as a share of reviews without sign; 0 where none is clear."""
    found = clear(trends)
    biggest = found["change"].abs().groupby(found["theme_id"]).max()
    themes = trends["theme_id"].dropna().unique()
    return biggest.reindex(themes).astype(float).fillna(0.0)


def richest(trends: pd.DataFrame, phase_ids: list[str]) -> tuple[str, str]:
    """Return the neighbouring phases between which most themes changed clearly, else the last two.

    Args:
        trends: rows as `tested` returns them.
        phase_ids: two phases or more, oldest first.
    """
    counted = clear(trends)["phase_id"].value_counts()
    # Of equals the later step; without any clear change the last.
    later = max(range(1, len(phase_ids)), key=lambda i: (counted.get(phase_ids[i], 0), i))
    return phase_ids[later - 1], phase_ids[later]


def described(steps: Sequence[dict[str, Any]]) -> str:
    """Return the clear steps of one theme, rows of `clear`, in words: "shrinking, Start → Growth"."""
    return "; ".join(f"{row['word']}, {row['since']} → {row['phase']}" for row in steps) or "no clear change"
