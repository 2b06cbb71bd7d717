"""Scores against cases counted by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.errors import VocError
from voc.evaluate import KEYS, GoldLine, GoldOpinion, evaluate, pooled
from voc.extract.prediction import Prediction


def span(text, part):
    start = text.index(part)
    return start, start + len(part)


def opinion(text, aspect, phrase, polarity):
    return GoldOpinion(aspect and span(text, aspect), phrase and span(text, phrase), polarity)


ONE = "😀 The cable frays, the bag is nice and the bag is heavy"
TWO = "Nothing to say 👍🏽"
THREE = "It broke"

GOLD = [
    GoldLine(
        "1",
        ONE,
        (
            opinion(ONE, "cable", "frays", "negative"),
            # The same bag is liked and disliked: one span, two with polarity.
            opinion(ONE, "bag", "nice", "positive"),
            opinion(ONE, "bag", "heavy", "negative"),
        ),
    ),
    GoldLine("2", TWO, ()),
    GoldLine("3", THREE, (opinion(THREE, None, "broke", "negative"),)),
]

PREDICTED = {
    ONE: Prediction(
        aspects=[(*span(ONE, "cable"), "positive"), (*span(ONE, "bag"), "positive"), (*span(ONE, "bag"), "positive")],
        phrases=[(*span(ONE, "frays"), "negative"), (*span(ONE, "nice"), "positive")],
        complaint=True,
    ),
    TWO: Prediction(aspects=[(*span(TWO, "Nothing"), "neutral")], complaint=True),
    THREE: Prediction(phrases=[(*span(THREE, "It broke"), "negative")], complaint=False),
}


def predict(texts):
    return [PREDICTED[text] for text in texts]


def test_spans_counted_by_hand():
    result = pooled([evaluate(GOLD, predict)])
    # Gold: cable, bag. Said: cable, bag, Nothing.
    assert result["counts"]["aspect"] == {
        "precision": pytest.approx(2 / 3),
        "recall": 1.0,
        "gold": 2,
        "predicted": 3,
        "correct": 2,
    }
    assert result["aspect_f1"] == pytest.approx(0.8)
    # Gold: cable-, bag+, bag-. Said: cable+, bag+, Nothing0.
    assert result["counts"]["aspect_polarity"]["gold"] == 3
    assert result["counts"]["aspect_polarity"]["correct"] == 1
    assert result["aspect_polarity_f1"] == pytest.approx(1 / 3)
    # Gold: frays, nice, heavy, broke. Said: frays, nice, "It broke", which is not exact.
    assert result["phrase_f1"] == pytest.approx(2 * 2 / (4 + 3))
    assert result["phrase_polarity_f1"] == pytest.approx(2 * 2 / (4 + 3))
    # Texts with a complaint: 1 and 3. Said: 1 and 2.
    assert result["complaint_f1"] == pytest.approx(0.5)
    assert result["wish_f1"] is None
    assert result["theme_ami"] is None
    assert result.keys() == {*KEYS, "counts"}


def test_pain_measures_complaints_alone():
    tallies = evaluate(GOLD, predict, "pain")
    assert tallies.keys() == {"complaint"}
    assert pooled([tallies])["counts"]["complaint"] == {
        "precision": 0.5,
        "recall": 0.5,
        "gold": 2,
        "predicted": 2,
        "correct": 1,
    }


def test_wishes():
    gold = [GoldLine(str(i), text, suggestion=wish) for i, (text, wish) in enumerate([("a", True), ("b", False)])]
    result = pooled([evaluate(gold, lambda texts: [Prediction(wish=True) for _ in texts], "wish")])
    assert result["wish_f1"] == pytest.approx(2 / 3)
    assert result["counts"].keys() == {"wish"}


def test_what_a_file_does_not_label_is_null_and_stays_out_of_the_pool():
    terms = [GoldLine("1", "The bag", (GoldOpinion((4, 7), None, "positive"),))]

    def wordy(texts):
        return [Prediction(aspects=[(4, 7, "positive")], phrases=[(0, 3, "positive")]) for _ in texts]

    tallies = evaluate(terms, wordy)
    alone = pooled([tallies])
    assert alone["aspect_f1"] == 1.0
    assert alone["phrase_f1"] is None
    both = pooled([tallies, evaluate(GOLD, predict)])
    assert both["phrase_f1"] == pytest.approx(2 * 2 / (4 + 3))
    # 3 of 3 gold aspects among 4 said.
    assert both["aspect_f1"] == pytest.approx(2 * 3 / (3 + 4))


def test_no_complaint_anywhere_is_zero_and_not_an_error():
    gold = [GoldLine("1", "x", ())]
    assert pooled([evaluate(gold, lambda texts: [Prediction()])])["complaint_f1"] == 0.0


@pytest.mark.parametrize(("task", "needed"), [("wish", "suggestion"), ("opinions", "opinions"), ("pain", "opinions")])
def test_lines_without_the_labels_of_the_task(task, needed):
    with pytest.raises(VocError, match=f'No line has "{needed}", which the task {task} needs'):
        evaluate([GoldLine("1", "x", topic="t")], predict, task)


def test_a_prediction_per_text_is_required():
    with pytest.raises(ValueError, match="3 texts went in, 0 predictions came out"):
        evaluate(GOLD, lambda texts: [])


SPANS = st.sets(st.tuples(st.integers(0, 5), st.integers(6, 9), st.sampled_from(["positive", "negative"])), max_size=5)


@given(st.lists(st.tuples(SPANS, SPANS), min_size=1, max_size=4))
def test_f1_lies_between_0_and_1_and_saying_the_gold_is_perfect(texts):
    gold = [
        GoldLine(str(i), f"text {i:>20}", tuple(GoldOpinion((s, e), None, p) for s, e, p in right))
        for i, (right, _) in enumerate(texts)
    ]

    def say(which):
        return lambda _: [Prediction(aspects=sorted(pair[which])) for pair in texts]

    if any(right for right, _ in texts):
        assert pooled([evaluate(gold, say(0))])["aspect_polarity_f1"] == 1.0
        result = pooled([evaluate(gold, say(1))])
        # Whoever finds a span with its polarity has found the span.
        assert 0 <= result["counts"]["aspect"]["recall"] <= 1
        assert 0 <= result["aspect_f1"] <= 1
    else:
        assert pooled([evaluate(gold, say(1))])["aspect_f1"] is None
