"""From labelled examples to padded tensors with the targets of every head."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from voc.extract.network import KINDS, POLARITIES, SPECIFICITIES, STYLES, TARGETS
from voc.extract.segments import BEGIN, INSIDE, OUTSIDE
from voc.extract.sentences import clause_of, sentence_spans
from voc.extract.training.gold import Example, Mention, Span, roughen

IGNORED = -100
MAX_LENGTH = 192


@dataclass
class Item:
    """One encoded example; span rows are (start token, end token)."""

    ids: list[int]
    aspect_tags: list[int]
    phrase_tags: list[int]
    spans: list[tuple[int, int, int, int]]  # start, end, type (0 aspect, 1 phrase), polarity
    links: list[tuple[int, int, int, int, int]]  # aspect start, end, phrase start, end, linked
    sentences: list[tuple[int, int, int, int, int]]  # start, end, holds negative, positive, a wish (-1 unknown)
    # Aspect, phrase, clause (start, end; -1 without), kind, specificity, target, severity in hundredths (-1 unknown).
    mentions: list[tuple[int, ...]]
    stars: float | None
    #: What other models say of the text: (0 aspect, 1 phrase; first token, tokens less one, probability). Null where
    #: none was asked.
    taught: list[tuple[int, int, int, float]] | None = None


@dataclass
class Batch:
    """Padded tensors; the first column of the span tables is the row of the batch."""

    ids: Tensor
    mask: Tensor
    aspect_tags: Tensor
    phrase_tags: Tensor
    spans: Tensor
    links: Tensor
    sentences: Tensor
    mentions: Tensor
    stars: Tensor  # (rows, 2): row, stars
    taught: Tensor  # (rows,): whether other models said what its spans are
    taught_spans: Tensor  # row, 0 aspect or 1 phrase, first token, tokens less one
    taught_probabilities: Tensor

    def to(self, device: torch.device) -> Batch:
        """Return the batch on a device."""
        return Batch(**{name: value.to(device) for name, value in vars(self).items()})


def encode(example: Example, tokenizer: Any, chance: random.Random | None = None) -> Item | None:
    """Tokenise an example and place its labels on tokens; null when nothing of it remains.

    With `chance` some mentions lose their spans, and wishes get some: else a mention without spans would be a wish.
    """
    encoding = tokenizer.encode(example.text, add_special_tokens=False)
    offsets: list[Span] = encoding.offsets[: MAX_LENGTH - 3]
    if not offsets:
        return None
    ids = [tokenizer.token_to_id("[CLS]"), STYLES[example.style], *encoding.ids[: MAX_LENGTH - 3]]
    ids.append(tokenizer.token_to_id("[SEP]"))
    shift = 2  # [CLS] and the style marker

    def place(span: Span | None) -> Span | None:
        if span is None:
            return None
        inside = [i for i, (s, e) in enumerate(offsets) if s < span[1] and e > span[0]]
        return (inside[0] + shift, inside[-1] + 1 + shift) if inside else None

    sentences = _sentences(example, offsets, shift)
    mentions = [row for row in (_mention(m, place) for m in _mentions(example, chance)) if row]
    placed = [(place(o.aspect), place(o.phrase), POLARITIES.index(o.polarity)) for o in example.opinions]
    aspects = {a: p for a, _, p in placed if a}
    phrases = {b: p for _, b, p in placed if b}
    spans = [(*s, 0, p) for s, p in aspects.items()] + [(*s, 1, p) for s, p in phrases.items()]
    unknown = [IGNORED] * len(ids)
    if not example.tagged:
        return Item(ids, unknown, unknown, spans, [], sentences, mentions, example.stars)
    phrase_tags = _tags(len(ids), phrases) if example.has_phrases else unknown
    linked = {(a, b) for a, b, _ in placed if a and b}
    links = [(*a, *b, int((a, b) in linked)) for a in aspects for b in phrases if abs(a[0] - b[0]) <= 40 and phrases]
    return Item(ids, _tags(len(ids), aspects), phrase_tags, spans, links, sentences, mentions, None)


_KIND_OF = {"negative": "pain", "positive": "praise"}


def _mentions(example: Example, chance: random.Random | None) -> list[Mention]:
    """Return the mentions labelled by hand, or those that the labelled opinions are, of which the kind is known."""
    found = list(example.mentions)
    if not found and example.has_phrases:
        for opinion in example.opinions:
            anchor = opinion.phrase or opinion.aspect
            if opinion.polarity not in _KIND_OF:
                continue
            if anchor is None and len(sentence_spans(example.text)) > 1:
                continue  # which sentence implies it is not known
            clause = clause_of(example.text, anchor) if anchor else (0, len(example.text))
            found.append(Mention(opinion.aspect, opinion.phrase, clause, _KIND_OF[opinion.polarity], "", "", None))
    return [_other_spans(example.text, mention, chance) for mention in found] if chance else found


def _other_spans(text: str, mention: Mention, chance: random.Random) -> Mention:
    if mention.aspect or mention.phrase:
        return replace(mention, aspect=None, phrase=None) if chance.random() < _SPANS_LOST else mention
    words = [m.span() for m in _WORD.finditer(text, *mention.clause)]
    if mention.kind != "wish" or len(words) < _FEWEST_WORDS or chance.random() < _SPANS_GIVEN:
        return mention
    at = chance.randrange(len(words))
    span = (words[at][0], words[min(at + chance.randrange(3), len(words) - 1)][1])
    return replace(mention, aspect=span) if chance.random() < 1 / 2 else replace(mention, phrase=span)


_WORD = re.compile(r"\w+")
_SPANS_LOST, _SPANS_GIVEN = 0.12, 0.4
_FEWEST_WORDS = 3


def _mention(mention: Mention, place: Callable[[Span | None], Span | None]) -> tuple[int, ...] | None:
    clause = place(mention.clause)
    if clause is None:
        return None
    return (
        *(place(mention.aspect) or (-1, -1)),
        *(place(mention.phrase) or (-1, -1)),
        *clause,
        KINDS.index(mention.kind),
        SPECIFICITIES.index(mention.specificity) if mention.specificity else IGNORED,
        TARGETS.index(mention.target) if mention.target else IGNORED,
        -1 if mention.severity is None else round(100 * mention.severity),
    )


def _tags(length: int, spans: dict[Span, int]) -> list[int]:
    tags = [OUTSIDE] * length
    tags[0] = tags[1] = tags[-1] = IGNORED
    for start, end in sorted(spans, key=lambda s: s[0] - s[1]):  # longest first, overlaps lose
        if any(tags[i] in (BEGIN, INSIDE) for i in range(start, end)):
            continue
        tags[start] = BEGIN
        tags[start + 1 : end] = [INSIDE] * (end - start - 1)
    return tags


def _sentences(example: Example, offsets: list[Span], shift: int) -> list[tuple[int, int, int, int, int]]:
    if example.wish is not None:  # labelled as a whole
        return [(shift, shift + len(offsets), -1, -1, int(example.wish))]
    wishes = {m.clause: m.kind == "wish" for m in example.mentions}
    if not example.complete and not wishes:
        return []
    spans = sentence_spans(example.text)
    implied = [o for o in example.opinions if not o.aspect and not o.phrase]
    if implied and len(spans) > 1:
        return []  # which sentence implies it is not known
    rows = []
    for start, end in spans:
        inside = [i for i, (s, e) in enumerate(offsets) if s < end and e > start]
        if not inside:
            continue
        negative = positive = wish = -1
        if example.complete:
            here = [o for o in example.opinions if _touches(o.phrase or o.aspect, start, end)] + implied
            negative = any(o.polarity == "negative" for o in here)
            positive = any(o.polarity == "positive" for o in here)
        told = [is_wish for clause, is_wish in wishes.items() if _touches(clause, start, end)]
        if told:
            wish = any(told)
        if max(negative, positive, wish) >= 0:
            rows.append((inside[0] + shift, inside[-1] + 1 + shift, int(negative), int(positive), int(wish)))
    return rows


def _touches(span: Span | None, start: int, end: int) -> bool:
    return span is not None and span[0] < end and span[1] > start


def collate(items: Sequence[Item]) -> Batch:
    """Pad items to one length and number their rows."""
    width = max(len(item.ids) for item in items)

    def pad(rows: list[list[int]], value: int) -> Tensor:
        return torch.tensor([row + [value] * (width - len(row)) for row in rows])

    def table(rows: list[tuple[int, ...]], columns: int) -> Tensor:
        return torch.tensor(rows, dtype=torch.long).reshape(-1, columns)

    return Batch(
        ids=pad([item.ids for item in items], 0),
        mask=pad([[1] * len(item.ids) for item in items], 0),
        aspect_tags=pad([item.aspect_tags for item in items], IGNORED),
        phrase_tags=pad([item.phrase_tags for item in items], IGNORED),
        spans=table([(r, *span) for r, item in enumerate(items) for span in item.spans], 5),
        links=table([(r, *link) for r, item in enumerate(items) for link in item.links], 6),
        sentences=table([(r, *row) for r, item in enumerate(items) for row in item.sentences], 6),
        mentions=table([(r, *row) for r, item in enumerate(items) for row in item.mentions], 11),
        stars=torch.tensor([(r, i.stars) for r, i in enumerate(items) if i.stars is not None]).reshape(-1, 2),
        taught=torch.tensor([item.taught is not None for item in items]),
        taught_spans=table([(r, *span[:3]) for r, item in enumerate(items) for span in item.taught or ()], 4),
        taught_probabilities=torch.tensor([span[3] for item in items for span in item.taught or ()], dtype=torch.float),
    )


def epoch_batches(
    examples: Sequence[Example],
    tokenizer: Any,
    *,
    tokens: int,
    seed: int,
    augment: bool,
    taught: Sequence[Item] = (),
) -> Iterator[Batch]:
    """Yield batches of about `tokens` tokens, of texts of like length, in shuffled order.

    `taught` are items that need no encoding any more.
    """
    chance = random.Random(seed)
    items = [encode(roughen(e, chance), tokenizer, chance) if augment else encode(e, tokenizer) for e in examples]
    items.extend(taught)
    kept = [item for item in items if item is not None]
    kept.sort(key=lambda item: len(item.ids) + 8 * chance.random() * augment)
    groups: list[list[Item]] = [[]]
    for item in kept:
        if groups[-1] and len(item.ids) * (len(groups[-1]) + 1) > tokens:
            groups.append([])
        groups[-1].append(item)
    chance.shuffle(groups)
    for group in groups:
        if group:
            yield collate(group)
