"""The synthetic export is what its generator writes, and the truth beside it agrees with the rows."""

import csv
import datetime as dt
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from voc.config import load_config

FOLDER = Path(__file__).parents[2] / "sample_data"
WRITTEN = ("reviews.csv", "products.csv", "truth.json")


@pytest.fixture(scope="module")
def rows():
    with (FOLDER / "reviews.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def truth():
    return json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def latest(rows):
    """One row per review: the last edit of it."""
    found = {}
    for row in sorted(rows, key=lambda r: r["date"]):
        found[row["review_id"]] = row
    return found


@pytest.fixture(scope="module")
def planted(truth):
    return {plant["id"]: plant for plant in truth["planted"]}


def phase_of(row, truth):
    for phase in truth["phases"]:
        if phase["start"] <= row["date"] < phase["end"]:
            return phase["name"]
    return None


def readable(row, truth):
    other = {i for ids in truth["blemishes"]["languages"].values() for i in ids}
    return row["review_id"] not in other and bool(row["title"] or row["body"])


def test_regeneration_is_identical(tmp_path):
    subprocess.run([sys.executable, str(FOLDER / "generate.py"), "--output", str(tmp_path)], check=True)
    for name in WRITTEN:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_size_and_columns(rows, truth, latest):
    assert 3000 <= len(rows) <= 5000
    assert len(rows) == truth["rows"]
    assert len(latest) == truth["reviews"]
    assert (FOLDER / "reviews.csv").stat().st_size < 2_500_000
    assert list(rows[0])[:5] == ["review_id", "date", "product_id", "product", "brand"]
    assert not {"name", "author", "email", "user_id", "reviewer"} & set(rows[0])


def test_blemishes_are_counted_exactly(rows, truth, latest):
    blemishes = truth["blemishes"]
    times = Counter(row["review_id"] for row in rows)
    whole = Counter(tuple(row.values()) for row in rows)
    doubled = {key[0] for key, n in whole.items() if n > 1}
    assert doubled == set(blemishes["exact_duplicates"])
    assert {i for i, n in times.items() if n > 1} - doubled == set(blemishes["superseded_by_edit"])
    assert len(rows) == len(latest) + len(blemishes["exact_duplicates"]) + len(blemishes["superseded_by_edit"])
    assert {i for i, r in latest.items() if not r["title"] and not r["body"]} == set(blemishes["empty_text"])
    assert {i for i, r in latest.items() if r["title"] and not r["body"]} == set(blemishes["title_only"])
    assert {i for i, r in latest.items() if not r["rating"]} == set(blemishes["no_rating"])
    assert {i for i, r in latest.items() if not r["date"]} == set(blemishes["no_date"])
    assert all(len(ids) >= 9 for ids in blemishes["languages"].values())
    chinese = {i for i, r in latest.items() if re.search(r"[\u4e00-\u9fff]", r["body"])}
    assert chinese == set(blemishes["languages"]["zh"])


def test_an_edit_is_later_and_says_so(rows, truth):
    for review_id in truth["blemishes"]["superseded_by_edit"]:
        first, second = sorted((r for r in rows if r["review_id"] == review_id), key=lambda r: r["date"])
        assert first["date"] < second["date"]
        assert re.match(r"(?i)(update|edit)", second["body"])


def test_shares_agree_with_the_rows(truth, latest):
    base = {i: r for i, r in latest.items() if readable(r, truth)}
    assert len(base) == truth["readable"]
    for plant in truth["planted"]:
        ids = plant["review_ids"]
        assert len(ids) == len(set(ids))
        assert {base[i]["product_id"] for i in ids} <= set(plant["products"])
        whole = Counter(phase_of(r, truth) for r in base.values() if r["product_id"] in plant["products"])
        said = Counter(phase_of(base[i], truth) for i in ids)
        for phase, n in plant["n_by_phase"].items():
            assert said[phase] == n, (plant["id"], phase)
            share = plant["share_by_phase"][phase]
            assert share is None if not whole[phase] else abs(share - n / whole[phase]) < 1e-4
        by_product = Counter((base[i]["product_id"], phase_of(base[i], truth)) for i in ids)
        for product, known in plant["by_product"].items():
            assert known["n_by_phase"] == {p: by_product[product, p] for p in known["n_by_phase"]}


def test_the_story_of_the_company_is_in_the_figures(truth, planted):
    def share(plant, product, phase):
        return planted[plant]["by_product"][product]["share_by_phase"][phase]

    one, two, three = (phase["name"] for phase in truth["phases"])
    assert share("frays", "TW-C1", one) > 0.18
    assert (
        planted["frays"]["share_by_version"]["TW-C1 V1"]
        > 0.18
        > 0.06
        > planted["frays"]["share_by_version"]["TW-C1 V2"]
    )
    assert share("frays", "TW-C1", three) < 0.04 < share("frays", "JK-C1", three)
    assert share("too_big", "TW-P1", two) > share("too_big", "TW-P1", three)
    assert share("slow", "TW-W1", three) > 2 * share("slow", "TW-W1", two)
    versions = planted["pad_stops"]["share_by_version"]
    assert versions["TW-Q1 V2"] > 0.2 > 0.08 > max(versions["TW-Q1 V1"], versions["TW-Q1 V3"])
    assert planted["hazard"]["hazard"]
    assert 10 <= len(planted["hazard"]["review_ids"]) <= 40
    cable = next(p for p in truth["products"] if p["product_id"] == "TW-C1")
    assert cable["mean_rating_by_phase"][one] + 0.3 < cable["mean_rating_by_phase"][three]


def test_what_is_planted_can_be_read(planted, latest):
    looks = {
        "frays": r"fray|split|wire|torn|tear|tore|rubber|sleeve|coat|insulat|apart|crack|rip|peel|relief|ravel|shield",
        "hazard": r"hot|smok|spark|burn|melt|shock|fire|pop|overheat|smell",
        "too_big": r"big|heav|weigh|bulk|brick|size|huge|large|fit|small|thick|purse|bag",
        "pad_stops": r"stop|blink|flash|night|quit|charging|alarm|shut|turn",
    }
    for plant, pattern in looks.items():
        texts = [latest[i]["title"] + " " + latest[i]["body"] for i in planted[plant]["review_ids"]]
        # A slip of the thumb or a figure of speech may hide it in one or two.
        silent = [t for t in texts if not re.search(pattern, t.lower())]
        assert len(silent) <= 0.03 * len(texts), (plant, silent)


def test_stars_follow_from_what_is_said(planted, latest):
    def mean(plant):
        ratings = [int(latest[i]["rating"]) for i in planted[plant]["review_ids"] if latest[i]["rating"]]
        return sum(ratings) / len(ratings)

    assert mean("hazard") < 1.5
    assert mean("frays") < 2
    assert mean("verdict_bad") < 1.5
    assert 2.5 < mean("too_big") < 4
    assert mean("praise_fast") > 4.2
    assert mean("wish_longer") > 3.8


def test_times_in_use_are_told(truth, latest):
    for event, least in (("failed_after", 150), ("works_after", 200)):
        told = truth["time_in_use"][event]
        assert len(told) >= least
        assert all(2 <= days <= 1100 for days in told.values())
        assert set(told) <= set(latest)
        weeks = [i for i, days in told.items() if days in (7, 14, 21)]
        texts = [(latest[i]["title"] + " " + latest[i]["body"]).lower() for i in weeks]
        # Swapped letters and chat spelling spoil a word here and there.
        assert sum("week" in text for text in texts) >= 0.93 * len(texts)


def test_the_language_is_varied(rows, truth):
    repeated = set(truth["blemishes"]["exact_duplicates"])
    bodies = [r["body"] for r in rows if r["body"] and r["review_id"] not in repeated]
    sentences = [s.strip().lower() for b in bodies for s in re.split(r"(?<=[.!?])\s+|<br />|\n+", b)]
    long = [s for s in sentences if len(s.split()) >= 6]
    assert len(set(long)) / len(long) > 0.85
    assert max(Counter(long).values()) <= 12
    words = [len(b.split()) for b in bodies]
    assert min(words) <= 3
    assert max(words) >= 90
    # No template was left unfinished.
    assert not [b for b in bodies if re.search(r"[{}|]|<(?!br />)[a-z]+>", b)]


def test_products_and_configuration_load(rows, truth):
    config = load_config(FOLDER / "voc.toml")
    assert config.ingest.own_brands == [truth["own_brand"]]
    told = [(p["name"], dt.date.fromisoformat(p["start"]), dt.date.fromisoformat(p["end"])) for p in truth["phases"]]
    assert [(p.name, p.start, p.end) for p in config.phases] == told
    with (FOLDER / "products.csv").open(encoding="utf-8", newline="") as file:
        products = list(csv.DictReader(file))
    assert {p["product_id"] for p in products} == {r["product_id"] for r in rows}
    own = {p["product_id"] for p in products if p["own"] == "true"}
    assert own == {r["product_id"] for r in rows if r["brand"] == truth["own_brand"]}
