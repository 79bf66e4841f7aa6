"""Every action of the window in one table: its words, its key, its help. Menus and run bar come from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence


@dataclass(frozen=True, slots=True)
class Entry:
    """One action. ``keys`` are portable key names; ``menu`` is where it stands; ``|`` before a name draws a line."""

    name: str
    menu: str
    text: str
    help: str
    keys: tuple[str, ...] = ()
    checkable: bool = False
    line_before: bool = False


ENTRIES = (
    Entry("open", "File", "&Open settings…", "Load the settings of an experiment from a file.", ("Ctrl+O",)),
    Entry("save", "File", "&Save settings…", "Write the settings to a file that opens here and headless.", ("Ctrl+S",)),
    Entry(
        "open_data",
        "File",
        "Open &data folder…",
        "Learn from your own pictures: a folder with one folder of pictures for each class, or IDX files. "
        "It can also be dropped on the window.",
        ("Ctrl+Shift+O",),
        line_before=True,
    ),
    Entry("open_data_file", "File", "Open data &file…", "Learn from an .npz with images, or from a table of paths."),
    Entry("show_runs", "File", "Show &runs folder", "Open the folder in which all runs are kept.", line_before=True),
    Entry("show_run", "File", "Show &this run's folder", "Open the folder of the latest run."),
    Entry("quit", "File", "&Quit", "Stop a run that goes on, save it and close.", ("Ctrl+Q",), line_before=True),
    Entry("undo", "Edit", "&Undo", "Take back the last change of a setting.", ("Ctrl+Z",)),
    Entry("redo", "Edit", "&Redo", "Bring the change back.", ("Ctrl+Y", "Ctrl+Shift+Z")),
    Entry("defaults", "Edit", "&Default settings", "Start again from the default experiment.", line_before=True),
    Entry("train", "Run", "&Train", "Train the model with these settings.", ("F5", "Ctrl+R")),
    Entry("pause", "Run", "&Pause", "Hold the run; settings can be changed, nothing is lost.", ("F6",)),
    Entry("step", "Run", "&One batch", "Train one batch, then hold.", ("F7",)),
    Entry("stop", "Run", "&Stop", "End the run after this step and keep the best weights.", ("Shift+F5",)),
    Entry(
        "decay",
        "Run",
        "&Decay here",
        "Lower the learning rate now, at the next batch: where the curve flattens.",
        ("Ctrl+D",),
        line_before=True,
    ),
    Entry(
        "save_schedule",
        "Run",
        "Save as sc&hedule",
        "Write the rate changes that were made by hand in the last run into the schedule of the next one.",
    ),
    Entry(
        "find_rate",
        "Run",
        "&Find a learning rate…",
        "Train a throw-away copy at a rising learning rate and see where its loss falls; your model stays as it is.",
    ),
    Entry(
        "transfer",
        "Run",
        "&Use a trained network…",
        "Transfer learning step by step: a trained network, what to freeze of it, a new head for your classes.",
        ("Ctrl+T",),
    ),
    Entry(
        "worth",
        "Run",
        "Was it &worth it?…",
        "Train from scratch, with random frozen weights, the head only and as chosen, side by side on few examples.",
    ),
    Entry(
        "restart",
        "Run",
        "R&estart",
        "Stop the run and train again with the settings as the form has them now.",
        ("Ctrl+Shift+R",),
        line_before=True,
    ),
    Entry(
        "evaluate",
        "Run",
        "&Evaluate trained weights…",
        "Measure weights files and average finished runs: accuracy of each, and of the average of their predictions.",
        line_before=True,
    ),
    Entry("clear_ghost", "Run", "&Clear the previous run", "Take the previous run's curves out of the plots."),
    Entry(
        "browse_data",
        "View",
        "&Browse the data…",
        "See the pictures by class, search, relabel or exclude them, and see which train and which validate.",
        ("Ctrl+B",),
    ),
    Entry("check_data", "View", "&Check the data…", "Look for unreadable files, duplicates, leaks and imbalance."),
    Entry("large", "View", "&Large", "Everything bigger, for a lecture room.", ("Ctrl+L",), checkable=True),
    Entry(
        "full_screen", "View", "&Plots on full screen", "Only the plots, on the whole screen.", ("F11",), checkable=True
    ),
    Entry(
        "system",
        "View",
        "Colours as the &system",
        "Light or dark as the system says.",
        checkable=True,
        line_before=True,
    ),
    Entry("light", "View", "L&ight", "Dark writing on light ground.", checkable=True),
    Entry("dark", "View", "&Dark", "Light writing on dark ground.", checkable=True),
    Entry("reset_layout", "View", "&Reset layout", "All parts of the window back in their places.", line_before=True),
    Entry("keys", "Help", "&Keys", "All keys at a glance.", ("F1",)),
    Entry("log", "Help", "Show &log file", "Open the folder of the program's log, with the details of every error."),
    Entry("about", "Help", "&About", "Version and libraries."),
)

MENUS = ("File", "Edit", "Run", "View", "Help")


def make_actions(owner: QObject) -> Mapping[str, QAction]:
    """All actions as children of ``owner``, by name."""
    return {entry.name: _made(entry, owner) for entry in ENTRIES}


def _made(entry: Entry, owner: QObject) -> QAction:
    action = QAction(entry.text, owner)
    action.setObjectName(entry.name)
    action.setShortcuts([QKeySequence(key) for key in entry.keys])
    action.setCheckable(entry.checkable)
    keys = f" ({entry.keys[0]})" if entry.keys else ""
    action.setToolTip(entry.help + keys)
    return action
