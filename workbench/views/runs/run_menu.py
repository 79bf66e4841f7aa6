"""What can be done with the chosen runs: one table of entries, shown as context menu and behind Actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from workbench.engine.core.text import counted
from workbench.engine.shelf.record import RunRecord
from workbench.views.widgets.menu import Menu


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One line of the menu. ``why_not`` says why it is not possible for these runs; empty if it is."""

    name: str
    text: str
    help: str
    key: str = ""
    why_not: Callable[[Sequence[RunRecord]], str] = lambda _records: ""
    line_before: bool = False


def _one(records: Sequence[RunRecord]) -> str:
    return "" if len(records) == 1 else "Choose one run."


def _can_go_on(records: Sequence[RunRecord]) -> str:
    return _one(records) or records[0].obstacle


def _can_be_retraced(records: Sequence[RunRecord]) -> str:
    return _one(records) or _not_live(records)


def _not_live(records: Sequence[RunRecord]) -> str:
    return "It is still being trained." if any(record.is_live for record in records) else ""


RUN_ENTRIES: Final = (
    RunEntry("open", "&Open", "Show the run with its curves, verdict and layers as they were.", "Return", _one),
    RunEntry("tick", "&Compare", "Take the chosen runs into the comparison, or out.", "Space"),
    RunEntry("go_on", "&Go on", "Train it further from its last kept state, in its own folder.", "", _can_go_on, True),
    RunEntry("fork", "For&k…", "Branch off it at a step, with changed settings.", "", _one),
    RunEntry("train", "&Train these settings again", "Set these settings, and train.", "", _one),
    RunEntry("repeat", "&Repeat with 3 seeds", "Train it with further seeds, so that there are three runs.", "", _one),
    RunEntry(
        "path",
        "Loss landscape…",
        "Train it once more, and show the path of its weights over the loss around it.",
        "",
        _can_be_retraced,
    ),
    RunEntry(
        "scene",
        "Add to the &lesson plan",
        "A scene of the plan on the Lessons page: it trains again there, and is compared to the bit.",
        "",
        _one,
    ),
    RunEntry("rename", "Re&name", "Give the run a name of its own.", "F2", _one, True),
    RunEntry("pin", "&Pin", "Keep it at the top of the table."),
    RunEntry("hide", "&Hide", "Leave it out of the table unless hidden runs are shown."),
    RunEntry("folder", "Open &folder", "Show its files in the file manager.", "", _one, True),
    RunEntry("copy_markdown", "Copy as Mark&down", "Copy the chosen runs as a table for a note."),
    RunEntry("copy_csv", "Copy as CS&V", "Copy the chosen runs as comma-separated values."),
    RunEntry("export", "&Export…", "Take its network, training or a report away.", "", _one),
    RunEntry("tensorboard", "Export for Tensor&Board…", "Write TensorBoard's event files of the chosen runs."),
    RunEntry(
        "thin",
        "Th&in to curves and best weights…",
        "Free the disk of what neither its curves nor its best weights need. It cannot be gone on with then.",
        "",
        _not_live,
        True,
    ),
    RunEntry("remove", "&Move to the trash", "Move it to the system's trash. It can be put back.", "Del", _not_live),
)


def run_menu(records: Sequence[RunRecord], parent: QWidget) -> QMenu:
    """The menu for ``records``; each action holds the name of its entry in ``data``."""
    menu = Menu(parent)
    menu.setToolTipsVisible(True)
    for entry in RUN_ENTRIES:
        if entry.line_before:
            menu.addSeparator()
        action = menu.addAction(_text(entry, records))
        action.setData(entry.name)
        why_not = entry.why_not(records) if records else "Choose a run."
        action.setEnabled(not why_not)
        action.setToolTip(why_not or entry.help)
        if entry.key:
            action.setShortcut(QKeySequence(entry.key))
    return menu


def _text(entry: RunEntry, records: Sequence[RunRecord]) -> str:
    if entry.name == "pin" and records and all(record.about.pinned for record in records):
        return "Un&pin"
    if entry.name == "hide" and records and all(record.about.hidden for record in records):
        return "&Show again"
    if entry.name == "remove" and len(records) > 1:
        return f"&Move {counted(len(records), 'run')} to the trash"
    return entry.text
