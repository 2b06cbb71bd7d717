"""Computes what `voc benchmark scale` shows of the times it measured: cost per review, growth, memory, ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SCORE, RAY, RUN, ASSEMBLED = "voc score", "voc score --engine ray", "voc run", "assembled"
#: Reviews whose time stands for starting up: with fewer, BERTopic has nothing to group.
START = 100
#: Cost of a review in the largest export : in the smallest.
GROWTH = 1.2
#: Memory of `voc score`, all of its processes together, at any size.
BYTES = 2 * 10**9
#: How many times faster than the alternative `voc run` shall be from end to end.
AIM = 20.0

#: The commands in the order in which they are shown.
ORDER = (SCORE, RAY, RUN, ASSEMBLED)
_NAMES = {SCORE: "`voc score`", RAY: "`voc score --engine ray`", RUN: "`voc run`", ASSEMBLED: "the alternative"}

Rows = Sequence[Mapping[str, Any]]


def figures(measured: Rows) -> dict[str, Any]:
    """Return the figures of what was measured.

    Args:
        measured: `what`, `reviews`, `seconds`, `together_bytes`, or `failed`, of each command and size.

    Returns:
        `costs`: for each command and size `reviews_per_second`, `cost` (seconds per review, all counted),
        `cost_beyond_start` and `times_faster` than the alternative at that size (`alternative` says whether that was
        "measured", or from which size it was "estimated"); `growth`: for each command of ours both costs at the largest
        size over those at the smallest, `ratio` being the one beyond start-up, and whether it is `within` the bound;
        `memory`: for each way of scoring the highest at any size; `aim`: how many times faster `voc run` is at the
        largest size; `within`: whether all stated bounds hold. A figure that needs what is not measured is null.
    """
    took = {(row["what"], row["reviews"]): row for row in measured if "failed" not in row}
    failed = any("failed" in row for row in measured)
    costs = [_cost(row, took) for row in took.values() if row["reviews"] > START]
    growth = [_growth(what, costs) for what in (SCORE, RAY, RUN) if any(one["what"] == what for one in costs)]
    memory = [_memory(what, took) for what in (SCORE, RAY) if any(key[0] == what for key in took)]
    judged = [one["within"] for one in (*growth, *memory)]
    last = max((one for one in costs if one["what"] == RUN), key=lambda one: one["reviews"], default=None)
    times = last["times_faster"] if last else None
    return {
        "costs": costs,
        "growth": growth,
        "memory": memory,
        "aim": {
            "what": RUN,
            "reviews": last["reviews"] if last else None,
            "times_faster": times,
            "aim": AIM,
            "within": None if times is None else times >= AIM,
        },
        "within": False if failed or False in judged else None if None in judged or not judged else True,
    }


def _cost(row: Mapping[str, Any], took: Mapping[tuple[str, int], Mapping[str, Any]]) -> dict[str, Any]:
    alternative, how = (None, None) if row["what"] == ASSEMBLED else _alternative(row["reviews"], took)
    return {
        "what": row["what"],
        "reviews": row["reviews"],
        "reviews_per_second": row["reviews"] / row["seconds"],
        "cost": row["seconds"] / row["reviews"],
        "cost_beyond_start": _beyond_start(row, took),
        "times_faster": None if alternative is None else alternative / row["seconds"],
        "alternative": how,
    }


def _beyond_start(row: Mapping[str, Any], took: Mapping[tuple[str, int], Mapping[str, Any]]) -> float | None:
    """Return the seconds that each review costs beyond those of `START`."""
    start = took.get((row["what"], START))
    if start is None or row["seconds"] <= start["seconds"]:
        return None
    return float((row["seconds"] - start["seconds"]) / (row["reviews"] - START))


def _alternative(size: int, took: Mapping[tuple[str, int], Mapping[str, Any]]) -> tuple[float | None, str | None]:
    """Return the seconds of the alternative with so many reviews, and how they are known.

    Beyond the largest size that it was measured at, each further review is taken to cost what reviews cost there beyond
    start-up. That is in its favour: BERTopic costs more than in proportion.
    """
    sizes = [reviews for what, reviews in took if what == ASSEMBLED and reviews > START]
    if size in sizes:
        return float(took[ASSEMBLED, size]["seconds"]), "measured"
    smaller = max((one for one in sizes if one < size), default=None)
    if smaller is None:
        return None, None
    row = took[ASSEMBLED, smaller]
    each = _beyond_start(row, took)
    if each is None:
        return None, None
    return float(row["seconds"] + each * (size - smaller)), f"estimated from {smaller:,}"


def _growth(what: str, costs: Rows) -> dict[str, Any]:
    own = sorted((one for one in costs if one["what"] == what), key=lambda one: one["reviews"])
    small, large = own[0], own[-1]
    ratio = None
    if large is not small and small["cost_beyond_start"] and large["cost_beyond_start"]:
        ratio = large["cost_beyond_start"] / small["cost_beyond_start"]
    return {
        "what": what,
        "from": small["reviews"],
        "to": large["reviews"],
        "ratio": ratio,
        "ratio_with_start": None if large is small else large["cost"] / small["cost"],
        "bound": GROWTH,
        "within": None if ratio is None else ratio < GROWTH,
    }


def _memory(what: str, took: Mapping[tuple[str, int], Mapping[str, Any]]) -> dict[str, Any]:
    highest = max((row for (one, _), row in took.items() if one == what), key=lambda row: row["together_bytes"])
    return {
        "what": what,
        "reviews": highest["reviews"],
        "together_bytes": highest["together_bytes"],
        "bound": BYTES,
        "within": highest["together_bytes"] < BYTES,
    }


def table(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures as rows to print."""
    costs = {(one["what"], one["reviews"]): one for one in result["costs"]}
    rows = []
    for row in result["measured"]:
        shown = {"reviews": f"{row['reviews']:,}", "what": row["what"]}
        rows.append(shown)
        if "failed" in row:
            shown["seconds"] = "failed"
            continue
        shown["seconds"] = f"{row['seconds']:.1f}"
        one = costs.get((row["what"], row["reviews"]))
        shown["reviews/s"] = f"{one['reviews_per_second']:.0f}" if one else ""
        shown["ms a review"] = f"{1000 * one['cost']:.2f}" if one else "start-up"
        beyond = one["cost_beyond_start"] if one else None
        shown["beyond start-up"] = f"{1000 * beyond:.2f}" if beyond else ""
        shown["memory, GB"] = f"{row['together_bytes'] / 10**9:.2f}"
        times = one["times_faster"] if one else None
        how = one["alternative"] if one else None
        shown["times faster"] = f"{times:.1f}{' (estimate)' if how != 'measured' else ''}" if times else ""
    return rows


def document(result: Mapping[str, Any]) -> str:
    """Return the figures as Markdown: the machine, what each command took, core hours a million reviews, sentences."""
    here, threads = result["machine"], result["conditions"]["threads"]
    packages = ", ".join(f"{name} {here['packages'][name]}" for name in ("torch", "spacy", "bertopic"))
    columns = ("seconds", "reviews a second", "memory, GB", "times faster", "core hours a million")
    lines = [
        f"Measured on {here['date']} with {threads} cores of one {here['processor']}, {here['memory_gib']:.0f} GiB; "
        f"{packages}.",
        "",
        f"| reviews | command | {' | '.join(columns)} |",
        f"|---:|---|{'---:|' * len(columns)}",
    ]
    for row, shown in zip(result["measured"], table(result), strict=True):
        if row["reviews"] <= START or "failed" in row:
            continue
        hours = 1e6 * row["seconds"] / row["reviews"] * threads / 3600
        values = (shown["seconds"], shown["reviews/s"], shown["memory, GB"], shown["times faster"], f"{hours:.1f}")
        lines.append(f"| {shown['reviews']} | {_NAMES.get(row['what'], row['what'])} | {' | '.join(values)} |")
    return "\n".join([*lines, "", *(f"- {said}" for said in sentences(result, counted=False))])


def sentences(result: Mapping[str, Any], *, counted: bool = True) -> list[str]:
    """Return what is to be said below the table: bounds, failures, what was left out, estimates.

    With `counted` also how many reviews a command accepted, where that is not all.
    """
    said = [_said_of_growth(one) for one in result["growth"] if one["from"] != one["to"]]
    said += [
        f"{one['what']}: at most {one['together_bytes'] / 10**9:.2f} GB "
        f"(bound {one['bound'] / 10**9:.0f}, {_kept(one)})."
        for one in result["memory"]
    ]
    aim = result["aim"]
    if aim["times_faster"] is not None:
        said.append(
            f"{aim['what']}: {aim['times_faster']:.1f} times faster than the alternative with {aim['reviews']:,} "
            f"reviews (aim {aim['aim']:.0f}, {'reached' if aim['within'] else 'not reached'})."
        )
    said += [
        f"The alternative is {how} reviews where it was not measured: each further one is taken to cost what they cost "
        "there beyond start-up, which is in its favour."
        for how in sorted({one["alternative"] for one in result["costs"]} - {None, "measured"})
    ]
    said += [
        f"{row['what']}, {row['reviews']:,} reviews: {row['failed']}" for row in result["measured"] if "failed" in row
    ]
    if counted:
        said += [
            f"{row['what']} accepted {row['accepted']:,} of {row['reviews']:,} reviews."
            for row in result["measured"]
            if "failed" not in row and row["accepted"] != row["reviews"]
        ]
    said += [f"{what} is left out: {why}" for what, why in result["skipped"].items()]
    return said


def _said_of_growth(one: Mapping[str, Any]) -> str:
    if one["ratio"] is None:
        return f"{one['what']}: growth cannot be told, because the time of starting up is not known or hides the rest."
    return (
        f"{one['what']}: a review costs {one['ratio']:.2f} times as much in {one['to']:,} as in {one['from']:,} "
        f"(bound {one['bound']}, {_kept(one)}); start-up included, {one['ratio_with_start']:.2f} times."
    )


def _kept(one: Mapping[str, Any]) -> str:
    return "kept" if one["within"] else "not kept"
