"""An analysis to ask questions of: opportunities, insights, quotes and tables of a workspace, for any scope."""

from __future__ import annotations

import shutil
import weakref
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, overload

from voc import words
from voc.analyses import Options
from voc.analyses.lines import HOW_TO_READ, opportunity_line
from voc.api.result import Result
from voc.api.showing import accounts, as_page, as_text
from voc.api.state import Day, Names, State, in_words, scope_of
from voc.errors import VocError

if TYPE_CHECKING:
    from voc.api.tables import InsightName, TableName
    from voc.insights import Facts, Scope
    from voc.insights.verification import Verification
    from voc.pipeline import RunReport
    from voc.store import Workspace

#: Kinds of report.
Format: TypeAlias = Literal["html", "markdown", "jira", "linear"]


class Analysis:
    """What was found in reviews; made by `voc.analyze` and `voc.open`.

    It shows one state of its workspace, which nothing changes; a later run shows in the analysis that it returns.
    Names that people give to themes, and themes that they hide, show at once.

    Methods that take a scope take it by the same names. A scope without any is all reviews; several names of one
    kind widen it, and kinds narrow one another:

    - ``product``: name or id of a product, or several;
    - ``brand``, ``market``, ``channel``: one or several;
    - ``phase``: name or id of a phase;
    - ``version``: of the product;
    - ``since``, ``until``: days, the second exclusive; reviews without a date are then left out.

    A temporary workspace is removed when the analysis is closed, at the end of a ``with`` block, or when nothing
    refers to it any more.

    Attributes:
        run: what the run did that this analysis comes from, file by file; None after `voc.open`.
        messages: sentences that a reader should know.
    """

    def __init__(self, state: State, *, run: RunReport | None = None, temporary: Path | None = None) -> None:
        """Show a state; `temporary` is a folder that goes when the analysis goes."""
        self._state: State | None = state
        self.run = run
        self.messages: list[str] = [] if run is None else [*accounts(run), *run.messages]
        if state.snapshot.info.get("stale"):
            self.messages.append(
                "Reviews were forgotten since these figures were computed; the next run renews those that are stored."
            )
        self._temporary = temporary
        self._remove = None if temporary is None else weakref.finalize(self, shutil.rmtree, temporary, True)

    @property
    def path(self) -> Path:
        """The folder of the workspace."""
        return self._open().place.path

    @property
    def workspace(self) -> Workspace:
        """The workspace, for `voc.curation` and whatever else writes to it."""
        return self._open().place

    @property
    def rejects(self) -> Result:
        """The rows that were not taken, and why."""
        return self.insight("rejects")

    def opportunities(
        self,
        *,
        product: Names = None,
        brand: Names = None,
        market: Names = None,
        channel: Names = None,
        phase: str | None = None,
        version: str | None = None,
        since: Day = None,
        until: Day = None,
    ) -> Result:
        """Return what to improve first: themes ranked by the stars that go with them, as `voc opportunities` does.

        Returns:
            Rows of the table `opportunities`, best first: `rank` with `rank_low` and `rank_high`, `theme_id`, `name`,
            `reviews`, `reach`, `star_impact`, `severity`, `hazard`, `momentum`, `quotes` and further figures, with
            the bounds of their intervals as `..._low` and `..._high`. Empty where nothing can be ranked;
            ``insight("areas")`` then ranks the parts of the product.

        Raises:
            VocError: the data knows no such product, brand, market, channel, phase or version.
        """
        scope = self._scope(product, brand, market, channel, phase, version, since, until)
        found = self._open().opportunities(scope)
        said = in_words(scope)
        title = f"Opportunities, {said}" if said else "Opportunities"
        return Result(found, title=title, notes=[HOW_TO_READ] if found.num_rows else [], line=opportunity_line)

    def insight(
        self,
        name: InsightName,
        *,
        product: Names = None,
        brand: Names = None,
        market: Names = None,
        channel: Names = None,
        phase: str | None = None,
        version: str | None = None,
        since: Day = None,
        until: Day = None,
        from_phase: str | None = None,
        to_phase: str | None = None,
        by: str | None = None,
        side: str | None = None,
        against: str | None = None,
        theme: str | None = None,
    ) -> Result:
        """Return a table of `voc insights` for a scope; `insights` lists them with what each tells.

        Args:
            name: of the insight.
            product: with the arguments up to `until`, the scope; see `Analysis`.
            brand: see `Analysis`.
            market: see `Analysis`.
            channel: see `Analysis`.
            phase: see `Analysis`.
            version: see `Analysis`.
            since: see `Analysis`.
            until: see `Analysis`.
            from_phase: the earlier of two phases to compare (rating, mix); by default the one before `to_phase`.
            to_phase: the later of the two; by default the last.
            by: what tells segments apart: product, brand, market, variant ... (segments, mix, sides).
            side: one side, a value of `by` (sides).
            against: the other side (sides).
            theme: only this theme, by id or name (failure).

        Raises:
            VocError: there is no such insight, it does not take an argument that is given, or the data lacks what it
                needs.
        """
        from voc.api.tables import insight

        scope = self._scope(product, brand, market, channel, phase, version, since, until)
        state = self._open()
        options = Options(from_phase, to_phase, by, theme, state.config.model.opinions, side, against)
        return insight(state, name, scope, options)

    def insights(self) -> Result:
        """Return the names of all insights with what each tells, the options it takes, and whether it takes a scope."""
        from voc.api.tables import listing

        return listing()

    def quotes(
        self,
        theme: str,
        *,
        limit: int | None = 10,
        product: Names = None,
        brand: Names = None,
        market: Names = None,
        channel: Names = None,
        phase: str | None = None,
        version: str | None = None,
        since: Day = None,
        until: Day = None,
    ) -> Result:
        """Return what customers say about a theme, best evidence first, one quote for each review.

        Args:
            theme: its id or name.
            limit: at most so many; None for all.
            product: with the arguments that follow, the scope; see `Analysis`.
            brand: see `Analysis`.
            market: see `Analysis`.
            channel: see `Analysis`.
            phase: see `Analysis`.
            version: see `Analysis`.
            since: see `Analysis`.
            until: see `Analysis`.

        Returns:
            `quote`, the columns of its review and of its opinion, and `text`, the whole review: the quote is
            ``text[start:end]``.

        Raises:
            VocError: there is no such theme, or the data does not know the scope.
        """
        from voc.api.quoting import quote_line, quotes

        scope = self._scope(product, brand, market, channel, phase, version, since, until)
        facts, theme_id = self._open().facts, self._theme(theme)
        return Result(quotes(facts, theme_id, scope, limit), title=f"What customers say: {theme}", line=quote_line)

    def table(self, name: TableName) -> Result:
        """Return a table as the run stored it: reviews, mentions, themes, readings, products and so on.

        Themes bear the names that people gave them only after the next run; `opportunities` and `insight` apply them
        at once. Without rows where the run stored none.

        Args:
            name: of a table; `tables` lists them.

        Raises:
            VocError: there is no such table.
        """
        from voc.tables import SCHEMAS

        if name not in SCHEMAS:
            raise VocError(f"There is no table {name!r}; there are {', '.join(SCHEMAS)}.")
        return Result(self._open().snapshot.table(name), title=words.sentence(name.replace("_", " ")))

    def tables(self) -> Result:
        """Return the names of all stored tables with their rows and columns."""
        import pyarrow as pa

        from voc.tables import SCHEMAS

        snapshot = self._open().snapshot
        rows = [
            {"name": name, "rows": snapshot.rows(name), "columns": list(schema.names)}
            for name, schema in SCHEMAS.items()
        ]
        return Result(pa.Table.from_pylist(rows), title="Tables")

    def sql(self, query: str, parameters: list[Any] | dict[str, Any] | None = None) -> Result:
        """Return the result of a DuckDB query over the stored tables.

        Args:
            query: names the tables as `tables` does.
            parameters: for ``?`` or ``$name`` in the query.

        Raises:
            VocError: the query cannot be run; the sentence is DuckDB's.
        """
        import duckdb
        import pyarrow as pa

        with self._open().snapshot.connect() as database:
            try:
                relation = database.sql(query, params=parameters)
                found = pa.table({}) if relation is None else relation.to_arrow_table()
            except duckdb.Error as error:
                raise VocError(f"The query cannot be run: {str(error).strip().splitlines()[0]}") from None
        return Result(found, title="Result")

    def verify(
        self,
        theme: str,
        since: Day,
        *,
        lag: int | None = None,
        product: Names = None,
        brand: Names = None,
        market: Names = None,
        channel: Names = None,
        phase: str | None = None,
        version: str | None = None,
    ) -> Verification:
        """Say whether complaints about a theme changed at a day, beyond what they did elsewhere in the same weeks.

        Args:
            theme: its id or name.
            since: first day on which the fix was sold.
            lag: days in which old stock is still sold; by default 60, and 0 for a phase that is a version.
            product: with the arguments that follow, the products that were fixed; see `Analysis`.
            brand: see `Analysis`.
            market: see `Analysis`.
            channel: see `Analysis`.
            phase: see `Analysis`.
            version: see `Analysis`.

        Returns:
            The conclusion in a word and in a sentence, the effect with its interval, and all checks.

        Raises:
            VocError: there is no such theme, no such scope, or the day is not one.
        """
        from voc.api.state import day_of
        from voc.insights.verification import verify

        state = self._open()
        scope = self._scope(product, brand, market, channel, phase, version, None, None)
        day = day_of(since, "since")
        if day is None:
            raise VocError("A fix is verified by its theme and its first day; give since= as well.")
        return verify(state.facts, self._theme(theme), day, scope=scope, lag_days=lag, config=state.config.insights)

    def summary(
        self,
        *,
        product: Names = None,
        brand: Names = None,
        market: Names = None,
        channel: Names = None,
        phase: str | None = None,
        version: str | None = None,
        since: Day = None,
        until: Day = None,
    ) -> dict[str, Any]:
        """Return the figures of a scope as a whole: reviews, how many were read, mean rating, opinions, themes.

        Raises:
            VocError: the data does not know the scope.
        """
        from voc.insights import coverage, satisfaction

        state, scope = self._open(), self._scope(product, brand, market, channel, phase, version, since, until)
        facts = state.facts
        satisfied = satisfaction(facts, scope, config=state.config.insights)
        rating = {name: satisfied[name] for name in ("mean_rating", "rating_low", "rating_high")}
        states = facts.themes["state"].to_pylist()
        return {**coverage(facts, scope), **rating, "themes": states.count("active")}

    @overload
    def report(
        self,
        path: None = None,
        *,
        theme: str | None = None,
        format: Format = "html",
        limit: int = 10,
        link: str = "",
        product: str | None = None,
        brand: str | None = None,
        phase: str | None = None,
    ) -> str: ...
    @overload
    def report(
        self,
        path: Path | str,
        *,
        theme: str | None = None,
        format: Format = "html",
        limit: int = 10,
        link: str = "",
        product: str | None = None,
        brand: str | None = None,
        phase: str | None = None,
    ) -> Path: ...
    def report(
        self,
        path: Path | str | None = None,
        *,
        theme: str | None = None,
        format: Format = "html",
        limit: int = 10,
        link: str = "",
        product: str | None = None,
        brand: str | None = None,
        phase: str | None = None,
    ) -> Path | str:
        """Write a report for a meeting, or issues for a tracker, as `voc report` does.

        Args:
            path: the file to write; without one the text is returned.
            theme: only this opportunity, by id or name.
            format: "html", "markdown", "jira" or "linear" (issues as CSV for their importers).
            limit: issues for a tracker at most.
            link: address of the app, for links back to it.
            product: with `brand` and `phase`, the scope; see `Analysis`.
            brand: see `Analysis`.
            phase: see `Analysis`.

        Returns:
            The path, or without one the text.

        Raises:
            VocError: the theme is not ranked in this scope, the data does not know the scope, or the file cannot be
                written.
        """
        from voc.api.reporting import reported

        scope = self._scope(product, brand, None, None, phase, None, None, None)
        theme_id = None if theme is None else self._theme(theme)
        content = reported(self._open(), scope, (product, brand, phase), theme_id, format, limit, link)
        if path is None:
            return content.decode()
        path = Path(path).expanduser()
        try:
            path.write_bytes(content)
        except OSError as error:
            raise VocError(f"{path}: this file cannot be written ({error.strerror}); choose another path.") from None
        return path

    def save(self, folder: Path | str) -> Path:
        """Keep the workspace in a folder, for `voc app --workspace`, `voc.open` and later runs; return its path.

        Args:
            folder: one that is new or empty.

        Raises:
            VocError: the folder holds something, or cannot be written.
        """
        from voc.api.keeping import keep

        return keep(self._open().place, folder)

    def close(self) -> None:
        """Remove a temporary workspace; a workspace that was named stays as it is."""
        if self._remove is not None:
            self._state = None
            self._remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return "Analysis (closed)" if self._state is None else as_text(self._state)

    def _repr_html_(self) -> str:
        return "<p>Analysis (closed)</p>" if self._state is None else as_page(self._state, self.messages)

    def _scope(self, *given: Any) -> Scope:
        def facts() -> Facts:
            return self._open().facts

        return scope_of(facts, *given)

    def _theme(self, wanted: str) -> str:
        from voc.insights.scope import find_theme

        try:
            return find_theme(self._open().facts, wanted)
        except VocError:
            raise VocError(f"There is no active theme {wanted!r}; .table('themes') has them all.") from None

    def _open(self) -> State:
        if self._state is None:
            raise VocError(
                "This analysis was closed, and its temporary workspace is gone; name a workspace in voc.analyze, or "
                "call .save(folder) before, to keep one."
            )
        return self._state
