"""Errors of spans, sorted, on predictions written by hand."""

from voc.evaluate import GoldLine, GoldOpinion
from voc.evaluate.errors import span_errors
from voc.extract.prediction import Prediction

TEXT = "the long cable frays and the plug is hot"


def span(words, polarity):
    start = TEXT.index(words)
    return (start, start + len(words), polarity)


def errors(gold, aspects):
    opinions = tuple(GoldOpinion(span(words, p)[:2], None, p) for words, p in gold)
    rows = span_errors([GoldLine("1", TEXT, opinions)], [Prediction([span(*a) for a in aspects])])
    return {row["error"]: [(e["gold"], e["predicted"]) for e in row["examples"]] for row in rows}


def test_what_is_right_is_no_error():
    assert errors([("cable", "negative")], [("cable", "negative")]) == {}


def test_each_sort_of_error_is_told_apart():
    cases = {
        "polarity": ([("cable", "negative")], [("cable", "positive")]),
        "too wide": ([("cable", "negative")], [("long cable", "negative")]),
        "too narrow": ([("long cable", "negative")], [("cable", "negative")]),
        "crooked": ([("long cable", "negative")], [("cable frays", "negative")]),
        "missed": ([("plug", "negative")], []),
        "made up": ([], [("plug", "negative")]),
    }
    for error, (gold, predicted) in cases.items():
        [(found, [(marked, said)])] = errors(gold, predicted).items()
        assert found == error
        assert marked == (gold[0][0] if gold else "")
        assert said == (predicted[0][0] if predicted else "")


def test_shares_are_of_one_kind_and_the_commonest_comes_first():
    gold = [GoldLine(str(i), TEXT, (GoldOpinion(span("plug", "negative")[:2], None, "negative"),)) for i in range(3)]
    wrong = [Prediction(), Prediction(), Prediction([span("plug", "positive")])]
    rows = span_errors(gold, wrong)
    assert [(row["error"], row["count"]) for row in rows] == [("missed", 2), ("polarity", 1)]
    assert sum(row["share"] for row in rows) == 1
    assert rows[0]["examples"] == [{"gold": "plug", "predicted": "", "count": 2}]
