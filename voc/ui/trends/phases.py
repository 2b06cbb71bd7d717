"""Which phases a page shows, and each theme's figures in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from voc import words
from voc.errors import VocError
from voc.ui import access
from voc.ui.data import View
from voc.ui.frames import records
from voc.ui.scoping import short_names

if TYPE_CHECKING:
    from voc.insights import Scope

#: Kind of phases in the address -> words.
KINDS = {"user": "Named phases", "version": "Product versions", "detected": "Detected"}


def kinds(view: View) -> dict[str, str]:
    """Return the kinds of phases that the workspace has, people's own first."""
    present = set(view.phases()["source"].to_pylist())
    return {source: label for source, label in KINDS.items() if source in present}


def chosen_phases(view: View, scope: Scope, kind: str = "") -> pd.DataFrame:
    """Return the phases of one kind that belong to the scope, oldest first.

    Args:
        view: the workspace's state.
        scope: versions of products outside it are left out.
        kind: user, version or detected; by default the first kind there is.
    """
    phases: pd.DataFrame = view.phases().to_pandas()
    available = kinds(view)
    if not available:
        return phases.head(0)
    phases = phases[phases["source"] == (kind if kind in available else next(iter(available)))]
    everywhere = phases["product_id"].isna()
    if scope.products:
        # A product's own phases stand in place of those of the whole workspace: both together are no sequence.
        own = phases["product_id"].isin(scope.products)
        phases = phases[own if own.any() else everywhere]
    elif everywhere.any():
        phases = phases[everywhere]
    elif phases["product_id"].nunique() > 1:
        # Versions of several products are no sequence: the product with the most of them stands for a start.
        phases = phases[phases["product_id"] == phases["product_id"].value_counts().index[0]]
    phases = phases.sort_values(["start", "version", "name"]).reset_index(drop=True)
    return phases.assign(name=short_names(records(phases)))


def dated_phases(view: View) -> pd.DataFrame:
    """Return the phases that shade a chart: people's own, and without any the versions if one product has them."""
    phases: pd.DataFrame = view.phases().to_pandas()
    own = phases["source"].eq("user") & phases["product_id"].isna()
    versions = phases["start"].notna() & (phases["product_id"].nunique() == 1)
    return phases[own if own.any() else versions].sort_values("start")


def day_of(value: Any) -> dt.date | None:
    """Return a day of a data frame; None where it is open."""
    return None if value is None or pd.isna(value) else value


def entered(view: View) -> list[dict[str, Any]]:
    """Return the phases that people entered, those of the whole workspace first, each product's oldest first."""
    rows: list[dict[str, Any]] = view.workspace.entries.phases().to_pylist()
    return rows


def enter(
    view: View,
    name: str,
    start: dt.date,
    end: dt.date | None,
    *,
    product_id: str | None = None,
    phase_id: str | None = None,
    seen: Mapping[str, Any] | None = None,
) -> str:
    """Enter a phase in the reader's name, or change one; return why it cannot be, or nothing.

    Args:
        view: the workspace's state.
        name: what the phase is called.
        start: its first day.
        end: the day after its last; None while it runs.
        product_id: the product it belongs to; None for the whole workspace.
        phase_id: the phase to change; None for a new one.
        seen: the row of that phase as the reader saw it.
    """
    if not access.may_edit():
        return "Here everything can be looked at and nothing changed."
    for other in view.config.phases if product_id is None else ():
        if (other.end is None or start < other.end) and (end is None or other.start < end):
            span = words.span(other.start, other.end)
            return f"These days overlap the phase {other.name!r} of the configuration ({span})."
    try:
        view.workspace.entries.put_phase(name, start, end, product_id, access.editor(), phase_id, seen)
    except VocError as error:
        return str(error)
    return ""


def enter_versions(view: View, versions: pd.DataFrame) -> str:
    """Make named phases of versions of one product, each up to the next one's start; return what went wrong, if so.

    Args:
        view: the workspace's state.
        versions: rows of `closed_versions`.
    """
    for row in records(versions):
        fault = enter(view, str(row["version"]), row["start"], day_of(row["end"]), product_id=str(row["product_id"]))
        if fault:
            return fault
    return ""


def closed_versions(view: View, product_id: str) -> pd.DataFrame:
    """Return the versions of a product that have a first day, oldest first, each ending where the next one starts."""
    phases: pd.DataFrame = view.phases().to_pandas()
    of = phases[(phases["source"] == "version") & (phases["product_id"] == product_id) & phases["start"].notna()]
    of = of.sort_values(["start", "version"]).drop_duplicates("start").reset_index(drop=True)
    return of.assign(end=of["start"].shift(-1))


def phase_rows(view: View, phases: pd.DataFrame, scope: Scope, theme_id: str) -> pd.DataFrame:
    """Return one theme's rows of the trends table for these phases, with their start and end."""
    if phases.empty:
        return pd.DataFrame(columns=["phase", "place", "reach", "reach_low", "reach_high", "start", "end"])
    trends = view.trends(tuple(phases["phase_id"]), scope)
    rows = trends[trends["theme_id"] == theme_id]
    return rows.merge(phases[["phase_id", "start", "end"]], on="phase_id", how="left")


def phase_table(by_phase: pd.DataFrame) -> list[list[str]]:
    """Return a theme's rows of the trends table as cells of words: phase, reach, interval, change, direction."""
    rows = []
    for row in records(by_phase):
        changed = not words.missing(row["change"])
        rows.append(
            [
                str(row["phase"]),
                words.percent(row["reach"]),
                words.percent_interval(row["reach_low"], row["reach_high"]),
                words.points(row["change"]) if changed else "",
                words.direction(row["change"], row["q_value"]) if changed else "",
            ]
        )
    return rows


def compared(view: View, scope: Scope, earlier: str, later: str) -> pd.DataFrame:
    """Return every theme's reach in two phases with the change between them; the family tested is these themes.

    Returns:
        One row for each theme: theme_id, name, before and after with their bounds, change with its bounds, q_value,
        word (`words.direction`); biggest change first.
    """
    trends = view.trends((earlier, later), scope)
    trends = trends[trends["theme_id"].notna() & trends["name"].notna()]
    bounds = ["reach", "reach_low", "reach_high"]
    before = trends[trends["phase_id"] == earlier].set_index("theme_id")[bounds]
    before.columns = pd.Index(["before", "before_low", "before_high"])
    after = trends[trends["phase_id"] == later].set_index("theme_id")
    after = after[["name", *bounds, "change", "change_low", "change_high", "q_value"]].rename(
        columns={"reach": "after", "reach_low": "after_low", "reach_high": "after_high"}
    )
    both = after.join(before).dropna(subset=["before", "after"]).reset_index()
    both["word"] = [words.direction(c, q) for c, q in zip(both["change"], both["q_value"], strict=True)]
    clear = both["word"].isin(["growing", "shrinking"])
    order = both.assign(clear=clear, size=both["change"].abs()).sort_values(["clear", "size"], ascending=False).index
    return both.loc[order].reset_index(drop=True)
