"""What people decide stands over what is found: through new mentions, a refit and another model."""

import pytest

from tests.themes.build import TROUBLES, mentions
from voc.config import ThemesConfig
from voc.edits import NO_THEME, Correction, Edits, Span, Split
from voc.themes import Before, find_themes
from voc.themes.spans import find_spans, span_of

CONFIG = ThemesConfig(min_size=6)
MORE = ["cable | frays close to the plug", "battery | drains overnight", "delivery | arrived very late"]


def run(edits, lines=(), before=None, **options):
    table, texts = mentions([*TROUBLES, *lines])
    known = before and Before(before.found_themes, before.assignments, before.wordings, before.areas)
    stored = before and before.embeddings
    return find_themes(table, texts, config=CONFIG, before=known, embeddings=stored, edits=edits, **options)


def row(result, theme):
    return next(one for one in result.themes.to_pylist() if one["theme_id"] == theme)


def held(result, theme):
    return {one["mention_id"] for one in result.mentions.to_pylist() if one["theme_id"] == theme}


@pytest.fixture(scope="module")
def found():
    return run(None)


@pytest.fixture(scope="module")
def ids(found):
    """Return the theme of cables, of batteries, of what stopped, and of late deliveries."""
    called = {row["name"].split(":")[0].split()[0]: row["theme_id"] for row in found.themes.to_pylist()}
    stopped = next(theme for word, theme in called.items() if word not in ("cable", "battery", "delivery"))
    return [called["cable"], called["battery"], stopped, called["delivery"]]


@pytest.mark.parametrize("how", ["again", "new export", "refit", "other model"])
def test_decisions_stand(found, ids, how):
    cable, battery, stopped, delivery = ids
    one = next(m for m in found.mentions.to_pylist() if m["theme_id"] == cable)
    edits = Edits(
        names={cable: "Cable breaks"},
        dismissed=frozenset({delivery}),
        merged={stopped: battery},
        areas={cable: "wiring"},
        corrections=(Correction(span_of(one), theme_id=NO_THEME),),
    )
    options = {
        "again": {},
        "new export": {"lines": MORE},
        "refit": {"lines": MORE, "refit": True},
        "other model": {"refit": True},
    }[how]
    if how == "other model":
        # Another reading: no vector of the old weights, and other ids.
        table, texts = mentions(TROUBLES)
        result = find_themes(
            table,
            texts,
            config=CONFIG,
            before=Before(found.found_themes, found.assignments, found.wordings, found.areas),
            refit=True,
            edits=edits,
        )
    else:
        result = run(edits, before=found, **options)
    assert (row(result, cable)["name"], row(result, cable)["renamed_by_user"]) == ("Cable breaks", True)
    assert row(result, stopped)["state"] == "merged"
    assert held(found, stopped) | held(found, battery) <= held(result, battery)
    assert row(result, delivery)["state"] == "dismissed"
    assert all(m["kind"] == "neutral" for m in result.mentions.to_pylist() if m["theme_id"] == delivery)
    assert {a["area_id"]: a["name"] for a in result.areas.to_pylist()}[row(result, cable)["area_id"]] == "wiring"
    assert one["mention_id"] not in held(result, cable)
    assert held(found, cable) - {one["mention_id"]} <= held(result, cable)


@pytest.mark.parametrize("how", ["again", "new export", "refit"])
@pytest.mark.parametrize("words", [("plug", "connector"), ()])
def test_a_split_stands_and_later_mentions_follow_it(found, ids, how, words):
    cable = ids[0]
    chosen = [m for m in found.mentions.to_pylist() if m["theme_id"] == cable and "plug" in m["phrase"]]
    members = tuple(span_of(m) for m in chosen)
    edits = Edits(splits=(Split("t-plug", cable, "Frays at the plug", members, words),))
    options = {"again": {}, "new export": {"lines": MORE}, "refit": {"lines": MORE, "refit": True}}[how]
    result = run(edits, before=found, **options)
    assert row(result, "t-plug")["name"] == "Frays at the plug"
    assert {m["mention_id"] for m in chosen} <= held(result, "t-plug")
    assert held(result, cable)
    if words:
        phrases = {m["mention_id"]: m["phrase"] for m in result.mentions.to_pylist()}
        assert all(any(w in phrases[m] for w in words) for m in held(result, "t-plug"))
        assert not any(w in phrases[m] for m in held(result, cable) for w in words)
    if how != "again" and words:
        assert f"m{len(TROUBLES):05d}" in held(result, "t-plug")


def test_what_is_taken_back_is_as_it_was(found, ids):
    cable, battery, *_ = ids
    members = tuple(span_of(m) for m in found.mentions.to_pylist() if m["theme_id"] == cable)[:4]
    split = run(Edits(splits=(Split("t-part", cable, "Part", members),), merged={battery: cable}), before=found)
    again = run(Edits(), before=split)
    assert again.mentions.equals(found.mentions)
    assert row(again, "t-part")["state"] == "merged"


def test_a_theme_people_touched_is_never_retired(found, ids):
    rest = [line for line in TROUBLES if not line.startswith("delivery")]
    table, texts = mentions(rest)
    before = Before(found.found_themes, found.assignments, found.wordings, found.areas)
    result = find_themes(
        table, texts, config=CONFIG, before=before, refit=True, edits=Edits(names={ids[3]: "Comes too late"})
    )
    assert (row(result, ids[3])["state"], row(result, ids[3])["name"]) == ("active", "Comes too late")


def test_a_mention_is_found_again_by_its_place_in_the_review(found):
    table = found.mentions
    first = table.to_pylist()[0]
    span = span_of(first)
    assert find_spans(table, [span]) == {span: 0}
    near = Span(span.review_id, span.start, span.end - 1)
    assert find_spans(table, [near]) == {near: 0}
    assert find_spans(table, [Span(span.review_id, 900, 910), Span("nobody", span.start, span.end)]) == {}
