"""The analyses of `voc insights`: how each is computed for a scope, what is said about it, and what is shown of a row.

The command line and the app print the same lines and sentences.
"""

from __future__ import annotations

from voc.analyses import answering, markets, phases, ranking, use, watching
from voc.analyses.frame import Analysis, Found, Options, phase_names

__all__ = ["ANALYSES", "Analysis", "Found", "Options", "phase_names"]

#: Name of the table on the command line -> how it is made.
ANALYSES = {
    **ranking.ANALYSES,
    **phases.ANALYSES,
    **watching.ANALYSES,
    **markets.ANALYSES,
    **use.ANALYSES,
    **answering.ANALYSES,
}
