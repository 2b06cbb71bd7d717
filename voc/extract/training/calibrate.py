"""Chooses on dev examples from which probability on something counts, and writes it into a model's configuration."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from sklearn.metrics import f1_score

from voc.extract.reader import SPAN_CUT, Cuts, Reader, ReadText, load_reader
from voc.extract.training.checkpoint import replace
from voc.extract.training.corpus import Corpus
from voc.extract.training.gold import SOURCES, Example

#: What is tried.
_SPAN_GRID = tuple(round(0.15 + 0.05 * i, 2) for i in range(9))
_SMOOTH = 2
#: Of cuts whose F1 is as good but for this the lowest is taken: what is made up the next heads may still weed out,
#: what is missed is lost.
_AS_GOOD = 0.0025
_TEXT_GRID = (*(round(0.2 + 0.05 * i, 2) for i in range(16)), 0.98)
#: Of the sentences that people write to makers about one in ten asks for something; of our own examples many more do.
_WISHES = 0.1
#: The sets that tell the cut for complaints: marketplace reviews, read in the product's own style.
_COMPLAINTS = ("en_phone", "dmaste_electronics", "dmaste_home", "dmaste_fashion", "dmaste_beauty")


def calibrate(folder: Path, corpus: Corpus, log: Callable[[str], None]) -> Cuts:
    """Choose the cuts of the model in `folder` on the dev examples of `corpus` and keep them in its config.json."""
    load_reader.cache_clear()
    reader = load_reader(str(folder))
    aspect: dict[str, float] = {}
    phrase: dict[str, float] = {}
    for style in sorted({source.style for source in SOURCES}):
        examples = [e for stem in _stems(style) for e in corpus.dev.get(stem, [])]
        if examples:
            aspect[style], phrase[style] = span_cuts(reader, examples, style)
    reader.cuts = Cuts(aspect, phrase)
    reviews = [example for stem in _COMPLAINTS for example in corpus.dev.get(stem, [])]
    complaint = text_cut(reader, reviews, lambda reading: reading.complaint, _complains)
    wish = text_cut(reader, corpus.dev.get("wishes", []), _asks, lambda example: bool(example.wish), _WISHES)
    cuts = Cuts(aspect, phrase, complaint, wish)
    config = json.loads((folder / "config.json").read_text())
    text = json.dumps({**config, "cuts": asdict(cuts)}, indent=1) + "\n"
    replace(folder / "config.json", lambda path: Path(path).write_text(text))
    load_reader.cache_clear()
    log(f"cuts: {asdict(cuts)}")
    return cuts


def span_cuts(reader: Reader, examples: Sequence[Example], style: str) -> tuple[float, float]:
    """Return the lowest cuts of aspects and of phrases with about the best F1 of exact spans, for one style."""
    texts = [example.text for example in examples]
    figures: dict[str, list[float]] = {"aspect": [], "phrase": []}
    for cut in _SPAN_GRID:
        reader.cuts = Cuts({style: cut}, {style: cut})
        readings = reader.read(texts, style=style)
        for name, scores in figures.items():
            hit = given = wanted = 0
            for example, reading in zip(examples, readings, strict=True):
                if name == "phrase" and not example.has_phrases:
                    continue
                gold = {getattr(o, name) for o in example.opinions} - {None}
                found = {(s.start, s.end) for s in (reading.aspects if name == "aspect" else reading.phrases)}
                hit, given, wanted = hit + len(gold & found), given + len(found), wanted + len(gold)
            scores.append(2 * hit / max(1, given + wanted))
    return _lowest(figures["aspect"]), _lowest(figures["phrase"])


def _lowest(scores: Sequence[float]) -> float:
    if not max(scores):  # a style whose sets mark no phrases
        return SPAN_CUT
    return next(cut for cut, score in zip(_SPAN_GRID, scores, strict=True) if score >= max(scores) - _AS_GOOD)


def text_cut(
    reader: Reader,
    examples: Sequence[Example],
    likely: Callable[[ReadText], float],
    holds: Callable[[Example], bool],
    share: float | None = None,
) -> float:
    """Return the cut of the probability `likely` with the best F1 over texts, smoothed over neighbouring cuts.

    `share` is how many of the texts out there hold it, where the examples were not drawn from them: the others count
    for as much more.
    """
    wanted = [holds(example) for example in examples]
    if not any(wanted):
        return 0.5
    values = [likely(reading) for reading in reader.read([example.text for example in examples])]
    others = 1.0 if share is None else (1 - share) / share * sum(wanted) / (len(wanted) - sum(wanted))
    weights = [1.0 if held else others for held in wanted]
    scores = [
        float(f1_score(wanted, [value >= cut for value in values], sample_weight=weights, zero_division=0.0))
        for cut in _TEXT_GRID
    ]
    # A few hundred texts leave jags of a point or two in the curve: its highest jag is not its top.
    padded = [scores[0]] * _SMOOTH + scores + [scores[-1]] * _SMOOTH
    smooth = [sum(padded[i : i + 2 * _SMOOTH + 1]) for i in range(len(scores))]
    return _TEXT_GRID[smooth.index(max(smooth))]


def _asks(reading: ReadText) -> float:
    return max((sentence[4] for sentence in reading.sentences), default=0.0)


def _stems(style: str) -> Iterable[str]:
    return (source.stem for source in SOURCES if source.style == style)


def _complains(example: Example) -> bool:
    return any(opinion.polarity == "negative" for opinion in example.opinions)
