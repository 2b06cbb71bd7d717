"""Text of data in Markdown shows literally, however a program reads it."""

import html
import re

import hostile
import pytest
from markdown_it import MarkdownIt

from voc import words
from voc.markdown import JOINER, escaped

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.mark.parametrize("text", [*hostile.TEXTS, "1. one", "- item", "> said", "a\n---", "== x ==", "&amp; &lt;"])
@pytest.mark.parametrize("place", ["{}", "> “{}”", "- {}", "| {} | b |\n| --- | --- |\n| {} | c |", "**{}**"])
def test_text_comes_out_as_it_went_in(text, place):
    shown = READER.render(place.format(escaped(text), escaped(text)))
    assert not re.search(r"<(img|a|script|h\d|hr|code|pre|del|svg)\b", shown)
    literal = html.unescape(re.sub(r"<[^>]+>", "", shown)).replace(JOINER, "")
    assert " ".join(words.visible(text).replace(JOINER, "").split()) in " ".join(literal.split())


def test_nobody_is_notified_and_nothing_links_by_itself():
    said = escaped("@ann see https://example.org www.example.org #12 :smile:")
    assert not re.search(r"@\w|https?:|www\.|#\d|:\w+:", said)


def test_plain_words_stay_plain():
    plain = "It costs 4.5 % (of 120), isn't it? Yes: well-known + good."
    assert escaped(plain) == plain
