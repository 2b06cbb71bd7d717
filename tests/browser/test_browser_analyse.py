"""The journey of a product manager with an export: upload, confirm, follow, read."""

import re

import pytest
from browsing import photograph, settled

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


def test_a_file_without_text_is_refused_in_one_sentence(visit, serve, tmp_path):
    empty = tmp_path / "numbers.csv"
    empty.write_text("a,b\n1,2\n3,4\n")
    view = visit("analyse", base=serve(tmp_path / "workspace"))
    view.set_input_files("input[type=file]", empty)
    view.wait_for_selector("[data-testid=stAlert]")
    assert "numbers.csv" in view.locator("[data-testid=stAlert]").inner_text()
    assert view.get_by_role("button", name="Analyse").is_disabled()
    assert not (tmp_path / "workspace").exists()


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
