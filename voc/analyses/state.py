"""What the analyses of a workspace are computed from: its tables with people's phases, and its configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from voc.errors import VocError

if TYPE_CHECKING:
    from voc.config import Config
    from voc.insights import Facts
    from voc.store import Snapshot, Workspace


def run_config(snapshot: Snapshot | None, config_file: Path | None) -> Config:
    """Return the configuration given, else the one that the snapshot was made with, else the defaults.

    Raises:
        VocError: the file is at fault, or the stored configuration is one that this version does not know.
    """
    from pydantic import ValidationError

    from voc.config import Config, load_config

    if config_file is not None or snapshot is None:
        return load_config(config_file)
    try:
        return Config.model_validate(snapshot.info.get("config") or {})
    except ValidationError:
        raise VocError(
            "The configuration that the last run stored is not one of this version; name a file with --config."
        ) from None


def load_facts(workspace: Workspace, snapshot: Snapshot) -> Facts:
    """Return the tables that an insight needs, with the phases that people entered since the last run."""
    import dataclasses

    import pyarrow as pa

    from voc.insights import Facts

    tables = {field.name: snapshot.table(field.name) for field in dataclasses.fields(Facts)}
    known = set(tables["phases"].column("phase_id").to_pylist())
    entered = workspace.entries.phases()
    new = [phase_id not in known for phase_id in entered.column("phase_id").to_pylist()]
    if any(new):
        tables["phases"] = pa.concat_tables([tables["phases"], entered.filter(pa.array(new))])
    return Facts(**tables)


def stored_scope(facts: Facts, product: str | None, brand: str | None, phase: str | None) -> tuple[str, str]:
    """Return scope_type and scope under which a run stores these opportunities; "filter" for what it does not store.

    At least one of the three is given.
    """
    given = [(kind, one) for kind, one in (("product", product), ("brand", brand), ("phase", phase)) if one is not None]
    if len(given) > 1:
        return "filter", " and ".join(one for _, one in given)
    kind, one = given[0]
    ids = {
        "product": lambda: facts.products.select(["product_id", "product"]),
        "brand": lambda: facts.products.select(["brand", "brand"]),
        "phase": lambda: facts.phases.select(["phase_id", "name"]),
    }[kind]()
    known = set(zip(*(column.to_pylist() for column in ids.columns), strict=True))
    folded = one.casefold()
    exact = {key for key, _ in known if key == one}
    named = {key for key, name in known if key is not None and folded in (key.casefold(), (name or "").casefold())}
    found = exact or named
    return (kind, found.pop()) if len(found) == 1 else ("filter", one)
