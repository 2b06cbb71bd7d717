"""What people do to themes: each change is checked against the workspace, kept for good, and brought into the figures.

The command line and the app both work through these functions. Each returns what was done as one sentence; `apply`
then brings it into tables and figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from voc.edits import NO_THEME, Correction, Edits, Split
from voc.errors import VocError

if TYPE_CHECKING:
    from voc.config import Config
    from voc.store import Snapshot, Workspace

KINDS = ("pain", "praise", "wish", "neutral")


@dataclass(frozen=True)
class Curator:
    """Changes themes of a workspace in somebody's name.

    Every method raises VocError, and changes nothing, when a theme or mention is not there or the change makes no
    sense.
    """

    workspace: Workspace
    by: str = ""

    def rename(self, theme_id: str, name: str, *, seen: str | None = None) -> str:
        """Give a theme a name that no other one has; `seen` is the name that the editor saw before.

        Raises:
            ConflictError: somebody else has renamed it since.
        """
        name = " ".join(name.split())
        theme = self._theme(theme_id)
        self._free(name, theme_id)
        self.workspace.entries.rename_theme(theme_id, name, self.by, seen=seen)
        return f"{theme['name']!r} is now called {name!r}."

    def merge(self, theme_id: str, into: str) -> str:
        """Show the mentions of a theme under another one."""
        if theme_id == into:
            raise VocError(f"Theme {theme_id!r} cannot be merged with itself; name the theme that it belongs to.")
        first, second = self._theme(theme_id), self._theme(into)
        self.workspace.entries.merge_theme(theme_id, into, self.by)
        return f"{first['name']!r} is part of {second['name']!r} from now on."

    def split(self, theme_id: str, *, words: Sequence[str] = (), name: str | None = None) -> str:
        """Take the mentions with one of `words` out of a theme, or without words the part that differs most."""
        from voc.themes.splitting import propose_split

        theme = self._theme(theme_id)
        split = propose_split(self._snapshot(), theme, words=words)
        return self.take_out(split, name or split.name)

    def take_out(self, split: Split, name: str) -> str:
        """Carry out a split that `propose_split` made and somebody looked at, under a name of theirs."""
        theme = self._theme(split.source)
        self._free(name)
        split = replace(split, name=" ".join(name.split()) or split.name)
        self.workspace.entries.split_theme(split, self.by)
        return f"{len(split.members):,} mentions of {theme['name']!r} are now theme {split.theme_id}, {split.name!r}."

    def move(self, theme_id: str, area: str) -> str:
        """Put a theme under an area: the name of a known one, or a new one."""
        theme = self._theme(theme_id)
        known = {row["name"].casefold(): row["name"] for row in self._snapshot().table("areas").to_pylist()}
        area = " ".join(area.split())
        area = known.get(area.casefold(), area)
        self.workspace.entries.move_theme(theme_id, area, self.by)
        return f"{theme['name']!r} stands under {area!r} from now on."

    def hide(self, theme_id: str, hidden: bool = True) -> str:
        """Leave a theme out of lists; it is still counted."""
        theme = self._theme(theme_id)
        self.workspace.entries.hide_theme(theme_id, hidden, self.by)
        return f"{theme['name']!r} is {'hidden' if hidden else 'shown'} from now on."

    def dismiss(self, theme_id: str, dismissed: bool = True) -> str:
        """Call a theme no problem: it is no longer ranked, and its mentions are no troubles."""
        theme = self._theme(theme_id)
        self.workspace.entries.dismiss_theme(theme_id, dismissed, self.by)
        return f"{theme['name']!r} counts as {'no problem' if dismissed else 'a problem'} from now on."

    def correct(
        self, mention_id: str, *, theme_id: str | None = None, kind: str | None = None, hazard: bool | None = None
    ) -> str:
        """Say which theme a mention belongs to (`NO_THEME`: none), of what kind it is, or whether it is a hazard."""
        import pyarrow.compute as pc

        from voc.themes.spans import span_of

        if theme_id is None and kind is None and hazard is None:
            raise VocError("Say what is wrong with the mention: its theme, its kind, or whether it is a hazard.")
        if kind is not None and kind not in KINDS:
            raise VocError(f"{kind!r} is no kind of mention; choose one of {', '.join(KINDS)}.")
        if theme_id:
            self._theme(theme_id)
        mentions = self._snapshot().table("mentions")
        rows = mentions.filter(pc.equal(mentions["mention_id"], mention_id)).to_pylist()
        if not rows:
            raise VocError(
                f"There is no mention {mention_id!r} in {self.workspace.path}; `voc theme mentions` shows the ids."
            )
        self.workspace.entries.correct_mention(Correction(span_of(rows[0]), theme_id, kind, hazard), self.by)
        said = [
            *(["out of every theme"] if theme_id == NO_THEME else [f"in theme {theme_id}"] if theme_id else []),
            *([f"of kind {kind}"] if kind else []),
            *([] if hazard is None else ["a hazard" if hazard else "no hazard"]),
        ]
        words = rows[0]["phrase"] or rows[0]["aspect"] or mention_id
        return f"The mention {words!r} is {' and '.join(said)} from now on."

    def undo(self, line_id: int | None = None) -> str:
        """Take back a change by the id of its line of history, by default the last one not taken back yet."""
        line = self.workspace.entries.undo(self.by, line_id)
        return f"Taken back: {describe(line, {t['theme_id']: t['name'] for t in self._themes()})}."

    def apply(self, config: Config) -> Snapshot | None:
        """Bring all changes into tables and figures.

        Raises:
            WorkspaceBusyError: another process writes to the workspace; the changes are kept, and its run or the next
                one brings them in.
        """
        from voc.pipeline import apply_edits

        return apply_edits(self.workspace, config=config)

    def _snapshot(self) -> Snapshot:
        snapshot = self.workspace.current()
        if snapshot is None:
            raise VocError(f"{self.workspace.path}: there is no analysis here yet; run `voc run EXPORT` first.")
        return snapshot

    def _themes(self) -> list[dict[str, Any]]:
        return shown_themes(self._snapshot(), self.workspace.entries.edits())

    def _free(self, name: str | None, theme_id: str | None = None) -> None:
        """Refuse a name that another active theme has."""
        wanted = " ".join((name or "").split()).casefold()
        for theme in self._themes():
            if theme["name"].casefold() == wanted and theme["theme_id"] != theme_id and theme["state"] == "active":
                raise VocError(
                    f"Theme {theme['theme_id']!r} is called {theme['name']!r} already; "
                    "choose another name, or merge the two."
                )

    def _theme(self, theme_id: str) -> dict[str, Any]:
        theme = next((t for t in self._themes() if t["theme_id"] == theme_id), None)
        if theme is None:
            raise VocError(f"There is no theme {theme_id!r} in {self.workspace.path}; `voc theme list` shows the ids.")
        if theme["state"] in ("merged", "retired"):
            raise VocError(f"Theme {theme_id!r}, {theme['name']!r}, was {theme['state']}; choose one that is active.")
        return theme


def shown_themes(snapshot: Snapshot, edits: Edits) -> list[dict[str, Any]]:
    """Return the rows of table `themes`, largest first, with what was decided since the snapshot: names and merges."""
    rows = sorted(snapshot.table("themes").to_pylist(), key=lambda row: (-row["size"], row["theme_id"]))
    return [
        {
            **row,
            "name": edits.names.get(row["theme_id"], row["name"]),
            "state": "merged" if row["theme_id"] in edits.merged else row["state"],
            "renamed_by_user": row["theme_id"] in edits.names,
            "hidden": row["theme_id"] in edits.hidden,
        }
        for row in rows
    ]


_SAID = {
    "rename_theme": "renamed {name}",
    "hide_theme": "hid {name}",
    "show_theme": "showed {name} again",
    "dismiss_theme": "called {name} no problem",
    "restore_theme": "called {name} a problem again",
    "merge_theme": "merged {name} into {into}",
    "move_theme": "moved {name} to area {area}",
    "split_theme": "took {name} out of {source}",
    "correct_mention": "corrected the mention at {subject}",
    "put_phase": "entered phase {phase}",
    "delete_phase": "deleted phase {phase}",
    "put_fix": "entered a fix {fix}",
    "delete_fix": "took out the fix {fix}",
    "put_decision": "{did} the decision {title}",
    "delete_decision": "deleted the decision {title}",
    "undo_decision": "took back a change of the decision {title}",
    "undo": "took back a change of {name}",
    "forgotten": "decided about a mention of a review that was forgotten since",
}


def describe(line: dict[str, Any], names: dict[str, str]) -> str:
    """Return a line of `Entries.history` in words; `names` are those of themes."""
    entry = {**(line["before"] or {}), **(line["after"] or {})}
    called = repr(names.get(line["subject"]) or (entry.get("name") if "source" in entry else None) or line["subject"])
    if line["what"] == "rename_theme" and line["after"]:
        before = f" from {line['before']['name']!r}" if line["before"] else ""
        return f"renamed theme {line['subject']}{before} to {line['after']['name']!r}"
    return _SAID.get(str(line["what"]), str(line["what"])).format(
        name=called,
        into=repr(names.get(entry.get("into", ""), entry.get("into"))),
        area=repr(entry.get("area")),
        source=repr(names.get(entry.get("source", ""), entry.get("source"))),
        subject=line["subject"],
        phase=repr(entry.get("name", line["subject"])),
        did="changed" if line["before"] else "made",
        title=repr(entry.get("title", line["subject"])),
        fix=f"of {names.get(entry.get('theme_id', ''), line['subject'])!r} since {entry.get('since')}",
    )
