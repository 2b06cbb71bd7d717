"""New mentions go to the themes there are, and nothing that was there moves."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.themes.build import TROUBLES, mentions
from voc.config import ThemesConfig
from voc.themes import Before, find_themes

CONFIG = ThemesConfig(min_size=6)
NEW = [
    "cable | frays close to the plug",
    "cable | frays near the plug",
    "| stopped working",
    "battery | drains overnight",
    "screen | cracked in a corner",
]
RATTLES = [
    f"hinge | {what}" for what in ("rattles", "rattles loudly", "rattles when opened", "rattles all the time")
] * 2


@pytest.fixture(scope="module")
def found():
    table, texts = mentions(TROUBLES)
    return find_themes(table, texts, config=CONFIG)


def later(found, lines, **options):
    """Add `lines` to what was found."""
    table, texts = mentions([*TROUBLES, *lines])
    new = {f"r{number:05d}" for number in range(len(TROUBLES), len(TROUBLES) + len(lines))}
    before = Before(found.found_themes, found.assignments, found.wordings, found.areas, new)
    return find_themes(table, texts, config=CONFIG, embeddings=found.embeddings, before=before, **options)


def themes_of(result):
    return dict(zip(*(result.assignments[name].to_pylist() for name in ("mention_id", "theme_id")), strict=True))


def names(result):
    return {row["theme_id"]: row["name"] for row in result.themes.to_pylist() if row["state"] == "active"}


def test_new_mentions_join_the_themes_there_are(found):
    result = later(found, NEW)
    assert not result.info["fitted"]
    theme = themes_of(result)
    called = [names(result).get(theme[f"m{len(TROUBLES) + place:05d}"], "") for place in range(len(NEW))]
    assert called[0].startswith("cable: frays")
    assert called[1] == called[0]
    assert "work" in called[2]
    assert called[3].startswith("battery")
    assert called[4] == ""


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from([*NEW, *RATTLES]), max_size=12))
def test_what_is_new_moves_nothing_that_was_there(found, lines):
    before, after = themes_of(found), themes_of(later(found, lines))
    assert all(after[mention] == theme for mention, theme in before.items() if theme is not None)
    assert names(found).items() <= names(later(found, lines)).items()


def test_assigning_again_what_was_fitted_gives_the_same_to_every_mention(found, tmp_path):
    import pyarrow.parquet as pq

    from voc import tables

    stored = []
    for name in ("found_themes", "wordings", "areas"):
        pq.write_table(getattr(found, name), tmp_path / f"{name}.parquet")
        stored.append(tables.conform(name, pq.read_table(tmp_path / f"{name}.parquet")))
    table, texts = mentions(TROUBLES)
    before = Before(stored[0], tables.empty("assignments"), stored[1], stored[2])
    again = find_themes(table, texts, config=CONFIG, embeddings=found.embeddings, before=before)
    assert not again.info["fitted"]
    assert themes_of(again) == themes_of(found)


def test_what_fits_nothing_collects_until_a_theme_emerges(found):
    first = later(found, RATTLES[:4])
    assert not first.lineage.num_rows
    assert all(themes_of(first)[f"m{len(TROUBLES) + place:05d}"] is None for place in range(4))
    second = later(found, RATTLES)
    event = second.lineage.to_pylist()
    assert [row["event"] for row in event] == ["emerged"]
    assert "rattles" in event[0]["name"]
    assert names(second).keys() - names(found).keys() == {event[0]["theme_id"]}
    assert sum(theme == event[0]["theme_id"] for theme in themes_of(second).values()) == len(RATTLES)


def test_copies_of_one_new_text_make_no_theme(found):
    assert not later(found, ["hinge | rattles"] * 50).lineage.num_rows


def test_the_order_of_new_rows_changes_nothing(found):
    shuffled = [*NEW, *RATTLES]
    table, texts = mentions([*TROUBLES, *shuffled])
    order = list(range(table.num_rows))
    random.Random(3).shuffle(order)
    new = {f"r{number:05d}" for number in range(len(TROUBLES), table.num_rows)}
    before = Before(found.found_themes, found.assignments, found.wordings, found.areas, new)
    results = [
        find_themes(rows, texts, config=CONFIG, embeddings=found.embeddings, before=before)
        for rows in (table, table.take(order))
    ]
    assert themes_of(results[0]) == themes_of(results[1])
    assert names(results[0]) == names(results[1])


def test_a_refit_keeps_ids_and_names_and_tells_what_became_of_each(found):
    result = later(found, NEW, refit=True)
    assert result.info["fitted"]
    kept = names(found).keys() & names(result).keys()
    assert kept == names(found).keys()
    assert all(names(found)[theme] == names(result)[theme] for theme in kept)
    events = {row["theme_id"]: row["event"] for row in result.lineage.to_pylist()}
    assert all(events[theme] == "matched" for theme in kept)


def test_a_theme_that_is_not_found_again_is_retired_and_stays_listed(found):
    rest = [line for line in TROUBLES if not line.startswith("delivery")]
    table, texts = mentions(rest)
    before = Before(found.found_themes, found.assignments, found.wordings, found.areas)
    result = find_themes(table, texts, config=CONFIG, before=before, refit=True)
    gone = next(theme for theme, name in names(found).items() if name.startswith("delivery"))
    assert {row["theme_id"]: row["state"] for row in result.themes.to_pylist()}[gone] == "retired"
    assert {row["theme_id"]: row["event"] for row in result.lineage.to_pylist()}[gone] == "retired"
