"""Scores parts with Ray Data: on this machine, or on the cluster that RAY_ADDRESS names.

What travels are the names of parts; their contents lie in the work folder, which every node must see. Each worker
loads the model once. Ray Data starts a worker that died anew and gives it its part again, and a part is written whole
or not at all, so nothing is lost and nothing is there twice.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voc import __version__
from voc.errors import VocError
from voc.scoring import call
from voc.scoring.parts import Part, Scored, score_part

if TYPE_CHECKING:
    from voc.config import ModelConfig

#: Memory that a worker asks for, so that a node does not get more of them than it has room for.
WORKER_MEMORY = 1_000_000_000
_STORE = 200_000_000  # bytes for objects of a local cluster, which are names of parts
_REACH = 10.0  # seconds to reach a cluster in
_ERRNO = "errno:"


def resolve(config: ModelConfig) -> ModelConfig:
    """Return the configuration with the device and the precision that the workers will use.

    Raises:
        VocError: Ray is not installed, its cluster cannot be reached, or has no GPU although one is asked for.
    """
    ray = _started()
    gpus = ray.cluster_resources().get("GPU", 0) >= 1
    if config.device == "cuda" and not gpus:
        raise VocError("The Ray cluster has no GPU; use --device cpu or --device auto.")
    if config.device == "cpu" or not gpus:
        from voc.scoring.engines import local

        return local.resolve(config.model_copy(update={"device": "cpu"}))
    precision = "bfloat16" if config.precision == "auto" else config.precision
    return config.model_copy(update={"device": "cuda", "precision": precision})


def score_parts(
    parts: Sequence[Part], folder: Path, config: ModelConfig, told: Callable[[int], None] | None = None
) -> Iterator[Scored]:
    """Score parts and write their mentions into `folder`, yielding each when it is on the disk.

    Args:
        parts: what is to be scored.
        folder: the work folder, which all nodes see under this path.
        config: from `resolve`.
        told: not called: workers tell of whole parts only.

    Raises:
        VocError: a worker cannot load the model, or does not see the folder.
        OSError: the mentions cannot be written.
    """
    ray = _started()
    from ray.data import ActorPoolStrategy, DataContext

    context = DataContext.get_current()
    context.enable_progress_bars = False
    # Parts come in the order in which they are done: the joining sorts them.
    context.execution_options.preserve_order = False
    gpu = config.device == "cuda"
    rows = [{"part": json.dumps(asdict(part))} for part in parts]
    workers = min(_workers(ray.cluster_resources(), gpu), len(rows))
    # One block, and so one task, for each part.
    scored = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
        _Worker,
        fn_constructor_args=(str(folder.absolute()), config.model_dump(mode="json"), __version__),
        compute=ActorPoolStrategy(size=workers),
        num_cpus=1,
        num_gpus=1 if gpu else None,
        memory=None if gpu else WORKER_MEMORY,
    )
    try:
        for row in scored.iter_rows():
            one = Scored(**json.loads(row["scored"]))
            if one.fault.startswith(_ERRNO):
                number = int(one.fault.removeprefix(_ERRNO))
                raise OSError(number, os.strerror(number))
            yield one
    except ray.exceptions.RayError as error:
        raise VocError(
            f"The Ray cluster gave up ({str(error).strip().splitlines()[0]}); what is done is kept, and the same "
            "command with --resume goes on with it."
        ) from None


class _Worker:
    """Reads parts with a model that it loads once."""

    def __init__(self, folder: str, config: dict[str, Any], version: str) -> None:
        import torch

        from voc.config import ModelConfig

        self.folder = Path(folder)
        self.config = ModelConfig.model_validate(config)
        self.version = version
        if self.config.device == "cpu":
            # As many threads as Ray lends it cores; more would only wait for those of other workers.
            torch.set_num_threads(1)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Score one part."""
        given = json.loads(row["part"])
        part = Part(**{**given, "dropped": tuple(given["dropped"])})
        return {"scored": json.dumps(asdict(self._score(part)))}

    def _score(self, part: Part) -> Scored:
        host = socket.gethostname()
        if self.version != __version__:
            said = f"The worker on {host} has voc {__version__} instead of {self.version}; install the same everywhere."
            return Scored(part.number, fault=said)
        if not (self.folder / call.NAME).exists():
            said = f"The worker on {host} does not see {self.folder}; put the output on storage that all nodes share."
            return Scored(part.number, fault=said)
        try:
            return score_part(part, self.folder, self.config)
        except VocError as error:
            return Scored(part.number, fault=str(error))
        except OSError as error:
            return Scored(part.number, fault=f"{_ERRNO}{error.errno}" if error.errno else str(error))


def _workers(resources: dict[str, float], gpu: bool) -> int:
    if gpu:
        return max(1, int(resources.get("GPU", 1)))
    return max(1, min(int(resources.get("CPU", 1)), int(resources.get("memory", 0) // WORKER_MEMORY)))


def _started() -> Any:
    """Return Ray, connected to the cluster that RAY_ADDRESS names or to one of its own on this machine."""
    # Nothing is told to anybody about how it is used; read when Ray is imported.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Standard error is for voc's own progress; what goes wrong comes as an exception.
    os.environ.setdefault("RAY_DATA_LOG_LEVEL", "ERROR")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        import ray
        import ray.data
    except ImportError:
        raise VocError("The Ray engine needs Ray; install it with: pip install 'voc[ray]'") from None
    if ray.is_initialized():
        return ray
    address = os.environ.get("RAY_ADDRESS")
    if address:
        _reach(address)
    own: dict[str, Any] = {} if address else {"include_dashboard": False, "object_store_memory": _STORE}
    try:
        ray.init(address=address or "local", logging_level=logging.ERROR, log_to_driver=False, **own)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise _unusable(address, str(error).strip().splitlines()[0]) from None
    return ray


def _reach(address: str) -> None:
    """See whether anybody listens at an address such as "10.0.0.7:6379"; Ray itself would try for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon or not port.isdigit():
        return  # "auto" and the like
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_REACH).close()
    except OSError as error:
        raise _unusable(address, error.strerror or str(error)) from None


def _unusable(address: str | None, reason: str) -> VocError:
    where = f"at {address} (RAY_ADDRESS) " if address else ""
    return VocError(f"The Ray cluster {where}cannot be used ({reason}); check that it runs.")


def stop() -> None:
    """Leave the cluster; one of its own ends."""
    with contextlib.suppress(ImportError):
        import ray

        ray.shutdown()
