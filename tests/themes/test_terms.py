import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.themes.terms import join_misspellings, normal_aspect, normal_phrase, same_wording


@pytest.mark.parametrize(
    ("aspect", "plain"),
    [
        ("The Batteries", "battery"),
        ("its cable", "cable"),
        ("sound quality", "sound quality"),
        ("bass", "bass"),
        ("This", ""),
    ],
)
def test_aspects_come_to_a_plain_form(aspect, plain):
    assert normal_aspect(aspect) == plain


def test_phrases_lose_edges_and_keep_particles():
    assert normal_phrase("It just stopped working!") == "stopped working"
    assert normal_phrase("won't turn on") == "won't turn on"
    assert normal_phrase("is missing from the") == "missing"


@pytest.mark.parametrize(
    "wording", ["not working", "doesn't work", "stopped functioning", "did not work properly", "wont work at all"]
)
def test_wordings_of_one_failure_are_brought_together(wording):
    assert same_wording(wording) == "stopped working"


def test_other_phrases_stay_as_they_are():
    assert same_wording("frays near the plug") == "frays near the plug"


def test_misspellings_join_the_common_word():
    counts = {"battery": 40, "bettery": 2, "baterry": 1, "bass": 30, "base": 20, "battery life": 10}
    joined = join_misspellings(counts)
    assert joined["bettery"] == joined["baterry"] == "battery"
    assert joined["bass"] == "bass"
    assert joined["base"] == "base"  # as common as what it resembles: a word of its own
    assert joined["battery life"] == "battery life"


@given(st.dictionaries(st.text(alphabet="abcde ", min_size=1, max_size=8), st.integers(1, 50), max_size=12))
def test_every_term_is_mapped_to_one_that_stays_itself(counts):
    joined = join_misspellings(counts)
    assert joined.keys() == counts.keys()
    assert all(joined[to] == to for to in joined.values())
