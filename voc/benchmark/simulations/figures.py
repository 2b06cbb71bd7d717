"""What a simulation measured, how far off chance alone may have put it, and whether it stays where it should."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

import numpy as np
from numpy.typing import ArrayLike

#: What is asked of a figure: to be near its nominal level, at least that, at most that; None where nothing is promised.
Asked = Literal["near", "at least", "at most"] | None
Unit = Literal["share", "ratio", "weeks"]

#: A level that should be near its nominal one may be so far off; any figure may be off by so many Monte-Carlo errors.
NEAR, ERRORS = 0.05, 3.0


class Figure(TypedDict):
    """One measured figure; shares between 0 and 1."""

    name: str
    unit: Unit
    nominal: float | None  # what it should be; None where there is no set level
    asked: Asked
    measured: float | None  # None where no run could tell
    error: float | None  # its standard error over the runs (Monte-Carlo error); None for a median
    runs: int  # independent ones that could tell
    cases: int  # answers that were counted in them
    stays: str | None  # "yes", "too low", "too high"; None where nothing is asked or measured
    detail: bool  # part of another figure: the table leaves it out as long as it stays where it should


class Tally:
    """Adds up answers run by run, so that answers of one run, which share its reviews, count as one piece of chance."""

    def __init__(self) -> None:
        self._runs: dict[str, list[tuple[float, float, int]]] = {}

    def add(self, name: str, hits: ArrayLike) -> None:
        """Note the answers that one run gives: true or false, or none at all."""
        some = np.atleast_1d(np.asarray(hits, float))
        self.note(name, float(some.sum()), float(len(some)), len(some))

    def note(self, name: str, amount: float, of: float, cases: int = 1) -> None:
        """Note the two parts of a ratio that one run gives; nothing is noted of a run without cases."""
        if cases:
            self._runs.setdefault(name, []).append((amount, of, cases))

    @property
    def names(self) -> list[str]:
        """The names that anything was noted under, in the order of their first."""
        return list(self._runs)

    def figure(
        self,
        name: str,
        text: str,
        *,
        nominal: float | None = None,
        asked: Asked = None,
        unit: Unit = "share",
        detail: bool = False,
    ) -> Figure:
        """Return what was noted under `name`: the sum of the amounts over the sum of what they are of.

        The error is that of a ratio of sums over independent runs (Cochran 1977, Sampling Techniques, on ratios).
        Where all runs agree it would be 0, which says too much: then it is that of a share of as many independent
        answers, to which one more with and one without are added.
        """
        told: dict[str, Any] = {"nominal": nominal, "asked": asked, "unit": unit, "detail": detail}
        rows = np.array(self._runs.get(name, []), float).reshape(-1, 3)
        runs, cases = len(rows), int(rows[:, 2].sum())
        if not runs or not rows[:, 1].sum():
            return figure(text, None, None, runs=runs, cases=cases, **told)
        amount, of = rows[:, 0], rows[:, 1]
        measured = float(amount.sum() / of.sum())
        left = amount - measured * of
        error = float(np.sqrt(runs / max(runs - 1, 1) * (left**2).sum()) / of.sum())
        if unit == "share" and (runs == 1 or error < 1e-9):
            share = (cases * measured + 1) / (cases + 2)
            error = float(np.sqrt(share * (1 - share) / cases))
        return figure(text, measured, error, runs=runs, cases=cases, **told)


def figure(
    name: str,
    measured: float | None,
    error: float | None,
    *,
    runs: int,
    cases: int | None = None,
    nominal: float | None = None,
    asked: Asked = None,
    unit: Unit = "share",
    detail: bool = False,
) -> Figure:
    """Return a figure with its verdict; `cases` is `runs` unless given."""
    return Figure(
        name=name,
        unit=unit,
        nominal=nominal,
        asked=asked,
        measured=measured,
        error=error,
        runs=runs,
        cases=runs if cases is None else cases,
        stays=_stays(nominal, asked, measured, error or 0.0),
        detail=detail,
    )


def _stays(nominal: float | None, asked: Asked, measured: float | None, error: float) -> str | None:
    """Say whether a figure stays where it is asked to: "yes", "too low" or "too high"."""
    if asked is None or nominal is None or measured is None:
        return None
    slack = ERRORS * error
    if asked == "near":
        slack = max(slack, NEAR)
    # Rounding of sums: 0.95 is not more than 0.05 above 0.9.
    slack += 1e-9
    if asked != "at most" and measured < nominal - slack:
        return "too low"
    if asked != "at least" and measured > nominal + slack:
        return "too high"
    return "yes"
