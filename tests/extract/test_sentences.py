from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from voc.extract.sentences import clause_spans, sentence_spans


def parts(text, spans):
    return [text[start:end] for start, end in spans]


def test_sentences_end_at_marks_breaks_and_emoji():
    text = "Works. Then it died!! why?? 3.5 stars\nnever again 😡 Buy other"
    assert parts(text, sentence_spans(text)) == [
        "Works.", "Then it died!!", "why??", "3.5 stars", "never again 😡", "Buy other",
    ]  # fmt: skip


def test_abbreviations_do_not_end_a_sentence():
    text = "Paid approx. 20 dollars. Fine."
    assert parts(text, sentence_spans(text)) == ["Paid approx. 20 dollars.", "Fine."]


def test_clauses_break_at_conjunctions_and_stay_whole_when_short():
    text = "it charges my phone fast but the cable frays near the plug"
    assert parts(text, clause_spans(text, 0, len(text))) == [
        "it charges my phone fast",
        "but the cable frays near the plug",
    ]
    text = "good but loud"
    assert parts(text, clause_spans(text, 0, len(text))) == [text]


@given(st.text(alphabet="ab .,!?\n;-😡but and the", max_size=80))
def test_spans_are_ordered_trimmed_and_lose_no_visible_character(text):
    spans = sentence_spans(text)
    for (_, end), (start, _) in pairwise(spans):
        assert end <= start
    covered = "".join(text[s:e] for s, e in spans)
    assert "".join(covered.split()) == "".join(text.split())
    for start, end in spans:
        assert text[start:end] == text[start:end].strip()
        clauses = clause_spans(text, start, end)
        assert "".join("".join(text[s:e] for s, e in clauses).split()).replace("-", "").replace(";", "") == "".join(
            text[start:end].split()
        ).replace("-", "").replace(";", "")
