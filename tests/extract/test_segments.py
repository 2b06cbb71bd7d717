"""The spans' random field against the same sums written out, and the choice of spans from their probabilities."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from voc.extract.decoding import best_spans, covering_spans, decode_spans
from voc.extract.segments import WIDEST, Segments, confined, log_sum, loss, marginals, score_of, taught_loss

LENGTH = 5


def random_scores(rows=3, length=LENGTH, seed=0):
    made = torch.Generator().manual_seed(seed)
    return Segments(
        torch.randn(rows, length, generator=made, dtype=torch.float64),
        torch.randn(rows, length, WIDEST, generator=made, dtype=torch.float64),
    )


def cuttings(length, at=0):
    """Yield every cutting of tokens as a list of (start, end), with end = None for a token outside."""
    if at == length:
        yield []
        return
    for rest in cuttings(length, at + 1):
        yield [(at, None), *rest]
    for end in range(at + 1, length + 1):
        for rest in cuttings(length, end):
            yield [(at, end), *rest]


def score(scores, row, cutting):
    return sum(
        float(scores.outside[row, start] if end is None else scores.spans[row, start, end - start - 1])
        for start, end in cutting
    )


def everything(scores):
    return confined(scores, torch.ones_like(scores.outside, dtype=torch.bool))


def test_sums_and_probabilities_are_those_of_all_cuttings_written_out():
    scores = everything(random_scores())
    whole, outside, spans = marginals(scores)
    for row in range(3):
        weights = [(math.exp(score(scores, row, c)), c) for c in cuttings(LENGTH)]
        total = sum(weight for weight, _ in weights)
        assert float(whole[row]) == pytest.approx(math.log(total))
        for start, width in itertools.product(range(LENGTH), range(WIDEST)):
            share = sum(weight for weight, c in weights if (start, start + width + 1) in c) / total
            assert float(spans[row, start, width]) == pytest.approx(share, abs=1e-9)
        for token in range(LENGTH):
            share = sum(weight for weight, c in weights if (token, None) in c) / total
            assert float(outside[row, token]) == pytest.approx(share)


def test_the_gradient_of_the_sum_is_that_of_finite_differences():
    scores = random_scores(rows=2, length=4)
    outside, spans = scores.outside.requires_grad_(), scores.spans.requires_grad_()
    assert torch.autograd.gradcheck(lambda o, s: log_sum(everything(Segments(o, s))), (outside, spans))


def test_no_span_touches_a_token_that_is_ruled_out():
    inside = torch.tensor([[False, True, True, False, True]])
    scores = confined(random_scores(rows=1), inside)
    _, outside, spans = marginals(scores)
    assert outside[0, [0, 3]].tolist() == pytest.approx([1, 1])
    possible = {(1, 0), (1, 1), (2, 0), (4, 0)}
    found = {(int(s), int(w)) for s, w in (spans[0] > 1e-9).nonzero().tolist()}
    assert found == possible


def test_the_score_of_tags_is_that_of_the_cutting_they_describe():
    scores = everything(random_scores())
    tags = torch.tensor([[0, 1, 2, 0, 1], [1, 1, 2, 2, 2], [0, 0, 0, 0, 0]])
    expected = [
        [(0, None), (1, 3), (3, None), (4, 5)],
        [(0, 1), (1, 5)],
        [(token, None) for token in range(LENGTH)],
    ]
    assert score_of(scores, tags).tolist() == pytest.approx([score(scores, r, c) for r, c in enumerate(expected)])


def test_of_a_span_that_is_too_wide_the_beginning_counts():
    length = WIDEST + 3
    scores = everything(random_scores(rows=1, length=length))
    tags = torch.tensor([[1] + [2] * (length - 1)])
    cutting = [(0, WIDEST), *((token, None) for token in range(WIDEST, length))]
    assert float(score_of(scores, tags)) == pytest.approx(score(scores, 0, cutting))


def test_the_loss_is_the_negative_log_likelihood_of_a_token_and_leaves_texts_without_tags_out():
    scores = random_scores()
    tags = torch.tensor([[-100, 1, 2, 0, -100], [-100] * 5, [-100, 0, 0, 1, 0]])
    known = tags != -100
    whole = marginals(confined(scores, known))[0]
    right = score_of(confined(scores, known), tags)
    assert float(loss(scores, tags, -100)) == pytest.approx(float((whole - right)[[0, 2]].sum()) / 7)
    assert float(loss(scores, torch.full_like(tags, -100), -100)) == 0


def test_a_teacher_that_is_sure_teaches_as_tags_do():
    scores = random_scores(rows=2)
    tags = torch.tensor([[-100, 1, 2, 0, -100], [-100, 0, 0, 1, -100]])
    spans = torch.tensor([[0, 1, 1], [1, 3, 0]])
    taught = taught_loss(scores, tags != -100, spans, torch.ones(2))
    assert float(taught) == pytest.approx(float(loss(scores, tags, -100)))


def test_what_is_taught_moves_each_probability_towards_the_teachers():
    scores = random_scores(rows=2)
    inside = torch.ones(2, LENGTH, dtype=torch.bool)
    teacher = marginals(confined(random_scores(rows=2, seed=1), inside))[2]
    places = (teacher > 0).nonzero()
    spans = scores.spans.requires_grad_()
    taught_loss(Segments(scores.outside, spans), inside, places, teacher[tuple(places.T)]).backward()
    own = marginals(confined(scores, inside))[2]
    assert (spans.grad * inside.sum() - (own - teacher)).abs().max() < 1e-6


@given(
    st.lists(
        st.tuples(st.integers(0, 7), st.integers(0, 3), st.floats(0, 1)).filter(lambda c: c[0] + c[1] < 8), max_size=9
    ),
    st.floats(0, 0.9),
)
def test_the_chosen_spans_gain_as_much_as_any_choice(candidates, cut):
    table = np.zeros((8, WIDEST))
    for start, width, probability in candidates:
        table[start, width] = probability
    spans = [(s, s + w + 1) for s, w in zip(*np.nonzero(table > cut), strict=True)]

    def gain(choice):
        return sum(table[s, e - s - 1] - cut for s, e in choice)

    def apart(choice):
        return all(a[1] <= b[0] for a, b in itertools.pairwise(sorted(choice)))

    choices = (c for size in range(len(spans) + 1) for c in itertools.combinations(spans, size))
    most = max(gain(choice) for choice in choices if apart(choice))
    found = best_spans(table, cut)
    assert apart([(s, e) for s, e, _ in found])
    assert found == sorted(found)
    assert gain([(s, e) for s, e, _ in found]) == pytest.approx(most)
    assert all(table[s, e - s - 1] == p for s, e, p in found)


def test_what_is_surely_said_is_kept_although_its_bounds_are_not_sure():
    table = np.zeros((6, WIDEST))
    table[1, 0], table[1, 1], table[1, 3] = 0.3, 0.34, 0.32  # one thing said, no reading likely enough
    table[5, 0] = 0.34  # more likely nothing
    assert best_spans(table, 0.35) == []
    assert covering_spans(table, 0.35) == [(1, 3, 0.34)]
    table[3, 0] = 0.4  # stands in the last of the three readings
    assert [(s, e) for s, e, _ in covering_spans(table, 0.35)] == [(1, 3), (3, 4)]


def test_spans_are_widened_to_whole_words_and_joined_where_that_makes_them_overlap():
    text = "the earbuds' fit isn't good"
    offsets = [(0, 3), (4, 7), (7, 11), (11, 12), (13, 16), (17, 20), (20, 21), (21, 22), (23, 27)]
    table = np.zeros((len(offsets), WIDEST))
    table[1, 0], table[2, 0] = 0.6, 0.8  # "ear", "buds"
    table[7, 1] = 0.5  # "t good"
    table[3, 0] = 0.9  # the apostrophe alone
    found = decode_spans(table, offsets, text, 0.35)
    assert [text[offsets[s][0] : offsets[e - 1][1]] for s, e, _ in found] == ["earbuds", "isn't good"]
    assert [confidence for *_, confidence in found] == [0.8, 0.5]
