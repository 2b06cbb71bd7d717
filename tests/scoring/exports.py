"""Exports with everything that batch scoring must account for: duplicates, edits, rejects, other languages."""

import json
from pathlib import Path

SAYINGS = (
    ("The cable frayed near the plug after two weeks.", 1),
    ("Battery died on day one, very bad.", 1),
    ("The screen is bright and the sound is great.", 5),
    ("The strap broke and the zip got stuck.", 2),
    ("I love the colour of this bag.", 5),
    ("I wish it had a longer cable.", 3),
)
CHINESE = "电池两周后就坏了，非常失望，不推荐购买。"
LONG = "The left side went dead after only two weeks of careful use"


def write(path: Path, rows: list[dict]) -> Path:
    """Write rows as JSON Lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_exports(folder: Path, rows: int) -> list[Path]:
    """Write two exports of together `rows` rows; the second holds edits and copies of rows of the first."""
    first, second = [], []
    for number in range(rows):
        text, stars = SAYINGS[number % len(SAYINGS)]
        row = {"review_id": f"R{number}", "text": f"{text} Number {number}.", "rating": stars, "product": "Cable"}
        row["date"] = f"2024-01-{1 + number % 28:02}"
        if number % 11 == 5:
            row["text"] = CHINESE + str(number)
        elif number % 13 == 6:
            row["rating"] = 11
        elif number % 17 == 7:
            row["text"] = ""
        elif number % 19 == 8:
            row |= {"text": LONG, "review_id": f"C{number}"}
        (first if number < rows * 2 // 3 else second).append(row)
    edits = [
        {**row, "text": f"Edited: the lid cracked. {row['review_id']}", "date": "2024-06-01"}
        for row in first[::10]
        if row["text"]
    ]
    second[2:2] = edits
    second += [*first[1:9], {**first[0], "text": "Another thing of the same number", "product": "Lamp"}]
    return [write(folder / "first.jsonl", first), write(folder / "second.jsonl", second)]
