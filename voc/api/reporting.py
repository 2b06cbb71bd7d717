"""Makes a report of an analysis, as `voc report` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc.errors import VocError

if TYPE_CHECKING:
    from voc.api.state import State
    from voc.insights import Scope


def reported(
    state: State,
    scope: Scope,
    said: tuple[str | None, str | None, str | None],
    theme_id: str | None,
    form: str,
    limit: int,
    link: str,
) -> bytes:
    """Return the contents of a report.

    Args:
        state: of the workspace.
        scope: the reviews under view.
        said: product, brand and phase as the reader named them.
        theme_id: only this opportunity.
        form: a key of `voc.report.KINDS`.
        limit: issues for a tracker at most.
        link: address of the app.

    Raises:
        VocError: there is no such form, or the theme is not ranked in this scope.
    """
    from voc.insights.stored import verified
    from voc.report import KINDS, made
    from voc.report.basis import Basis

    if form not in KINDS:
        raise VocError(f"There is no report as {form!r}; choose one of {', '.join(KINDS)}.")
    facts, entries, config = state.facts, state.place.entries, state.config.insights
    product, brand, phase = said
    ids = {"product": scope.products[0] if scope.products else None, "brand": scope.brands[0] if scope.brands else None}
    ids["phase"] = scope.phase_id
    basis = Basis(
        facts=facts,
        config=config,
        scope=scope,
        scope_words=", ".join(name for name in (product, brand, f"phase {phase}" if phase else "") if name),
        workspace=state.place.path.name,
        day=state.snapshot.created_at.date(),
        ranked=state.opportunities(scope).to_pylist(),
        address=link.rstrip("/"),
        parameters={name: value for name, value in ids.items() if value is not None},
        decisions=entries.decisions(),
        fixes=[verified(facts, fix, config=config) for fix in entries.fixes()],
    )
    return made(basis, form, theme_id, limit)
