"""Every action of the window in one table: its words, its key, its help. Menus and run bar come from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from workbench.views.window.page_list import PAGES


@dataclass(frozen=True, slots=True)
class Entry:
    """One action of a ``menu``. ``keys`` are portable key names; ``line_before`` draws a separator above it.

    With ``everywhere`` its keys work in the dialogs too.
    """

    name: str
    menu: str
    text: str
    help: str
    keys: tuple[str, ...] = ()
    checkable: bool = False
    line_before: bool = False
    everywhere: bool = False


ENTRIES = (
    Entry(
        "open",
        "File",
        "&Open settings…",
        "Load the settings of an experiment from a file; a race file or a lesson plan is opened on its page.",
        ("Ctrl+O",),
    ),
    Entry(
        "save",
        "File",
        "&Save settings…",
        "Write the settings to a file that can be opened here or run without a window.",
        ("Ctrl+S",),
    ),
    Entry(
        "open_data",
        "File",
        "Open &data folder…",
        "Train on your own pictures: a folder with one folder of pictures for each class, or IDX files. "
        "You can also drop it on the window.",
        ("Ctrl+Shift+O",),
        line_before=True,
    ),
    Entry(
        "open_data_file",
        "File",
        "Open data &file…",
        "Train on an .npz file with images, or on a table (CSV) with the paths of images.",
    ),
    Entry(
        "export",
        "File",
        "&Export…",
        "Take a trained network away: weights in one file, ONNX, a script of plain torch, a model card, a report.",
        ("Ctrl+E",),
        line_before=True,
    ),
    Entry("show_runs", "File", "Show ru&ns folder", "Open the folder where all runs are saved.", line_before=True),
    Entry("show_run", "File", "Show &this run's folder", "Open the folder of the latest run."),
    Entry("quit", "File", "&Quit", "Stop a run that is training, save it and close.", ("Ctrl+Q",), line_before=True),
    Entry("undo", "Edit", "&Undo", "Undo the last change of a setting.", ("Ctrl+Z",)),
    Entry("redo", "Edit", "&Redo", "Redo the change.", ("Ctrl+Y", "Ctrl+Shift+Z")),
    Entry("defaults", "Edit", "&Default settings", "Start again from the default experiment.", line_before=True),
    Entry("train", "Run", "&Train", "Train the model with these settings.", ("F5", "Ctrl+R")),
    Entry("pause", "Run", "&Pause", "Pause the run; settings can be changed, nothing is lost.", ("F6",)),
    Entry(
        "step_back",
        "Run",
        "Step &back",
        "Pause, and go back by the number of steps in the menu beside this button. What came after them is taken back.",
        ("Shift+F7",),
    ),
    Entry("step", "Run", "&One batch", "Train one batch, then pause. Without a run, one begins.", ("F7",)),
    Entry("stop", "Run", "&Stop", "End the run after this step and keep the best weights.", ("Shift+F5",)),
    Entry(
        "decay",
        "Run",
        "&Decay here",
        "Lower the learning rate at the next batch. Do this when the loss stops falling.",
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
        "fork",
        "Run",
        "For&k this run…",
        "Branch off this run at a step with other settings: same weights, same batches. "
        "A right click on a curve does it at that step.",
    ),
    Entry(
        "find_rate",
        "Run",
        "&Find a learning rate…",
        "Range test: train a copy of the model at a rising learning rate and see where its loss falls. "
        "Your model does not change.",
    ),
    Entry(
        "sanity",
        "Run",
        "Sa&nity checks…",
        "About 20 seconds before a long run: loss at the start, 20 examples learned by heart, shuffled labels, memory "
        "and time. Your model does not change.",
    ),
    Entry(
        "gradient_noise",
        "Run",
        "&Gradient noise…",
        "How near the gradient of a batch is to that of all examples, for every batch size: of the run as it is now, "
        "or of the model at its start. Your model does not change.",
    ),
    Entry(
        "path",
        "Run",
        "Loss landscape…",
        "The path of the last run's weights in the plane of its own two main directions, over the loss there. "
        "The run is trained once more for it, and not touched.",
    ),
    Entry(
        "transfer",
        "Run",
        "&Use a trained network…",
        "Transfer learning step by step: a trained network, what to freeze of it, a new head for your classes.",
        ("Ctrl+T",),
    ),
    Entry(
        "compare",
        "Run",
        "Compare &with training from scratch…",
        "Train from scratch, with random frozen weights, the head only, and with your frozen blocks; compare them on "
        "few examples.",
    ),
    Entry(
        "restart",
        "Run",
        "&Restart",
        "Stop the run and train again with the present settings.",
        ("Ctrl+Shift+R",),
        line_before=True,
    ),
    Entry(
        "queue_add",
        "Run",
        "&Add to the queue",
        "Add a card of the settings as they are now; it is trained when the queue comes to it.",
        ("Ctrl+Shift+A",),
        line_before=True,
    ),
    Entry(
        "race",
        "Run",
        "Race these settings…",
        "Set up a race: several settings from the same weights on the same batches, their curves in one plot.",
    ),
    Entry(
        "scene",
        "Run",
        "&Make this run a scene",
        "Add the latest run to the plan on the Lessons page: it trains again there, and is compared to the bit.",
    ),
    Entry(
        "search",
        "Run",
        "Search with these settings…",
        "Try other values of a few settings, each in a run of its own, and say which do best.",
    ),
    Entry("queue_show", "Run", "Show the &queue", "The cards that wait, and what became of the others.", ("Ctrl+J",)),
    Entry(
        "queue_on",
        "Run",
        "Tra&in the queue",
        "Train the cards that wait, one after the other. Switched off, the present one goes on to its end.",
        checkable=True,
    ),
    Entry(
        "evaluate",
        "Run",
        "Eva&luate trained weights…",
        "Measure weights files and average finished runs: accuracy of each, and of the average of their predictions.",
        line_before=True,
    ),
    Entry("clear_ghost", "Run", "&Clear the previous run", "Remove the previous run's curves from the plots."),
    *(Entry(page.action, "View", page.menu_text, page.help, (page.key,), checkable=True) for page in PAGES),
    Entry(
        "browse_data",
        "View",
        "Data &browser…",
        "See the pictures of each class, search, relabel or leave them out, and which are for training or validation.",
        ("Ctrl+B",),
        line_before=True,
    ),
    Entry(
        "check_data",
        "View",
        "&Check the data…",
        "Look for unreadable files, duplicates, leaks between the splits, and class imbalance.",
    ),
    Entry(
        "message",
        "View",
        "Go to the &message",
        "Give the keys to the buttons of the message above the page. Esc gives them back.",
        ("F8",),
        line_before=True,
    ),
    Entry("large", "View", "Lar&ge", "Larger text and controls, for a lecture room.", ("Ctrl+L",), checkable=True),
    Entry(
        "projector",
        "View",
        "Pro&jector",
        "For an audience: large, light (unless Dark is chosen), its state in a sentence, no panels. Esc leads back.",
        ("F11",),
        checkable=True,
    ),
    Entry(
        "full_screen",
        "View",
        "Plots on &full screen",
        "Only the plots, on the whole screen.",
        ("Shift+F11",),
        checkable=True,
    ),
    Entry(
        "system",
        "View",
        "&System colours",
        "Light or dark, as set in the system.",
        checkable=True,
        line_before=True,
    ),
    Entry("light", "View", "L&ight", "Dark text on a light background.", checkable=True),
    Entry("dark", "View", "&Dark", "Light text on a dark background.", checkable=True),
    Entry("reset_layout", "View", "&Reset layout", "Put all docks back in their original places.", line_before=True),
    Entry(
        "help",
        "Help",
        "&Help for this place",
        "What the field, page or dialog with the focus is for.",
        ("F1",),
        everywhere=True,
    ),
    Entry("help_contents", "Help", "&Contents", "All pages of the help, with a search."),
    Entry("keys", "Help", "&Keyboard shortcuts", "List all keyboard shortcuts.", ("Ctrl+F1",)),
    Entry(
        "log", "Help", "Show &log file", "Open the folder of the program's log, which has the details of every error."
    ),
    Entry("about", "Help", "&About", "Version of the program and its libraries."),
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
    if entry.everywhere:
        action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
    keys = f" ({entry.keys[0]})" if entry.keys else ""
    action.setToolTip(entry.help + keys)
    return action
