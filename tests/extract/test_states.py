"""Mean states of spans: what they are, and that no span's depends on what else is asked for."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from voc.extract.states import States
from voc.extract.windows import Window


def window(text, offsets):
    return Window(text, [0] * (len(offsets) + 3), offsets, [])


@pytest.fixture(scope="module")
def states():
    """Three texts, the first in two windows, the second without a token; token number i has the states [i, 10 * i]."""
    windows = [window(0, [(0, 3), (4, 9)]), window(0, [(10, 12), (12, 15)]), window(2, [(0, 5), (6, 7)])]
    made = States(windows, 3, 2)
    for number in range(len(windows)):
        first, last = made.bases[number : number + 2]
        made.put(number, torch.tensor([[i, 10 * i] for i in range(first, last)]))
    return made


def sums(states, *spans):
    texts, starts, ends = np.array(spans, dtype=np.int64).T
    total, count = states.sums(texts, starts, ends)
    return total.tolist(), count.tolist()


def test_a_span_sums_the_tokens_that_it_touches_also_across_windows(states):
    assert sums(states, (0, 4, 12)) == ([[3.0, 30.0]], [2])
    assert sums(states, (0, 5, 13)) == ([[6.0, 60.0]], [3])
    assert sums(states, (2, 0, 1 << 39)) == ([[9.0, 90.0]], [2])


def test_no_span_and_no_token_sum_to_nothing(states):
    assert sums(states, (0, -1, -1), (1, 0, 5)) == ([[0.0, 0.0], [0.0, 0.0]], [0, 0])


def test_a_span_between_tokens_counts_as_the_nearest_after_it_and_never_as_another_texts(states):
    assert sums(states, (0, 3, 4)) == ([[1.0, 10.0]], [1])
    assert sums(states, (0, 15, 20)) == ([[3.0, 30.0]], [1])
    assert sums(states, (2, 5, 6)) == ([[5.0, 50.0]], [1])


spans_of = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 300), st.integers(0, 300)).map(
        lambda s: (s[0], min(s[1:]), max(s[1:]))
    ),
    min_size=1,
    max_size=200,
)


@given(spans_of)
def test_a_spans_sum_is_the_same_to_the_bit_alone_and_among_others(spans):
    random = np.random.default_rng(7)
    windows = [window(text, [(3 * i, 3 * i + 2) for i in range(100)]) for text in range(3)]
    made = States(windows, 3, 5)
    for number in range(3):
        made.put(number, torch.from_numpy(random.normal(size=(100, 5))))
    texts, starts, ends = np.array(spans, dtype=np.int64).T
    together, counts = made.sums(texts, starts, ends)
    for row in range(len(spans)):
        one = slice(row, row + 1)
        alone, count = made.sums(texts[one], starts[one], ends[one])
        assert (alone[0] == together[row]).all()
        assert count[0] == counts[row] >= 1
