"""The shipped weights, end to end on reviews of our own."""

import datetime as dt

import pytest

import voc
from voc import tables
from voc.config import ModelConfig
from voc.extract import extract, predict_opinions

NOW = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def reviews(*texts, language="en"):
    return tables.from_rows(
        "reviews",
        [
            {"review_id": f"r{i}", "channel": "review", "source": "test", "language": language, "text": text,
             "ingested_at": NOW, "import_id": "i"}
            for i, text in enumerate(texts)
        ],
    )  # fmt: skip


def read(*texts):
    return extract(reviews(*texts), config=ModelConfig(device="cpu")).mentions.to_pylist()


@pytest.mark.parametrize(
    "text",
    [
        "Stopped working after a month.",
        "The cable frays near the connector.",
        "One side has no sound any more.",
        "Mic is so bad, nobody can hear me.",
        "The battery drains within an hour!",
        "It gets very hot and smells of burning plastic.",
        "bluetooth keeps disconnecting every few minutes",
    ],
)
def test_pain_is_found(text):
    pains = [m for m in read(text) if m["kind"] == "pain"]
    assert pains
    assert any(m["specificity"] == "trouble" for m in pains)


@pytest.mark.parametrize("text", ["Great sound and very comfortable.", "Charges my phone really fast, love it."])
def test_praise_is_no_pain(text):
    kinds = {m["kind"] for m in read(text)}
    assert kinds == {"praise"}


@pytest.mark.parametrize("text", ["Worst product ever, don't buy.", "Waste of money.", "Not satisfied at all"])
def test_verdicts_are_told_apart_from_troubles(text):
    found = [m for m in read(text) if m["kind"] == "pain"]
    assert found
    assert {m["specificity"] for m in found} == {"verdict"}


def test_every_offset_points_into_the_text():
    text = "Nice 😀 sound, but the left earbud died after two weeks. Delivery was late!"
    found = read(text)
    assert len(found) >= 3
    for row in found:
        for name in ("aspect", "phrase"):
            if row[name] is not None:
                assert text[row[f"{name}_start"] : row[f"{name}_end"]] == row[name]
        assert text[row["clause_start"] : row["clause_end"]].strip()
    assert len({row["mention_id"] for row in found}) == len(found)
    died = next(row for row in found if row["days_in_use"] is not None)
    assert (died["days_in_use"], died["time_event"]) == (14, "failed_after")
    assert any(row["target"] == "delivery" for row in found)


def test_other_languages_are_counted_not_read():
    read = extract(reviews("Funktioniert nicht mehr", language="de"), config=ModelConfig(device="cpu"))
    assert read.mentions.num_rows == read.embeddings.num_rows == 0
    readings = read.readings
    assert readings.to_pylist()[0]["analysed"] is False
    assert readings.to_pylist()[0]["predicted_rating"] is None


def test_stars_are_read_from_the_text():
    read = extract(
        reviews("Terrible. Broke after two days, waste of money.", "Excellent, works perfectly, I love it!"),
        config=ModelConfig(device="cpu"),
    )
    low, high = read.readings.column("predicted_rating").to_pylist()
    assert low < 2.5 < 4 < high


def test_mentions_about_the_same_thing_have_vectors_near_to_one_another():
    texts = [
        "The battery dies within an hour.",
        "Battery life is far too short, empty after an hour.",
        "The strap broke and the buckle came off.",
    ]
    vectors = [max((o for o in doc._.opinions), key=lambda o: o.confidence).meaning for doc in voc.load().pipe(texts)]
    like = [[float(one @ other) for other in vectors] for one in vectors]
    assert like[0][0] == pytest.approx(1, abs=0.01)
    assert like[0][1] > max(like[0][2], like[1][2]) + 0.2


def test_each_mention_has_a_vector():
    read = extract(reviews("Great sound, but the strap broke.", "Fine."), config=ModelConfig(device="cpu"))
    assert sorted(read.mentions["mention_id"].to_pylist()) == read.embeddings["mention_id"].to_pylist()


def test_the_spacy_pipeline_fills_entities_and_extensions():
    doc = voc.load(device="cpu")("The cable frays near the connector but it charges fast.")
    labels = {(ent.text, ent.label_) for ent in doc.ents}
    assert ("cable", "ASPECT") in labels
    assert any(label == "OPINION" for _, label in labels)
    assert {o.kind for o in doc._.opinions} == {"pain", "praise"}
    assert len(doc.spans["opinions"]) == len(doc._.opinions)
    assert 1 <= doc._.stars <= 5


def test_predictions_have_the_form_of_the_gold_files():
    [one] = predict_opinions(["The cable frays."])
    assert one.complaint
    assert any("The cable frays."[s:e] == "cable" and p == "negative" for s, e, p in one.aspects)
