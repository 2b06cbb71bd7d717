"""The journey of a product manager with an export: upload, confirm, follow, read."""

import json
import os
import re
import signal
import time
import zipfile

import pytest
from browsing import photograph, settled

from voc.resuming import STEP
from voc.store import Workspace
from voc.ui.analysing.pending import Pending

ROWS = STEP + 400
TROUBLES = [
    "The cable frays near the plug after two weeks.",
    "The battery died after one month.",
    "The left earbud stopped working.",
    "The charger got so hot that it burned my hand.",
    "Works great, I love it.",
]


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "my shop.csv"
    rows = [
        f'{1 + i % 5},"{TROUBLES[i % 5]} Order {i}, bought in shop {i * 7}.",2021-0{1 + i % 9}-11' for i in range(60)
    ]
    path.write_text("Stars given,What they wrote,Day\n" + "\n".join(rows) + "\n9,Out of range.,2021-01-01\n")
    return path


@pytest.fixture(scope="module")
def new(serve, tmp_path_factory):
    """Serve a workspace in which nothing has been analysed; none of what these tests do begins one."""
    folder = tmp_path_factory.mktemp("new") / "workspace"
    yield serve(folder)
    assert not folder.exists()


def test_what_cannot_be_analysed_is_refused_in_one_sentence(visit, new, tmp_path):
    empty = tmp_path / "numbers.csv"
    empty.write_text("a,b\n1,2\n3,4\n")
    view = visit("analyse", base=new)
    view.set_input_files("input[type=file]", empty)
    refusal = view.locator("[data-testid=stAlert]")
    refusal.wait_for()
    assert "numbers.csv" in refusal.inner_text()
    assert view.get_by_role("button", name="Analyse").is_disabled()
    view.get_by_role("button", name="Remove").first.click()
    refusal.wait_for(state="detached")
    # 400 MB of zeros in 400 KB.
    with (
        zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("reviews.csv", "w") as member,
    ):
        for _ in range(400):
            member.write(bytes(1_000_000))
    view.set_input_files("input[type=file]", tmp_path / "bomb.zip")
    refusal.wait_for()
    assert refusal.inner_text().count(".") == len(re.findall(r"\.(?:zip|toml)", refusal.inner_text())) + 1
    assert "bomb.zip: the archive unpacks to more than 200 times its size" in refusal.inner_text()
    assert view.get_by_role("button", name="Analyse").is_disabled()
    photograph(view, "analyse-bomb")
    view.get_by_role("button", name="Remove").first.click()
    refusal.wait_for(state="detached")
    # Of a large file the beginning is shown at once, and that it is the beginning.
    with (tmp_path / "large.csv").open("w") as file:
        file.write("Review,Stars\n")
        for number in range(60_000):
            file.write(f"The cable of order {number} frayed near the plug after {number % 300} days,{1 + number % 5}\n")
    view.set_input_files("input[type=file]", tmp_path / "large.csv")
    view.get_by_text("Seen here is the beginning of the file").wait_for()
    assert view.get_by_role("button", name="Analyse").is_enabled()


def test_a_first_visitor_looks_around_in_the_sample_and_goes_back(visit, new):
    view = visit("", base=new)
    assert "Nothing has been analysed yet" in view.locator("h1.voc").inner_text()
    photograph(view, "first-visit")
    view.get_by_role("button", name="Open the sample").click()
    view.locator(".st-key-card_1").wait_for(timeout=60_000)
    settled(view)
    assert "workspace=sample" in view.url
    banner = view.get_by_text("You are looking at the sample")
    assert banner.is_visible()
    photograph(view, "sample-overview")
    # It stays on every page, and a link into it opens in another browser.
    view.get_by_role("link", name="Opportunities", exact=True).click()
    view.wait_for_url("**/opportunities?*workspace=sample*")
    settled(view)
    assert banner.is_visible()
    second = visit(view.url.split("/", 3)[3], base=new)
    assert second.locator("h2.voc").first.inner_text() == view.locator("h2.voc").first.inner_text()
    view.get_by_role("button", name="Leave the sample").click()
    banner.wait_for(state="detached")
    settled(view)
    assert "sample" not in view.url
    assert view.get_by_text("Nothing has been analysed yet").is_visible()
    second.get_by_role("link", name="Analyse your own export").click()
    second.wait_for_url("**/analyse*")
    settled(second)
    assert second.get_by_text("You are looking at the sample").count() == 0
    assert second.locator("input[type=file]").count() == 1


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_an_analysis_that_is_killed_goes_on_and_nothing_is_lost_or_doubled(visit, serve, tmp_path):
    export = tmp_path / "export.csv"
    lines = [
        f'{1 + i % 5},"{TROUBLES[i % 5]} Order {i}, bought in shop {i * 7}.",2021-0{1 + i % 9}-11' for i in range(ROWS)
    ]
    export.write_text("Stars given,What they wrote,Day\n" + "\n".join(lines) + "\n")
    place = tmp_path / "workspace"
    view = visit("analyse", base=serve(place))
    view.set_input_files("input[type=file]", export)
    view.get_by_role("button", name="Analyse").click()
    pending = Pending.of(place)

    def read(at_least):
        """Wait until so many reviews have been read, and return how many have."""
        until = time.monotonic() + 600
        while (notes := pending.notes()).get("stage") != "Reading reviews" or notes.get("done", 0) < at_least:
            assert time.monotonic() < until, notes
            time.sleep(0.1)
        return notes["done"]

    read(STEP + 1)
    os.kill(json.loads((place / "pending" / "running.lock").read_text())["pid"], signal.SIGKILL)
    view.get_by_text("The analysis was ended from outside").wait_for(timeout=30_000)
    settled(view)
    photograph(view, "analyse-killed")
    assert Workspace(place).current() is None
    noted = (place / "pending" / "progress.json").stat().st_mtime_ns
    view.get_by_role("button", name="Resume").click()
    view.get_by_text("Running for").wait_for(timeout=60_000)
    while (place / "pending" / "progress.json").stat().st_mtime_ns == noted or (
        pending.notes().get("stage") != "Reading reviews"
    ):
        time.sleep(0.05)
    # What was read before the kill is not read again.
    assert read(0) >= STEP
    view.get_by_text("Analysis finished").wait_for(timeout=900_000)
    settled(view)
    snapshot = Workspace(place).current()
    counted = {}
    for name, key in (("reviews", "review_id"), ("readings", "review_id"), ("mentions", "mention_id")):
        ids = snapshot.table(name)[key].to_pylist()
        counted[name] = (len(ids), len(set(ids)))
    assert counted["reviews"] == counted["readings"] == (ROWS, ROWS)
    assert counted["mentions"][0] == counted["mentions"][1] >= 900
    assert snapshot.table("imports")["accepted"].to_pylist() == [ROWS]
    assert not (place / "pending").exists()


@pytest.mark.slow
def test_upload_confirm_follow_and_read(visit, serve, export, tmp_path):
    base = serve(tmp_path / "workspace")
    assert "Nothing has been analysed yet" in visit("", base=base).locator("h1.voc").inner_text()
    view = visit("analyse", base=base)
    view.set_input_files("input[type=file]", export)
    view.wait_for_selector(".voc-table")
    photograph(view, "analyse-preview")
    assert "What they wrote" in view.locator(".voc-chips").first.inner_text()
    view.get_by_role("button", name="Analyse").click()
    view.get_by_text("Running for").wait_for(timeout=60_000)
    view.get_by_role("link", name="Trends", exact=True).click()
    settled(view)
    view.get_by_role("link", name="Analyse", exact=True).click()
    view.get_by_text("Analysis finished").wait_for(timeout=300_000)
    settled(view)
    photograph(view, "analyse-finished")
    read, accepted, duplicates, rejected = (
        int(cell) for cell in view.locator(".st-key-job td.n").all_inner_texts()[:4]
    )
    assert read == 61 == accepted + duplicates + rejected
    view.get_by_text("See what to fix first").click()
    view.wait_for_function("location.pathname === '/'")
    settled(view)
    assert re.search(r"\d+ reviews", view.locator(".voc-sub").first.inner_text())
    photograph(view, "analyse-overview")
