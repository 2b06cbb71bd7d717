"""Begins an analysis: of new data through the whole pipeline, or of what a workspace holds already."""

from __future__ import annotations

import contextlib
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import ValidationError

from voc.analyses.state import run_config
from voc.api.analysis import Analysis
from voc.api.given import Data, as_exports
from voc.api.state import State
from voc.config import Config, load_config
from voc.errors import VocError
from voc.store import Workspace

if TYPE_CHECKING:
    from voc.progress import Progress

#: A configuration, its sections as dictionaries, or the path of a voc.toml.
Settings: TypeAlias = Config | Mapping[str, Any] | Path | str | None

#: Options of the command line that its sentences name -> arguments of ours.
_ARGUMENTS = {"map": "mapping"}
_OPTION = re.compile(r"(?:given )?with --(workspace|config|map|products)\b(?: (\w+)=HEADER)?")


def analyze(
    data: Data,
    *,
    workspace: Path | str | None,
    config: Settings,
    mapping: Mapping[str, str] | None,
    products: Data | None,
    refit: bool,
    progress: bool | Progress | None,
) -> Analysis:
    """Do the work of `voc.analyze`, which explains the arguments."""
    with _in_python(), contextlib.ExitStack() as stack:
        _check(workspace, mapping)
        exports = stack.enter_context(as_exports(data))
        facts = _facts(stack, products) if products is not None else None
        given = _config(config)
        temporary = Path(tempfile.mkdtemp(prefix="voc-analysis-")) if workspace is None else None
        try:
            return _run(exports, workspace or temporary, temporary, given, mapping, facts, refit, progress)
        except BaseException:
            if temporary is not None:
                shutil.rmtree(temporary, ignore_errors=True)
            raise


def _facts(stack: contextlib.ExitStack, products: Data) -> Path | str:
    """Return the path of what is known of products."""
    try:
        given = stack.enter_context(as_exports(products))
    except VocError as error:
        raise VocError(f"products: {error}") from None
    if len(given) > 1:
        raise VocError(f"products: {len(given)} tables were given; put them together into one.")
    return given[0]


def _run(
    exports: list[Path | str],
    folder: Path | str | None,
    temporary: Path | None,
    given: Config | None,
    mapping: Mapping[str, str] | None,
    products: Path | str | None,
    refit: bool,
    progress: bool | Progress | None,
) -> Analysis:
    # Loaded here: what runs needs more than what reads.
    from voc.pipeline import run

    # What is tried out in a temporary workspace does not touch a team's database of entries.
    url = None if temporary is not None else (given or Config()).workspace.entries_url()
    place = Workspace(folder or "", entries_url=url)
    # Today's export is read like yesterday's, without anybody naming the configuration again.
    config = given or run_config(place.current(), None)
    with _shown(progress) as told:
        report = run(
            exports,
            workspace=place,
            config=config,
            mapping=dict(mapping) if mapping else None,
            products_file=None if products is None else Path(products),
            refit=refit,
            progress=told,
        )
    snapshot = place.current()
    if snapshot is None:
        raise VocError(f"{place.path}: the workspace was removed while it was written.")
    return Analysis(State(place, snapshot, config), run=report, temporary=temporary)


def open_workspace(workspace: Path | str, *, config: Settings) -> Analysis:
    """Do the work of `voc.open`, which explains the arguments."""
    with _in_python():
        _check(workspace, None)
        given = _config(config)
        place = Workspace(workspace, entries_url=(given or Config()).workspace.entries_url())
        snapshot = place.current()
        if snapshot is None:
            raise VocError(
                f"{place.path}: there is no analysis here yet; make one with voc.analyze(data, workspace=...) or "
                "`voc run`."
            )
        return Analysis(State(place, snapshot, given or run_config(snapshot, None)))


def _check(workspace: object, mapping: object) -> None:
    """Refuse what the types forbid and no later sentence would explain."""
    if not isinstance(workspace, (str, PathLike, NoneType)):
        raise VocError(f"workspace is of type {type(workspace).__name__}; give the path of a folder.")
    if mapping is not None and not (
        isinstance(mapping, Mapping) and all(isinstance(part, str) for pair in mapping.items() for part in pair)
    ):
        raise VocError('mapping gives the name of a column by ours, such as {"rating": "Score"}; both are texts.')


def _config(given: Settings) -> Config | None:
    if given is None or isinstance(given, Config):
        return given
    if isinstance(given, (str, Path)):
        return load_config(given)
    if not isinstance(given, Mapping):
        raise VocError(f"config is of type {type(given).__name__}; give a path, a dictionary or a voc.Config.")
    try:
        return Config.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "it"
        if first["type"] == "extra_forbidden":
            raise VocError(f"config: {where} is not a known key; remove it or correct its spelling.") from None
        raise VocError(f"config: {where}: {first['msg'].removeprefix('Value error, ')}.") from None


@contextlib.contextmanager
def _shown(progress: bool | Progress | None) -> Iterator[Progress | None]:
    """Yield what is told of progress: the bars of `voc run` where somebody looks on, or by default nothing."""
    if callable(progress):
        yield progress
    elif progress or (progress is None and _somebody_looks_on()):
        from voc.progress import progress_bars

        with progress_bars() as bars:
            yield bars
    else:
        yield None


def _somebody_looks_on() -> bool:
    return sys.stderr is not None and (sys.stderr.isatty() or "ipykernel" in sys.modules)


@contextlib.contextmanager
def _in_python() -> Iterator[None]:
    """Let sentences that name an option of the command line name the argument instead."""
    try:
        yield
    except VocError as error:
        said = _OPTION.sub(_argument, str(error))
        if said == str(error):
            raise
        error.args = (said, *error.args[1:])
        raise


def _argument(match: re.Match[str]) -> str:
    name = _ARGUMENTS.get(match[1], match[1])
    return f'with {name}={{"{match[2]}": "HEADER"}}' if match[2] else f"with {name}="
