"""Measures what the models read against hand-labelled lines."""

from voc.evaluate.gold import GoldLine, GoldOpinion, read_gold
from voc.evaluate.metrics import KEYS, TASKS, evaluate, pooled
from voc.evaluate.themes import embedding_agreement, gold_reviews, theme_agreement

__all__ = [
    "KEYS",
    "TASKS",
    "GoldLine",
    "GoldOpinion",
    "embedding_agreement",
    "evaluate",
    "gold_reviews",
    "pooled",
    "read_gold",
    "theme_agreement",
]
