"""The alternative that a user would assemble: spaCy NER, DistilBERT on sentences, default BERTopic.

Run as ``python -m voc.benchmark.assembled SAMPLE.jsonl RESULT.json`` so that its time and memory are its own. The
weights of NER and DistilBERT are random: of the right size, so the time is right, and offline.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

_BATCH_SIZES = (1, 8, 32)
# Sentences on which the best batch size is found before all are read with it.
_TRIAL = 400
_SEED = 7
# The entity types of spaCy's English pipelines (OntoNotes 5).
_LABELS = (
    *("CARDINAL", "DATE", "EVENT", "FAC", "GPE", "LANGUAGE", "LAW", "LOC", "MONEY", "NORP", "ORDINAL", "ORG"),
    *("PERCENT", "PERSON", "PRODUCT", "QUANTITY", "TIME", "WORK_OF_ART"),
)


def encoder_folder() -> Path:
    """Return the folder of all-MiniLM-L6-v2, with the vocabulary that DistilBERT (uncased) has too.

    Raises:
        VocError: the package that carries it is not installed.
    """
    from voc.extract.encoder import base_encoder_dir

    return base_encoder_dir()


def spacy_ner() -> Any:
    """Return a blank English pipeline with a sentencizer and a CNN NER of en_core_web_sm's size, not trained."""
    import spacy
    from thinc.api import fix_random_seed

    fix_random_seed(_SEED)
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    ner: Any = nlp.add_pipe("ner")  # its default is the CNN of width 96 and depth 4
    for label in _LABELS:
        ner.add_label(label)
    nlp.initialize()
    return nlp


def distilbert() -> Any:
    """Return a text-classification pipeline around a DistilBERT of the base size with random weights."""
    import torch
    from transformers import AutoTokenizer, DistilBertConfig, DistilBertForSequenceClassification, pipeline

    torch.manual_seed(_SEED)
    tokenizer = AutoTokenizer.from_pretrained(encoder_folder())
    # DistilBERT has no token types.
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    # Two labels are the configuration's default.
    model: Any = DistilBertForSequenceClassification(DistilBertConfig())
    model.eval()
    return pipeline("text-classification", model=model, tokenizer=tokenizer, device=-1)


def judge(classify: Any, sentences: list[str], batch_size: int) -> list[Any]:
    """Classify sentences in order of length, which pads least."""
    ordered = sorted(sentences, key=len)
    return list(classify(ordered, batch_size=batch_size, truncation=True, max_length=512))


def best_batch_size(classify: Any, sentences: list[str]) -> tuple[int, dict[int, float]]:
    """Time each batch size on evenly spread sentences; return the best and the seconds of each."""
    spread = sentences[:: max(1, len(sentences) // _TRIAL)][:_TRIAL]
    judge(classify, spread[:32], 32)  # the first call pays for set-up
    seconds = {}
    for batch_size in _BATCH_SIZES:
        started = time.perf_counter()
        judge(classify, spread, batch_size)
        seconds[batch_size] = time.perf_counter() - started
    return min(seconds, key=seconds.__getitem__), seconds


def main(sample: Path, result: Path) -> None:
    """Read the sample with all three and write the seconds of each stage to `result`."""
    with sample.open(encoding="utf-8") as file:
        texts = [json.loads(line)["analysed_text"] for line in file]
    stages: dict[str, float] = {}

    started = time.perf_counter()
    docs = list(spacy_ner().pipe(texts))
    sentences = [sentence.text for doc in docs for sentence in doc.sents]
    del docs
    stages["spaCy NER"] = time.perf_counter() - started

    started = time.perf_counter()
    classify = distilbert()
    loaded = time.perf_counter() - started
    started = time.perf_counter()
    batch_size, trial = best_batch_size(classify, sentences)
    choosing = time.perf_counter() - started
    started = time.perf_counter()
    judge(classify, sentences, batch_size)
    stages["DistilBERT on sentences"] = loaded + time.perf_counter() - started
    del classify

    started = time.perf_counter()
    from bertopic import BERTopic
    from sentence_transformers import SentenceTransformer

    topics, _ = BERTopic(embedding_model=SentenceTransformer(str(encoder_folder()), device="cpu")).fit_transform(texts)
    stages["default BERTopic"] = time.perf_counter() - started

    facts = {
        "reviews": len(texts),
        "sentences": len(sentences),
        "topics": len(set(topics) - {-1}),
        "batch_size": batch_size,
        "batch_size_trial_seconds": {str(size): seconds for size, seconds in trial.items()},
        # The search for the batch size is ours, not the user's: it is taken off the measured time.
        "choosing_seconds": choosing,
        "stages": stages,
    }
    result.write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
