import numpy as np
import spacy

from voc.extract.describe import Said
from voc.extract.opinions import draft_opinions, finish_opinions
from voc.extract.reader import FoundSpan, ReadText
from voc.extract.rules.matchers import find_rules
from voc.extract.sentences import sentence_spans

NEGATIVE, POSITIVE = (0.9, 0.05, 0.05), (0.05, 0.05, 0.9)


def reading(text, aspects=(), phrases=(), links=(), negative=0.0, positive=0.0, wish=0.0):
    """Literal output of the network for `text`; spans are given by their words."""

    def found(words, polarity):
        start = text.index(words)
        return FoundSpan(start, start + len(words), 0.9, polarity)

    sentences = [(s, e, negative, positive, wish) for s, e in sentence_spans(text)]
    return ReadText([found(*a) for a in aspects], [found(*p) for p in phrases], list(links), sentences, 3.0)


def said(draft, **given):
    """Literal output of the mention heads: of the draft's own polarity, a trouble, about the product, severity 0.5."""
    negative, neutral, positive = draft.scores
    kind = {"pain": negative, "praise": positive, "neutral": neutral, "wish": 0.0}
    plain = {"kind": kind, "specificity": {"trouble": 1.0}, "target": {"product": 1.0}, "severity": 0.5}
    return Said(**{**plain, **given}, meaning=np.ones(2, dtype=np.float16))


def opinions(text, given=None, reading_of=reading, **parts):
    read = reading_of(text, **parts)
    drafts = draft_opinions(text, read)
    described = [said(draft, **(given or {})) for draft in drafts]
    return finish_opinions(drafts, described, read, find_rules(text, lambda: spacy.blank("en")(text)), 0.5)


def test_a_phrase_with_its_aspect_is_one_opinion():
    text = "it charges fast but the cable frays near the plug"
    [one] = opinions(text, aspects=[("cable", NEGATIVE)], phrases=[("frays near the plug", NEGATIVE)], links=[0])
    assert one.kind == "pain"
    assert text[slice(*one.aspect)] == "cable"
    assert text[slice(*one.clause)] == "but the cable frays near the plug"
    assert one.polarity == -0.85


def test_an_aspect_without_a_phrase_is_an_opinion_of_its_own():
    [one] = opinions("the battery, well", aspects=[("battery", NEGATIVE)])
    assert (one.kind, one.phrase) == ("pain", None)


def test_a_negative_sentence_without_a_marked_span_is_pain():
    text = "All fine at first. One side has no sound now."
    sentences = [(0, 18, 0.1, 0.2, 0.0), (19, 45, 0.9, 0.0, 0.0)]
    found = opinions(text, reading_of=lambda text: ReadText(sentences=sentences))
    assert [(o.kind, text[slice(*o.clause)]) for o in found] == [("pain", "One side has no sound now.")]


def test_a_phrase_takes_the_negation_before_it_along():
    text = "it is not working anymore"
    [one] = opinions(text, phrases=[("working anymore", NEGATIVE)], links=[-1])
    assert text[slice(*one.phrase)] == "not working anymore"


def test_of_a_missing_part_the_word_that_says_so_is_the_phrase():
    text = "two weeks later: no light, sound is fine"
    [light, _] = opinions(text, aspects=[("light", NEGATIVE), ("sound", POSITIVE)])
    assert (text[slice(*light.phrase)], light.specificity) == ("no", "trouble")


def test_a_verdict_beside_a_named_trouble_is_no_trouble():
    text = "worst product it stopped charging"
    found = opinions(text, phrases=[("worst", NEGATIVE), ("stopped charging", NEGATIVE)], links=[-1, -1])
    assert [o.specificity for o in found] == ["verdict", "trouble"]
    [alone] = opinions("disappointed that it has no YouTube", phrases=[("disappointed", NEGATIVE)], links=[-1])
    assert alone.specificity == "trouble"  # nothing else says so


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


def test_the_mention_heads_say_kind_specificity_target_and_severity():
    given = {
        "specificity": {"trouble": 0.2, "verdict": 0.8},
        "target": {"product": 0.1, "seller": 0.9},
        "severity": 0.25,
    }
    [one] = opinions("they are liars", given, phrases=[("liars", NEGATIVE)], links=[-1])
    assert (one.kind, one.specificity, one.target, one.severity) == ("pain", "verdict", "seller", 0.25)
    [praised] = opinions("they are kind", given, phrases=[("kind", POSITIVE)], links=[-1])
    assert (praised.kind, praised.severity) == ("praise", 0.0)


def test_the_likeliest_mention_of_a_sentence_that_asks_for_something_is_the_wish():
    text = "good sound, a longer cable would help"
    parts = {"phrases": [("good", POSITIVE), ("longer", NEGATIVE)], "links": [-1, -1], "wish": 0.9}
    read = reading(text, **parts)
    drafts = draft_opinions(text, read)
    described = [said(draft) for draft in drafts]
    described[1].kind["wish"] = 0.3
    found = finish_opinions(drafts, described, read, find_rules(text, lambda: spacy.blank("en")(text)), 0.5)
    assert [o.kind for o in found] == ["praise", "wish"]


def test_a_sentence_that_only_asks_is_a_wish():
    asks = {"kind": {"pain": 0.1, "praise": 0.1, "neutral": 0.2, "wish": 0.6}}
    [one] = opinions("A display please", asks, wish=0.9)
    assert (one.kind, one.aspect, one.phrase, one.severity) == ("wish", None, None, 0.0)


def test_days_until_delivery_are_no_time_in_use():
    late = {"target": {"delivery": 1.0}}
    [one] = opinions("parcel came broken after 3 weeks", late, aspects=[("parcel", NEGATIVE)])
    assert (one.target, one.days_in_use) == ("delivery", None)
