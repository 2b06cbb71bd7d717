"""Agreement of themes with gold categories, on mentions written by hand."""

import pytest

from voc.errors import VocError
from voc.evaluate import GoldLine, GoldOpinion, embedding_agreement, gold_reviews, theme_agreement
from voc.tables import from_rows


def mention(review, theme, *, aspect=None, phrase=None, clause=(0, 10)):
    spans = {"aspect": aspect, "phrase": phrase, "clause": clause}
    return {
        "mention_id": f"{review}-{theme}-{aspect}-{phrase}-{clause}",
        "review_id": str(review),
        "kind": "pain",
        "specificity": "trouble",
        "target": "product",
        **{f"{part}_start": span and span[0] for part, span in spans.items()},
        **{f"{part}_end": span and span[1] for part, span in spans.items()},
        "polarity": -1.0,
        "confidence": 1.0,
        "severity": 0.5,
        "hazard": False,
        "theme_id": theme,
        "model_version": "test-1",
    }


def mentions(*rows):
    return from_rows("mentions", rows)


def negative(category, *, aspect=None, phrase=None):
    return GoldOpinion(aspect, phrase, "negative", category)


def test_reviews_carry_their_position():
    table = gold_reviews([GoldLine("a", "one", ()), GoldLine("a", "two", ())])
    assert table["review_id"].to_pylist() == ["0", "1"]
    assert table["text"].to_pylist() == ["one", "two"]


def test_same_grouping_under_other_names_is_perfect():
    gold = [
        GoldLine(str(i), "the text here", (negative("Cable" if i < 3 else "Bag", aspect=(4, 8)),)) for i in range(6)
    ]
    found = mentions(*(mention(i, "t1" if i < 3 else "t2", aspect=(4, 8)) for i in range(6)))
    assert theme_agreement(gold, found) == {
        "ami": pytest.approx(1.0),
        "opinions": 6,
        "unassigned": 0,
        "themes": 2,
        "categories": 2,
    }


def test_unassigned_is_one_label_so_leaving_out_earns_nothing():
    gold = [
        GoldLine(str(i), "the text here", (negative("Cable" if i < 3 else "Bag", aspect=(4, 8)),)) for i in range(6)
    ]
    result = theme_agreement(gold, mentions())
    assert (result["ami"], result["unassigned"], result["themes"]) == (pytest.approx(0.0), 6, 0)


def test_an_opinion_is_taken_by_the_mention_that_overlaps_its_words_most():
    text = "cable frays. the bag tears, never again"
    opinions = (negative("Cable", aspect=(0, 5), phrase=(6, 11)), negative("Bag", aspect=(17, 20)))
    gold = [GoldLine("1", text, opinions), GoldLine("2", text, opinions)]
    # The second mention's clause covers everything, but only the first holds the cable's words.
    found = mentions(
        *(mention(i, "t-cable", aspect=(0, 5), clause=(0, 11)) for i in range(2)),
        *(mention(i, "t-bag", phrase=(21, 26), clause=(0, 39)) for i in range(2)),
    )
    result = theme_agreement(gold, found)
    assert result["ami"] == pytest.approx(1.0)
    assert (result["opinions"], result["themes"]) == (4, 2)


def test_an_implied_opinion_takes_the_longest_mention_that_has_a_theme():
    gold = [GoldLine(str(i), "x" * 20, (negative("A" if i < 2 else "B"),)) for i in range(4)]
    rows = []
    for i in range(4):
        rows += [mention(i, "short", clause=(0, 2)), mention(i, "a" if i < 2 else "b", clause=(2, 9))]
        rows.append(mention(i, None, clause=(0, 20)))
    assert theme_agreement(gold, mentions(*rows))["ami"] == pytest.approx(1.0)


def test_topics_label_whole_lines_and_praise_is_not_scored():
    gold = [GoldLine(str(i), "x", topic="screen" if i < 2 else "sound") for i in range(4)]
    gold.append(GoldLine("p", "x", (GoldOpinion((0, 1), None, "positive", "Praise"),)))
    found = mentions(*(mention(i, "s" if i < 2 else "d") for i in range(5)))
    result = theme_agreement(gold, found)
    assert (result["opinions"], result["categories"]) == (4, 2)
    assert result["ami"] == pytest.approx(1.0)


def test_lines_without_categories_are_refused():
    with pytest.raises(VocError, match="themes cannot be compared"):
        theme_agreement([GoldLine("1", "x", ())], mentions())


def vectors(table):
    """Return a vector for each mention id: one axis for those that begin with the same letter after the review."""
    return {m: [1.0, 0.0] if "-a-" in m else [0.0, 1.0] for m in table["mention_id"].to_pylist()}


def by_vector(gold, found, embed=None):
    return embedding_agreement(
        gold, found, vectors(found), embed or (lambda texts: [[0.0, 1.0]] * len(texts)), clusters=2
    )


def test_vectors_that_lie_as_the_categories_do_are_perfect():
    gold = [GoldLine(str(i), "x" * 20, (negative("A" if i < 4 else "B", phrase=(0, 5)),)) for i in range(8)]
    found = mentions(*(mention(i, "a" if i < 4 else "b", phrase=(0, 5)) for i in range(8)))
    result = by_vector(gold, found)
    assert result["theme_ami"] == pytest.approx(1.0)
    assert (result["opinions"], result["by_sentence"]) == (8, 0)


def test_an_opinion_that_no_mention_overlaps_goes_by_its_sentence():
    text = "It broke. The sound is thin."
    gold = [GoldLine(str(i), text, (negative("B", phrase=(23, 27)), negative("A", phrase=(3, 8)))) for i in range(4)]
    found = mentions(*(mention(i, "a", phrase=(3, 8), clause=(0, 9)) for i in range(4)))
    asked = []

    def embed(texts):
        asked.extend(texts)
        return [[0.0, 1.0]] * len(texts)

    result = by_vector(gold, found, embed)
    assert asked == ["The sound is thin."] * 4
    assert result["theme_ami"] == pytest.approx(1.0)
    assert result["by_sentence"] == 4


def test_vectors_that_say_nothing_score_nothing():
    gold = [GoldLine(str(i), "x" * 20, (negative("AB"[i % 2], phrase=(0, 5)),)) for i in range(40)]
    found = mentions(*(mention(i, "ab"[i // 20], phrase=(0, 5)) for i in range(40)))
    assert abs(by_vector(gold, found)["theme_ami"]) < 0.1


def test_vectors_cannot_be_compared_with_praise_alone():
    gold = [GoldLine("p", "x", (GoldOpinion((0, 1), None, "positive", "Praise"),))]
    with pytest.raises(VocError, match="themes cannot be compared"):
        by_vector(gold, mentions(mention(0, "a")))
