"""Arithmetic in whole numbers: close to the true product, and the same for a token whatever stands beside it."""

import pytest
import torch
from torch import nn
from transformers import BertConfig, BertModel

from voc.extract.bert import Bert
from voc.extract.fast import Int8Linear, prepare

SMALL = BertConfig(vocab_size=50, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(11)


def test_the_product_is_close_to_that_of_single_precision():
    dense, values = nn.Linear(96, 48), torch.randn(5, 7, 96)
    values[0, 0] *= 50  # one loud token does not blur the others
    wanted, found = dense(values), Int8Linear(dense)(values)
    assert found.shape == wanted.shape
    errors = (found - wanted).norm(dim=-1) / wanted.norm(dim=-1)
    assert errors.max() < 0.02


def test_a_tokens_product_is_the_same_to_the_bit_alone_and_among_others():
    layer, values = Int8Linear(nn.Linear(96, 48)), torch.randn(40, 96)
    together = layer(values)
    for row in (0, 17, 39):
        assert (layer(values[row : row + 1])[0] == together[row]).all()


def test_a_vector_of_zeros_gives_the_bias():
    dense = nn.Linear(8, 4)
    assert torch.allclose(Int8Linear(dense)(torch.zeros(1, 8)), dense.bias)


def ours(model):
    """Return our encoder with the weights of one of transformers."""
    encoder = Bert(model.config.to_dict())
    encoder.load_state_dict({name: value.clone() for name, value in model.state_dict().items()})
    return encoder.eval()


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_our_encoder_gives_the_same_to_the_bit_as_that_of_transformers(precision):
    model = BertModel(SMALL, add_pooling_layer=False).eval().to(precision)
    for parameter in model.parameters():
        parameter.data += 0.2 * torch.randn_like(parameter)
    encoder = ours(model).to(precision)
    ids, mask = torch.randint(0, 50, (6, 24)), torch.ones(6, 24, dtype=torch.long)
    for row in range(6):
        mask[row, 24 - 3 * row :] = 0
    with torch.inference_mode():
        wanted = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        found = encoder(input_ids=ids, attention_mask=mask)
    assert len(found.hidden_states) == len(wanted.hidden_states) == 3
    for one, other in zip(found.hidden_states, wanted.hidden_states, strict=True):
        assert one[mask.bool()].equal(other[mask.bool()])
    assert found.last_hidden_state is found.hidden_states[-1]


def test_an_encoder_of_another_arithmetic_is_refused():
    with pytest.raises(ValueError, match="no BERT with GELU"):
        Bert({**SMALL.to_dict(), "hidden_act": "relu"})


@pytest.mark.parametrize("precision", ["auto", "float32", "bfloat16", "int8"])
@pytest.mark.parametrize("of", [ours, lambda model: model])
def test_an_encoder_says_nearly_the_same_in_each_precision(precision, of):
    model = BertModel(SMALL, add_pooling_layer=False).eval()
    ids, mask = torch.randint(0, 50, (3, 9)), torch.ones(3, 9, dtype=torch.long)
    with torch.inference_mode():
        wanted = model(input_ids=ids, attention_mask=mask).last_hidden_state
        prepared = prepare(of(model), torch.device("cpu"), precision)
        found = prepared(input_ids=ids, attention_mask=mask).last_hidden_state.float()
    assert (found - wanted).norm() / wanted.norm() < (1e-6 if precision == "float32" else 0.03)
