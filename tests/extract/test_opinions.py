import spacy

from voc.extract.opinions import find_opinions
from voc.extract.reader import FoundSpan, ReadText
from voc.extract.rules.matchers import find_rules
from voc.extract.sentences import sentence_spans

NEGATIVE, POSITIVE = (0.9, 0.05, 0.05), (0.05, 0.05, 0.9)


def reading(text, aspects=(), phrases=(), links=(), negative=0.0, positive=0.0):
    """Literal output of the network for `text`; spans are given by their words."""

    def found(words, polarity):
        start = text.index(words)
        return FoundSpan(start, start + len(words), 0.9, polarity)

    sentences = [(s, e, negative, positive) for s, e in sentence_spans(text)]
    return ReadText([found(*a) for a in aspects], [found(*p) for p in phrases], list(links), sentences, 3.0)


def opinions(text, **parts):
    return find_opinions(text, reading(text, **parts), find_rules(spacy.blank("en")(text)))


def test_a_phrase_with_its_aspect_is_one_opinion():
    text = "it charges fast but the cable frays near the plug"
    [one] = opinions(text, aspects=[("cable", NEGATIVE)], phrases=[("frays near the plug", NEGATIVE)], links=[0])
    assert (one.kind, one.specificity, one.target) == ("pain", "trouble", "product")
    assert text[slice(*one.aspect)] == "cable"
    assert text[slice(*one.clause)] == "but the cable frays near the plug"
    assert one.polarity == -0.85


def test_an_aspect_without_a_phrase_is_an_opinion_of_its_own():
    [one] = opinions("the battery, well", aspects=[("battery", NEGATIVE)])
    assert (one.kind, one.specificity, one.phrase) == ("pain", "judgement", None)


def test_a_negative_sentence_without_a_marked_span_is_pain():
    text = "All fine at first. One side has no sound now."
    found = find_opinions(
        text, ReadText(sentences=[(0, 18, 0.1, 0.2), (19, 45, 0.9, 0.0)]), find_rules(spacy.blank("en")(text))
    )
    assert [(o.kind, text[slice(*o.clause)]) for o in found] == [("pain", "One side has no sound now.")]


def test_a_phrase_takes_the_negation_before_it_along():
    text = "it is not working anymore"
    [one] = opinions(text, phrases=[("working anymore", NEGATIVE)], links=[-1])
    assert text[slice(*one.phrase)] == "not working anymore"


def test_a_time_goes_to_the_nearest_opinion_of_its_sentence():
    text = "sound is dull and it died after two weeks"
    found = opinions(
        text, aspects=[("sound", NEGATIVE)], phrases=[("dull", NEGATIVE), ("died", NEGATIVE)], links=[0, -1]
    )
    assert [(text[slice(*o.phrase)], o.days_in_use, o.time_event) for o in found] == [
        ("dull", None, None),
        ("died", 14, "failed_after"),
    ]


def test_hazard_needs_pain_and_a_wish_is_a_kind_of_its_own():
    text = "the plug gets very hot"
    [one] = opinions(text, aspects=[("plug", NEGATIVE)], phrases=[("very hot", NEGATIVE)], links=[0])
    assert one.hazard
    assert one.severity == 1.0
    [praised] = opinions("this deal is very hot", phrases=[("very hot", POSITIVE)], links=[-1])
    assert (praised.kind, praised.hazard, praised.severity) == ("praise", False, 0.0)
    [wish] = opinions("I wish the cable was longer", aspects=[("cable", NEGATIVE)])
    assert wish.kind == "wish"


def test_days_until_delivery_are_no_time_in_use():
    [one] = opinions("parcel came broken after 3 weeks", aspects=[("parcel", NEGATIVE)])
    assert (one.target, one.days_in_use) == ("delivery", None)
