import html
import re
import unicodedata
from urllib.parse import parse_qs

import workspaces
from hypothesis import given
from hypothesis import strategies as st

from voc.ui import quotes

SPAN = st.tuples(st.integers(0, 40), st.integers(0, 40), st.sampled_from(["aspect", "phrase", "clause"]))


def plain(marked):
    return html.unescape(re.sub(r"<[^>]*>", "", marked))


def seen(text):
    """Return text without what is never shown: control characters, marks of direction."""
    return "".join(character for character in text if unicodedata.category(character)[0] != "C")


def row(text, clause, aspect=None, phrase=None):
    return {
        "text": text,
        "clause_start": clause[0],
        "clause_end": clause[1],
        "aspect_start": aspect[0] if aspect else None,
        "aspect_end": aspect[1] if aspect else None,
        "phrase_start": phrase[0] if phrase else float("nan"),
        "phrase_end": phrase[1] if phrase else float("nan"),
        "rating": 2.0,
        "written_at": None,
        "product": "Bolt <b>",
        "market": None,
        "channel": "review",
    }


@given(st.text(max_size=40), st.lists(SPAN, max_size=5), st.integers(0, 40), st.integers(0, 40))
def test_marking_never_changes_the_words(text, spans, start, end):
    stretch = text[max(0, min(start, end, len(text))) : min(end, len(text))]
    assert seen(plain(quotes.marked(text, spans, start, end))) == seen(stretch)


@given(st.text(min_size=1, max_size=20))
def test_a_link_to_a_review_holds_its_id_and_nothing_else(review_id):
    link = quotes.review_link(review_id.encode("utf-8", "ignore").decode() or "r")
    address = re.fullmatch(r'<a href="([^"<>]*)" target="_self">Open review</a>', link)[1]
    (value,) = parse_qs(address.partition("?")[2], keep_blank_values=True)["review"]
    assert value == (review_id.encode("utf-8", "ignore").decode() or "r")
    assert re.fullmatch(r"reviews\?review=[\w.~%-]+", address, re.ASCII)


def test_a_quote_leads_to_its_review():
    quote = quotes.quote({**row("The cable frays.", (0, 16)), "review_id": "a/b&c"})
    assert '<a href="reviews?review=a%2Fb%26c" target="_self">Open review</a></footer>' in quote
    assert "<a " not in quotes.quote(row("The cable frays.", (0, 16)))


def test_aspect_and_phrase_are_marked_where_they_lie():
    text = "Nice. The cable frays fast. Bye."
    quote = quotes.quote(row(text, (6, 26), aspect=(10, 15), phrase=(16, 26)))
    assert '<mark class="aspect">cable</mark> <mark class="phrase">frays fast</mark>' in quote
    assert "“The " in quote


def test_the_whole_review_is_offered_only_where_it_says_more():
    text = "The cable frays."
    assert "<details>" not in quotes.quote(row(text, (0, 16)))
    assert "<details>" in quotes.quote(row(text + " I still like it.", (0, 16)))


def test_an_astral_character_before_the_span_does_not_shift_it():
    text = "\U0001f600\U0001f600 cable frays"
    assert '<mark class="aspect">cable</mark>' in quotes.quote(row(text, (0, 14), aspect=(3, 8)))


def test_hostile_text_shows_literally():
    text = workspaces.HOSTILE
    quote = quotes.quote(row(text, (0, len(text)), phrase=(3, 30)))
    assert not re.search(r"<(?!/?(?:blockquote|p|footer|mark|span|details|summary)\b)", quote)
    assert plain(quote).startswith(f"“{text}”")
    assert "Bolt &lt;b&gt;" in quote
