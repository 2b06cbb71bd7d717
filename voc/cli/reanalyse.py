"""`voc reanalyse`: reads everything anew beside the current state, compares, switches over or throws away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voc.cli.frame import config_option, debug_option, format_options, open_workspace, workspace_option
from voc.errors import VocError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voc.config import Config
    from voc.reanalysis import Comparison, ThemeChange
    from voc.sheets import Sheet
    from voc.store import Snapshot, Workspace

_SHOWN = 25  # themes of the readable table; the other formats have all
_EXPLAINED = 5  # themes with examples below it
_FIRST = 5  # places that a product manager looks at first
_BEHIND = {
    "themes": "because the themes were made anew",
    "reading": "because the model reads otherwise",
    "reviews": "because only one of both has their reviews",
}


@click.command()
@workspace_option
@click.option("--model", metavar="NAME", help="Weights to read with: a shipped model or a folder.")
@click.option("--device", type=click.Choice(("auto", "cpu", "cuda")), default=None, help="Where the model runs.")
@click.option("--all", "everything", is_flag=True, help="Read every review, also where nothing has changed for it.")
@click.option("--compare", "only_compare", is_flag=True, help="Only show what the reanalysis moves in the ranking.")
@click.option("--switch", "to_switch", is_flag=True, help="Make the reanalysis the state that everybody sees.")
@click.option("--discard", "to_discard", is_flag=True, help="Throw the reanalysis away.")
@format_options
@config_option
@debug_option
def reanalyse(
    workspace: Path,
    model: str | None,
    device: str | None,
    everything: bool,
    only_compare: bool,
    to_switch: bool,
    to_discard: bool,
    form: str,
    output: Path | None,
    config_file: Path | None,
) -> None:
    """Read all reviews anew by other weights or settings, beside the current state, and show what that moves.

    The current state stays what everybody sees until --switch. What you decided about themes holds in both.
    """
    from voc.cli.output import emit
    from voc.cli.scopes import open_snapshot, run_config
    from voc.progress import progress_bars
    from voc.reanalysis import discard, reanalyse, switch

    if only_compare + to_switch + to_discard > 1:
        raise click.UsageError("Give one of --compare, --switch and --discard.")
    if (only_compare or to_switch or to_discard) and (model or everything):
        raise click.UsageError(
            "--model and --all are for making a reanalysis: leave out --compare, --switch, --discard."
        )
    place = open_workspace(workspace, config_file)
    config = _named(run_config(open_snapshot(place), config_file), model)
    if to_discard:
        if not discard(place, config=config):
            raise VocError("There is no reanalysis beside the current state, so nothing was thrown away.")
        click.echo("The reanalysis was thrown away; the current state is as it was.")
        return
    if to_switch:
        with progress_bars() as progress:
            done = switch(place, config=config, device=device, progress=progress)
        click.echo("\n".join(_switched(done, workspace)))
        return
    if not only_compare:
        with progress_bars() as progress:
            made = reanalyse(place, config=config, device=device, everything=everything, progress=progress)
        spent = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in made.seconds.items())
        click.echo(
            f"{made.read:,} reviews were read, {made.themes:,} themes stand beside the current ones: {spent}.", err=True
        )
    before, after, beside = _states(place)
    emit(_sheet(_compared(place, before, after), place, beside, workspace), form, output)


def _named(config: Config, model: str | None) -> Config:
    """Return the configuration with other weights; a folder is named by its whole path, whoever runs from where."""
    from voc.extract.folder import model_folder
    from voc.resources import models_dir

    if model is None:
        return config
    folder = model_folder(model)
    name = model if folder.parent == models_dir() else str(folder.resolve())
    return config.model_copy(update={"model": config.model.model_copy(update={"opinions": name})})


def _states(place: Workspace) -> tuple[Snapshot, Snapshot, bool]:
    """Return what is compared with what, and whether the second stands beside the first.

    Where no reanalysis waits, the current state is compared with the last one that other weights had read.
    """
    from voc.cli.scopes import open_snapshot
    from voc.reanalysis.states import last_other

    current, beside = open_snapshot(place), place.candidate()
    if beside is not None:
        return current, beside, True
    earlier = last_other(place.snapshots())
    if earlier is None:
        raise VocError("There is no reanalysis to compare with; make one with `voc reanalyse --model NAME`.")
    return earlier, current, False


def _compared(place: Workspace, before: Snapshot, after: Snapshot) -> Comparison:
    from voc.reanalysis import compare

    return compare(before, after, names=place.entries.theme_names(), hidden=place.entries.hidden_themes())


def _sheet(found: Comparison, place: Workspace, beside: bool, given: Path) -> Sheet:
    from dataclasses import asdict

    from voc.sheets import Sheet

    ranked = [one for one in found.themes if one.before or one.after]
    rows = [_row(one) for one in found.themes]
    document = {
        "before": found.before,
        "after": found.after,
        "beside": beside,
        "settings": [{"key": key, "before": old, "after": new} for key, old, new in found.settings],
        "mentions": {
            "same": found.same,
            "only_before": found.only_before,
            "only_after": found.only_after,
            "kind_changed": [{"from": old, "to": new, "mentions": count} for old, new, count in found.kinds],
        },
        "behind": found.behind,
        "themes": [{**asdict(one), "moved": one.moved, "clear": one.clear, "why": one.why()} for one in found.themes],
    }
    notes = [*_lead(ranked, found), *_notes(found, beside), *_examples(ranked)]
    if len(ranked) > _SHOWN:
        notes.insert(0, f"{len(ranked) - _SHOWN:,} further themes are in --format csv, markdown and json.")
    if beside:
        notes += _next(place, given)
    shown = [_shown(one) for one in ranked]
    return Sheet(
        "What the reanalysis moves" if beside else "What the change of the model moved",
        shown[:_SHOWN],
        rows,
        document,
        notes=notes,
    )


def _lead(ranked: list[ThemeChange], found: Comparison) -> list[str]:
    """Return in sentences what it comes to: whether the first places are others now, and what lies behind that."""
    before = [one for one in ranked if one.before.get("rank", _FIRST + 1) <= _FIRST]
    after = [one for one in ranked if one.after.get("rank", _FIRST + 1) <= _FIRST]
    lines = []
    if before and after:
        old = min(before, key=lambda one: int(one.before["rank"]))
        new = min(after, key=lambda one: int(one.after["rank"]))
        if old is new:
            lines.append(f"What to improve first stays {new.name}.")
        else:
            was, now = _place(new.before), _place(old.after)
            lines.append(f"What to improve first is {new.name} now ({was} before), and was {old.name} ({now} now).")
        stay = sum(one in before for one in after)
        lines[0] += f" Of the first {len(after)}, {stay} were among the first {len(before)} before."
    behind = found.behind
    total = sum(behind.values())
    if total:
        said = ", ".join(f"{count / total:.0%} {_BEHIND[cause]}" for cause, count in behind.items() if count)
        mentions = "1 mention" if total == 1 else f"{total:,} mentions"
        lines.append(f"{mentions} came into a theme, left one or went to another: {said}.")
    return lines


def _place(row: Mapping[str, Any]) -> str:
    return f"number {row['rank']}" if row else "not ranked"


def _shown(one: ThemeChange) -> dict[str, Any]:
    def both(said: Callable[[Any], str]) -> str:
        before, after = (said(row) if row else "" for row in (one.before, one.after))
        return f"{before or '-'} → {after or '-'}"

    renamed = f" (was: {one.name_before})" if one.name_before not in (None, one.name) else ""
    return {
        "theme": f"{one.name}{renamed}",
        "moved": one.moved + (", clearly" if one.clear else ""),
        "rank": both(lambda row: f"{row['rank']} ({row['rank_low']}-{row['rank_high']})"),
        "stars lost": both(lambda row: f"{row['star_impact']:.2f}"),
        "reach": both(lambda row: f"{row['reach']:.1%} ({100 * row['reach_low']:.1f}-{100 * row['reach_high']:.1f})"),
        "why (mentions)": one.why(3),
    }


def _row(one: ThemeChange) -> dict[str, Any]:
    from voc.reanalysis.changes import GAINED, LOST

    columns = ("rank", "rank_low", "rank_high", "reviews", "reach", "reach_low", "reach_high")
    stars = ("star_impact", "star_impact_low", "star_impact_high")
    return {
        "theme_id": one.after_id,
        "theme_id_before": one.before_id,
        "name": one.name,
        "name_before": one.name_before,
        "moved": one.moved,
        "clear": one.clear,
        **{f"{column}_before": one.before.get(column) for column in (*columns, *stars)},
        **{f"{column}_after": one.after.get(column) for column in (*columns, *stars)},
        "mentions_before": one.mentions_before,
        "mentions_after": one.mentions_after,
        "mentions_kept": one.kept,
        **{f"gained_{cause}": one.gained.get(cause, 0) for cause in GAINED},
        **{f"lost_{cause}": one.lost.get(cause, 0) for cause in LOST},
        "came_from": ", ".join(f"{name} ({count})" for name, count in one.came_from),
        "went_to": ", ".join(f"{name} ({count})" for name, count in one.went_to),
        "why": one.why(),
    }


def _notes(found: Comparison, beside: bool) -> list[str]:
    """Return in sentences which states these are and how their mentions differ."""
    notes = []
    for side, name in (
        (found.before, "Before"),
        (found.after, "After" + (" (beside, not switched to)" if beside else "")),
    ):
        models = ", ".join(f"{version} ({count:,})" for version, count in side["models"].items()) or "nothing"
        notes.append(
            f"{name}: {side['reviews']:,} reviews read by {models}; {side['mentions']:,} mentions, "
            f"{side['themes']:,} themes; {side['made_at']:%Y-%m-%d %H:%M} UTC."
        )
        if side["clustered_by"]:
            notes.append(f"{name}: {side['clustered_by']}")
    if found.settings:
        notes.append("Set otherwise: " + "; ".join(f"{key} {old} -> {new}" for key, old, new in found.settings) + ".")
    lines = [f"{found.same:,} mentions are the same"]
    for counts, said in ((found.only_before, "only before"), (found.only_after, "only after")):
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
        lines.append(f"{sum(counts.values()):,} {said}" + (f" ({kinds})" if kinds else ""))
    if found.kinds:
        changed = ", ".join(f"{count:,} {old} -> {new}" for old, new, count in found.kinds)
        lines.append(f"{sum(count for *_, count in found.kinds):,} of another kind ({changed})")
    new = sum(one.before_id is None for one in found.themes)
    gone = sum(one.after_id is None for one in found.themes)
    clear = sum(one.clear for one in found.themes)
    return [
        *notes,
        "; ".join(lines) + ".",
        f"Themes: {len(found.themes) - new - gone:,} in both, {new:,} new, {gone:,} gone; {clear:,} moved by more than "
        "their ranks are uncertain.",
    ]


def _examples(ranked: list[ThemeChange]) -> list[str]:
    from voc.reanalysis.changes import GAINED, LOST

    lines = []
    for one in sorted((one for one in ranked if one.examples), key=lambda one: -one.size)[:_EXPLAINED]:
        lines.append(f"{one.name} ({one.moved}):")
        for example in one.examples:
            said = (GAINED if example["side"] == "gained" else LOST)[example["cause"]]
            sign = "+" if example["side"] == "gained" else "−"
            which = f" ({example['theme']})" if example["theme"] else ""
            lines.append(f"  {sign} {said}{which}: “{' '.join(example['text'].split())}” [{example['review_id']}]")
    return lines


def _next(place: Workspace, given: Path) -> list[str]:
    """Return what may be done now, and what a switch would bring in first."""
    import shlex

    from voc.reanalysis.reading import since

    current, beside = place.current(), place.candidate()
    notes = []
    if current is not None and beside is not None:
        new, _ = since(beside, current.table("reviews"))
        if new.num_rows:
            notes.append(f"{new.num_rows:,} reviews came since it was made; --switch reads them for it first.")
    where = f"--workspace {shlex.quote(str(given))}"
    notes.append(f"Next: voc reanalyse --switch {where}, or --discard in its place.")
    return notes


def _switched(done: Any, given: Path) -> list[str]:
    import shlex

    lines = []
    if done.new or done.gone:
        lines.append(f"{done.new:,} reviews that came since were read for it; {done.gone:,} were no longer there.")
    # A state of an earlier version may not say by which model it was made.
    model = done.snapshot.info.get("config", {}).get("model", {}).get("opinions", "opinions")
    lines.append(f"The reanalysis is the current state now ({done.snapshot.id}); runs go on with the model {model}.")
    lines.append(
        f"The state before is snapshot {done.before}; `voc snapshots --restore {done.before} --workspace "
        f"{shlex.quote(str(given))}` goes back to it while it is kept."
    )
    lines.append("A configuration with --config that names other weights would read everything by those again.")
    return lines
