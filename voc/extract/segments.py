"""Which stretches of tokens are spans: a semi-Markov conditional random field over a text (Sarawagi and Cohen 2004).

A text is cut into spans of up to WIDEST tokens and single tokens outside them. The score of a cutting is the sum of the
scores of its parts, its probability the share of its exponential in that of all cuttings. A span is scored as a whole,
so that where it begins and where it ends are decided together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from voc.extract.windows import LEAD

#: Tokens of the longest span.
WIDEST = 16
_NEVER = -1e4
#: Tags of a token: outside, begins a span, inside a span.
OUTSIDE, BEGIN, INSIDE = 0, 1, 2


@dataclass
class Segments:
    """Scores of n texts: `outside` (n, length) of a token outside spans, `spans` (n, length, WIDEST) of the span.

    `spans[i, s, w]` is of the span of w + 1 tokens that begins with token s.
    """

    outside: Tensor
    spans: Tensor


def confined(segments: Segments, inside: Tensor) -> Segments:
    """Return the scores with spans ruled out that touch a token where `inside` (n, length) is false.

    Those tokens are outside at no cost.
    """
    length, width = segments.spans.shape[1:]
    blocked = torch.cumsum(~inside, dim=1)
    blocked = torch.cat([torch.zeros_like(blocked[:, :1]), blocked], dim=1)  # tokens ruled out before each place
    first, end = _ends(length, width, inside.device)
    allowed = (end <= length) & (blocked[:, end.clamp(max=length)] == blocked[:, first])
    return Segments(torch.where(inside, segments.outside, 0.0), torch.where(allowed, segments.spans, _NEVER))


def _ends(length: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return where spans begin (length, 1) and where they end, exclusive (length, width)."""
    first = torch.arange(length, device=device).unsqueeze(1)
    return first, first + 1 + torch.arange(width, device=device)


def _totals(outside: Tensor, spans: Tensor) -> Tensor:
    """Return (n, length + 1): the log of the sum over all cuttings of the first t tokens.

    `outside` and `spans` are scores; `spans[i, e, w]` is here of the span of w + 1 tokens that ends with token e.
    """
    rows, length, width = spans.shape
    # A token outside goes one token on, as a span of one does: summed once for all. Widest spans come first, as the
    # sums before a token do; the loop runs over tokens, so theirs is the first dimension.
    steps = torch.cat([torch.logaddexp(spans[:, :, :1], outside.unsqueeze(-1)), spans[:, :, 1:]], dim=-1)
    by_token = steps.flip(2).permute(1, 2, 0).contiguous()
    totals = outside.new_full((width + length, rows), _NEVER * width)
    totals[width - 1] = 0.0  # nothing is cut yet; what stands before never counts
    for t in range(length):
        torch.logsumexp(totals[t : t + width] + by_token[t], dim=0, out=totals[t + width])
    return totals[width - 1 :].T


@torch.no_grad()
def marginals(segments: Segments) -> tuple[Tensor, Tensor, Tensor]:
    """Return the log of the sum over all cuttings (n,), and the probabilities of what `segments` scores.

    Gradients do not go through here; see `log_sum`.
    """
    rows, length, width = segments.spans.shape
    first, end = _ends(length, width, segments.spans.device)
    begin = first - torch.arange(width, device=first.device)  # where a span of that width begins that ends at `first`
    ending = segments.spans[:, begin.clamp(min=0), end - first - 1]
    ending = torch.where(begin >= 0, ending, _NEVER)
    # From the last token backwards a span ends where it begins. Both ways are gone at once.
    both = _totals(torch.cat([segments.outside, segments.outside.flip(1)]), torch.cat([ending, segments.spans.flip(1)]))
    forth, back = both[:rows], both[rows:].flip(1)
    whole = forth[:, -1]
    left = forth[:, :-1] - whole.unsqueeze(1)
    after = torch.where(end <= length, back[:, end.clamp(max=length)], _NEVER)
    return whole, (left + segments.outside + back[:, 1:]).exp(), (left.unsqueeze(-1) + segments.spans + after).exp()


def text_places(lengths: Tensor, width: int) -> Tensor:
    """Return (n, width) whether a token is of the text itself in rows of `lengths` (n,): not of the lead, not [SEP]."""
    places = torch.arange(width, device=lengths.device)
    return (places >= LEAD) & (places < lengths.unsqueeze(1) - 1)


def span_probabilities(segments: Segments, inside: Tensor) -> Tensor:
    """Return the probabilities (n, length, WIDEST) of spans that lie where `inside` (n, length) is true."""
    exact = Segments(segments.outside.float(), segments.spans.float())
    return marginals(confined(exact, inside))[2]


class _LogSum(torch.autograd.Function):
    """The log of the sum over all cuttings; its gradient is the probability of each part."""

    @staticmethod
    def forward(ctx: Any, outside: Tensor, spans: Tensor) -> Tensor:
        whole, p_outside, p_spans = marginals(Segments(outside, spans))
        ctx.save_for_backward(p_outside, p_spans)
        return whole

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        p_outside, p_spans = ctx.saved_tensors
        return p_outside * gradients[0].unsqueeze(1), p_spans * gradients[0].view(-1, 1, 1)


def log_sum(segments: Segments) -> Tensor:
    """Return (n,) the log of the sum over all cuttings, for training."""
    result: Tensor = _LogSum.apply(segments.outside, segments.spans)  # type: ignore[no-untyped-call]
    return result


def score_of(segments: Segments, tags: Tensor) -> Tensor:
    """Return the scores (n,) of the cuttings that tags (n, length) describe: 1 begins a span, 2 goes on with it.

    Of a span of more than WIDEST tokens the first WIDEST count, the rest is outside.
    """
    length = tags.shape[1]
    rows, begins = (tags == BEGIN).nonzero(as_tuple=True)
    # A span ends before the first token that does not go on with it.
    stops = torch.where(tags != INSIDE, torch.arange(length, device=tags.device), length)
    after = torch.cat([stops[:, 1:], stops.new_full((len(tags), 1), length)], dim=1)
    ends = after.flip(1).cummin(dim=1).values.flip(1)
    width = (ends[rows, begins] - begins).clamp(max=WIDEST)
    return expected_score(segments, rows, begins, width - 1, segments.spans.new_ones(len(rows)))


def expected_score(segments: Segments, rows: Tensor, begins: Tensor, widths: Tensor, probabilities: Tensor) -> Tensor:
    """Return the mean scores (n,) of cuttings that hold span i, of `widths[i]` + 1 tokens, with a probability.

    A token is outside with the probability that no span covers it.
    """
    count, length = segments.outside.shape
    total = segments.outside.new_zeros(count)
    total = total.index_add(0, rows, probabilities * segments.spans[rows, begins, widths])
    edges = probabilities.new_zeros(count, length + 1)
    edges.index_put_((rows, begins), probabilities, accumulate=True)
    edges.index_put_((rows, begins + widths + 1), -probabilities, accumulate=True)
    free = 1 - edges.cumsum(dim=1)[:, :-1].clamp(0, 1)
    return total + (segments.outside * free).sum(dim=1)


def loss(segments: Segments, tags: Tensor, ignored: int) -> Tensor:
    """Return the negative log likelihood of `tags` (n, length) for each token of the texts that have some.

    Where tags are `ignored` no span is; a text of which all are is left out.
    """
    known = tags != ignored
    rows = known.any(dim=1)
    if not rows.any():
        return segments.outside.new_zeros(())
    known = known[rows]
    chosen = confined(Segments(segments.outside[rows], segments.spans[rows]), known)
    mean: Tensor = (log_sum(chosen) - score_of(chosen, tags[rows])).sum() / known.sum()
    return mean


def taught_loss(segments: Segments, inside: Tensor, spans: Tensor, probabilities: Tensor) -> Tensor:
    """Return the cross entropy, for each token, between what another model says of texts and these scores.

    Both are distributions over cuttings; of the other's all that counts are its spans' probabilities.

    Args:
        segments: scores of n texts.
        inside: (n, length) whether a token may be in a span.
        spans: (m, 3) the other's spans: text, first token, tokens less one.
        probabilities: (m,) of those spans.
    """
    chosen = confined(segments, inside)
    rows, begins, widths = spans.unbind(1)
    expected = expected_score(chosen, rows, begins, widths, probabilities)
    mean: Tensor = (log_sum(chosen) - expected).sum() / inside.sum()
    return mean
