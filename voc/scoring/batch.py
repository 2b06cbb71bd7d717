"""Scores exports of any size: cut into parts, read part by part, joined; a call that was killed is gone on with."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from voc.errors import VocError, WorkspaceBusyError
from voc.ingest.language import free_detector
from voc.ingest.streaming import StreamedFile, stream_exports
from voc.scoring import call as calls
from voc.scoring import ledger as ledgers
from voc.scoring.call import Call, call_of, differences, load_call
from voc.scoring.cutting import PART_ROWS, OtherExportsError, broken_parts, cut, cut_again
from voc.scoring.faults import is_damage, told
from voc.scoring.ledger import Ledger
from voc.scoring.outputs import Output, refuse_own_exports
from voc.scoring.parts import BrokenPartError, Progress, is_whole, mentions_file
from voc.scoring.report import ScoreReport, nothing_usable, report_of
from voc.store.files import TEMPORARY
from voc.store.lock import WriterLock

if TYPE_CHECKING:
    from voc.config import Config

Engine = Literal["local", "ray"]

#: How often parts that turn out to be broken are made again before the disk is blamed.
_ROUNDS = 4
_LOCK = "lock"
_WAIT = 1.0  # seconds for another call that is just ending


def score(
    exports: Sequence[Path | str],
    output: Path | str,
    *,
    config: Config,
    mapping: Mapping[str, str] | None = None,
    engine: Engine = "local",
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
    part_rows: int = PART_ROWS,
) -> ScoreReport:
    """Find the opinions in exports and write them as Parquet, in memory that does not grow with the exports.

    What was done when a call was interrupted lies in the folder `.NAME.parts` beside the output. The same call goes
    on with it, and its result is the same, byte for byte, as that of a call that was never interrupted.

    Args:
        exports: files, folders, patterns and addresses (``s3://bucket/reviews/*.parquet``).
        output: a Parquet file (``x.parquet``), or a folder of parts with a manifest (no suffix).
        config: how exports are read, and the model.
        mapping: column of `reviews` -> header of the export; goes before the configuration's.
        engine: "local", or "ray" for Ray Data (extra `ray`).
        resume: go on with what an interrupted call left; refused where that was another call.
        overwrite: throw away what another call left, and replace an output that is no result of scoring.
        progress: called with a stage, how much is done and how much there is, null where that is not known.
        part_rows: rows that are read together and lost together when the call is killed.

    Raises:
        VocError: nothing can be read or written, another process writes the same output, or an interrupted call
            was another one than this.
    """
    from voc.ingest.streaming_places import find_places

    place = Output(Path(output))
    if not place.is_named_well:
        raise VocError(f"{place.path}: name a Parquet file, e.g. mentions.parquet, or a folder without suffix.")
    sources = find_places(exports)
    refuse_own_exports(place, [source.path for source in sources if source.path is not None])
    if place.is_strange() and not overwrite:
        raise VocError(
            f"{place.path}: this is no result of voc score, so it is not replaced; choose another --output, or add "
            "--overwrite."
        )
    engines = _engine(engine)
    try:
        settled = config.model_copy(update={"model": engines.resolve(config.model)})
        names = [source.name for source in sources]
        call = call_of(settled, mapping, names, part_rows, dt.datetime.now(tz=dt.UTC))
        run = _Run(list(exports), place, settled, mapping, call, engines, progress or (lambda *_: None))
        with _alone(place):
            return run.all(resume=resume, overwrite=overwrite)
    finally:
        if engine == "ray":
            engines.stop()


def _engine(name: Engine) -> ModuleType:
    if name == "ray":
        from voc.scoring.engines import ray

        return ray
    from voc.scoring.engines import local

    return local


@contextlib.contextmanager
def _alone(place: Output) -> Iterator[None]:
    """Hold the work folder against other processes; it is left behind only if there is work in it.

    Raises:
        VocError: another process holds it, or nothing can be written there.
    """
    try:
        place.work.mkdir(exist_ok=True)
    except OSError as error:
        raise VocError(
            f"{place.path}: nothing can be written there ({error.strerror}); choose another --output."
        ) from None
    lock = WriterLock(place.work / _LOCK)
    try:
        lock.acquire(_WAIT)
    except WorkspaceBusyError:
        raise VocError(
            f"{place.path}: {lock.holder()} is writing this output; wait until it has finished, or choose another "
            "--output."
        ) from None
    try:
        yield
    finally:
        if not (place.work / calls.NAME).exists():
            shutil.rmtree(place.work, ignore_errors=True)
        lock.release()


class _Run:
    """One call, which holds the work folder."""

    def __init__(
        self,
        exports: Sequence[Path | str],
        place: Output,
        config: Config,
        mapping: Mapping[str, str] | None,
        call: Call,
        engine: ModuleType,
        progress: Progress,
    ) -> None:
        self.exports = exports
        self.place = place
        self.folder = place.work
        self.config = config
        self.mapping = mapping
        self.call = call
        self.engine = engine
        self.progress = progress
        self.done = ""
        self.kept = 0

    def all(self, *, resume: bool, overwrite: bool) -> ScoreReport:
        """Do what is left to do."""
        with told(self.place.path, lambda: self.done):
            self.place.clear()
            for leftover in self.folder.glob(f"*{TEMPORARY}"):
                leftover.unlink()
            before = load_call(self.folder)
            differing = differences(before, self.call) if before is not None else ""
            if before is None:
                # Without the call nobody knows whose ledger this is; mentions say themselves what they were made from.
                ledgers.remove(self.folder)
            elif not differing:
                self.call = before
            elif overwrite:
                self._throw_away()
            else:
                raise self._other(differing)
        if resume and before is None and not overwrite and (result := self.place.result()) is not None:
            return self._complete(result)
        try:
            return self._go()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            # What was scored says itself what it was made from; only the cutting is done again.
            ledgers.remove(self.folder)
            return self._go()

    def _throw_away(self) -> None:
        """Empty the work folder but for its lock; first goes what says that there is work."""
        (self.folder / calls.NAME).unlink(missing_ok=True)
        for path in self.folder.iterdir():
            if path.name != _LOCK:
                path.unlink()

    def _other(self, differing: str) -> VocError:
        return VocError(
            f"{self.place.path}: what an interrupted call left there was made otherwise: {differing}; repeat that "
            "call, or add --overwrite to throw its work away."
        )

    def _files(self) -> Iterator[StreamedFile]:
        return stream_exports(
            self.exports,
            config=self.config.ingest,
            mapping=self.mapping,
            batch_rows=self.call.settings["part_rows"],
            now=self.call.now,
        )

    def _complete(self, result: dict[str, Any]) -> ScoreReport:
        """Return the report of an output that is complete, if it is this very call's."""
        before = Call(result.get("settings", {}), result.get("exports", []), self.call.now)
        differing = differences(before, self.call)
        found = "" if differing else self.call.identity((file.name, file.fingerprint) for file in self._files())
        if not differing and found != result.get("identity"):
            differing = "the contents of the exports"
        if differing:
            raise VocError(
                f"{self.place.path}: this is complete, and was made otherwise: {differing}; leave out --resume to "
                "replace it."
            )
        report = ScoreReport.of(result["report"])
        return ScoreReport(**{**report.__dict__, "kept": report.parts, **self._where(report)})

    def _go(self) -> ScoreReport:
        with told(self.place.path, lambda: self.done):
            if load_call(self.folder) is None:
                self.call.save(self.folder)
            ledger = Ledger(self.folder)
            try:
                sums = ledger.sums()
                self._say(sums["scored"], sums["parts"])
                return self._work(ledger)
            finally:
                ledger.close()

    def _work(self, ledger: Ledger) -> ScoreReport:
        try:
            rows = self.call.settings["part_rows"]
            cut(self._files(), len(self.call.exports), ledger, self.folder, self.progress, rows)
        except OtherExportsError as error:
            raise self._other(str(error)) from None
        free_detector()
        first = report_of(ledger, "")
        if not first.accepted:
            # Nothing is left behind.
            (self.folder / calls.NAME).unlink(missing_ok=True)
            raise nothing_usable(first)
        self.kept = self._verify(ledger)
        for _ in range(_ROUNDS):
            try:
                self._score(ledger)
                report = report_of(ledger, self.call.settings["model"])
                self._join(ledger, report)
                break
            except BrokenPartError as error:
                ledger.forget_scored(error.number)
                self._mend(ledger, [error.number])
        else:
            raise VocError(f"{self.folder}: files are broken as soon as they are written; check the disk.")
        ledger.close()
        self._throw_away()
        return ScoreReport(**{**report.__dict__, "kept": self.kept, **self._where(report)})

    def _where(self, report: ScoreReport) -> dict[str, Any]:
        lines = report.rejected + sum(file.problem is not None for file in report.files)
        return {"rejects": str(self.place.rejects) if lines else None}

    def _verify(self, ledger: Ledger) -> int:
        """Return how many parts an earlier call scored; those that are not whole any more count as not scored."""
        kept = 0
        for one in ledger.scored():
            if is_whole(mentions_file(self.folder, one.number), one.size, one.digest):
                kept += 1
            else:
                ledger.forget_scored(one.number)
        return kept

    def _score(self, ledger: Ledger) -> None:
        """Score what is not scored."""
        rows = {part.number: part.rows for part in ledger.cut_parts()}
        total = sum(rows.values())
        done = sum(rows[one.number] for one in ledger.scored())
        for _ in range(_ROUNDS):
            pending = ledger.pending(self.call.reading)
            self._say(len(rows) - len(pending), len(rows))
            self.progress("Reading reviews", done, total)
            if not pending:
                return
            broken = []
            for one in self.engine.score_parts(pending, self.folder, self.config.model, self._teller(done, total)):
                if one.fault == "reviews":
                    broken.append(one.number)
                    continue
                if one.fault:
                    raise VocError(one.fault)
                ledger.put_scored(one)
                self.kept += one.adopted
                done += rows[one.number]
                self._say(ledger.sums()["scored"], len(rows))
                self.progress("Reading reviews", done, total)
            if broken:
                self._mend(ledger, broken)
        raise VocError(f"{self.folder}: files are broken as soon as they are written; check the disk.")

    def _teller(self, done: int, total: int) -> Any:
        # The engine goes through the parts in order, or tells of none.
        state = {"before": done, "last": 0}

        def teller(within: int) -> None:
            if within < state["last"]:
                state["before"] += state["last"]
            state["last"] = within
            self.progress("Reading reviews", min(total, state["before"] + within), total)

        return teller

    def _mend(self, ledger: Ledger, numbers: Sequence[int]) -> None:
        broken = broken_parts(ledger, self.folder, numbers)
        if broken:
            try:
                cut_again(self._files(), broken, ledger, self.folder)
            except OtherExportsError as error:
                raise self._other(str(error)) from None

    def _join(self, ledger: Ledger, report: ScoreReport) -> None:
        self.progress("Writing", 0, None)
        document = report.document()
        said = {
            "identity": self.call.identity((file.name, file.fingerprint) for file in ledger.files()),
            "settings": self.call.settings,
            "exports": self.call.exports,
            "report": {**document, "files": []},
        }
        self.place.write(ledger, said, document["files"])
        self.progress("Writing", report.mentions, report.mentions)

    def _say(self, done: int, parts: int) -> None:
        self.done = f", {done} of {parts} parts are done" if done else ""
