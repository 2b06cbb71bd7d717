"""The table of simulations, as rows to print and as Markdown between two marks of a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from voc.benchmark.simulations.measuring import missing
from voc.errors import VocError
from voc.store.files import write_atomically

BEGIN, END = "<!-- simulations: begin -->", "<!-- simulations: end -->"
_COMMAND = "voc benchmark simulations --table"


def table(result: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the figures as rows to print, without details that stay where they should."""
    return [
        {
            "figure": part["figure"],
            "drawn": part["drawn"],
            "counted": one["name"],
            "level": _level(one),
            "measured": _measured(one),
            "runs": f"{one['runs']:,}",
            "stays": one["stays"] or "–",
        }
        for part in result["simulations"]
        for one in part["figures"]
        if not one["detail"] or one["stays"] in ("too low", "too high")
    ]


def check_page(path: Path) -> None:
    """Raise what `write_page` would, before hours of measuring.

    Raises:
        VocError: the file cannot be read, or lacks the marks.
    """
    _around(path)


def write_page(path: Path, result: Mapping[str, Any]) -> None:
    """Replace what stands between the marks of the page `path` by the table, in one step.

    Raises:
        VocError: the file cannot be read or written, or lacks the marks.
    """
    before, after = _around(path)
    try:
        write_atomically(path, f"{before}{BEGIN}\n{markdown(result)}{END}{after}")
    except OSError as error:
        raise VocError(f"{path}: this file cannot be written ({error.strerror}); choose another --table.") from None


def markdown(result: Mapping[str, Any]) -> str:
    """Return the table as Markdown, with when and where it was measured, and what was not."""
    rows = table(result)
    when = sorted({part["measured"] for part in result["simulations"]})
    machine = result["machine"]
    lines = [
        f"Written by `{_COMMAND}`; measured {' and '.join(when) or 'nothing yet'} "
        f"({machine['system']}, Python {machine['python']}).",
        "",
    ]
    absent = missing(result)
    if absent:
        lines += [f"Not measured, or not as they are drawn now: {', '.join(absent)}.", ""]
    if rows:
        lines += [_line(rows[0]), _line(["---"] * len(rows[0])), *(_line(row.values()) for row in rows), ""]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _level(one: Mapping[str, Any]) -> str:
    """Return the level that is asked for, or in brackets one that nothing promises."""
    if one["nominal"] is None:
        return "–"
    level = _number(one["nominal"], one, digits=None)
    if one["asked"] is None:
        return f"({level})"
    return {"near": "", "at least": "at least ", "at most": "at most "}[one["asked"]] + level


def _measured(one: Mapping[str, Any]) -> str:
    if one["measured"] is None:
        return "–"
    if one["error"] is None:
        return _number(one["measured"], one, digits=None)
    value, error = (_number(one[name], one, digits=_digits(one), unit=False) for name in ("measured", "error"))
    return f"{value} ± {error}{_UNITS[one['unit']]}"


_UNITS = {"share": " %", "ratio": "", "weeks": " weeks"}


def _digits(one: Mapping[str, Any]) -> int:
    """Return the decimals of a figure: more where it is of the order of one in a hundred or less."""
    if one["unit"] == "ratio":
        return 2
    return 2 if (one["nominal"] or one["measured"] or 1.0) < 0.01 else 1


def _number(value: float, one: Mapping[str, Any], *, digits: int | None, unit: bool = True) -> str:
    """Return a number in its unit; without `digits` with as many as it needs, two at most."""
    scaled = 100 * value if one["unit"] == "share" else value
    text = f"{round(scaled, 2):g}" if digits is None else f"{scaled:.{digits}f}"
    if not unit:
        return text
    return text + (" week" if one["unit"] == "weeks" and text == "1" else _UNITS[one["unit"]])


def _around(path: Path) -> tuple[str, str]:
    """Return what stands before the first mark of a page and after the second."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise VocError(f"{path}: this file cannot be read ({error.strerror}); give a page with --table.") from None
    except UnicodeDecodeError:
        raise VocError(f"{path}: this file is no text in UTF-8; give a page with --table.") from None
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in before + after:
        raise VocError(
            f"{path}: the table goes between a line {BEGIN} and one {END} after it, and each has to be there once; "
            "add them where it should stand."
        )
    return before, after
