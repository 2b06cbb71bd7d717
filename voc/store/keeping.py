"""Which snapshots are kept: the newest ones, and one for each day, week, month or year, as backup programs do it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

_PERIODS: dict[str, Callable[[dt.datetime], str]] = {
    "daily": lambda moment: f"{moment:%Y-%m-%d}",
    "weekly": lambda moment: f"{moment:%G-%V}",
    "monthly": lambda moment: f"{moment:%Y-%m}",
    "yearly": lambda moment: f"{moment:%Y}",
}


@dataclass(frozen=True)
class Keep:
    """A rule for snapshots; one that any of the numbers keeps is kept.

    Attributes:
        last: how many of the newest are kept, at least 1.
        daily: of so many days that have a snapshot, the newest days first, the newest snapshot of each is kept.
        weekly: the same for calendar weeks (ISO 8601, from Monday).
        monthly: the same for calendar months.
        yearly: the same for calendar years.
    """

    last: int = 5
    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    yearly: int = 0

    def __post_init__(self) -> None:
        """Refuse a rule that keeps nothing."""
        if self.last < 1:
            raise ValueError("a workspace keeps at least one snapshot")

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Keep:
        """Return the rule with these numbers; the default one for None."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: int(number) for name, number in (stored or {}).items() if name in known})

    def reasons(self, moments: Sequence[dt.datetime]) -> list[list[str]]:
        """Return for each snapshot the names of the numbers that keep it; none where it may go.

        Args:
            moments: when the snapshots were stored, the newest snapshot first. Days begin at midnight UTC.
        """
        found: list[list[str]] = [["last"] if place < self.last else [] for place in range(len(moments))]
        for name, period_of in _PERIODS.items():
            seen: set[str] = set()
            for reasons, moment in zip(found, moments, strict=True):
                period = period_of(moment.astimezone(dt.UTC))
                if period not in seen and len(seen) < getattr(self, name):
                    seen.add(period)
                    reasons.append(name)
        return found
