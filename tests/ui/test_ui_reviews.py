"""The page Reviews: search, filters, pages, one review, what is worth answering, and files to take away."""

import re

import numpy as np
import pytest

from voc import tables
from voc.extract.folder import model_version
from voc.extract.mentions import embeddings_table
from voc.search import embedding
from voc.ui import quotes
from voc.ui.search import finding

CARD = '<blockquote class="voc-quote">'


def number(text):
    return int(re.search(r'role="status">([\d ]+) reviews? of', text)[1].replace(" ", ""))


def count(workspace, condition):
    with workspace.current().connect() as connection:
        return connection.sql(f"SELECT count(*) FROM reviews r WHERE {condition}").fetchall()[0][0]


def test_without_a_query_all_reviews_are_there_newest_first_in_pages(app, written, built):
    page = app(built.path, "reviews")
    text = written(page)
    assert number(text) == built.current().rows("reviews") == 401
    assert text.count(CARD) == 20
    newest = built.current().table("reviews").sort_by([("written_at", "descending")])
    years = re.findall(r"· \d+ \w+ (\d{4}) ·", text)
    assert years[0] == str(newest["written_at"][0].as_py().year)
    assert years == sorted(years, reverse=True)
    assert "Page 1 of 21" in text
    next(button for button in page.button if button.label == "Next").click().run()
    assert page.query_params["p"] == "2"
    assert written(page).count(CARD) == 20
    last = app(built.path, "reviews", p="21")
    assert written(last).count(CARD) == 1
    assert "Page 21 of 21" in written(app(built.path, "reviews", p="9999"))
    assert "Page 1 of 21" in written(app(built.path, "reviews", p="-<b>"))


def test_words_are_found_marked_and_stand_in_the_address(app, written, built):
    page = app(built.path, "reviews")
    page.text_input(key="search").input("fray connector -handbag").run()
    assert page.query_params["q"] == "fray connector -handbag"
    text = written(page)
    expected = count(built, "text ILIKE '%fray%' AND text ILIKE '%connector%' AND text NOT ILIKE '%handbag%'")
    assert number(text) == expected > 0
    assert '<mark class="found">fray</mark>' in text
    assert '<mark class="found">connector</mark>' in text
    assert "no vectors of opinions" in text
    assert written(app(built.path, "reviews", q="fray connector -handbag")) == text


def test_what_is_not_there_says_what_to_do(app, written, built):
    text = written(app(built.path, "reviews", q="zebra"))
    assert number(text) == 0
    assert "Try fewer words" in text
    assert number(written(app(built.path, "reviews", q="!!!"))) == 0


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        ({"product": "bank"}, "product_id = 'bank'"),
        ({"stars": "low"}, "rating < 2.5"),
        ({"stars": "4"}, "rating = 4"),
        ({"language": "de"}, "language = 'de'"),
        ({"since": "2020-01-01", "until": "2020-12-31"}, "year(written_at) = 2020"),
        ({"theme": "th-fray"}, "review_id IN (SELECT review_id FROM mentions WHERE theme_id = 'th-fray')"),
        (
            {"hazard": "1", "market": "US"},
            "market = 'US' AND review_id IN (SELECT review_id FROM mentions WHERE hazard)",
        ),
        ({"kind": "wish"}, "false"),
        ({"since": "<b>", "stars": "9", "kind": "x", "theme": "x", "sort": "x", "by": "x"}, "true"),
    ],
)
def test_filters_of_a_link(app, written, built, query, condition):
    assert number(written(app(built.path, "reviews", **query))) == count(built, condition)


def test_a_filter_that_is_chosen_stands_in_the_address(app, written, built):
    page = app(built.path, "reviews", q="plug")
    before = number(written(page))
    page.selectbox(key="pick_stars").select("low").run()
    assert page.query_params["stars"] == "low"
    page.toggle(key="toggle_hazard").set_value(True).run()
    assert page.query_params["hazard"] == "1"
    assert number(written(page)) < before


def test_hostile_text_shows_literally_everywhere(app, written, built):
    for query in ({"q": "hacked"}, {"review": "hostile"}, {"q": '<script>alert(1)</script> "onerror="'}):
        text = written(app(built.path, "reviews", **query)).split("</style>")[-1]
        assert "<script" not in text
        assert "<img" not in text
    assert "&lt;script&gt;" in written(app(built.path, "reviews", review="hostile"))


def test_one_review_shows_everything_that_was_read_in_it(app, written, copied):
    row = next(row for row in copied.current().table("mentions").to_pylist() if row["theme_id"] == "th-hot")
    reviews = copied.current().table("reviews").to_pylist()
    for review in reviews:
        if review["review_id"] == row["review_id"]:
            review |= {"extra": '{"shade <b>": "deep blue"}', "helpful_votes": 7, "verified": True}
    with copied.writing() as writer:
        writer.commit(replace={"reviews": tables.from_rows("reviews", reviews)})
    text = written(app(copied.path, "reviews", review=row["review_id"]))
    assert f'<mark class="phrase">{row["phrase"]}</mark>' in text
    for said in (
        "Complaint",
        "⚠ hazard, broken or worse",
        "90 %",
        "7 found it helpful",
        "deep blue",
        "shade &lt;b&gt;",
    ):
        assert said in text.lower() or said in text
    assert 'href="opportunities?theme=th-hot"' in text
    assert quotes.review_link(row["review_id"]) not in text


def test_a_review_that_is_gone_and_one_that_was_not_read(app, written, built):
    assert "There is no such review" in written(app(built.path, "reviews", review="r9999"))
    german = next(r for r in built.current().table("reviews").to_pylist() if r["language"] == "de")
    page = app(built.path, "reviews", review=german["review_id"])
    assert "does not read its language (German)" in written(page)
    next(button for button in page.button if button.label == "Back to all reviews").click().run()
    assert "review" not in page.query_params
    assert number(written(page)) == 401


def test_reviews_worth_answering_say_why(app, written, built):
    page = app(built.path, "reviews", show="answer")
    text = written(page)
    assert 0 < number(text) < 401
    first = text[text.index(CARD) :]
    assert re.search(r"<b>\d+ points</b>: ", first)
    assert "reports a possible hazard" in first
    assert "Kestrel braided cable" not in text.split("</style>")[-1]
    assert "Competitors&#x27; products are left out" in text


def test_quotes_of_other_pages_lead_to_their_reviews(app, written, built):
    for page, query in (("overview", {}), ("opportunities", {"theme": "th-fray"})):
        ids = re.findall(r'href="reviews\?review=([\w.-]+)" target="_self"', written(app(built.path, page, **query)))
        assert ids
        assert set(ids) <= set(built.current().table("reviews", ["review_id"])["review_id"].to_pylist())


@pytest.fixture
def meant(copied, monkeypatch):
    """A workspace whose complaints about the bag point one way, and a model that is there at once."""
    bag, other = np.eye(2, dtype=np.float16)
    snapshot = copied.current()
    rows = snapshot.table("mentions").to_pylist()
    vectors = {row["mention_id"]: bag if row["theme_id"] == "th-big" else other for row in rows}
    readings = [{**row, "model_version": model_version("opinions")} for row in snapshot.table("readings").to_pylist()]
    with copied.writing() as writer:
        writer.commit(
            replace={"embeddings": embeddings_table(vectors), "readings": tables.from_rows("readings", readings)}
        )
    monkeypatch.setattr(embedding, "warm", lambda config: "ready")
    monkeypatch.setattr(embedding, "vector", lambda text, config: bag.astype(np.float32))
    return copied


def test_words_and_meaning_are_found_together_and_one_by_one(app, written, meant):
    with meant.current().connect() as connection:
        near = connection.sql("SELECT count(DISTINCT review_id) FROM mentions WHERE theme_id = 'th-big'").fetchall()[0][
            0
        ]
    worded = count(meant, "text ILIKE '%bulky%'")
    assert near > worded > 0
    both = written(app(meant.path, "reviews", q="bulky"))
    assert number(both) == near
    assert f"{worded} by their words, {near} by what they mean" in both
    assert "similar in meaning" in written(app(meant.path, "reviews", q="bulky", by="meaning"))
    assert number(written(app(meant.path, "reviews", q="bulky", by="words"))) == worded
    assert number(written(app(meant.path, "reviews", q="unheard", by="words"))) == 0
    assert number(written(app(meant.path, "reviews", q="unheard"))) == near
    assert number(written(app(meant.path, "reviews", q="-bulky"))) == 401 - worded


@pytest.mark.parametrize(("known", "said"), [("loading", "is loading"), ("failed", "Only words are searched")])
def test_until_the_model_is_there_words_are_searched(app, written, meant, monkeypatch, known, said):
    monkeypatch.setattr(embedding, "warm", lambda config: known)
    text = written(app(meant.path, "reviews", q="bulky"))
    assert said in text
    assert number(text) == count(meant, "text ILIKE '%bulky%'")


def test_what_is_taken_away_holds_all_found_with_what_was_read(built, monkeypatch):
    from voc.search.catalogue import Filters
    from voc.ui import data
    from voc.ui.scoping import whole

    monkeypatch.setenv("VOC_WORKSPACE", str(built.path))
    view = data.view()
    found = finding.search(view, "connector", "words", Filters(), "newest")
    frame = finding.taken(view, found.rows)
    assert len(frame) == count(built, "text ILIKE '%connector%'") > 20
    assert list(frame["written_at"].dropna()) == sorted(frame["written_at"].dropna(), reverse=True)
    row = frame[frame["opinions"].str.contains("wire", na=False)].iloc[0]
    assert row["opinions"].startswith("pain: ")
    assert "cable: frays near the connector" in row["themes"]
    answers = finding.search(view, "", "words", Filters(), "relevance", whole())
    frame = finding.taken(view, answers.rows, whole())
    assert frame["points"].is_monotonic_decreasing
    assert frame["why"].str.contains("says what goes wrong|hazard").all()


def test_renamed_and_hidden_themes_follow_at_once(app, written, copied):
    assert "Cable: frays near the connector" in written(app(copied.path, "reviews", q="fray"))
    copied.entries.rename_theme("th-fray", "strain relief")
    text = written(app(copied.path, "reviews", q="fray"))
    assert "Strain relief" in text
    assert "Cable: frays near the connector" not in text


def test_nothing_analysed_yet(app, written, tmp_path):
    assert "Nothing has been analysed yet" in written(app(tmp_path / "none", "reviews"))
