"""Writes exports of any size for `voc benchmark scale`, with the generator of the sample data.

Run as ``python -m voc.benchmark.scale_drawing RESULT.json FOLDER SIZE...``, as a process of its own: the generator's
modules lie outside the package.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import random
import re
import sys
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import count, islice
from pathlib import Path
from typing import IO, Any

from voc.ingest.clean import join_text
from voc.resources import sample_dir

#: Another way of drawing has another number: figures of two are not compared.
FORMAT = 1
# Words of a review, title included: log-normal. Of 9,337 real reviews of earphones one half has up to 19 words, a tenth
# more than 53, a twentieth more than 74; the mean is 25.7. The generator alone writes few very short or very long ones.
_MEDIAN, _SPREAD = 18, 0.95
# Up to so many words somebody wrote a title only.
_TITLE_ONLY = 5
# Sentences waiting for a longer review of the same product that is as happy.
_WAITING = 200
_SENTENCE = re.compile(r"(?<=[.!?]) +")


def draw(seed: str = "scale") -> Iterator[dict[str, str]]:
    """Yield reviews without end, as rows of an export: the first of them are an export of any size.

    Products, versions, markets and opinions are dealt as in the sample data, each time anew; no text of more than a
    few words occurs twice on one product, so nothing is spared by duplicates.
    """
    generate = _generator()
    chance = random.Random(seed)
    words = generate.Wording()
    left: dict[tuple[str, bool], deque[str]] = defaultdict(lambda: deque(maxlen=_WAITING))
    written: set[bytes] = set()
    for turn in count():
        # The generator rolls each review's dice by this name.
        generate.SEED = f"{seed}-{turn}"
        slots = generate.schedule(generate.Dice(generate.SEED))
        chance.shuffle(slots)
        for slot in slots:
            row = generate._entry(slot, words).row
            _stretch(row, left[row["product_id"], row["rating"] in "45"], chance)
            if _is_new(row, written):
                yield row


def _generator() -> Any:
    """Return the module `generate` of the sample data."""
    folder = str(sample_dir())
    sys.path.insert(0, folder)
    try:
        return importlib.import_module("generate")
    finally:
        sys.path.remove(folder)


def _stretch(row: dict[str, str], left: deque[str], chance: random.Random) -> None:
    """Cut the review to a length that real ones have, or lengthen it with sentences left over from others like it."""
    wanted = chance.lognormvariate(0, _SPREAD) * _MEDIAN
    said = _SENTENCE.split(row["body"]) if row["body"] else []
    kept: list[str] = []
    length = len(row["title"].split())
    if wanted > _TITLE_ONLY or not length:
        while length < wanted:
            if not said and not left:
                break
            sentence = said.pop(0) if said else left.popleft()
            more = len(sentence.split())
            # Nearer without it than with it.
            if kept and length + more - wanted > wanted - length:
                said.insert(0, sentence)
                break
            kept.append(sentence)
            length += more
    left.extend(said)
    row["body"] = " ".join(kept)


def _is_new(row: dict[str, str], written: set[bytes]) -> bool:
    """Whether no review of this product has the same words; few words are said by many."""
    folded = re.findall(r"\w+", row["body"].casefold())
    if len(folded) < _TITLE_ONLY:
        return True
    key = hashlib.blake2b(" ".join((row["product_id"], *folded)).encode(), digest_size=16).digest()
    new = key not in written
    written.add(key)
    return new


def write_exports(folder: Path, sizes: Sequence[int]) -> dict[str, Any]:
    """Write an export of each size, smaller ones being the beginning of larger ones.

    Beside each lies a file with the texts as analysed, for the alternative, which takes nothing else.

    Returns:
        What was drawn, by the largest: `reviews`, `words` (mean, and median, 90th and 99th percentile) and
        `distinct_texts` (share).
    """
    import numpy as np

    wanted = sorted(set(sizes))
    lengths: list[int] = []
    distinct: set[bytes] = set()
    with ExitStack() as opened:
        files: list[tuple[int, IO[str], IO[str]]] = []
        for size in wanted:
            export_, texts_ = (
                opened.enter_context((folder / name).open("w", encoding="utf-8")) for name in names_of(size)
            )
            files.append((size, export_, texts_))
        for number, row in enumerate(islice(draw(), wanted[-1])):
            text = join_text(row["title"], row["body"])
            lengths.append(len(text.split()))
            distinct.add(hashlib.blake2b(text.encode(), digest_size=16).digest())
            for size, export, texts in files:
                if number < size:
                    export.write(json.dumps(row, ensure_ascii=False) + "\n")
                    texts.write(json.dumps({"analysed_text": text}, ensure_ascii=False) + "\n")
    median, ninth, last = (float(value) for value in np.percentile(lengths, (50, 90, 99)))
    return {
        "reviews": len(lengths),
        "words": {"mean": float(np.mean(lengths)), "median": median, "p90": ninth, "p99": last},
        "distinct_texts": len(distinct) / len(lengths),
    }


def names_of(size: int) -> tuple[str, str]:
    """Return the names of the export with so many reviews and of the file with its texts."""
    return f"reviews-{size}.jsonl", f"texts-{size}.jsonl"


def main(result: Path, folder: Path, sizes: Sequence[int]) -> None:
    """Write the exports into `folder`, and to `result` what was drawn."""
    result.write_text(json.dumps(write_exports(folder, sizes)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [int(size) for size in sys.argv[3:]])
