"""Reviews by what their opinions mean: nearest first, one opinion each, and a sentence where it cannot be done."""

import threading
import time

import numpy as np
import pytest

from voc import tables
from voc.config import ModelConfig
from voc.errors import VocError
from voc.extract.folder import model_version
from voc.extract.mentions import embeddings_table
from voc.search import embedding
from voc.search.meaning import Meanings, obstacle

#: Three directions, of which opinions point to one each, more or less.
EAR, HOT, BAG = np.eye(3, dtype=np.float32)


def mention(number, review_id):
    return {
        "mention_id": f"m{number}", "review_id": review_id, "kind": "pain", "specificity": "trouble",
        "target": "product", "clause_start": 0, "clause_end": 3, "polarity": 0.0, "confidence": 0.9, "severity": 0.5,
        "hazard": False, "model_version": "test",
    }  # fmt: skip


@pytest.fixture
def stored(workspace):
    """Opinions of four reviews; the last has a vector among the further ones, one vector is of nobody's."""
    at = [(0, EAR), (1, 0.8 * EAR + 0.6 * HOT), (1, 0.6 * EAR + 0.8 * HOT), (2, HOT), (9, EAR)]
    vectors = {f"m{i}": vector.astype(np.float16) for i, (_, vector) in enumerate(at)}
    reading = {"analysed": True, "truncated": False, "model_version": model_version("opinions")}
    with workspace.writing() as writer:
        writer.commit(
            replace={
                "mentions": tables.from_rows("mentions", [*(mention(i, f"r{r}") for i, (r, _) in enumerate(at)),
                                                          mention(5, "r3")]),
                "embeddings": embeddings_table({**vectors, "gone": EAR.astype(np.float16)}),
                "further_embeddings": embeddings_table({"m5": BAG.astype(np.float16)}),
                "readings": tables.from_rows("readings", [{"review_id": f"r{i}", **reading} for i in range(4)]),
            },
            info={"config": {"model": {"encoder": "default"}}},
        )  # fmt: skip
    return workspace.current()


def test_the_nearest_opinion_of_each_review_counts(stored):
    near = Meanings.of(stored).near(EAR, above=0.5)
    assert near.rows.tolist() == [0, 1]
    assert near.mentions.tolist() == [0, 1]
    assert near.cosines.tolist() == pytest.approx([1.0, 0.8], abs=1e-3)
    assert Meanings.of(stored).near(BAG, above=0.5).rows.tolist() == [3]
    assert Meanings.of(stored).near(-EAR, above=0.5).rows.tolist() == []


def test_blocks_change_nothing(stored, monkeypatch):
    whole = Meanings.of(stored).near(HOT, above=0.1)
    monkeypatch.setattr("voc.search.meaning._AT_ONCE", 2)
    parted = Meanings.of(stored).near(HOT, above=0.1)
    assert [part.tolist() for part in parted] == [part.tolist() for part in whole]


def test_what_keeps_a_workspace_from_it_is_said(stored, workspace):
    assert obstacle(stored, ModelConfig()) is None
    assert "another model" in obstacle(stored, ModelConfig(encoder="some/encoder"))
    assert "no model 'nowhere'" in obstacle(stored, ModelConfig(opinions="nowhere"))
    with workspace.writing() as writer:
        rows = [{**row, "model_version": "older"} for row in stored.table("readings").to_pylist()]
        writer.commit(replace={"readings": tables.from_rows("readings", rows)})
    assert "another model" in obstacle(workspace.current(), ModelConfig())
    with workspace.writing() as writer:
        writer.commit(replace={name: tables.empty(name) for name in ("embeddings", "further_embeddings")})
    assert "no vectors" in obstacle(workspace.current(), ModelConfig())
    assert Meanings.of(workspace.current()).near(np.zeros(0, np.float32)).rows.tolist() == []


def waited(config):
    for _ in range(500):
        if embedding.warm(config) != "loading":
            break
        time.sleep(0.01)
    return embedding.warm(config)


def test_the_model_loads_in_the_background_once(monkeypatch):
    begin, calls = threading.Event(), []

    def embed(strings, **options):
        begin.wait(10)
        calls.append(strings)
        return np.array([EAR])

    monkeypatch.setattr("voc.themes.embedding.embed", embed)
    config = ModelConfig(encoder="test/slow")
    assert [embedding.warm(config) for _ in range(3)] == ["loading"] * 3
    begin.set()
    assert waited(config) == "ready"
    assert len(calls) == 1
    embedding.vector("too hot", config)
    embedding.vector("too hot", config)
    assert calls[1:] == [["too hot"]]


def test_a_model_that_cannot_be_loaded_is_said(monkeypatch):
    def embed(strings, **options):
        raise VocError("The encoder cannot be loaded.")

    monkeypatch.setattr("voc.themes.embedding.embed", embed)
    config = ModelConfig(encoder="test/missing")
    embedding.warm(config)
    assert waited(config) == "failed"
    assert embedding.fault(config) == "The encoder cannot be loaded."


def test_a_query_lies_near_to_what_means_the_same_and_far_from_the_rest():
    query = embedding.vector("falls out of my ear", ModelConfig())
    assert query.shape == (128,)
    same = embedding.vector("won't stay in my ears", ModelConfig())
    other = embedding.vector("battery drains overnight", ModelConfig())
    assert query @ same > 0.55 > 0.4 > query @ other
