"""The shipped sample with its known truth, through the whole product: what was planted is found."""

import datetime as dt
import json
from collections import Counter
from dataclasses import replace

import pyarrow as pa
import pytest

from voc.config import InsightsConfig, load_config
from voc.insights import Facts, Scope
from voc.insights.movement import movements
from voc.insights.needs import needs
from voc.insights.rivals import rivals
from voc.insights.verification import verify
from voc.pipeline import run
from voc.resources import sample_dir
from voc.store import Workspace

CONFIG = InsightsConfig()


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The shipped sample, analysed once; its truth beside it."""
    place = Workspace(tmp_path_factory.mktemp("sample") / "workspace")
    folder = sample_dir()
    run(
        [folder / "reviews.csv"],
        workspace=place,
        config=load_config(folder / "voc.toml"),
        products_file=folder / "products.csv",
    )
    return place.current(), json.loads((folder / "truth.json").read_text(encoding="utf-8"))


def planted(truth, name):
    return next(p for p in truth["planted"] if p["id"] == name)


def named(snapshot, *words):
    """Ids of the themes whose name holds one of `words`."""
    return {t["theme_id"] for t in snapshot.table("themes").to_pylist() if any(w in t["name"] for w in words)}


def reviews_of(snapshot, themes):
    return {m["review_id"] for m in snapshot.table("mentions").to_pylist() if m["theme_id"] in themes}


def test_the_sample_is_accounted_for_row_by_row(sample):
    snapshot, truth = sample
    [row] = snapshot.table("imports").to_pylist()
    assert row["rows_read"] == truth["rows"] == row["accepted"] + row["duplicates"] + row["rejected"]
    assert row["rejected"] == len(truth["blemishes"]["empty_text"])
    unread = sum(not r["analysed"] for r in snapshot.table("readings").to_pylist())
    assert unread == sum(len(ids) for ids in truth["blemishes"]["languages"].values())


def test_most_planted_pains_are_read_as_pain(sample):
    snapshot, truth = sample
    pained = {m["review_id"] for m in snapshot.table("mentions").to_pylist() if m["kind"] == "pain"}
    for plant in truth["planted"]:
        pain = (plant["kind"], plant["specificity"]) == ("pain", "trouble") and plant["target"] != "competitor"
        if pain and len(plant["review_ids"]) >= 15:
            share = len(pained & set(plant["review_ids"])) / len(plant["review_ids"])
            assert share > 0.75, (plant["id"], share)


def test_the_frayed_cable_is_a_theme_and_its_fix_shows(sample):
    snapshot, truth = sample
    true = set(planted(truth, "frays")["review_ids"])
    # One of the themes is called "loose / frayed by the connector", and means both.
    either = true | set(planted(truth, "loose")["review_ids"])
    # Another, "didn't last / frayed after six weeks", is about what dies early, whatever the cause.
    members = {theme: reviews_of(snapshot, {theme}) for theme in named(snapshot, "fray")}
    themes = {theme for theme, ids in members.items() if len(ids & either) > len(ids) / 2}
    assert themes
    found = reviews_of(snapshot, themes)
    assert len(found & true) / len(true) > 0.65  # what frayed "at the connector" stands with other connectors
    assert len(found & either) / len(found) > 0.7
    trends = [t for t in snapshot.table("trends").to_pylist() if t["theme_id"] in themes]
    user = {p["phase_id"]: p["name"] for p in snapshot.table("phases").to_pylist() if p["source"] == "user"}
    second = [t for t in trends if user.get(t["phase_id"], "").startswith("II ")]
    assert sum(t["change"] for t in second) < 0
    assert any(t["change_high"] < 0 for t in second)


def test_hazards_are_flagged(sample):
    snapshot, truth = sample
    flagged = {m["review_id"] for m in snapshot.table("mentions").to_pylist() if m["hazard"]}
    true = set(planted(truth, "hazard")["review_ids"])
    assert len(flagged & true) / len(true) > 0.7


def test_the_regression_of_one_version_shows(sample):
    snapshot, truth = sample
    true = set(planted(truth, "pad_stops")["review_ids"])
    by_theme = {}
    for mention in snapshot.table("mentions").to_pylist():
        if mention["theme_id"]:
            by_theme.setdefault(mention["theme_id"], set()).add(mention["review_id"])
    about = {theme for theme, ids in by_theme.items() if len(ids & true) >= 3}
    assert about
    versions = {
        p["phase_id"]: p["version"]
        for p in snapshot.table("phases").to_pylist()
        if p["source"] == "version" and p["product_id"] == "TW-Q1"
    }
    reach = {}
    for trend in snapshot.table("trends").to_pylist():
        if trend["phase_id"] in versions and trend["theme_id"] in about:
            version = versions[trend["phase_id"]]
            reach[version] = reach.get(version, 0) + trend["reviews"] / max(1, trend["analysed"])
    assert reach["V2"] > 2 * reach["V1"]
    assert reach["V2"] > 2 * reach["V3"]


def test_verdicts_never_become_opportunities(sample):
    snapshot, _ = sample
    rows = snapshot.table("mentions").to_pylist()
    assert all(row["theme_id"] is None for row in rows if row["specificity"] != "trouble")
    names = snapshot.table("opportunities").column("name").to_pylist()
    assert not [name for name in names if name.startswith(("worst", "don't buy", "not recommended", "waste of money"))]


@pytest.fixture(scope="module")
def facts(sample):
    snapshot, _ = sample
    return Facts(**{name: snapshot.table(name) for name in Facts.__dataclass_fields__})


def theme_about(facts, truth, plant, product):
    """The theme that holds most of the reviews of a plant on one product."""
    true = set(planted(truth, plant)["review_ids"])
    on = {
        r["review_id"]
        for r in facts.reviews.select(["review_id", "product_id"]).to_pylist()
        if r["product_id"] == product
    }
    rows = facts.mentions.select(["review_id", "theme_id"]).to_pylist()
    counts = Counter(m["theme_id"] for m in rows if m["theme_id"] and m["review_id"] in true & on)
    return min(counts, key=lambda theme: (-counts[theme], theme))


def test_the_planted_fix_is_verified_and_a_placebo_is_not(sample, facts):
    _, truth = sample
    frays, scope = theme_about(facts, truth, "frays", "TW-C1"), Scope(products=("TW-C1",))
    found = verify(facts, frays, dt.date(2013, 3, 4), scope=scope, config=CONFIG)
    assert found.conclusion in ("fixed", "better")
    assert found.effect_high < 0
    placebo = verify(facts, frays, dt.date(2016, 6, 1), scope=scope, config=CONFIG)
    assert placebo.conclusion in ("no change seen", "not enough data")


def merged_about(facts, truth, plant, product):
    """The facts with one theme for all that hold an eighth of a plant's reviews on one product, and that theme.

    Whoever verifies merges what says the same; into how many themes a plant of 46 reviews falls differs with the last
    digits, and so with the processor.
    """
    true = set(planted(truth, plant)["review_ids"])
    products = dict(zip(*(facts.reviews[name].to_pylist() for name in ("review_id", "product_id")), strict=True))
    rows = facts.mentions.select(["review_id", "theme_id"]).to_pylist()
    held = {(m["theme_id"], m["review_id"]) for m in rows if m["theme_id"] and m["review_id"] in true}
    counts = Counter(theme for theme, review in held if products[review] == product)
    about = [theme for theme, count in sorted(counts.items()) if 8 * count >= len(true)]
    column = facts.mentions.schema.get_field_index("theme_id")
    field = facts.mentions.schema.field(column)
    themes = pa.array([about[0] if m["theme_id"] in about else m["theme_id"] for m in rows], field.type)
    return replace(facts, mentions=facts.mentions.set_column(column, field, themes)), about[0]


def test_the_planted_regression_is_detected_and_its_mending_verified(sample, facts):
    _, truth = sample
    facts, stops = merged_about(facts, truth, "pad_stops", "TW-Q1")
    scope = Scope(products=("TW-Q1",))
    assert verify(facts, stops, dt.date(2018, 6, 4), scope=scope, config=CONFIG).conclusion == "worse"
    assert verify(facts, stops, dt.date(2020, 11, 2), scope=scope, config=CONFIG).conclusion in ("fixed", "better")


def test_the_frayed_cable_is_called_shrinking_where_it_was_mended(sample, facts):
    _, truth = sample
    frays = theme_about(facts, truth, "frays", "TW-C1")
    called = [row for row in movements(facts, config=CONFIG).to_pylist() if row["theme_id"] == frays]
    names = {p["phase_id"]: p["name"] for p in facts.phases.to_pylist()}
    assert any(row["movement"] == "shrinking" and names[row["phase_id"]] == "II Growth" for row in called)
    assert not any(row["movement"] in ("growing", "emerging") for row in called)


def test_what_only_our_products_have_is_told_from_what_everybody_has(sample, facts):
    _, truth = sample
    found = {row["id"]: row["class"] for row in rivals(facts, Scope(), config=CONFIG).table.to_pylist()}
    assert found[theme_about(facts, truth, "slow", "TW-W1")] in ("only ours", "worse than theirs")
    assert "everybody's" in found.values()


def test_planted_wishes_are_needs_of_their_own(sample, facts):
    _, truth = sample
    wishes = facts.wishes.to_pylist()
    review_of = {m["mention_id"]: m["review_id"] for m in facts.mentions.to_pylist() if m["kind"] == "wish"}
    largest = {}
    for plant in ("wish_red", "wish_ports", "wish_longer", "wish_indicator"):
        true = set(planted(truth, plant)["review_ids"])
        counts = Counter(wish["need_id"] for wish in wishes if review_of[wish["mention_id"]] in true)
        assert counts.total() > 0.3 * len(true), plant
        largest[plant], count = counts.most_common(1)[0]
        assert count > 0.25 * counts.total(), plant  # a gauge, a display, a percentage: in many words
    assert len(set(largest.values())) == 4
    listed = needs(facts, config=CONFIG).to_pylist()
    assert listed[0]["need_id"] in largest.values()
    assert listed[0]["reach_low"] < listed[0]["reach"] < listed[0]["reach_high"]
