"""Processes that share reading: one for each core, each with one thread of arithmetic.

Between two products of matrices a reader does much in Python, during which the other threads of one process would
wait; so several processes read more than one with as many threads. What is read does not depend on how many there are.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from multiprocessing.resource_tracker import ensure_running
from typing import TYPE_CHECKING, Any, TypeVar

from voc.errors import VocError

if TYPE_CHECKING:
    from voc.config import ModelConfig

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Items that a process must have to do, to be worth its start of some seconds.
_EACH = 2
#: Memory of one process, on a CPU and beside a GPU; all together shall take no more than half of the machine's.
_BYTES, _GPU_BYTES = 900_000_000, 3_000_000_000
#: Processes that share one GPU: it waits for the Python of each.
_ON_GPU = 8
#: How often processes may die before the fault is not taken for chance.
_DEATHS = 3
_LOOK = 1.0  # seconds between two looks whether the parent still lives


def processes(config: ModelConfig, items: int) -> int:
    """Return how many processes shall share `items` pieces of work; with 1 the calling process does all itself.

    Args:
        config: `workers` says how many, or "auto"; the device, resolved, decides what one needs.
        items: pieces of about a thousand reviews.
    """
    if config.workers != "auto":
        return max(1, min(config.workers, items))
    gpu = config.device == "cuda"
    room = _memory() // 2 // (_GPU_BYTES if gpu else _BYTES)
    most = min(_cores(), room, *([_ON_GPU] if gpu else []), items // _EACH)
    return most if most > 1 and _can_share() else 1


def shared(function: Callable[[Item], Result], items: Sequence[Item], count: int) -> Iterator[tuple[int, Result]]:
    """Apply a function to items in `count` processes; yield the place of each with its result, as they are done.

    A process that dies is replaced and its item done again. No more than two items for each process are under way, so
    results do not pile up. All processes end with the iterator, and when the calling process dies.

    Args:
        function: importable by its name; what it raises is raised here.
        items: each is sent to a process.
        count: of processes, at least 1.

    Raises:
        VocError: processes die again and again.
    """
    left = list(range(len(items)))
    deaths = 0
    while left:
        executor = _executor(count)
        done: set[int] = set()
        try:
            for place, result in _ahead(executor, function, items, left, 2 * count):
                done.add(place)
                yield place, result
        except _died():
            deaths += 1
            if deaths > _DEATHS:
                raise VocError(
                    "Processes that read were ended from outside again and again, perhaps for want of memory; set "
                    "workers = 1 in section [model] of voc.toml, or free memory, and go on."
                ) from None
        finally:
            executor.shutdown(wait=True, kill_workers=True)
        left = [place for place in left if place not in done]


def _ahead(
    executor: Any,
    function: Callable[[Any], Any],
    items: Sequence[Any],
    places: Sequence[int],
    ahead: int,
) -> Iterator[tuple[int, Any]]:
    under_way: dict[Future[Any], int] = {}
    waiting = iter(places)
    while True:
        for place in waiting:
            with _unheard():
                under_way[executor.submit(function, items[place])] = place
            if len(under_way) >= ahead:
                break
        if not under_way:
            return
        for future in wait(under_way, return_when=FIRST_COMPLETED).done:
            yield under_way.pop(future), future.result()


def _executor(count: int) -> Any:
    from loky import ProcessPoolExecutor

    one = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
    return ProcessPoolExecutor(
        count,
        timeout=None,
        initializer=_begin,
        initargs=(os.getpid(),),
        # With one thread of arithmetic the allocator needs no heaps beside each other, which only grow.
        env={**one, "TOKENIZERS_PARALLELISM": "false", "MALLOC_ARENA_MAX": "1"},
    )


def _died() -> type[Exception]:
    from loky.process_executor import TerminatedWorkerError

    died: type[Exception] = TerminatedWorkerError
    return died


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Start processes that do not hear Ctrl-C: who is asked to stop is the one that started them.

    What a process blocks, those that it starts block from their first moment, before they could ignore it. Here it
    waits until they are started; were it ignored meanwhile, a Ctrl-C of that moment would be lost.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows has no such mask, and gives none on to a new process
        yield
        return
    ensure_running()  # else it starts with the first process and, in older versions of Python, lets Ctrl-C through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(parent: int) -> None:
    """Prepare a process that was just started."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: int) -> None:
    """End with the process that started this one, also when that was killed."""
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)


def _can_share() -> bool:
    """Say whether processes can wait for one another here; a container without shared memory has no way to."""
    from loky.backend import get_context

    try:
        get_context().Lock()
    except (ImportError, OSError):
        return False
    return True


def _cores() -> int:
    from loky import cpu_count

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where it cannot tell cores from threads it says so
        found: int = cpu_count(only_physical_cores=True)
    told = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(found, int(told))) if told.isdigit() else found


def _memory() -> int:
    """Return the bytes of memory that this machine, or its container, has."""
    found = [1 << 62]
    with contextlib.suppress(OSError, ValueError, AttributeError):
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError), open(name, encoding="ascii") as file:
            found.append(int(file.read()))
    return min(found) if len(found) > 1 else 1 << 33
