"""What a batch run did, counted exactly."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from voc.errors import VocError
from voc.scoring.ledger import Ledger


@dataclass(frozen=True)
class ScoredFile:
    """What became of one export: `accepted + duplicates + rejected == rows_read`."""

    file: str
    format: str
    encoding: str | None
    mapping: dict[str, str]
    rows_read: int
    accepted: int
    duplicates: int
    rejected: int
    reject_reasons: dict[str, int]
    notes: list[str]
    problem: str | None


@dataclass(frozen=True)
class ScoreReport:
    """What was read, scored and written: `accepted + duplicates + rejected == rows_read`.

    `reviews` were read by the model, `unread` were not, by language; `parts` is how many pieces the work had, and
    `kept` how many of them an earlier, interrupted call had scored. `rejects` names the file that lists the rejected
    rows, None where there are none.
    """

    model_version: str
    rows_read: int
    accepted: int
    duplicates: int
    rejected: int
    reject_reasons: dict[str, int]
    reviews: int
    unread: dict[str, int]
    mentions: int
    parts: int
    files: list[ScoredFile]
    rejects: str | None = None
    kept: int = 0

    def document(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    @classmethod
    def of(cls, document: dict[str, Any]) -> ScoreReport:
        """Return what `document` was made from."""
        return cls(**{**document, "files": [ScoredFile(**one) for one in document["files"]]})


@dataclass
class _Totals:
    unread: Counter[str] = field(default_factory=Counter)
    analysed: int = 0
    mentions: int = 0


def report_of(ledger: Ledger, model_version: str) -> ScoreReport:
    """Return the counts of a ledger."""
    superseded = ledger.superseded_by_file()
    files = []
    for state in ledger.files():
        gone = superseded.get(state.number, 0)
        oddities = ledger.reasons(state.number, "oddity")
        files.append(
            ScoredFile(
                file=state.name,
                format=state.format,
                encoding=state.encoding,
                mapping=json.loads(state.mapping),
                rows_read=state.rows_read,
                accepted=state.accepted - gone,
                duplicates=state.duplicates + gone,
                rejected=state.rejected,
                reject_reasons={} if state.problem else ledger.reasons(state.number, "reject"),
                notes=[*json.loads(state.notes), *(f"{what}: {count:,}" for what, count in oddities.items())],
                problem=state.problem,
            )
        )
    reasons: Counter[str] = Counter()
    for file in files:
        reasons.update(file.reject_reasons)
    totals = _Totals()
    for scored in ledger.scored():
        totals.unread.update(scored.unread or {})
        totals.analysed += scored.analysed
        totals.mentions += scored.mentions
    return ScoreReport(
        model_version=model_version,
        rows_read=sum(file.rows_read for file in files),
        accepted=sum(file.accepted for file in files),
        duplicates=sum(file.duplicates for file in files),
        rejected=sum(file.rejected for file in files),
        reject_reasons=dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
        reviews=totals.analysed,
        unread=dict(sorted(totals.unread.items(), key=lambda pair: (-pair[1], pair[0]))),
        mentions=totals.mentions,
        parts=ledger.sums()["parts"],
        files=files,
    )


def nothing_usable(report: ScoreReport) -> VocError:
    """Return the sentence for exports without a single usable review."""
    problem = report.files[0].problem if report.files else None
    if problem and report.rows_read == 0:
        others = "" if len(report.files) == 1 else f" None of the {len(report.files)} files could be read."
        return VocError(problem + others)
    listed = ", ".join(f"{count:,} {reason}" for reason, count in list(report.reject_reasons.items())[:4])
    names = report.files[0].file if len(report.files) == 1 else f"{len(report.files)} files"
    return VocError(
        f"{names}: none of the {report.rows_read:,} rows holds a usable review ({listed}); check the mapping "
        "with --map."
    )
