"""Arithmetic in whole numbers: close to the true product, and the same for a token whatever stands beside it."""

import pytest
import torch
from torch import nn
from transformers import BertConfig, BertModel

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


@pytest.mark.parametrize("precision", ["auto", "float32", "bfloat16", "int8"])
def test_an_encoder_says_nearly_the_same_in_each_precision(precision):
    model = BertModel(SMALL, add_pooling_layer=False).eval()
    ids, mask = torch.randint(0, 50, (3, 9)), torch.ones(3, 9, dtype=torch.long)
    with torch.inference_mode():
        wanted = model(input_ids=ids, attention_mask=mask).last_hidden_state
        prepared = prepare(model, torch.device("cpu"), precision)
        found = prepared(input_ids=ids, attention_mask=mask).last_hidden_state.float()
    assert (found - wanted).norm() / wanted.norm() < (1e-6 if precision == "float32" else 0.03)
