"""From texts to their opinions, many texts at a time: network, drafts, mention heads and matchers put together."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from spacy.attrs import IDX, SENT_START
from spacy.tokens import Doc

from voc.extract.opinions import Opinion, draft_opinions, finish_opinions
from voc.extract.reader import Reader, ReadText
from voc.extract.rules.matchers import RuleFindings, find_rules
from voc.extract.sentences import sentence_spans
from voc.extract.windows import Window

Item = TypeVar("Item")

#: Texts that are read together: enough to fill the batches of every length, yet with no more characters than whose
#: states fit into some hundred megabytes.
_BUFFER, _CHARACTERS = 1024, 100_000
_GPU_BUFFER, _GPU_CHARACTERS = 4096, 1_600_000


@dataclass(frozen=True)
class TextOpinions:
    """What is said in one text, and what it was made of."""

    opinions: list[Opinion]
    reading: ReadText
    rules: RuleFindings


def read_texts(
    reader: Reader, stream: Iterable[Item], text_of: Callable[[Item], str], document_of: Callable[[Item], Doc]
) -> Iterator[tuple[Item, str, TextOpinions]]:
    """Read a stream of texts, whatever carries them; yield each with its carrier, in order.

    Args:
        reader: the trained network.
        stream: what carries the texts: strings, documents.
        text_of: gives the text of an item; called once.
        document_of: gives its words as spaCy cuts them, its sentences marked (`mark_sentences`); called only where a
            matcher may find something.
    """
    gpu = reader.device.type == "cuda"
    most = (_GPU_BUFFER, _GPU_CHARACTERS) if gpu else (_BUFFER, _CHARACTERS)
    chunks = _chunks(((item, text_of(item)) for item in stream), *most)
    for (chunk, texts), windows in _cut_ahead(reader, chunks):
        readings, states = reader.read_with_states(texts, windows=windows)
        drafts = [draft_opinions(text, reading) for text, reading in zip(texts, readings, strict=True)]
        listings = enumerate(zip(texts, drafts, strict=True))
        spans = [draft.spans(place, text) for place, (text, listed) in listings for draft in listed]
        said = iter(reader.describe(states, spans))
        del states
        for item, text, reading, listed in zip(chunk, texts, readings, drafts, strict=True):
            rules = find_rules(text, partial(document_of, item))
            heard = list(islice(said, len(listed)))
            opinions = finish_opinions(listed, heard, reading, rules, reader.cuts.wish)
            yield item, text, TextOpinions(opinions, reading, rules)


def mark_sentences(doc: Doc, text: str) -> Doc:
    """Mark where the sentences of `text` begin in its document, which some patterns ask for, and return it."""
    if not len(doc):
        return doc
    places = doc.to_array([IDX]).astype(np.int64)
    marks = np.full(len(doc), -1, dtype=np.int64)
    starts = np.array([start for start, _ in sentence_spans(text)], dtype=np.int64)
    first = np.searchsorted(places, starts)
    marks[first[first < len(doc)]] = 1
    marks[0] = 1
    column: Any = marks.astype(np.uint64).reshape(-1, 1)
    doc.from_array([SENT_START], column)
    return doc


def _cut_ahead(
    reader: Reader, chunks: Iterator[tuple[list[Item], list[str]]]
) -> Iterator[tuple[tuple[list[Item], list[str]], list[Window] | None]]:
    """Cut the next chunks into tokens while one is read, where the reader has threads for it."""
    if not reader.cutters:
        for chunk in chunks:
            yield chunk, None
        return
    with ThreadPoolExecutor(reader.cutters) as pool:
        waiting: deque[tuple[tuple[list[Item], list[str]], Future[list[Window]]]] = deque()
        for chunk in chunks:
            waiting.append((chunk, pool.submit(reader.cut, chunk[1])))
            if len(waiting) > reader.cutters:
                ready, cut = waiting.popleft()
                yield ready, cut.result()
        for ready, cut in waiting:
            yield ready, cut.result()


def _chunks(stream: Iterable[tuple[Item, str]], texts: int, characters: int) -> Iterator[tuple[list[Item], list[str]]]:
    chunk: tuple[list[Item], list[str]] = ([], [])
    held = 0
    for item, text in stream:
        if chunk[0] and (len(chunk[0]) == texts or held + len(text) > characters):
            yield chunk
            chunk, held = ([], []), 0
        chunk[0].append(item)
        chunk[1].append(text)
        held += len(text)
    if chunk[0]:
        yield chunk
