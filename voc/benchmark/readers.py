"""One way of reading a sample, as a process of its own: ours, three fp32 passes, or spaCy's CNN NER alone.

Run as ``python -m voc.benchmark.readers READER SAMPLE.jsonl RESULT.json``, READER being one of READERS.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voc.config import Precision

_BATCH = 32
_PASSES = 3


def _voc(texts: list[str], precision: Precision = "auto") -> tuple[float, float]:
    from voc.config import ModelConfig
    from voc.evaluate import GoldLine, gold_reviews
    from voc.extract import extract

    config = ModelConfig(device="cpu", precision=precision)
    started = time.perf_counter()
    extract(gold_reviews([GoldLine("0", texts[0])]), config=config)
    loaded = time.perf_counter()
    extract(gold_reviews([GoldLine(str(i), text) for i, text in enumerate(texts)]), config=config)
    return loaded - started, time.perf_counter() - loaded


def _passes(texts: list[str]) -> tuple[float, float]:
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    from voc.benchmark.assembled import encoder_folder

    started = time.perf_counter()
    torch.manual_seed(7)
    tokenizer = AutoTokenizer.from_pretrained(encoder_folder())
    models: list[Any] = [
        AutoModelForTokenClassification.from_pretrained(encoder_folder(), num_labels=7, dtype=torch.float32).eval()
        for _ in range(_PASSES)
    ]
    loaded = time.perf_counter()
    ordered = sorted(texts, key=len)
    with torch.inference_mode():
        for model in models:
            for start in range(0, len(ordered), _BATCH):
                batch = ordered[start : start + _BATCH]
                model(**tokenizer(batch, padding=True, truncation=True, max_length=256, return_tensors="pt"))
    return loaded - started, time.perf_counter() - loaded


def _spacy(texts: list[str]) -> tuple[float, float]:
    from voc.benchmark.assembled import spacy_ner

    started = time.perf_counter()
    nlp = spacy_ner()
    loaded = time.perf_counter()
    for _ in nlp.pipe(texts):
        pass
    return loaded - started, time.perf_counter() - loaded


READERS: dict[str, Callable[[list[str]], tuple[float, float]]] = {
    "voc": _voc,
    "voc-float32": partial(_voc, precision="float32"),
    "voc-bfloat16": partial(_voc, precision="bfloat16"),
    "voc-int8": partial(_voc, precision="int8"),
    "passes": _passes,
    "spacy": _spacy,
}


def main(name: str, sample: Path, result: Path) -> None:
    """Read the sample and write the seconds of loading and of reading to `result`."""
    with sample.open(encoding="utf-8") as file:
        texts = [json.loads(line)["analysed_text"] for line in file]
    loading, reading = READERS[name](texts)
    result.write_text(json.dumps({"loading_seconds": loading, "reading_seconds": reading}), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
