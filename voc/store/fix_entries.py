"""The fixes that people entered: what was to be fixed, where, and since when it was sold."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from voc.errors import VocError
from voc.store.entry_base import EntryBase


class FixEntries(EntryBase):
    """Fixes whose effect every run verifies anew."""

    def fixes(self) -> list[dict[str, Any]]:
        """Return the fixes people entered, oldest first.

        Returns:
            Dictionaries of `fix_id`, `theme_id`, `since` (a date), `lag_days`, `product`, `brand`, `phase_id`; the
            last four are None where they were not given.
        """
        return sorted(self._rows("FIXES"), key=lambda row: (row["since"], row["fix_id"]))

    def put_fix(
        self,
        theme_id: str,
        since: dt.date,
        *,
        lag_days: int | None = None,
        product: str | None = None,
        brand: str | None = None,
        phase_id: str | None = None,
        by: str = "",
    ) -> str:
        """Enter a fix; the same one entered again changes its lag only.

        Args:
            theme_id: the theme that was to be fixed.
            since: first day on which the fix was sold.
            lag_days: days in which old stock is still sold; None for the default of `voc verify`.
            product: the product that was fixed, by id or name; None for all.
            brand: the brand whose products were fixed; None for all.
            phase_id: the version that was fixed; None for all.
            by: who enters it.

        Returns:
            Its fix_id, made of what it is about.

        Raises:
            VocError: the lag is negative.
        """
        if lag_days is not None and lag_days < 0:
            raise VocError(f"A lag of {lag_days} days is negative; give 0 or more.")
        place = {"theme_id": theme_id, "since": since, "product": product, "brand": brand, "phase_id": phase_id}
        key = "\x1f".join("" if value is None else str(value) for value in place.values())
        fix_id = "fix-" + hashlib.sha256(key.encode()).hexdigest()[:12]
        with self._database.writing() as transaction:
            transaction.put("put_fix", self._tables.FIXES, fix_id, {**place, "lag_days": lag_days}, by)
        return fix_id

    def delete_fix(self, fix_id: str, by: str = "") -> None:
        """Take a fix out.

        Raises:
            VocError: nobody entered such a fix, or it is a decision.
        """
        if fix_id.startswith("decision-"):
            raise VocError(f"{fix_id} is a decision that was released; change it on the page Decisions of the app.")
        if not self._delete("delete_fix", "FIXES", fix_id, by):
            raise VocError(f"There is no fix {fix_id!r}; `voc verify` without options lists them.")
