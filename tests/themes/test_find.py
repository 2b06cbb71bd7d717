import random

import pyarrow.compute as pc
import pytest

from tests.themes.build import TROUBLES, mentions
from voc import tables
from voc.config import ThemesConfig
from voc.themes import Before, find_themes

CONFIG = ThemesConfig(min_size=6)


def groups(result):
    """Return the groups of review ids that share a theme, and the mentions left alone."""
    found = {}
    for row in result.mentions.to_pylist():
        found.setdefault(row["theme_id"], set()).add(row["review_id"])
    return found


@pytest.fixture(scope="module")
def found():
    table, texts = mentions(TROUBLES)
    return find_themes(table, texts, config=CONFIG)


def test_troubles_about_the_same_thing_make_a_theme(found):
    names = found.themes.column("name").to_pylist()
    assert any(name.startswith("cable: frays") for name in names), names
    assert any("battery" in name for name in names), names
    assert any("work" in name for name in names), names
    rows = found.mentions.to_pylist()
    cable = {row["theme_id"] for row in rows if row["aspect"] == "cable"}
    battery = {row["theme_id"] for row in rows if row["aspect"] == "battery"}
    assert len(cable) == 1
    assert cable.isdisjoint(battery)
    assert sum(found.themes.column("size").to_pylist()) == sum(row["theme_id"] is not None for row in rows)


def test_areas_are_the_parts_and_delivery_is_none_of_the_product():
    table, texts = mentions(
        [f"delivery | {p}" for p in ("came late", "arrived late", "two weeks late")] * 12, target="delivery"
    )
    result = find_themes(table, texts, config=CONFIG)
    assert result.areas.column("name").to_pylist() == ["delivery"]
    assert result.themes.num_rows == 1


def test_the_order_of_rows_changes_nothing(found):
    table, texts = mentions(TROUBLES)
    order = list(range(table.num_rows))
    random.Random(5).shuffle(order)
    other = find_themes(table.take(order), texts, config=CONFIG, now=found.themes.column("first_run")[0].as_py())
    assert other.mentions.equals(found.mentions)
    assert other.themes.drop_columns("first_run").equals(found.themes.drop_columns("first_run"))
    assert other.areas.equals(found.areas)


def test_judgements_have_an_area_and_verdicts_neither_area_nor_theme(found):
    table, texts = mentions(
        [*TROUBLES, "battery | not good | judgement", "| worst product | verdict", "| don't buy | verdict"]
    )
    rows = find_themes(table, texts, config=CONFIG).mentions.to_pylist()
    judged = next(row for row in rows if row["phrase"] == "not good")
    assert (judged["specificity"], judged["theme_id"]) == ("judgement", None)
    assert judged["area_id"] == next(row["area_id"] for row in rows if row["aspect"] == "battery")
    verdicts = [row for row in rows if row["specificity"] == "verdict"]
    assert len(verdicts) == 2
    assert all(row["theme_id"] is None and row["area_id"] is None for row in verdicts)


def test_copies_of_one_text_make_no_theme():
    table, texts = mentions(["cable | frays near the plug"] * 200)
    result = find_themes(table, texts, config=CONFIG)
    assert result.themes.num_rows == 0
    assert result.info["troubles"] == 200


def test_too_few_troubles_make_no_theme_and_it_is_said():
    table, texts = mentions(TROUBLES[:10])
    result = find_themes(table, texts, config=CONFIG)
    assert (result.themes.num_rows, result.info["enough"]) == (0, False)
    assert result.areas.num_rows == 1


def test_nothing_at_all_gives_empty_tables():
    result = find_themes(tables.empty("mentions"), {}, config=CONFIG)
    assert result.themes.num_rows == result.areas.num_rows == result.mentions.num_rows == 0


def test_a_second_run_with_more_mentions_keeps_the_ids(found):
    table, texts = mentions([*TROUBLES, "cable | frays close to the plug", "screen | cracked in a corner"])
    before = Before(found.found_themes, found.assignments, found.wordings, found.areas)
    again = find_themes(table, texts, config=CONFIG, embeddings=found.embeddings, before=before)
    before = {row["mention_id"]: row["theme_id"] for row in found.mentions.to_pylist()}
    after = {row["mention_id"]: row["theme_id"] for row in again.mentions.to_pylist()}
    kept = [after[m] == theme for m, theme in before.items() if theme is not None]
    assert sum(kept) / len(kept) > 0.9
    assert set(found.themes.column("theme_id").to_pylist()) & set(again.themes.column("theme_id").to_pylist())


def test_embeddings_are_unit_vectors_of_the_troubles(found):
    troubles = pc.sum(pc.equal(found.mentions.column("specificity"), "trouble")).as_py()
    assert found.embeddings.num_rows == troubles
    first = found.embeddings.column("vector")[0].as_py()
    assert sum(x * x for x in first) == pytest.approx(1, abs=0.01)


def test_a_tree_grown_on_a_sample_still_finds_the_themes(monkeypatch):
    from voc.themes import cluster

    wheres = ("plug", "end", "tip", "connector", "usb side", "phone side", "wall side", "middle", "neck", "base")
    lines = [f"cable | frays {how} the {where}" for where in wheres for how in ("at", "near", "around", "close to")]
    lines += [f"battery | {what} {when}" for what in ("drains", "dies", "runs out", "goes flat") for when in (
        "in an hour", "within minutes", "too soon", "overnight", "by noon", "every day", "so fast", "on standby",
        "before lunch", "after one call",
    )]  # fmt: skip
    table, texts = mentions(lines)
    monkeypatch.setattr(cluster, "FIT_AT_MOST", 40)
    result = find_themes(table, texts, config=ThemesConfig(min_size=8))
    parts = {row["aspect"]: row["theme_id"] for row in result.mentions.to_pylist() if row["theme_id"]}
    assert parts.keys() == {"cable", "battery"}
    assert parts["cable"] != parts["battery"]
    assert result.info["assigned"] > 0.7 * len(lines)
