"""What a run tells its user in plain sentences, which they would otherwise have to find out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from voc.config import Clustering, Config

if TYPE_CHECKING:
    from voc.store import Snapshot
    from voc.themes import ThemesResult

#: With so many times the troubles that the themes were fitted to, a refit is worth its time.
_GROWN = 2
_NAMED = 3  # themes that a sentence names


def run_messages(
    reviews: pa.Table, readings: pa.Table, new: pa.Table, info: Mapping[str, object], config: Config, *, exports: bool
) -> list[str]:
    """Say what was not analysed, what is missing, and what to do about it."""
    messages = []
    analysed = pc.sum(readings.column("analysed").cast(pa.int64())).as_py() or 0
    unread = readings.num_rows - analysed
    if readings.num_rows and not analysed:
        spoken = ", ".join(config.model.languages)
        messages.append(
            f"None of the {reviews.num_rows} reviews is in a language that the model reads ({spoken}); they are stored "
            "and counted, but not analysed. Name a multilingual model under [model] in voc.toml to read them."
        )
    elif unread:
        subject = "1 review is" if unread == 1 else f"{unread} reviews are"
        messages.append(f"{subject} in a language that the model does not read: counted, not analysed.")
    troubles = info.get("troubles", 0)
    if analysed and not troubles:
        messages.append("No review says what goes wrong, so there are no themes; product areas are ranked instead.")
    elif analysed and not info.get("enough"):
        messages.append(
            f"Only {troubles} troubles were found, fewer than the {config.themes.min_mentions} needed "
            "for themes; product areas are ranked instead (voc insights areas)."
        )
    dates = reviews.column("written_at")
    if reviews.num_rows and dates.null_count == reviews.num_rows:
        messages.append("The reviews carry no dates, so there are no trends and no phases.")
    if not new.num_rows and reviews.num_rows and exports:
        messages.append("The exports hold nothing that the workspace does not have already.")
    return messages


def reading_messages(anew: int, mixed: int, new: int, beside: bool) -> list[str]:
    """Say what a change of the model did to this run, and what it did to a reanalysis that stands beside.

    Args:
        anew: earlier reviews that were read anew, since other weights had read them.
        mixed: earlier reviews that other weights read than those of this run, and that were left as they are.
        new: reviews of this run.
        beside: whether a reanalysis waits to be switched to.
    """
    messages = []
    if anew:
        messages.append(f"The model changed since the last run, so {anew:,} earlier reviews were read anew.")
        messages.append("`voc reanalyse --compare` shows what that moved in the ranking, and why.")
    if mixed and new:
        messages.append(
            f"The model changed, and a reanalysis by it stands beside: {mixed:,} earlier reviews are as the model "
            "before read them until `voc reanalyse --switch`, so figures of before and after today do not compare."
        )
    if beside and new:
        messages.append("`voc reanalyse --switch` brings what is new today into the reanalysis before it switches.")
    return messages


def theme_messages(found: ThemesResult, base: Snapshot | None, refit: bool, clusters: Clustering) -> list[str]:
    """Say which themes are new, which went, who clustered them, and when it is time to make them anew.

    Args:
        found: what the run found.
        base: the state before it.
        refit: whether the themes were made anew.
        clusters: what the configuration wants to find clusters with.
    """
    events = found.lineage.to_pylist()
    named: dict[str, list[str]] = {}
    for row in events:
        named.setdefault(row["event"], []).append(row["name"])
    messages = []
    if emerged := named.get("emerged"):
        messages.append(f"{_themes(len(emerged))} emerging from complaints that fitted none: {_listed(emerged)}.")
    if found.info["enough"] and not found.themes.num_rows:
        messages.append("No theme was found: too few complaints say the same thing in different words.")
    if by := found.info.get("clustered_by"):
        messages.append(by)
    if base is None or not base.table("themes", ["theme_id"]).num_rows:
        return messages
    if refit:
        gone = ", ".join(
            f"{len(named.get(event, []))} {said}"
            for event, said in (("merged", "merged into others"), ("retired", "retired"))
        )
        matched, born = len(named.get("matched", [])), len(named.get("born", []))
        messages.append(
            f"The themes were made anew: {matched} kept their ids, {born} are new, {gone} (`voc theme lineage`)."
        )
    before = base.info.get("themes", {})
    fitted_with = before.get("clusters", "consensus")
    if not refit and fitted_with != clusters:
        messages.append(
            f'The themes are still those of themes.clusters = "{fitted_with}"; `voc theme refit` makes them anew with '
            f'"{clusters}".'
        )
    fitted_on = before.get("fitted_on")
    if not refit and fitted_on and found.info["troubles"] >= _GROWN * fitted_on:
        messages.append(
            f"The themes were made from {fitted_on:,} troubles and there are {found.info['troubles']:,} now; "
            "`voc theme refit` makes them anew from all, and those found again keep their ids and names."
        )
    return messages


def _themes(count: int) -> str:
    return "1 theme is" if count == 1 else f"{count} themes are"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(f'"{name}"' for name in names[:_NAMED]) + more
