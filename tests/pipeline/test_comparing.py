"""What two states have in common, on mentions written by hand: every cause by which a theme gains or loses one."""

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc import tables
from voc.matching import renamed, same_opinions
from voc.reanalysis import compare
from voc.store import Workspace

NOW = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def mention(name, theme=None, *, kind="pain", review=None, start=0, end=10, version="old"):
    return {
        "mention_id": f"m{name}",
        "review_id": review or f"r{name}",
        "kind": kind,
        "specificity": "trouble",
        "target": "product",
        "phrase_start": start,
        "phrase_end": end,
        "clause_start": 0,
        "clause_end": 20,
        "polarity": -0.5,
        "confidence": 0.5,
        "severity": 0.5,
        "hazard": False,
        "theme_id": theme,
        "model_version": version,
    }


def state(writer, mentions, ranks, reviews, version):
    """Commit a state of these mentions, reviews, and ranks by theme."""
    review = {"channel": "review", "source": "test", "ingested_at": NOW, "import_id": "i"}
    reading = {"analysed": True, "truncated": False, "model_version": version}
    opportunity = {field.name: 1 for field in tables.OPPORTUNITIES if field.type in (pa.int32(), pa.int64())}
    opportunity |= {field.name: 0.5 for field in tables.OPPORTUNITIES if field.type == pa.float64()}
    opportunity |= {"scope_type": "workspace", "scope": "", "hazard": False, "quotes": []}
    theme = {"kind": "pain", "area_id": "a", "keywords": [], "first_run": NOW, "renamed_by_user": False, "size": 1}
    ids = [f"r{name}" for name in reviews]
    return writer.commit(
        replace={
            "reviews": tables.from_rows(
                "reviews", [{**review, "review_id": i, "text": f"{i} says so much."} for i in ids]
            ),
            "readings": tables.from_rows("readings", [{**reading, "review_id": i} for i in ids]),
            "mentions": tables.from_rows("mentions", mentions),
            "themes": tables.from_rows(
                "themes", [{**theme, "theme_id": t, "name": f"theme {t}", "state": "active"} for t in ranks]
            ),
            "opportunities": tables.from_rows(
                "opportunities",
                [
                    {**opportunity, "theme_id": t, "name": t, "rank": rank, "rank_low": low, "rank_high": high}
                    for t, (rank, low, high) in ranks.items()
                ],
            ),
        }
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    before = [
        mention("same", "t1"),
        mention("lost", "t1"),
        mention("praised", "t1", kind="pain"),
        mention("left", "t1"),
        mention("loose", "t1"),
        mention("goes", "t1"),
        mention("came", "t2"),
        mention("found", "t1", start=0, end=10),
        mention("was", kind="praise"),
        mention("none"),
        *(mention(f"old{i}", "t3", review=f"rold{i}") for i in range(4)),
        mention("alone", "t4"),
        mention("words", "t2", start=0, end=5),
    ]
    after = [
        mention("same", "t1"),
        mention("new", "t1", review="rsame", start=12, end=18),
        mention("praised", kind="praise"),
        mention("left", "t2"),
        mention("loose"),
        mention("came", "t1"),
        mention("shifted", "t1", review="rfound", start=1, end=10),
        mention("was", "t1"),
        mention("none", "t1"),
        mention("later", "t1"),
        *(mention(f"new{i}", "t9", review=f"rold{i}", start=2, end=11) for i in range(4)),
        mention("other words", "t2", review="rwords", start=12, end=20),
    ]
    shared = ["same", "lost", "praised", "left", "loose", "came", "found", "was", "none", "alone", "words"]
    shared += [f"old{i}" for i in range(4)]
    place = Workspace(tmp_path_factory.mktemp("compared") / "w")
    ranks = {"t1": (1, 1, 2), "t2": (2, 1, 3), "t3": (3, 3, 4), "t4": (4, 3, 4)}
    with place.writing() as writer:
        first = state(writer, before, ranks, [*shared, "goes"], "old-1")
        now = {"t9": (1, 1, 2), "t2": (2, 1, 3), "t1": (3, 3, 4)}
        second = state(writer, after, now, [*shared, "later"], "new-1")
    return compare(first, second, names={"t2": "renamed"})


def test_every_cause_is_counted(found):
    one = next(change for change in found.themes if change.after_id == "t1")
    assert (one.mentions_before, one.mentions_after, one.kept) == (7, 7, 2)
    assert dict(one.gained) == {"found": 1, "kind": 1, "theme": 1, "none": 1, "review": 1}
    assert dict(one.lost) == {"found": 1, "kind": 1, "theme": 1, "none": 1, "review": 1}
    assert (one.came_from, one.went_to) == ([("renamed", 1)], [("renamed", 1)])
    assert (one.moved, one.clear) == ("down 2", True)
    assert "+1 from other themes (“renamed”)" in one.why()
    assert "−1 of another kind now" in one.why()
    assert one.why(2).count(";") == 1


def test_a_theme_with_another_id_is_found_by_its_mentions_and_one_that_is_gone_comes_last(found):
    assert [(change.before_id, change.after_id, change.moved) for change in found.themes] == [
        ("t3", "t9", "up 2"),
        ("t2", "t2", "same"),
        ("t1", "t1", "down 2"),
        ("t4", None, "gone"),
    ]
    assert found.themes[0].kept == 4
    assert found.kinds == [("pain", "praise", 1), ("praise", "pain", 1)]
    # One of them stands on other words of its clause.
    assert found.same == 13
    assert found.only_before == {"pain": 3}
    assert found.only_after == {"pain": 2}
    assert (found.before["models"], found.after["models"]) == ({"old-1": 16}, {"new-1": 16})


def test_what_lies_behind_the_moves_is_counted_once(found):
    assert found.behind == {"reading": 5, "themes": 4, "reviews": 2}


spans = st.tuples(st.sampled_from("abc"), st.integers(0, 12), st.integers(1, 8))


def opinions(found, prefix):
    rows = [
        mention(f"{prefix}{number}", review=f"r{review}", start=start, end=start + length)
        for number, (review, start, length) in enumerate(dict.fromkeys(found))
    ]
    return tables.from_rows("mentions", rows)


@settings(max_examples=60)
@given(st.lists(spans, max_size=8), st.lists(spans, max_size=8), st.randoms())
def test_opinions_are_matched_one_to_one_within_a_review_whatever_their_order(old, new, random):
    before, after = opinions(old, "a"), opinions(new, "b")
    rows, others = same_opinions(before, after)
    assert len(set(rows.tolist())) == len(rows) == len(set(others.tolist()))
    for row, other in zip(rows.tolist(), others.tolist(), strict=True):
        one, two = before.slice(row, 1).to_pylist()[0], after.slice(other, 1).to_pylist()[0]
        assert one["review_id"] == two["review_id"]
        both = min(one["phrase_end"], two["phrase_end"]) - max(one["phrase_start"], two["phrase_start"])
        all_of = max(one["phrase_end"], two["phrase_end"]) - min(one["phrase_start"], two["phrase_start"])
        assert both / all_of >= 0.5
    order = list(range(after.num_rows))
    random.shuffle(order)
    again, places = same_opinions(before, after.take(pa.array(order, pa.int64())))
    assert again.tolist() == rows.tolist()
    assert [order[place] for place in places.tolist()] == others.tolist()
    assert same_opinions(before, before)[1].tolist() == list(range(before.num_rows))


def test_ids_are_renamed_where_there_is_a_new_one():
    table = tables.from_rows("embeddings", [{"mention_id": name, "vector": []} for name in ("a", "b")])
    assert renamed(table, {"b": "c", "z": "y"})["mention_id"].to_pylist() == ["a", "c"]
    assert renamed(table, {}) is table
