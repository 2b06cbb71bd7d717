import random

import pytest
import spacy
from spacy.matcher import Matcher

from voc.extract.rules.content import is_generic, judges, only_judges, says_nothing
from voc.extract.rules.matchers import find_rules, gates, groups
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


def wordings(parts, rng, count):
    """Return texts made of words that the parts of a pattern ask for, with and without what may be left out."""
    for _ in range(count):
        words = []
        for part in parts:
            often = {"*": rng.choice([0, 1, 2]), "?": rng.choice([0, 1]), "+": rng.choice([1, 2])}
            for _ in range(often.get(part.get("OP"), 1)):
                wanted = part.get("LOWER", part.get("TEXT", {}))
                glued = rng.choice(["3days", "2weeks"] if "LOWER" in part else ["3", "2.5", "2-3"])
                words.append(rng.choice(wanted["IN"]) if "IN" in wanted else glued if wanted else "any")
        text = "".join(word if word[0] == "'" else f" {word}" for word in words)
        yield rng.choice([text, text.upper(), f"Well.{text}!", f"\n{text.strip()}, really"]).strip(" ")


def test_no_pattern_matches_a_text_that_its_gate_keeps_out():
    tokeniser, rng, matched = spacy.blank("en"), random.Random(4), 0
    for group, named in groups().items():
        for listed in named.values():
            for parts in listed:
                matcher = Matcher(tokeniser.vocab)
                matcher.add("one", [parts])
                for text in wordings(parts, rng, 12):
                    document = tokeniser(text)
                    document[0].is_sent_start = True
                    if matcher(document):
                        matched += 1
                        assert gates()[group].search(text.lower()), text
    assert matched > 500
    assert not any(one.search("the sound is good and the cable is long") for one in gates().values())


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
    times = find_rules(text, lambda: nlp(text)).times
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
    assert find_rules(text, lambda: nlp(text)).times == ()


@pytest.mark.parametrize(
    "text",
    [
        "the charger caught fire", "smoke came out of it", "It smells like burning plastic", "I got an electric shock",
        "the battery is swollen", "gets very hot", "it was too hot to touch", "sparks flew from the plug",
        "the plastic melted", "it over heats while charging", "it burned my hand", "I got burned by the battery",
    ],
)  # fmt: skip
def test_hazards_are_found(nlp, text):
    assert find_rules(text, lambda: nlp(text)).hazards


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
    assert find_rules(text, lambda: nlp(text)).hazards == ()


@pytest.mark.parametrize(
    "text",
    [
        "I wish the cable was longer", "would be nice if it had a light", "It should have a longer cord",
        "please add a pouch",
        "I would love to see a red one", "could use a better plug", "if only it was smaller",
    ],
)  # fmt: skip
def test_wishes_are_found(nlp, text):
    assert find_rules(text, lambda: nlp(text)).wishes


@pytest.mark.parametrize("text", ["It works as I wanted", "They should be ashamed", "I love it", "a nice addition"])
def test_other_sentences_are_no_wishes(nlp, text):
    assert find_rules(text, lambda: nlp(text)).wishes == ()


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
