"""voc reads customer reviews and ranks what to improve next.

``voc.analyze(data)`` analyses a file, a frame or a list of texts, ``voc.open(workspace)`` opens what `voc run` stored,
and ``voc.load()`` gives a spaCy pipeline. Importing the package loads nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voc.errors import VocError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from spacy.language import Language

    from voc.api import Analysis, Result
    from voc.api.begin import Settings
    from voc.api.given import Data
    from voc.config import Config, Precision
    from voc.progress import Progress

__all__ = ["Analysis", "Config", "Result", "VocError", "__version__", "analyze", "load", "open"]

__version__ = "0.1.0"

#: Classes that are loaded when somebody asks for them -> where they are.
_LATER = {"Analysis": "voc.api", "Result": "voc.api", "Config": "voc.config"}


def analyze(
    data: Data,
    *,
    workspace: Path | str | None = None,
    config: Settings = None,
    mapping: Mapping[str, str] | None = None,
    products: Data | None = None,
    refit: bool = False,
    progress: bool | Progress | None = None,
) -> Analysis:
    """Analyse reviews: find the opinions in them, group these into themes, and rank what to improve.

    It is what `voc run` does. Columns are recognised by their names as those of an export are; only the text is
    essential. Cells keep their meaning: dates, numbers, missing values.

    Example:
        >>> import voc
        >>> with voc.analyze(["The cable frays near the plug.", "Charges fast."]) as analysis:
        ...     len(analysis.table("reviews"))
        2

    Args:
        data: a path, a folder, a pattern such as ``"exports/*.csv"``, or a list of them; a pandas or Polars frame, an
            Arrow table, or whatever hands out Arrow (a DuckDB relation, an Ibis table), or a list of them; columns by
            name; a list of dictionaries, one for each review; or a list (or a series) of texts. Strings of a list are
            paths if all of them look like paths, and texts if not.
        workspace: folder in which the results are kept. A second call adds to it: reviews that are known are not
            read again, and themes keep their ids. Without one they go when the analysis goes.
        config: a `voc.Config`, its sections as dictionaries (``{"ingest": {"own_brands": ["Tidewatt"]}}``), or the
            path of a voc.toml; by default that of the workspace's last run.
        mapping: column of ours -> column of the data, such as ``{"rating": "Score"}``, where it is not recognised.
        products: what is known of the products (product_id, brand, own, price, units_sold), in any form that `data`
            may have.
        refit: make the themes of a workspace anew from everything; those found again keep their ids.
        progress: True shows bars, False nothing, None bars where somebody looks on (a terminal, a notebook); or a
            function that is called with a stage, how much of it is done, and the total where it is known.

    Returns:
        The analysis, with `Analysis.messages` and `Analysis.rejects` on what was left out.

    Raises:
        VocError: no review could be read from the data, or the configuration or a model is at fault.
        WorkspaceBusyError: another process is writing to the workspace.
    """
    from voc.api.begin import analyze as begin

    return begin(
        data,
        workspace=workspace,
        config=config,
        mapping=mapping,
        products=products,
        refit=refit,
        progress=progress,
    )


def open(workspace: Path | str = "voc-workspace", *, config: Settings = None) -> Analysis:
    """Open what `voc run` or `voc.analyze` stored in a workspace; nothing is computed before it is asked for.

    Args:
        workspace: its folder.
        config: as for `analyze`; by default that of the last run.

    Raises:
        VocError: there is no analysis in the folder, or it is damaged.
    """
    from voc.api.begin import open_workspace

    return open_workspace(workspace, config=config)


def load(model: str = "opinions", *, device: str = "auto", precision: Precision = "auto") -> Language:
    """Return a spaCy pipeline whose documents carry aspects, opinion phrases and opinions.

    Aspects and opinion phrases are entities (``doc.ents``, labels ASPECT and OPINION). ``doc._.opinions`` lists the
    opinions with kind, severity and the like, and their places as (start, end) in ``doc.text``; ``doc._.stars`` is the
    rating that the text sounds like. Many texts are read fastest by ``nlp.pipe(texts)``.

    Example:
        >>> import voc
        >>> doc = voc.load()("The cable frays near the connector but it charges fast.")
        >>> [(opinion.kind, doc.text[slice(*opinion.clause)]) for opinion in doc._.opinions]
        [('pain', 'The cable frays near the connector'), ('praise', 'but it charges fast.')]

    Args:
        model: name of a shipped model or path to a model folder.
        device: "auto", "cpu" or "cuda".
        precision: "auto" (what this processor is fastest with), "float32", "bfloat16" or "int8".

    Raises:
        VocError: the weights are missing, or cuda is asked for and absent.
    """
    from voc.extract.component import load as load_pipeline

    pipeline: Language = load_pipeline(model, device=device, precision=precision)
    return pipeline


def __getattr__(name: str) -> Any:
    """Load a class that is asked for by its name."""
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List also what is loaded later."""
    return sorted({*globals(), *__all__})
