"""Drives Chromium for `voc benchmark app`: what a person does on a page, and when the page has been drawn after it."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc.errors import VocError

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

#: Milliseconds without a change after which a page counts as drawn, and the most that anything may take.
QUIET, PATIENCE = 150, 60_000
#: Milliseconds within which a control must be there.
_THERE = 8_000
#: And within which a list closes once something was chosen from it.
_CLOSES = 1_000
_ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")

#: Notes when the reader acted, when Streamlit ran, when the page last changed and when the browser was last busy.
_WATCH = """
(() => {
  if (window.__voc) return;
  const seen = window.__voc = {acted: 0, ran: -1, stopped: -1, changed: -1, busy: -1};
  new PerformanceObserver(list => {
    for (const task of list.getEntries()) seen.busy = Math.max(seen.busy, task.startTime + task.duration);
  }).observe({entryTypes: ['longtask']});
  for (const kind of ['pointerdown', 'keydown'])
    document.addEventListener(kind, () => { seen.acted = performance.now(); }, true);
  const state = app => {
    if (app.dataset.testScriptState === 'notRunning') seen.stopped = performance.now();
    else seen.ran = performance.now();
  };
  const begin = () => {
    const app = document.querySelector('[data-testid=stApp]');
    if (!app) return requestAnimationFrame(begin);
    state(app);
    new MutationObserver(() => state(app)).observe(app, {attributeFilter: ['data-test-script-state']});
    new MutationObserver(() => { seen.changed = performance.now(); })
      .observe(document.body, {subtree: true, childList: true, characterData: true});
  };
  begin();
})();
"""
#: Milliseconds from the last act until the page was drawn; null while it is not.
_DRAWN = """
([reruns, quiet]) => {
  const seen = window.__voc, app = document.querySelector('[data-testid=stApp]');
  if (!seen || !app || app.dataset.testScriptState !== 'notRunning') return null;
  if (reruns && seen.ran < seen.acted) return null;
  if (document.querySelector('[data-testid=stSkeleton]')) return null;
  if (!document.querySelector('[data-testid=stMain] [data-testid=stElementContainer]')) return null;
  const painted = chart => chart.offsetParent === null || chart.querySelector('canvas, svg') !== null;
  if (![...document.querySelectorAll('[data-testid=stVegaLiteChart]')].every(painted)) return null;
  const last = Math.max(reruns ? seen.stopped : 0, seen.changed, seen.busy);
  return performance.now() - last > quiet ? Math.max(last - seen.acted, 1) : null;
}
"""
#: Lets a scroll and what it causes pass.
_TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


class NotThere(Exception):
    """A control that an interaction needs is not on the page, or nothing came of using it; it says which."""


@dataclass(frozen=True)
class Action:
    """Something that a person does on a page.

    Attributes:
        do: does it; the number tells people apart, who choose different things. It returns seconds where it has
            measured them itself.
        reruns: whether the server is asked, or only the browser at work.
    """

    do: Callable[[Page, int], Awaitable[float | None]]
    reruns: bool = True


def choose(label: str, number: int = 1) -> Action:
    """Choose the n-th option of a list, the first being number 0; each further person the next one."""

    async def do(page: Page, person: int) -> None:
        from playwright.async_api import Error

        await _click(page.get_by_role("combobox", name=label, exact=True).first)
        options = page.get_by_role("option")
        await _there(options.first)
        option = options.nth(min(number + person, await options.count() - 1))
        await _click(option)
        try:
            await option.wait_for(state="hidden", timeout=_CLOSES)
        except Error:
            # The list was still moving under the click, and nothing was chosen: people click again.
            await _click(option)

    return Action(do)


def find_in(label: str, *texts: str) -> Action:
    """Type into a long list what narrows it and choose the first option left; each person types another text."""

    async def do(page: Page, person: int) -> None:
        text = texts[person % len(texts)]
        await _click(page.get_by_role("combobox", name=label, exact=True).first)
        # A long list has only the options in sight until something is typed.
        await _there(page.get_by_role("option").first)
        await page.keyboard.type(text)
        await _click(page.get_by_role("option").filter(has_text=re.compile(re.escape(text), re.IGNORECASE)).first)

    return Action(do)


def switch(option: str, reruns: bool = True) -> Action:
    """Choose one of the options that stand side by side."""

    async def do(page: Page, person: int) -> None:
        await _click(page.get_by_role("radio", name=option, exact=True).first)

    return Action(do, reruns)


def press(label: str) -> Action:
    """Press a button whose words begin so."""

    async def do(page: Page, person: int) -> None:
        await _click(page.get_by_role("button", name=re.compile(f"^(\\S+ )?{label}")).first)

    return Action(do)


def follow(label: str) -> Action:
    """Follow a link to another page of the app."""

    async def do(page: Page, person: int) -> None:
        await _click(page.get_by_role("link", name=re.compile(label)).first)

    return Action(do)


def unfold(label: str) -> Action:
    """Open what is folded."""

    async def do(page: Page, person: int) -> None:
        await _click(page.locator("summary").filter(has_text=label).first)

    return Action(do)


def click(selector: str, where: tuple[float, float] | None = None, *, reruns: bool = True) -> Action:
    """Click on what a CSS selector finds, at a place given as shares of its width and height."""

    async def do(page: Page, person: int) -> None:
        found = page.locator(selector).first
        await _there(found)
        box = await found.bounding_box()
        if where is None or box is None:
            await _click(found)
        else:
            await found.click(position={"x": box["width"] * where[0], "y": box["height"] * where[1]})

    return Action(do, reruns)


def type_in(label: str, *texts: str) -> Action:
    """Type into a field and press Enter; each person types another one of the texts."""

    async def do(page: Page, person: int) -> None:
        field = page.get_by_label(label, exact=True).first
        await _there(field)
        await field.fill(texts[person % len(texts)])
        await field.press("Enter")

    return Action(do)


def take(menu: str, label: str) -> Action:
    """Open a menu and take the file away that it offers under a label, the time being that until the file is there."""

    async def do(page: Page, person: int) -> float:
        await _click(page.get_by_role("button", name=re.compile(menu)).first)
        button = page.get_by_test_id("stDownloadButton").get_by_role("button", name=re.compile(label)).first
        await _there(button)
        began = time.perf_counter()
        async with page.expect_download(timeout=PATIENCE) as waiting:
            await button.click()
        await (await waiting.value).path()
        return time.perf_counter() - began

    return Action(do, reruns=False)


async def drawn(page: Page, *, reruns: bool = True) -> float:
    """Wait until the page is drawn, and return the seconds since the last act, or since the page was asked for."""
    found = await page.wait_for_function(_DRAWN, arg=[reruns, QUIET], timeout=PATIENCE, polling=50)
    return float(await found.json_value()) / 1000


async def visit(browser: Browser, address: str) -> tuple[Page, float]:
    """Open an address as a new reader does, and return the page and the seconds until it was drawn."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    await page.add_init_script(_WATCH)
    return page, await go(page, address)


async def go(page: Page, address: str) -> float:
    """Open an address in a page that is there, and return the seconds until it was drawn."""
    await page.goto(address, wait_until="commit")
    return await drawn(page)


async def act(page: Page, action: Action, person: int = 0) -> float:
    """Do something on a page, and return the seconds until it was drawn.

    Raises:
        NotThere: the page lacks what it takes, or does not answer.
    """
    from playwright.async_api import Error

    try:
        own = await action.do(page, person)
        return await drawn(page, reruns=action.reruns) if own is None else own
    except Error as error:
        raise NotThere(f"no answer: {str(error).splitlines()[0]}") from None


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start headless Chromium.

    Raises:
        VocError: it or what drives it is missing.
    """
    try:
        import psutil  # type: ignore[import-untyped] # noqa: F401 - the servers that it visits are watched with it
        from playwright.async_api import Error, async_playwright
    except ImportError:
        raise VocError(
            "The benchmark of the app drives a browser: install what it needs with `pip install playwright psutil`."
        ) from None
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        except Error:
            raise VocError(
                "There is no Chromium on this machine; install it (`apt install chromium`, or `playwright install "
                "chromium`) and run the command again."
            ) from None
        try:
            yield browser
        finally:
            await browser.close()


async def pause(seconds: float) -> None:
    """Wait, as somebody does who reads."""
    await asyncio.sleep(seconds)


async def _there(found: Locator) -> None:
    from playwright.async_api import Error

    try:
        await found.wait_for(state="visible", timeout=_THERE)
    except Error:
        raise NotThere("not on the page") from None


async def _click(found: Locator) -> None:
    await _there(found)
    # A list that opens while the page still scrolls to it closes again: people scroll first, then click.
    await found.scroll_into_view_if_needed()
    await found.evaluate(_TWO_FRAMES)
    await found.click()
