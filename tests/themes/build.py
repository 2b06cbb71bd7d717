"""Literal mentions for the tests of themes, from lines such as "cable | frays near the plug"."""

from __future__ import annotations

from voc import tables


def mentions(lines, *, target="product"):
    """Return (mentions, texts): one review for each line "aspect | phrase"; an empty aspect is implied.

    A third part says what is no trouble but a judgement or a verdict.
    """
    rows, texts = [], {}
    for number, line in enumerate(lines):
        aspect, phrase, *rest = (part.strip() for part in line.split("|"))
        review = f"r{number:05d}"
        text = f"{aspect} {phrase}".strip()
        texts[review] = text
        rows.append(
            {
                "mention_id": f"m{number:05d}",
                "review_id": review,
                "kind": "pain",
                "specificity": rest[0] if rest else "trouble",
                "target": target,
                "aspect": aspect or None,
                "aspect_start": 0 if aspect else None,
                "aspect_end": len(aspect) if aspect else None,
                "phrase": phrase,
                "phrase_start": len(text) - len(phrase),
                "phrase_end": len(text),
                "clause_start": 0,
                "clause_end": len(text),
                "polarity": -0.9,
                "confidence": 0.9,
                "severity": 0.5,
                "hazard": False,
                "model_version": "literal",
            }
        )
    return tables.from_rows("mentions", rows), texts


TROUBLES = [
    *[f"cable | frays {where}" for where in ("near the plug", "at the end", "near the connector", "by the tip")] * 4,
    *[f"battery | {what}" for what in ("drains in an hour", "dies quickly", "drains fast", "runs out too soon")] * 4,
    *[f"| {what}" for what in ("stopped working", "not working", "does not work", "stopped functioning")] * 4,
    *[f"delivery | {what}" for what in ("came two weeks late", "arrived late", "delayed a week", "was very late")] * 4,
]
