import random
from dataclasses import replace

import numpy as np
import pytest
import spacy
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import BertPreTokenizer

from voc.errors import VocError
from voc.extract.bert import Bert
from voc.extract.component import OpinionReader
from voc.extract.describe import Spans
from voc.extract.network import OpinionNetwork
from voc.extract.opinions import Draft
from voc.extract.reader import Reader, load_reader

WORDS = "[PAD] [CLS] [SEP] [UNK] the cable frays near plug but it charges fast . , ! and battery dies".split()
TEXTS = [
    "the cable frays near the plug , but it charges fast .",
    "battery dies !",
    "the",
    "it charges fast and the cable frays . " * 60,
    "",
    "and and and",
]


@pytest.fixture(scope="module", params=["float32", "bfloat16", "int8"])
def reader(request):
    """A network with random weights over a vocabulary of a few words: its spans are arbitrary, but all there."""
    torch.manual_seed(3)
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = BertPreTokenizer()
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
    encoder = Bert({"vocab_size": len(WORDS), **sizes})
    return Reader(OpinionNetwork(encoder, 32), tokenizer, "random", "cpu", None, request.param)


def test_a_text_is_read_the_same_alone_and_among_others(reader):
    together = reader.read(TEXTS * 7)
    for index, text in enumerate(TEXTS):
        [alone] = reader.read([text])
        assert alone == together[index] == together[index + len(TEXTS)]


def test_the_order_of_texts_changes_nothing(reader):
    shuffled = TEXTS * 3
    random.Random(2).shuffle(shuffled)
    expected = dict(zip(TEXTS, reader.read(TEXTS), strict=True))
    assert reader.read(shuffled) == [expected[text] for text in shuffled]


def test_long_texts_are_read_to_their_end_and_spans_are_whole_words(reader):
    text = TEXTS[3]
    [reading] = reader.read([text])
    spans = reading.aspects + reading.phrases
    assert max(span.end for span in spans) > 0.9 * len(text.rstrip())
    assert reading.sentences[-1][1] == len(text.rstrip())
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start - 1 : span.start] in ("", " ")
        assert text[span.end : span.end + 1] in ("", " ")
    assert len(reading.links) == len(reading.phrases)
    assert all(-1 <= link < len(reading.aspects) for link in reading.links)
    assert 1 <= reading.stars <= 5


def test_a_mention_is_described_the_same_to_the_bit_alone_and_among_others(reader):
    texts = [text for text in TEXTS if text] * 60
    states = reader.read_with_states(texts)[1]
    spans = [
        Spans(i, (0, 3), (4, 9) if len(text) > 9 else None, (0, len(text)), (0, len(text)), (0, 3))
        for i, text in enumerate(texts)
    ]
    together = reader.describe(states, spans)
    for index in (0, 3, 150, len(texts) - 1):
        alone_states = reader.read_with_states([texts[index]])[1]
        mention = replace(spans[index], text=0)
        [alone] = reader.describe(alone_states, [mention])
        assert (alone.meaning == together[index].meaning).all()
        assert replace(alone, meaning=None) == replace(together[index], meaning=None)
        assert np.linalg.norm(alone.meaning.astype(np.float32)) == pytest.approx(1, abs=1e-3)
        assert sum(alone.kind.values()) == pytest.approx(1, abs=0.01)


def test_cutting_texts_ahead_changes_nothing(reader, monkeypatch):
    nlp = spacy.blank("en")
    component = OpinionReader(nlp, "voc_opinions", reader)
    monkeypatch.setattr("voc.extract.texts._BUFFER", 8)
    texts = [random.Random(i).choice(TEXTS) for i in range(60)]  # eight rounds of reading
    one_by_one = [doc._.opinions for doc in component.pipe(map(nlp.make_doc, texts), batch_size=1)]
    monkeypatch.setattr(reader, "cutters", 2)
    ahead = list(component.pipe(map(nlp.make_doc, texts), batch_size=1))
    assert [doc.text for doc in ahead] == texts
    assert [doc._.opinions for doc in ahead] == one_by_one
    assert any(one_by_one)


def test_an_opinion_without_words_of_its_own_is_described_by_its_clause(reader):
    states = reader.read_with_states([TEXTS[0]])[1]
    [implied, named] = reader.describe(
        states, [Spans(0, None, None, (0, 22), (0, 40), None), Spans(0, (0, 22), None, (0, 22), (0, 40), (0, 22))]
    )
    assert implied.kind != named.kind


def test_what_the_product_is_called_makes_opinions_no_more_alike(reader):
    text = "The earphones keep falling out and the cable frays."
    states = reader.read_with_states([text])[1]
    clause, rest = (0, 30), (31, len(text))

    def draft(aspect, phrase, clause):
        return Draft(aspect, phrase, clause, (0, len(text)), (1.0, 0.0, 0.0), 1.0)

    named, nameless = draft((4, 13), (14, 30), clause), draft(None, (14, 30), clause)
    cable, frays = draft((39, 44), (45, 50), rest), draft(None, (45, 50), rest)
    said = reader.describe(states, [one.spans(0, text) for one in (named, nameless, cable, frays)])
    assert (said[0].meaning == said[1].meaning).all()
    assert (said[2].meaning != said[3].meaning).any()


def test_short_texts_get_vectors_of_length_one(reader):
    vectors = reader.meanings(["cable frays", "battery", "cable frays"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert (vectors[0] == vectors[2]).all()


def test_an_empty_text_holds_nothing(reader):
    [reading] = reader.read([""])
    assert (reading.aspects, reading.phrases, reading.sentences, reading.stars) == ([], [], [], None)


def test_a_missing_model_is_a_plain_sentence():
    with pytest.raises(VocError, match=r"There is no model 'nowhere'; name a folder with model\.safetensors"):
        load_reader("nowhere")


def test_a_broken_model_is_a_plain_sentence(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(VocError, match="the model cannot be loaded"):
        load_reader(str(tmp_path))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_without_a_device_is_a_plain_sentence():
    with pytest.raises(VocError, match="No CUDA device can be used here; use --device cpu"):
        load_reader("opinions", "cuda")
