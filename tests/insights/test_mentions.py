import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from voc.config import InsightsConfig
from voc.insights import Facts, Scope, opportunities
from voc.insights.arrays import coded
from voc.insights.sample import Cells, Sample, rated_sample

from .build import facts, mention

TEXT = "It broke. It is loud. It stinks."


def said():
    """Return facts whose mentions differ in every column, two of them about reviews that are not there."""
    rows = [
        ("r2", "It broke.", {"theme_id": "a", "days_in_use": 30, "time_event": "failed_after"}),
        ("r1", "It stinks.", {"theme_id": "b", "target": "competitor"}),
        ("r1", "It is loud.", {"kind": "praise", "days_in_use": 0}),
        ("r3", "It broke.", {"theme_id": "a", "target": "delivery", "days_in_use": 7, "time_event": "works_after"}),
    ]
    reviews = [{"review_id": f"r{i}", "text": TEXT, "rating": i} for i in (1, 2)]
    lost = [mention(name, TEXT, clause, **more) for name, clause, more in (*rows[3:], ("r0", "It broke.", {}))]
    return facts(reviews, mentions=[*lost[:1], *(mention(n, TEXT, c, **more) for n, c, more in rows[:3]), *lost[1:]])


def test_columns_follow_the_opinions_in_whatever_order_their_table_is():
    for order in (range(5), (4, 2, 0, 3, 1)):
        tables = {name: table for name, table in vars(said()).items() if isinstance(table, pa.Table)}
        tables["mentions"] = tables["mentions"].take(list(order))
        m = Facts(**tables).index.mentions
        assert m.row.tolist() == [0, 0, 1]
        assert [TEXT[a:b] for a, b in zip(m.start, m.end, strict=True)] == ["It is loud.", "It stinks.", "It broke."]
        assert np.array_equal(m.days_in_use, [0, np.nan, 30], equal_nan=True)
        assert m.time_event.equals("failed_after").tolist() == [False, False, True]
        assert m.time_event.codes.tolist() == [-1, -1, 0]
        assert m.target.equals("competitor").tolist() == [False, True, False]
        assert not m.target.equals("delivery").any()  # only said of a review that is not there


def test_a_column_that_nobody_asks_for_is_not_read():
    data = said()
    opportunities(data, Scope(), config=InsightsConfig(min_reviews=1))
    assert not {"target", "days_in_use", "time_event"} & set(vars(data.index.mentions))


@given(st.lists(st.none() | st.text(max_size=2), max_size=20))
def test_strings_by_number_say_the_same(values):
    found = coded(pa.array(values, pa.string()))
    assert [None if code < 0 else found.values[code] for code in found.codes] == values
    assert found.values == sorted(set(values) - {None}, key=lambda v: v.encode())
    assert found.equals("a").tolist() == [value == "a" for value in values]


def test_a_sample_holds_rated_reviews_with_the_kept_groups_renumbered():
    data = said()
    index = data.index
    sample = rated_sample(index, np.ones(2, bool), index.theme_pairs, np.array([1]))
    assert (sample.stars.tolist(), sample.row.tolist(), sample.group.tolist(), sample.size) == ([1, 2], [0], [0], 1)
    both = rated_sample(index, np.ones(2, bool), index.theme_pairs, np.arange(2))
    only = both.only(np.array([False, True]))
    assert (only.row.tolist(), only.group.tolist(), only.size) == ([0], [0], 1)


def test_cells_add_up_to_their_products():
    stars, product = np.array([5.0, 1, 5, 5]), np.array([2, 0, 2, 2])
    cells = Cells.of(Sample(stars, product, np.array([1, 2]), np.array([0, 0]), 1))
    assert cells.count.tolist() == [1, 2, 1]
    assert cells.product_starts.tolist() == [0, 1]
    assert (cells.adding_products() @ cells.stars).tolist() == [1, 15]
    assert (cells.adding_products() @ cells.groups.toarray()).tolist() == [[1], [1]]
