import pytest

from voc.themes.salience import Spoken, coverage, names_of, nouns_in, said_by, salience, stems
from voc.themes.trouble import Trouble


def trouble(phrase, part="", area="whole product", clause=""):
    return Trouble({}, part, area, phrase, phrase, clause)


def test_a_word_that_a_neighbour_says_more_counts_against_a_theme():
    low, dead = [stems("low")] * 3 + [stems("not charging")], [stems("not charging")] * 4
    first, second = salience([low, dead], ["battery", "battery"])
    assert first["low"] > 0 > first[min(stems("charging"))]
    assert second[min(stems("charging"))] > 0


def test_a_word_of_another_part_counts_nothing_against_a_theme():
    (mic, button) = salience([[stems("not working")] * 2, [stems("not working")] * 5], ["mic", "button"])
    assert mic == button


def test_one_theme_alone_has_words_too():
    assert salience([[stems("frays")] * 2], ["cable"])[0][min(stems("frays"))] > 0


def test_coverage_counts_mentions_with_a_word_that_is_said_more_than_once():
    group = [stems("hinge broke"), stems("hinge cracked"), stems("odd"), stems("slow")]
    assert coverage(group, salience([group], ["whole product"])[0]) == 0.5
    assert coverage([], {}) == 0


def test_what_a_mention_says_is_its_part_and_phrase_or_else_its_clause():
    assert said_by(trouble("frays", "cable"), frozenset()) == stems("cable frays")
    assert said_by(trouble("", clause="It rattles"), frozenset()) == stems("rattles")
    assert said_by(trouble("really bad"), frozenset()) == frozenset()


def test_low_says_something_of_a_part_but_nothing_of_the_whole():
    assert said_by(trouble("low"), frozenset()) == frozenset()
    assert said_by(trouble("low", "battery", "battery"), stems("battery")) == stems("low")


def test_names_of_an_area_are_the_words_customers_use_for_it():
    troubles = [trouble("dead", part, "battery life") for part in ("battery", "battery", "battery backup", "backup")]
    assert names_of("battery life", troubles, 4) >= stems("battery life backup")
    assert names_of("whole product", troubles, 4) == frozenset()


@pytest.mark.parametrize(("stability", "area", "loose"), [(0.2, "whole product", True), (0.9, "whole product", False)])
def test_a_theme_that_few_runs_find_and_that_shares_no_word_is_loose(stability, area, loose):
    groups = [[stems("odd"), stems("rattles"), stems("crooked")]]
    rows = [{"theme_id": "t", "area": area, "stability": stability}]
    spoken = Spoken(rows, groups, salience(groups, [area]), {area: frozenset()})
    assert spoken.loose() == ({"t"} if loose else set())


def test_a_theme_of_a_part_is_never_loose():
    groups = [[stems("odd"), stems("rattles")]]
    rows = [{"theme_id": "t", "area": "lid", "stability": 0.1}]
    assert Spoken(rows, groups, salience(groups, ["lid"]), {"lid": stems("lid")}).loose() == set()


def test_nouns_are_what_opinions_are_mostly_about():
    def row(aspect, phrase):
        return Trouble({"aspect": aspect}, "", "service", phrase, phrase, "")

    said = [row("Warranty", "not honoured")] * 3 + [row(None, "warranty expired")] * 4 + [row("cable", "frays")]
    assert nouns_in(said) == stems("warranty")
