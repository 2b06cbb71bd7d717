"""`voc benchmark app`: how long people wait in the app on a large workspace, and the memory of its server."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from voc.benchmark import app_server
from voc.benchmark.app_browser import NotThere, act, chromium, drawn, go, pause, visit
from voc.benchmark.app_interactions import INTERACTIONS, Interaction
from voc.benchmark.app_workspace import one_more_export, prepared
from voc.benchmark.measure import machine
from voc.errors import VocError

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from voc.benchmark.app_server import Server
    from voc.progress import Progress
    from voc.store import Workspace

#: Bounds: seconds of an interaction, seconds of the first page beyond the empty one, bytes of the server's memory.
INTERACTION, FIRST_PAGE, BYTES = 1.0, 2.0, 15 * 10**8
#: How often the first page is opened, by a new reader on a new server and on one that runs.
_FIRST = 3
#: Seconds that a person reads between two acts, at least and at most, and how much one does.
_READING, _ACTS = (2.0, 5.0), 15
NOTES = (
    "The reviews are drawn: 60 themes in 20 parts, 40 products of six brands, five markets, five years.",
    "Browser and server share the machine's cores. An interaction ends when the server's run has ended, every chart is "
    "painted and the browser is idle. First: in the state in which nobody has asked for it; again: once more, on the "
    "page opened anew.",
    "Memory is the resident memory of all processes that `voc app` starts, itself included.",
)


def benchmark_app(
    reviews: int,
    mentions: int,
    *,
    people: int = 5,
    pages: Sequence[str] = (),
    workspace: Path | None = None,
    progress: Progress,
) -> dict[str, Any]:
    """Drive headless Chromium through the app on a drawn workspace.

    Args:
        reviews: how many.
        mentions: how many.
        people: at once, in the last part.
        pages: addresses of the pages whose interactions are timed; all of them without it.
        workspace: folder in which the drawn workspace is kept, to be used again; a temporary one without it.
        progress: told what happens.

    Returns:
        `machine`, `reviews`, `mentions`, `first_page`, `interactions`, `seconds` (of all of them, first and again),
        `together` (`people` at once), `new_export`, `not_there`, `within` (whether all bounds hold), `notes`.

    Raises:
        VocError: the browser or what drives it is missing, a page is unknown, or the server failed.
    """
    known = {interaction.page for interaction in INTERACTIONS}
    for page in pages:
        if page not in known:
            raise VocError(f"There is nothing to time on the page {page!r}; there is {', '.join(sorted(known))}.")
    chosen = [interaction for interaction in INTERACTIONS if not pages or interaction.page in pages]
    with tempfile.TemporaryDirectory(prefix="voc-benchmark-") as folder:
        kept = prepared(workspace or Path(folder) / "drawn", reviews, mentions, progress)
        # What is kept stays as it is: one part of the measurement commits to the workspace.
        copy = Path(folder) / "workspace"
        shutil.copytree(kept.path, copy)
        found = asyncio.run(_measure(type(kept)(copy), chosen, people, Path(folder), progress))
    result = {
        "benchmark": "app",
        "machine": machine(),
        "reviews": reviews,
        "mentions": mentions,
        "people": people,
        **found,
        "notes": [*NOTES, *(f"Not timed: {missing}." for missing in found["not_there"])],
    }
    return {**result, "within": _within(result)}


def table(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures as rows to print."""
    rows = [
        {"page": one["page"], "what": one["what"], **{name: f"{one[name]:.2f}" for name in ("first", "again")}}
        for one in result["interactions"]
    ]
    for name, which in (("median", "median"), ("95 %", "p95"), ("longest", "max")):
        seconds = {when: f"{result['seconds'][when][which]:.2f}" for when in ("first", "again")}
        rows.append({"page": "all", "what": name, **seconds})
    first = result["first_page"]
    rows.append(
        {
            "page": "first page",
            "what": f"beyond an empty page (bound {FIRST_PAGE:.0f})",
            "first": f"{first['new']['app'] - first['new']['empty']:.2f}",
            "again": f"{first['running']['app'] - first['running']['empty']:.2f}",
        }
    )
    if together := result["together"]:
        many = f"{result['people']} people"
        said = f"95 % of {together['interactions']} interactions"
        rows.append({"page": many, "what": said, "first": f"{together['p95']:.2f}", "again": ""})
        said, memory = f"memory, GB (bound {BYTES / 10**9:.1f})", f"{together['peak_bytes'] / 10**9:.2f}"
        rows.append({"page": many, "what": said, "first": memory, "again": ""})
    new = result["new_export"]
    said = "shown by the next interaction" if new["shown"] else "NOT shown by the next interaction"
    return [*rows, {"page": "new export", "what": said, "first": f"{new['seconds']:.2f}", "again": ""}]


def _within(result: Mapping[str, Any]) -> dict[str, bool]:
    """Tell which bounds hold."""
    first = result["first_page"]
    together = result["together"]
    return {
        "interactions": max(result["seconds"][when]["max"] for when in ("first", "again")) < INTERACTION,
        "first_page": all(first[when]["app"] - first[when]["empty"] < FIRST_PAGE for when in ("new", "running")),
        "memory": together is None or together["peak_bytes"] < BYTES,
        "new_export": result["new_export"]["shown"],
    }


async def _measure(
    workspace: Workspace, chosen: Sequence[Interaction], people: int, folder: Path, progress: Progress
) -> dict[str, Any]:
    async with chromium() as browser:
        first = await _first_page(browser, workspace, folder, progress)
        with app_server.app(workspace.path) as server:
            timed, not_there = await _alone(browser, server, chosen, progress)
            alone = {"peak_bytes": server.peak_bytes}
        together = None
        if people:
            with app_server.app(workspace.path) as server:
                together = await _together(browser, server, chosen, people, progress)
        with app_server.app(workspace.path) as server:
            new_export = await _new_export(browser, server, workspace, progress)
    seconds = {when: _summary([one[when] for one in timed]) for when in ("first", "again")}
    return {
        "first_page": first,
        "interactions": timed,
        "seconds": seconds,
        "alone": alone,
        "together": together,
        "new_export": new_export,
        "not_there": not_there,
    }


async def _first_page(browser: Browser, workspace: Workspace, folder: Path, progress: Progress) -> dict[str, Any]:
    """Return the seconds of the first page, of the app and of an empty one, on a new server and on one that runs."""
    found: dict[str, dict[str, list[float]]] = {when: {"app": [], "empty": []} for when in ("new", "running")}
    # In turns: what else the machine does strikes both.
    servers = {"empty": partial(app_server.empty_page, folder), "app": partial(app_server.app, workspace.path)}
    for number in range(_FIRST):
        progress("Opening the first page", number, _FIRST)
        for name, start in servers.items():
            with start() as server:
                for when in ("new", "running"):
                    page, seconds = await visit(browser, server.address)
                    found[when][name].append(seconds)
                    await page.context.close()
    return {when: {name: median(each) for name, each in one.items()} | {"each": one} for when, one in found.items()}


async def _alone(
    browser: Browser, server: Server, chosen: Sequence[Interaction], progress: Progress
) -> tuple[list[dict[str, Any]], list[str]]:
    """Time each interaction, first and again, by one person; also return those that were not possible."""
    timed, not_there = [], []
    page, _ = await visit(browser, server.address)
    for number, one in enumerate(chosen):
        progress("Doing what people do", number, len(chosen))
        row: dict[str, Any] = {"page": one.page, "what": one.what}
        try:
            for when in ("first", "again"):
                row[f"open_{when}"] = await go(page, _address(server, one))
                before = server.cpu_seconds()
                row[when] = await act(page, one.how)
                row[f"cpu_{when}"] = server.cpu_seconds() - before
        except NotThere as error:
            not_there.append(f"{one.page}: {one.what} ({error})")
            continue
        timed.append(row)
    await page.context.close()
    if not timed:
        raise VocError(f"Nothing could be timed; {'; '.join(not_there)}.")
    return timed, not_there


async def _together(
    browser: Browser, server: Server, chosen: Sequence[Interaction], people: int, progress: Progress
) -> dict[str, Any]:
    """Return the seconds of interactions of several people at once, each at work on something else."""
    progress(f"{people} people at once", 0, None)

    async def work(person: int) -> list[float]:
        order = list(chosen)
        rng = random.Random(person)
        rng.shuffle(order)
        page, _ = await visit(browser, server.address)
        seconds = []
        for one in order[:_ACTS]:
            await pause(rng.uniform(*_READING))
            try:
                seconds.append(await go(page, _address(server, one)))
                await pause(rng.uniform(*_READING))
                seconds.append(await act(page, one.how, person))
            except NotThere:
                continue
        await page.context.close()
        return seconds

    each = await asyncio.gather(*(work(person) for person in range(people)))
    seconds = [one for of_person in each for one in of_person]
    return {**_summary(seconds), "interactions": len(seconds), "peak_bytes": server.peak_bytes}


async def _new_export(browser: Browser, server: Server, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Commit another export while the app is open, and return what the next interaction took and whether it shows."""
    progress("A new export comes in", 0, None)
    page, _ = await visit(browser, server.address)
    before = await _said(page)
    one_more_export(workspace)
    await page.get_by_role("link", name="Opportunities", exact=True).first.click()
    seconds = await drawn(page)
    await page.get_by_role("link", name="Overview", exact=True).first.click()
    again = await drawn(page)
    after = await _said(page)
    await page.context.close()
    return {"seconds": seconds, "overview_seconds": again, "shown": before != after, "before": before, "after": after}


async def _said(page: Page) -> str:
    """Return the sentence under the overview's title, which says how many reviews there are."""
    return " ".join((await page.locator("h1.voc + *").first.inner_text()).split())


def _address(server: Server, one: Interaction) -> str:
    page = "" if one.page == "overview" else one.page
    return f"{server.address}/{page}?{one.view}" if one.view else f"{server.address}/{page}"


def _summary(seconds: Sequence[float]) -> dict[str, float]:
    return {
        "median": float(np.median(seconds)),
        "p95": float(np.quantile(seconds, 0.95)),
        "max": float(np.max(seconds)),
        "within": float(np.mean(np.asarray(seconds) < INTERACTION)),
    }
