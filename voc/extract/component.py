"""The spaCy pipeline: tokeniser, sentences, the opinion network as NER component, and the rule matchers.

``nlp = voc.load()`` gives a pipeline whose documents carry aspects and opinion phrases in ``doc.ents`` (labels ASPECT
and OPINION), every opinion as a span group ``doc.spans["opinions"]``, and the details in ``doc._.opinions``,
``doc._.stars`` and ``doc._.rules``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import filter_spans

from voc.config import Precision
from voc.extract.reader import Reader, load_reader
from voc.extract.texts import mark_sentences, read_texts


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

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 0) -> Iterator[Doc]:
        """Read a stream of documents, many at a time."""
        for doc, _, found in read_texts(self.reader, stream, _marked, _itself):
            doc._.opinions = found.opinions
            doc._.stars = found.reading.stars
            doc._.rules = found.rules
            doc._.model_version = self.reader.version
            spans = [_span(doc, s.start, s.end, "ASPECT") for s in found.reading.aspects]
            spans += [_span(doc, s.start, s.end, "OPINION") for s in found.reading.phrases]
            doc.ents = filter_spans([span for span in spans if span is not None])
            quotes = [_span(doc, *opinion.clause, opinion.kind) for opinion in found.opinions]
            doc.spans["opinions"] = SpanGroup(doc, name="opinions", spans=[q for q in quotes if q is not None])
            yield doc


def _marked(doc: Doc) -> str:
    """Mark a document's sentences and return its text, which spaCy puts together anew each time it is asked for."""
    text: str = doc.text
    mark_sentences(doc, text)
    return text


def _itself(doc: Doc) -> Doc:
    return doc


def _span(doc: Doc, start: int, end: int, label: str) -> Span | None:
    return doc.char_span(start, end, label=label, alignment_mode="expand")


@Language.factory(
    "voc_opinions",
    default_config={"model": "opinions", "device": "auto", "precision": "auto"},
    assigns=["doc.ents", "doc.spans", "token.is_sent_start", "doc._.opinions"],
)
def make_opinions(nlp: Language, name: str, model: str, device: str, precision: Precision) -> OpinionReader:
    """Build the component from trained weights by name or path."""
    return OpinionReader(nlp, name, load_reader(model, device, precision))


def tokeniser() -> Language:
    """Return a pipeline that does nothing but cut texts into words."""
    nlp = spacy.blank("en")
    nlp.max_length = 50_000_000
    return nlp


def load(model: str = "opinions", *, device: str = "auto", precision: Precision = "auto") -> Any:
    """Return a spaCy pipeline that reads opinions.

    Args:
        model: name of a folder under models/ or a path to one.
        device: "auto", "cpu" or "cuda".
        precision: "auto" (what this processor is fastest with), "float32", "bfloat16" or "int8".

    Raises:
        VocError: the weights are missing, or cuda is asked for and absent.
    """
    nlp = tokeniser()
    nlp.add_pipe("voc_opinions", config={"model": model, "device": device, "precision": precision})
    return nlp
