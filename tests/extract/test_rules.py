from itertools import pairwise

import pytest
import spacy

from voc.extract.rules.content import is_generic, judges, only_judges, says_nothing
from voc.extract.rules.matchers import GATES, find_rules, groups
from voc.extract.rules.patterns import pattern


@pytest.fixture(scope="module")
def nlp():
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    return nlp


def test_a_line_of_words_becomes_a_matcher_pattern():
    assert pattern("i|we (really|just)* wish .? x") == [
        {"LOWER": {"IN": ["i", "we"]}},
        {"LOWER": {"IN": ["really", "just"]}, "OP": "*"},
        {"LOWER": {"IN": ["wish"]}},
        {"IS_ALPHA": True, "OP": "?"},
        {"LOWER": {"IN": ["x"]}},
    ]


def test_no_pattern_can_match_a_text_that_its_gate_keeps_out():
    for gate, named in groups().items():
        for listed in named.values():
            for parts in listed:
                needed = [p["LOWER"]["IN"] for p in parts if "OP" not in p and "IN" in p.get("LOWER", {})]
                glued = any("REGEX" in p.get("LOWER", {}) for p in parts)
                certain = any(all(GATES[gate].search(word) for word in words) for words in needed)
                pairs = [all(GATES[gate].search(f"{a} {b}") for a in one for b in two) for one, two in pairwise(needed)]
                assert certain or glued or any(pairs), parts


@pytest.mark.parametrize(
    ("text", "days", "cue"),
    [
        ("It stopped working after two weeks", 14, "failed_after"),
        ("died within 3 months", 90, "failed_after"),
        ("lasted only 10 days", 10, "failed_after"),
        ("stopped charging 2 months later", 60, "failed_after"),
        ("no sound in just 14 days", 14, "failed_after"),
        ("Still going strong after a year", 365, "works_after"),
        ("have used it for over 6 months", 180, "works_after"),
        ("dead after a couple of weeks", 14, "failed_after"),
        ("broke after half a year", 182, "failed_after"),
        ("dead out of the box", 0, ""),
        ("did not work from day one", 0, ""),
    ],
)
def test_times_in_use(nlp, text, days, cue):
    times = find_rules(nlp(text)).times
    assert [(t.days, t.cue) for t in times] == [(days, cue)]


@pytest.mark.parametrize(
    "text",
    [
        "It comes with a warranty for 2 years",
        "delivered in 2 days",
        "return it within 10 days",
        "a battery backup of 3 days",
    ],
)
def test_other_times_are_not_times_in_use(nlp, text):
    assert find_rules(nlp(text)).times == ()


@pytest.mark.parametrize(
    "text",
    [
        "the charger caught fire", "smoke came out of it", "It smells like burning plastic", "I got an electric shock",
        "the battery is swollen", "gets very hot", "it was too hot to touch", "sparks flew from the plug",
        "the plastic melted", "it over heats while charging", "it burned my hand", "I got burned by the battery",
    ],
)  # fmt: skip
def test_hazards_are_found(nlp, text):
    assert find_rules(nlp(text)).hazards


@pytest.mark.parametrize(
    "text",
    [
        "never overheats",
        "does not get too hot",
        "I was shocked by the price",
        "my Fire tablet charges well",
        "hot deal",
        "burning my first DVDs took an hour",
        "I got burned twice by this shop",
        "might as well set your money on fire",
    ],
)
def test_what_only_sounds_like_danger_is_no_hazard(nlp, text):
    assert find_rules(nlp(text)).hazards == ()


@pytest.mark.parametrize(
    "text",
    [
        "I wish the cable was longer", "would be nice if it had a light", "It should have a longer cord",
        "please add a pouch",
        "I would love to see a red one", "could use a better plug", "if only it was smaller",
    ],
)  # fmt: skip
def test_wishes_are_found(nlp, text):
    assert find_rules(nlp(text)).wishes


@pytest.mark.parametrize("text", ["It works as I wanted", "They should be ashamed", "I love it", "a nice addition"])
def test_other_sentences_are_no_wishes(nlp, text):
    assert find_rules(nlp(text)).wishes == ()


@pytest.mark.parametrize("aspect", [None, "", "product", "this product", "the earphones"])
def test_some_aspects_name_nothing(aspect):
    assert is_generic(aspect)


@pytest.mark.parametrize("aspect", ["sound quality", "left earbud", "cable"])
def test_others_name_a_part(aspect):
    assert not is_generic(aspect)


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [("two weeks", True), ("using it", True), ("went dead", False), ("very poor", False), ("stopped working", False)],
)
def test_a_phrase_may_say_nothing(phrase, expected):
    assert says_nothing(phrase) is expected


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("this product is not good", True),
        ("very poor", True),
        ("WORST", True),
        ("not working", False),
        ("it was not it", False),
        ("good but heavy", False),
        ("bad sound", False),
        ("stay away from this brand", True),
        ("please look elsewhere", True),
        ("can't stay in my ear", False),
        ("no use", True),
        ("not able to use it", True),
        ("can't use it with my phone", False),
        ("not usable for running", False),
    ],
)
def test_a_clause_may_only_judge_the_whole(clause, expected):
    assert only_judges(clause) is expected


@pytest.mark.parametrize(("word", "expected"), [("dissapointed", True), ("bad", True), ("frays", False)])
def test_judging_words_are_known_misspelt_too(word, expected):
    assert judges(word) is expected
