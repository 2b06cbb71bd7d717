from voc.themes.identity import founding_id, match_themes


def test_a_theme_keeps_its_id_when_most_of_its_mentions_stay_together():
    matched = match_themes({0: {"a", "b", "c", "new"}, 1: {"x", "y"}}, {"t1": {"a", "b", "c"}, "t2": {"p", "q"}})
    assert matched == {0: "t1"}


def test_of_a_theme_that_splits_the_largest_part_keeps_the_id():
    assert match_themes({0: {"a"}, 1: {"b", "c"}}, {"t1": {"a", "b", "c"}}) == {1: "t1"}


def test_matching_is_one_to_one_with_the_best_total():
    matched = match_themes({0: {"a", "b", "x"}, 1: {"x", "y"}}, {"t1": {"a", "b"}, "t2": {"x", "y"}})
    assert matched == {0: "t1", 1: "t2"}


def test_ids_depend_on_the_founding_mentions_alone():
    assert founding_id(["b", "a"]) == founding_id(["a", "b"]) != founding_id(["a"])
