"""Training a head for likeness, and which found mentions stand for which labelled opinions."""

import numpy as np
import pytest
import torch
from torch import nn

from voc.extract.opinions import Draft
from voc.extract.training.corpus import Corpus, paired_examples
from voc.extract.training.gold import Example, Opinion
from voc.extract.training.likeness import fit
from voc.extract.training.meaning import nearest


def test_a_head_learns_vectors_from_rows():
    torch.manual_seed(0)
    rows = torch.randn(400, 6)
    wanted = rows @ torch.randn(6, 4)
    layer = nn.Linear(6, 4)
    lines = []
    figure = fit(
        layer,
        layer.parameters(),
        rows.numpy().astype(np.float16),
        wanted,
        epochs=30,
        rate=0.05,
        rows_per_batch=50,
        seed=1,
        log=lines.append,
    )
    assert figure > 0.98
    assert len(lines) == 30


def draft(aspect, phrase, clause):
    return Draft(aspect, phrase, clause, (0, 100), (1.0, 0.0, 0.0), 0.9)


@pytest.mark.parametrize(
    ("opinion", "place"),
    [
        (Opinion((0, 7), None, "negative"), 0),  # by its own words
        (Opinion(None, (50, 60), "negative"), 1),
        (Opinion(None, (30, 34), "negative"), 1),  # by the clause
        (Opinion((80, 90), None, "negative"), None),
        (Opinion(None, None, "negative"), None),
    ],
)
def test_an_opinion_is_met_by_the_draft_that_shares_most_with_it(opinion, place):
    drafts = [draft((0, 7), (8, 20), (0, 25)), draft(None, (40, 60), (26, 70))]
    found = nearest(opinion, drafts)
    assert found is (None if place is None else drafts[place])


def test_paired_examples_are_of_sets_with_both_spans_and_as_many_as_their_share():
    text = Example("a", "quad", (Opinion((0, 1), None, "negative"),))
    corpus = Corpus(train={"memd_books": [text] * 50, "dmaste_home": [text] * 7, "semeval14_laptop": [text] * 9})
    assert len(paired_examples(corpus)) == 20 + 7
