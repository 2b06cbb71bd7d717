"""Scores what the mention heads say against mentions labelled by hand (models/opinions/labels)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voc.config import ModelConfig
    from voc.extract.training.gold import Example

FIELDS = ("kind", "specificity", "target")


def mention_scores(examples: Sequence[Example], config: ModelConfig | None = None) -> dict[str, Any]:
    """Let the model describe labelled mentions, and find them by itself, and compare.

    Args:
        examples: texts with labelled mentions, as `read_labels` returns them.
        config: which weights, and how they are computed with; by default the shipped ones.

    Returns:
        For kind, specificity and target `<field>_accuracy` and `<field>_f1` (macro over the labels that occur), and
        `<field>_read`: the share that is right when the mention is the one that extraction finds there by itself,
        what it does not find counting as wrong. `severity_mae` (mean absolute error over pains) and `severity_rank`
        (Spearman's correlation). `mentions`, and how many of them extraction `found`.
    """
    from scipy.stats import spearmanr
    from sklearn.metrics import accuracy_score, f1_score

    import voc
    from voc.config import ModelConfig
    from voc.extract.describe import Spans
    from voc.extract.reader import load_reader
    from voc.extract.sentences import sentence_of

    config = config or ModelConfig()
    texts = [example.text for example in examples]
    reader = load_reader(config.opinions, config.device, config.precision)
    states = reader.read_with_states(texts)[1]
    labelled = [(i, mention) for i, example in enumerate(examples) for mention in example.mentions]
    spans = [Spans(i, m.aspect, m.phrase, m.clause, sentence_of(texts[i], m.clause), m.aspect) for i, m in labelled]
    said = reader.describe(states, spans)
    figures: dict[str, Any] = {"mentions": len(labelled)}
    documents = list(voc.load(config.opinions, device=config.device, precision=config.precision).pipe(texts))
    read = [_nearest(m, documents[i]._.opinions) for i, m in labelled]
    for name in FIELDS:
        wanted = [getattr(m, name) for _, m in labelled]
        given = [max(getattr(one, name), key=getattr(one, name).get) for one in said]
        figures[f"{name}_accuracy"] = float(accuracy_score(wanted, given))
        figures[f"{name}_f1"] = float(f1_score(wanted, given, average="macro", labels=sorted(set(wanted))))
        right = [o is not None and getattr(o, name) == want for o, want in zip(read, wanted, strict=True)]
        figures[f"{name}_read"] = sum(right) / len(right)
    pains = [(m.severity, one.severity) for (_, m), one in zip(labelled, said, strict=True) if m.severity is not None]
    if len({a for a, _ in pains}) > 1:
        figures["severity_mae"] = sum(abs(a - b) for a, b in pains) / len(pains)
        figures["severity_rank"] = float(spearmanr([a for a, _ in pains], [b for _, b in pains]).statistic)
    figures["found"] = sum(o is not None for o in read)
    return figures


def pass_agreement(path: Path) -> dict[str, float]:
    """Return how far two passes of labelling agree: Cohen's kappa by field, weighted by squared distance for severity.

    Lines without two passes are left out; without any the result is empty.
    """
    from sklearn.metrics import cohen_kappa_score

    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    passes = [row["passes"] for row in rows if len(row.get("passes", ())) == 2]
    if not passes:
        return {}
    kappas = {}
    for place, name in enumerate(("kind", "specificity", "severity", "target")):
        first, second = ([labels[which][place] for labels in passes] for which in (0, 1))
        weights = "quadratic" if name == "severity" else None
        kappas[f"{name}_kappa"] = float(cohen_kappa_score(first, second, weights=weights))
    return kappas


def _nearest(mention: Any, opinions: Sequence[Any]) -> Any:
    """Return the opinion whose words overlap the mention's most, else the one whose clause does, else none."""

    def overlap(one: tuple[int, int] | None, other: tuple[int, int] | None) -> int:
        return 0 if one is None or other is None else max(0, min(one[1], other[1]) - max(one[0], other[0]))

    def shared(opinion: Any) -> tuple[int, int]:
        words = overlap(mention.phrase, opinion.phrase) + overlap(mention.aspect, opinion.aspect)
        return words, overlap(mention.clause, opinion.clause)

    best = max(opinions, key=shared, default=None)
    return best if best is not None and any(shared(best)) else None
