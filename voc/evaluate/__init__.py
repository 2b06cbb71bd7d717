"""Measures what the models read against hand-labelled lines."""

from voc.evaluate.gold import GoldLine, GoldOpinion, read_gold
from voc.evaluate.metrics import KEYS, TASKS, evaluate, pooled
from voc.evaluate.presence import presence_in_files
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
    "presence_in_files",
    "read_gold",
    "theme_agreement",
]
