"""The meaning head by itself: what it does before training, and that it reads a mention by all its parts."""

import pytest
import torch

from voc.extract.meaning import MEANING_DIM, MENTION_PARTS, PART_WEIGHTS, MeaningHead

HIDDEN = 12


@pytest.fixture
def head():
    torch.manual_seed(1)
    return MeaningHead(HIDDEN)


def features(parts):
    return torch.cat([parts.flatten(1), torch.randn(len(parts), MENTION_PARTS * HIDDEN)], dim=1)


def test_an_untrained_head_adds_up_the_vectors_of_the_parts(head):
    parts = torch.nn.functional.normalize(torch.randn(5, MENTION_PARTS, MEANING_DIM), dim=-1)
    expected = sum(weight * parts[:, place] for place, weight in enumerate(PART_WEIGHTS))
    assert torch.allclose(head.mentions(features(parts)), expected, atol=1e-5)


def test_inputs_are_dropped_in_training_alone(head):
    torch.nn.init.normal_(head.mention_out.weight)
    rows = features(torch.randn(4, MENTION_PARTS, MEANING_DIM))
    assert torch.equal(head.mentions(rows), head.mentions(rows))
    assert not torch.equal(head.mentions(rows, 0.3), head.mentions(rows, 0.3))


def test_states_around_a_mention_move_its_vector_once_it_has_learnt(head):
    torch.nn.init.normal_(head.mention_out.weight)
    parts = torch.randn(1, MENTION_PARTS, MEANING_DIM)
    assert not torch.allclose(head.mentions(features(parts)), head.mentions(features(parts)))
