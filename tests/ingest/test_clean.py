from __future__ import annotations

import re
import unicodedata

import ftfy
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from voc.ingest.clean import _ftfy_config, _unbreak, clean_text, join_text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("5 &lt; 6 &amp;amp;lt;2 days", "5 < 6 <2 days"),
        ("AT&T and R&D &notebook", "AT&T and R&D &notebook"),
        ("it&#39;s &#34;fine&#34;", 'it\'s "fine"'),
        ("first<br />second<br>third", "first\nsecond\nthird"),
        ('<p class="x">Good</p><b>really</b> <3 you', "Good\nreally <3 you"),
        ("a < b and c > d", "a < b and c > d"),
        ("<script>alert(1)</script>Good", "Good"),
        ("donâ€™t buy â€“ itâ€™s bad", "don't buy – it's bad"),
        ("The â€œbestâ€\x9d cafÃ©", 'The "best" café'),
        ("zero\u200bwidth and\u00a0space\ufeff", "zerowidth and space"),
        ("family 👨\u200d👩\u200d👧 and ❤\ufe0f stay", "family 👨\u200d👩\u200d👧 and ❤\ufe0f stay"),
        ("nul\x00 and bell\x07", "nul and bell"),
        ("one\r\ntwo\rthree\u2028four\n\n\n\nfive", "one\ntwo\nthree\nfour\n\nfive"),
        ("  many   spaces \t here ", "many spaces here"),
        ("The media could not be loaded. It broke", "It broke"),
        ("[[VIDEOID:mo3abc]] See [[ASIN:B00004ZCJE Acme Lamp]] too", "See Acme Lamp too"),
        ("5.0 out of 5 stars Great cable", "Great cable"),
        ("1,0 out of 5 stars", ""),
        ("thinking before buying\ufffd?? this", "thinking before buying this"),
        ("Don\ufffd??t buy it, it\ufffd??s bad \ufffd???.", "Don't buy it, it's bad."),
        ("the \ufffd??Best\ufffd?\ufffd one?", "the Best one?"),
        ("every time.The sound is bad!I returned it", "every time. The sound is bad! I returned it"),
        ("too good.but the wire is short", "too good. but the wire is short"),
        ("on amazon.in or example.com and Node.js, e.g.this", "on amazon.in or example.com and Node.js, e.g.this"),
        ("see picsPlease look", "see pics\nPlease look"),
        ("it was usedConsNoise and soundBass", "it was used\nCons\nNoise and sound\nBass"),
        ("bad.UPDATE: ok (new).The end. Enough.really", "bad. UPDATE: ok (new). The end. Enough. really"),
        ("my iPhone and boAt and PowerCore and LinkedIn", "my iPhone and boAt and PowerCore and LinkedIn"),
        ("Pros:1- sound quality2- design3- weight", "Pros:1- sound quality 2- design 3- weight"),
        ("an mp3. It plays 4. ok", "an mp3. It plays 4. ok"),
        ("这个产品很好用，我很喜欢", "这个产品很好用，我很喜欢"),
        ("👍👍 wow 😀", "👍👍 wow 😀"),
    ],
)
def test_cleaning(raw, clean):
    assert clean_text(raw) == clean
    assert clean_text(clean) == clean


PIECES = st.sampled_from(
    (
        *(
            "&amp;",
            "&lt;",
            "br",
            "/>",
            "<",
            ">",
            "<br>",
            "â€™",
            "Ã©",
            "\ufffd",
            "??",
            "\u200d",
            "\u200b",
            "\ufe0f",
            "x.com",
        ),
        *(
            "time.The",
            "good.but",
            "picsPlease",
            "q2- ",
            "d3- ",
            "1)",
            "\r",
            "\n",
            "\n\n",
            " ",
            "\x00",
            "\x9d",
            "👍",
            "]]",
        ),
        *(
            "5.0 out of 5 stars",
            "[[ASIN:B00004ZCJE ",
            "The media could not be loaded.",
            "&#x41",
            "<script>",
            "</script>",
        ),
        *("\u00a0", "’", "é", "e\u0301", "ﬁ", "，", "&", "amp;", ";", "#38", "out of 5 stars", "3 "),
    )
)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=12).map("".join)))
@example("&amp;amp;lt;br/>")
def test_cleaning_twice_is_cleaning_once(text):
    once = clean_text(text)
    assert clean_text(once) == once
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u200b\ufeff\ufffd]", once)
    assert once == once.strip()
    assert unicodedata.is_normalized("NFC", once)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_letters_of_plain_sentences_survive(text):
    words = re.findall(r"[b-df-hj-np-tv-z]{3,}", text)
    sentence = " ".join(words)
    assert clean_text(sentence) == sentence


@pytest.mark.parametrize(
    ("title", "body", "text"),
    [
        ("Good", "It works", "Good. It works"),
        ("Good!", "It works", "Good! It works"),
        ("Bad", "", "Bad"),
        ("", "It works", "It works"),
        ("It works", "It works well, and more", "It works well, and more"),
        ("Great sound but the ba...", "Great sound but the battery", "Great sound but the battery"),
        ("Love it 👍", "Yes", "Love it 👍. Yes"),
    ],
)
def test_a_sentence_ends_between_title_and_body(title, body, text):
    assert join_text(title, body) == text


@given(st.text(st.sampled_from("aZ .,!\n‘’“”–—…☔✔️😀🏽"), max_size=30))
def test_sound_texts_are_mended_as_by_ftfy(text):
    # What is known to be sound spares ftfy, and must come out as if it had not.
    if not text.isascii():
        assert _unbreak(text) == ftfy.fix_text(text, _ftfy_config())
