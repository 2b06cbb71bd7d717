"""The spaCy pipeline: tokeniser, sentences, the opinion network as NER component, and the rule matchers.

``nlp = voc.load()`` gives a pipeline whose documents carry aspects and opinion phrases in ``doc.ents`` (labels ASPECT
and OPINION), every opinion as a span group ``doc.spans["opinions"]``, and the details in ``doc._.opinions``,
``doc._.stars`` and ``doc._.rules``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any

import numpy as np
import spacy
from spacy.attrs import IDX, SENT_START
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import filter_spans

from voc.config import Precision
from voc.extract.describe import Said
from voc.extract.opinions import Draft, Opinion, draft_opinions, finish_opinions
from voc.extract.reader import Reader, ReadText, load_reader
from voc.extract.rules.matchers import RuleFindings, find_rules
from voc.extract.sentences import sentence_spans
from voc.extract.windows import Window

#: Documents that are read together; enough to fill the batches of every length.
_BUFFER = 1024
_GPU_BUFFER = 4096


def _extensions() -> None:
    for name in ("opinions", "stars", "rules", "model_version"):
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=None)


class OpinionReader:
    """The pipeline component `voc_opinions`."""

    def __init__(self, nlp: Language, name: str, reader: Reader) -> None:
        self.nlp = nlp
        self.name = name
        self.reader = reader
        _extensions()

    def __call__(self, doc: Doc) -> Doc:
        """Read one document."""
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = _BUFFER) -> Iterator[Doc]:
        """Read a stream of documents, many at a time."""
        size = max(batch_size, _GPU_BUFFER if self.reader.device.type == "cuda" else _BUFFER)
        for chunk, windows in self._cut_ahead(_chunks(stream, size)):
            texts = [doc.text for doc in chunk]  # spaCy puts a text together anew each time it is asked for
            readings, states = self.reader.read_with_states(texts, windows=windows)
            drafts = [draft_opinions(text, reading) for text, reading in zip(texts, readings, strict=True)]
            listings = enumerate(zip(texts, drafts, strict=True))
            spans = [draft.spans(place, text) for place, (text, listed) in listings for draft in listed]
            said = iter(self.reader.describe(states, spans))
            for doc, text, reading, listed in zip(chunk, texts, readings, drafts, strict=True):
                self._fill(doc, text, reading, listed, list(islice(said, len(listed))))
                yield doc

    def _cut_ahead(self, chunks: Iterator[list[Doc]]) -> Iterator[tuple[list[Doc], list[Window] | None]]:
        """Cut the next chunks into tokens while one is read, where the reader has threads for it."""
        if not self.reader.cutters:
            for chunk in chunks:
                yield chunk, None
            return
        with ThreadPoolExecutor(self.reader.cutters) as pool:
            waiting: deque[tuple[list[Doc], Future[list[Window]]]] = deque()
            for chunk in chunks:
                waiting.append((chunk, pool.submit(self.reader.cut, [doc.text for doc in chunk])))
                if len(waiting) > self.reader.cutters:
                    ready, cut = waiting.popleft()
                    yield ready, cut.result()
            for ready, cut in waiting:
                yield ready, cut.result()

    def _fill(self, doc: Doc, text: str, reading: ReadText, drafts: list[Draft], said: list[Said]) -> None:
        _mark_sentences(doc, text)
        rules: RuleFindings = find_rules(doc)
        opinions: list[Opinion] = finish_opinions(drafts, said, reading, rules, self.reader.cuts.wish)
        doc._.opinions = opinions
        doc._.stars = reading.stars
        doc._.rules = rules
        doc._.model_version = self.reader.version
        spans = [_span(doc, s.start, s.end, "ASPECT") for s in reading.aspects]
        spans += [_span(doc, s.start, s.end, "OPINION") for s in reading.phrases]
        doc.ents = filter_spans([span for span in spans if span is not None])
        quotes = [_span(doc, *opinion.clause, opinion.kind) for opinion in opinions]
        doc.spans["opinions"] = SpanGroup(doc, name="opinions", spans=[q for q in quotes if q is not None])


def _chunks(stream: Iterable[Doc], size: int) -> Iterator[list[Doc]]:
    documents = iter(stream)
    while chunk := list(islice(documents, size)):
        yield chunk


def _span(doc: Doc, start: int, end: int, label: str) -> Span | None:
    return doc.char_span(start, end, label=label, alignment_mode="expand")


def _mark_sentences(doc: Doc, text: str) -> None:
    if not len(doc):
        return
    places = doc.to_array([IDX]).astype(np.int64)
    marks = np.full(len(doc), -1, dtype=np.int64)
    starts = np.array([start for start, _ in sentence_spans(text)], dtype=np.int64)
    first = np.searchsorted(places, starts)
    marks[first[first < len(doc)]] = 1
    marks[0] = 1
    column: Any = marks.astype(np.uint64).reshape(-1, 1)
    doc.from_array([SENT_START], column)


@Language.factory(
    "voc_opinions",
    default_config={"model": "opinions", "device": "auto", "precision": "auto"},
    assigns=["doc.ents", "doc.spans", "token.is_sent_start", "doc._.opinions"],
)
def make_opinions(nlp: Language, name: str, model: str, device: str, precision: Precision) -> OpinionReader:
    """Build the component from trained weights by name or path."""
    return OpinionReader(nlp, name, load_reader(model, device, precision))


def load(model: str = "opinions", *, device: str = "auto", precision: Precision = "auto") -> Any:
    """Return a spaCy pipeline that reads opinions.

    Args:
        model: name of a folder under models/ or a path to one.
        device: "auto", "cpu" or "cuda".
        precision: "auto" (what this processor is fastest with), "float32", "bfloat16" or "int8".

    Raises:
        VocError: the weights are missing, or cuda is asked for and absent.
    """
    nlp = spacy.blank("en")
    nlp.max_length = 50_000_000
    nlp.add_pipe("voc_opinions", config={"model": model, "device": device, "precision": precision})
    return nlp
