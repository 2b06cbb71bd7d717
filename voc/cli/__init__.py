"""The `voc` command: thin commands over the rooms below, which load what they need only when they run."""

from __future__ import annotations

import click

from voc.cli.benchmarks import benchmark
from voc.cli.figures import opportunities
from voc.cli.frame import VocGroup
from voc.cli.insights import insights
from voc.cli.manage import app, forget
from voc.cli.models import evaluate, train
from voc.cli.reanalyse import reanalyse
from voc.cli.report import report
from voc.cli.score import score
from voc.cli.snapshots import prune, snapshots
from voc.cli.themes import theme
from voc.cli.verify import verify
from voc.cli.work import run

__all__ = ["main"]


@click.group(
    cls=VocGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: voc run EXPORT, then voc app.",
)
@click.version_option(package_name="voc", message="%(prog)s %(version)s")
def main() -> None:
    """From review exports to ranked improvement opportunities."""


for _command in (
    *(run, opportunities, insights, report, verify, score, app, theme, reanalyse, snapshots, prune),
    *(forget, evaluate, train, benchmark),
):
    main.add_command(_command)
