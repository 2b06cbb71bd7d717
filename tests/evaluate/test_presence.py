"""Whether a text holds a pain, or praise, and whether extraction finds one, on cases counted by hand."""

import json

import pytest
from click.testing import CliRunner

from voc.cli.models import evaluate
from voc.config import ModelConfig
from voc.errors import VocError
from voc.evaluate import KEYS, TASKS, GoldLine, GoldOpinion, pooled, presence_in_files
from voc.evaluate import presence as module
from voc.evaluate.presence import PRESENCE, presence_tallies
from voc.extract.folder import model_version


def line(text, *polarities):
    return GoldLine(text, text, tuple(GoldOpinion(None, None, polarity) for polarity in polarities))


GOLD = [
    line("a", "negative", "negative"),
    line("b", "negative", "positive"),
    line("c", "positive"),
    line("d"),
    line("e", "neutral"),
    GoldLine("w", "not labelled by opinion", suggestion=True),
]
FOUND = {"a": {"pain"}, "b": {"praise", "wish"}, "c": {"pain"}, "d": {"neutral"}, "e": {"praise"}}


def kinds_of(texts):
    return [FOUND[text] for text in texts]


def test_texts_counted_by_hand():
    result = pooled([presence_tallies(GOLD, kinds_of)])
    # Pain is in a and b, found in a and c; c, d and e have none, and d and e are cleared.
    assert result["counts"]["pain_mention"] == {
        "precision": 0.5,
        "recall": 0.5,
        "gold": 2,
        "predicted": 2,
        "correct": 1,
        "texts": 5,
        "specificity": pytest.approx(2 / 3),
    }
    # Praise is in b and c, found in b and e.
    praise = result["counts"]["praise_mention"]
    assert (praise["gold"], praise["predicted"], praise["correct"], praise["texts"]) == (2, 2, 1, 5)
    assert result["pain_mention_f1"] == 0.5
    assert result.keys() == {*KEYS, "counts", "pain_mention_f1", "praise_mention_f1"}
    assert all(result[key] is None for key in KEYS)


def test_files_are_pooled_text_by_text():
    one, other = presence_tallies(GOLD, kinds_of), presence_tallies(GOLD[:1], kinds_of)
    counts = pooled([one, other])["counts"]["pain_mention"]
    assert (counts["gold"], counts["correct"], counts["texts"]) == (3, 2, 6)
    assert counts["specificity"] == pytest.approx(2 / 3)


def test_where_all_texts_have_it_there_is_no_specificity():
    counts = pooled([presence_tallies(GOLD[:2], kinds_of)])["counts"]
    assert counts["pain_mention"]["specificity"] is None
    assert counts["praise_mention"]["specificity"] == 1.0


def test_every_measure_is_tallied_and_the_task_is_known():
    assert presence_tallies(GOLD, kinds_of).keys() == PRESENCE.keys()
    assert "presence" in TASKS


def test_lines_without_opinions_and_readings_that_are_missing():
    with pytest.raises(VocError, match='No line has "opinions", which the task presence needs'):
        presence_tallies(GOLD[-1:], kinds_of)
    with pytest.raises(ValueError, match="5 texts went in, the kinds of 0 came out"):
        presence_tallies(GOLD, lambda texts: [])


def test_figures_of_each_file_name_the_version_that_was_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "kinds_read", lambda texts, config: kinds_of(texts))
    path = tmp_path / "phones.dev.jsonl"
    result = presence_in_files([(path, GOLD), (tmp_path / "bags.jsonl", GOLD[:2])], ModelConfig())
    assert result["model_version"] == model_version("opinions")
    assert (result["task"], result["texts"]) == ("presence", 8)
    assert result["files"].keys() == {"phones.dev.jsonl", "bags.jsonl"}
    assert result["files"][path.name]["style"] == "review"
    assert result["counts"]["pain_mention"]["texts"] == 7
    with pytest.raises(VocError, match=r"phones\.dev\.jsonl: No line has"):
        presence_in_files([(path, GOLD[-1:])], ModelConfig())


def test_the_shipped_model_reads_plain_cases_rightly(tmp_path):
    path, metrics = tmp_path / "gold.jsonl", tmp_path / "metrics.json"
    texts = [
        ("The charging cable broke after two weeks.", "negative"),
        ("The sound is great.", "positive"),
        ("The left earbud stopped working and the case is flimsy.", "negative"),
        ("Beautiful screen, I love the colours.", "positive"),
    ]
    rows = [{"text": text, "opinions": [{"polarity": polarity}]} for text, polarity in texts]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    metrics.write_text('{"pain": {"complaint_f1": 0.5}}', encoding="utf-8")
    result = CliRunner().invoke(evaluate, [str(path), "--task", "presence", "--output", str(metrics)])
    assert result.exit_code == 0, result.output
    for word in ("gold.jsonl", "pain_mention", "praise_mention", "specificity", "counts as if it were not there"):
        assert word in result.stdout
    held = json.loads(metrics.read_text(encoding="utf-8"))
    assert held["pain"] == {"complaint_f1": 0.5}
    for measure in PRESENCE:
        counts = held["presence"]["counts"][measure]
        assert (counts["gold"], counts["predicted"], counts["correct"], counts["texts"]) == (2, 2, 2, 4)
