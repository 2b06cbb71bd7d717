"""Reanalysis: everything read anew beside the current state, compared with it, then switched to or thrown away."""

from voc.reanalysis.changes import Comparison, ThemeChange
from voc.reanalysis.comparing import compare
from voc.reanalysis.making import Reanalysed, Switched, discard, reanalyse, switch

__all__ = ["Comparison", "Reanalysed", "Switched", "ThemeChange", "compare", "discard", "reanalyse", "switch"]
