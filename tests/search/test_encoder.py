"""The query's vector in NumPy is the one that the reader gives, and needs no torch."""

import subprocess
import sys

import numpy as np
import pytest

from voc.errors import VocError
from voc.search.encoder import MIDDLE, REVIEW, Encoder

QUERIES = [
    "battery dies after a month",
    "hard to clean",
    "charger!!!",
    "",
    "the left ear bud stopped working and nobody answered my mail, so I returned it. " * 12,
]


def test_vectors_are_those_of_the_reader():
    from voc.extract.meaning import MEANING_LAYER
    from voc.extract.network import STYLES
    from voc.themes.embedding import embed

    assert (STYLES["review"], MEANING_LAYER) == (REVIEW, MIDDLE)
    encoder = Encoder("opinions")
    for query in QUERIES:
        # The reader may multiply in half precision.
        np.testing.assert_allclose(encoder.vector(query), embed([query])[0], atol=0.01)


def test_a_vector_needs_no_torch():
    code = (
        "import sys; from voc.config import ModelConfig; from voc.search import embedding;"
        "vector = embedding.vector('hard to clean', ModelConfig());"
        "assert abs((vector ** 2).sum() - 1) < 1e-5; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_another_architecture_is_refused_and_an_unknown_model_named(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"")
    (tmp_path / "config.json").write_text('{"encoder": {"model_type": "roberta", "hidden_act": "gelu"}}')
    with pytest.raises(ValueError, match="roberta"):
        Encoder(str(tmp_path))
    with pytest.raises(VocError, match="no model 'nothing'"):
        Encoder("nothing")
