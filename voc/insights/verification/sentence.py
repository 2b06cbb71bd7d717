"""The conclusion of a verification, and how it is said to a product manager."""

from __future__ import annotations

import datetime as dt

from voc.insights.verification.checks import PreTrend

#: A fix counts as one if even by the cautious end of the interval this part of the complaints is gone.
GONE = 0.5


def conclude(effect: float, low: float, high: float, after: float) -> str:
    """Return the conclusion drawn from the interval of the effect.

    - "fixed": the whole interval is below zero, and even by its upper end at least half of the complaints that were to
      be expected are gone: -high >= `GONE` * (after - high), with after - high the reach expected without the fix;
    - "better": the whole interval is below zero;
    - "worse": the whole interval is above zero;
    - "not enough data": the interval holds both no change and the end of all complaints (a fall by after - effect);
    - "no change seen": it holds zero. That is no proof that nothing changed: any value of the interval may be true.

    Args:
        effect: the change of the reach that goes with the fix, a share.
        low: lower end of its interval.
        high: upper end.
        after: reach of the treated after the date (matched).
    """
    if high < 0:
        return "fixed" if -high >= GONE * (after - high) else "better"
    if low > 0:
        return "worse"
    return "not enough data" if low <= -max(after - effect, 0.0) else "no change seen"


def percent(share: float) -> str:
    """Return a share as a percentage."""
    return f"{100 * share:.1f}%"


def points(share: float) -> str:
    """Return a difference of shares in points, with its sign."""
    return f"{100 * share:+.1f}".replace("-0.0", "0.0").replace("+0.0", "0.0")


def list_names(names: list[str], shown: int = 2) -> str:
    """Return names as a sentence lists them."""
    if len(names) > shown + 1:
        return f"{', '.join(names[:shown])} and {len(names) - shown} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else "all products"


def say(
    conclusion: str,
    *,
    theme: str,
    treated: str,
    since: dt.date,
    before: float,
    after: float,
    effect: tuple[float, float, float],
    detectable: float,
    confidence: float,
    kind: str | None,
    version: str | None,
    reasons: tuple[str, ...],
) -> str:
    """Return the conclusion in plain words."""
    value, low, high = effect
    in_version = f" in {version}" if version else ""
    against = f"Against {kind} in the same weeks" if kind else "Without anything to compare with"
    figures = (
        f"{percent(before)} of the reviews of {treated} mentioned it before {since}, "
        f"{percent(after)} afterwards{in_version}. "
        f"{against} that is a change of {points(value)} points ({points(low)} to {points(high)} "
        f"with {confidence:.0%} confidence)"
    )
    heads = {
        "fixed": f"“{theme}” is fixed: ",
        "better": f"“{theme}” got better: ",
        "worse": f"“{theme}” got worse: ",
        "no change seen": f"No change seen in “{theme}”: ",
        "not enough data": f"Not enough data to say whether “{theme}” changed: ",
    }
    tails = {
        "fixed": "; even by the cautious end at least half of the complaints are gone.",
        "better": "; by the cautious end less than half of the complaints are gone.",
        "worse": ".",
        "no change seen": (
            f". A fall by {points(-low).lstrip('+')} or a rise by {points(high).lstrip('+')} points cannot be "
            f"ruled out; a change of less than {points(detectable).lstrip('+')} points would often be missed."
        ),
        "not enough data": f": {'; '.join(reasons)}.",
    }
    return heads[conclusion] + figures + tails[conclusion]


def say_thin(theme: str, reasons: tuple[str, ...]) -> str:
    """Return the sentence where no effect could be computed."""
    return f"Not enough data to say whether “{theme}” changed: {'; '.join(reasons)}."


def warn(kind: str | None, trend: PreTrend, method: str | None, *, placebos: int, as_large: int) -> tuple[str, ...]:
    """Return what weakens the conclusion, a sentence each."""
    out = []
    if kind is None:
        out.append(
            "Nothing else could be compared in the same weeks, so a season or a general change is not ruled out."
        )
    elif kind.startswith("other themes"):
        out.append("Other themes are a second choice: when one complaint goes, others get more room in the reviews.")
    elif method == "blocks of time":
        out.append("With so few products to compare, a drift of their own is told from a fix only by its date.")
    if trend.verdict == "trend" and trend.slope is not None:
        way = "rising" if trend.slope > 0 else "falling"
        out.append(f"It was already {way} before the date; the interval allows for that to have gone on.")
    if placebos and as_large * 5 > placebos:
        out.append(f"At {as_large} of {placebos} earlier dates, on which nothing was fixed, the change was as large.")
    return tuple(out)


def detectable_change(low: float, high: float, confidence: float) -> float:
    """Return the change that an interval of this width would exclude from zero with a chance of 80 %."""
    from scipy.stats import norm

    z = norm.ppf((1 + confidence) / 2)
    return float((high - low) / 2 * (z + norm.ppf(0.8)) / z)
