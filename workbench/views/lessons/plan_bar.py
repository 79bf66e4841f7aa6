"""The plan above its scenes: opened, saved, arranged, handed out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QPushButton, QWidget

from workbench.bridge.lessons.lesson_desk import LessonDesk
from workbench.bridge.lessons.plan_desk import PlanDesk
from workbench.engine.core.text import counted
from workbench.engine.lessons.plan.file import SUFFIX
from workbench.engine.lessons.plan.plan import LessonPlan
from workbench.views.lessons.scene_dialog import SceneDialog
from workbench.views.widgets.basics import Box, Words, fitting_title, plain_tip
from workbench.views.widgets.menu import Menu
from workbench.views.widgets.theme import MUTED

PLAN_FILTER: Final = f"Lesson plans (*{SUFFIX});;All files (*)"
#: Maximum number of recent plans.
KEPT: Final = 8
#: Maximum number of characters of the plan's title on its button.
_TITLE: Final = 30


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """One line of the menu. ``why_not`` says why it is not possible now; empty if it is."""

    name: str
    text: str
    help: str
    key: str = ""
    why_not: Callable[[PlanDesk], str] = lambda _plans: ""
    line_before: bool = False


def _no_scene(plans: PlanDesk) -> str:
    return "" if plans.place is not None else "There is no scene."


def _is_first(plans: PlanDesk) -> str:
    return _no_scene(plans) or ("It is the first scene." if plans.place == 0 else "")


def _is_last(plans: PlanDesk) -> str:
    return _no_scene(plans) or ("It is the last scene." if plans.place == len(plans.plan.scenes) - 1 else "")


def _is_empty(plans: PlanDesk) -> str:
    return "" if plans.plan.scenes else "The plan has no scenes yet."


def _nothing_to_play(plans: PlanDesk) -> str:
    return _is_empty(plans) or ("" if plans.unrecorded else "Every scene that can be played has its record.")


SCENE_ENTRIES: Final = (
    PlanEntry("up", "Move &up", "The scene comes one place earlier.", "Alt+Up", _is_first),
    PlanEntry("down", "Move &down", "The scene comes one place later.", "Alt+Down", _is_last),
    PlanEntry("words", "Change the &words…", "Title, question and speaker's notes of the scene.", "F2", _no_scene),
    PlanEntry("remove", "&Remove from the plan", "Take the scene out; its run is kept.", "Del", _no_scene),
    PlanEntry("undo", "U&ndo", "Take the last change of the plan back.", "Ctrl+Z",
              lambda plans: "" if plans.can_undo else "Nothing was changed."),
    PlanEntry("redo", "Red&o", "Make it again.", "Ctrl+Y", lambda plans: "" if plans.can_redo else "Nothing to redo."),
)  # fmt: skip
PLAN_ENTRIES: Final = (
    PlanEntry("open", "&Open a plan…", "A plan in a file: its scenes replay here."),
    PlanEntry("lecture", "The &lecture", "The program's own plan: all its scenes."),
    PlanEntry("new", "&New plan", "A plan without scenes; this one comes back with Undo."),
    PlanEntry("save", "&Save the plan…", "One file with all scenes, their settings, edits, seeds and records."),
    PlanEntry("rename", "Rename the &plan…", "Another title for the plan."),
    PlanEntry("copy", "&Add the scene as it is now", "Once more, at the end, with what was changed by hand.", "",
              _no_scene, True),
    PlanEntry("find", "&Find data…", "Say where the data of the scene lie on this computer.", "",
              lambda plans: "" if plans.is_missing_data else "The data of this scene are here."),
    PlanEntry("play", "Play &what has no record", "All such scenes, one after the other; the plan and its handout then "
              "have their numbers and pictures.", "", _nothing_to_play),
    PlanEntry("handout", "&Handout…", "One page for the class: pictures, numbers, questions, room for notes.", "",
              _is_empty, True),
)  # fmt: skip


class PlanBar(Box):
    """A button with the plan's title and its menu; below it what is being done."""

    choices_changed = Signal()  #: the plans that were opened lately

    def __init__(self, desk: LessonDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=0.5)
        self._desk, self._plans = desk, desk.plans
        self._folder = str(Path.home())
        self.recent: list[Path] = []
        self.dialog: SceneDialog | None = None
        self.button = QPushButton()
        self.menu = Menu("", self.button)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        self.menu.triggered.connect(self._on_action)
        self.button.setMenu(self.menu)
        self.button.setAccessibleName("Plan")
        self.line = Box(self, horizontal=True)
        self.doing = Words(parent=self.line, tone=MUTED)
        self.cancel = QPushButton("Cancel")
        self.cancel.clicked.connect(self._plans.cancel)
        self.line.add(self.doing, 1)
        self.line.add(self.cancel)
        self.add(self.button)
        self.add(self.line)
        self._plans.changed.connect(self.refresh)
        self._plans.opened_path.connect(self._on_path)
        desk.listed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the plan's title, and what is being done."""
        plan = self._plans.plan
        mark = " *" if self._plans.is_unsaved else ""
        self.button.setText(f"Plan: {fitting_title(plan.title, _TITLE)}{mark}".replace("&", "&&"))
        saved = "It is not saved yet, or was changed since." if mark else ""
        self.button.setToolTip(plain_tip(f"{plan.title}: {counted(len(plan.scenes), 'scene')}. {saved}"))
        self.doing.setText(f"{self._plans.doing}…" if self._plans.doing else "")
        self.line.setVisible(bool(self._plans.doing))
        self.cancel.setVisible(self._plans.can_cancel)

    @Slot()
    def _fill(self) -> None:
        self.menu.clear()
        _add_entries(self.menu, PLAN_ENTRIES[:1], self._plans)
        lately = self.menu.addMenu("Open &recent")
        lately.setEnabled(bool(self.recent))
        for number, path in enumerate(self.recent, 1):
            action = lately.addAction(f"&{number}  {path.name.replace('&', '&&')}")
            action.setToolTip(str(path))
            action.setData(f"recent:{path}")
        _add_entries(self.menu, PLAN_ENTRIES[1:], self._plans)
        _add_entries(self.menu.addMenu("&Scene"), SCENE_ENTRIES, self._plans)

    @Slot(QPoint)
    def show_scene_menu(self, place: QPoint) -> None:
        """What can be done with the scene on the stage, as a menu at ``place`` of the screen."""
        menu = Menu("", self)
        menu.setToolTipsVisible(True)
        _add_entries(menu, SCENE_ENTRIES, self._plans)
        menu.triggered.connect(self._on_action)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    @Slot(QAction)
    def _on_action(self, action: QAction) -> None:
        self.do(str(action.data()))

    @Slot(str)
    def do(self, name: str) -> None:
        """Run the action with this name; nothing if it is disabled."""
        plans = self._plans
        entry = next((each for each in (*SCENE_ENTRIES, *PLAN_ENTRIES) if each.name == name), None)
        if entry is not None and entry.why_not(plans):
            return
        if name.startswith("recent:"):
            self.open_file(Path(name.removeprefix("recent:")))
            return
        {
            "up": lambda: plans.move_by(-1),
            "down": lambda: plans.move_by(1),
            "words": self._ask_words,
            "remove": plans.remove,
            "undo": plans.undo,
            "redo": plans.redo,
            "open": self._ask_open,
            "lecture": plans.show_lecture,
            "new": plans.begin,
            "save": self._ask_save,
            "rename": self._ask_title,
            "copy": plans.add_shown,
            "find": self._ask_data,
            "play": plans.play_missing,
            "handout": self._ask_handout,
        }[name]()

    # --- What is asked ------------------------------------------------------------------------------------------

    def open_file(self, path: Path) -> None:
        """Open a plan; one that is gone leaves the list."""
        if not path.exists() and path in self.recent:
            self.recent.remove(path)
            self.choices_changed.emit()
        self._plans.open(path)

    def _ask_open(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self.window(), "Open a lesson plan", self._folder, PLAN_FILTER)
        if chosen:
            self.open_file(Path(chosen))

    def _ask_save(self) -> None:
        at = self._plans.path or Path(self._folder) / f"{_file_name(self._plans.plan)}{SUFFIX}"
        chosen, _ = QFileDialog.getSaveFileName(self.window(), "Save the lesson plan", str(at), PLAN_FILTER)
        if chosen:
            self._plans.save(Path(chosen))

    def _ask_handout(self) -> None:
        at = Path(self._folder) / f"{_file_name(self._plans.plan)}.html"
        title = "Save the handout"
        if self._plans.unrecorded:
            title += f": {counted(self._plans.unrecorded, 'scene')} without numbers, which leave room to fill in"
        chosen, _ = QFileDialog.getSaveFileName(self.window(), title, str(at), "Web pages (*.html)")
        if chosen:
            self._plans.write_handout(Path(chosen))

    def _ask_title(self) -> None:
        title, is_given = QInputDialog.getText(self.window(), "Rename the plan", "Title", text=self._plans.plan.title)
        if is_given:
            self._plans.rename(title)

    def _ask_data(self) -> None:
        scene = self._desk.plan_scene
        need = scene.missing[0] if scene is not None and scene.missing else None
        if need is None:
            return
        title = f"Where is “{need.name}”?"
        if need.setting.endswith("folder") or need.setting.endswith("images"):
            chosen = QFileDialog.getExistingDirectory(self.window(), title, self._folder)
        else:
            chosen, _ = QFileDialog.getOpenFileName(self.window(), title, self._folder)
        if chosen:
            self._plans.find_data(Path(chosen))

    def _ask_words(self) -> None:
        lesson = self._desk.lesson
        if lesson is not None:
            self.dialog = SceneDialog(lesson, self._plans.reword, self.window())
            self.dialog.open()

    @Slot(object)
    def _on_path(self, path: Path) -> None:
        self._folder = str(path.parent)
        self.recent = [path, *(each for each in self.recent if each != path)][:KEPT]
        self.choices_changed.emit()


def _add_entries(menu: QMenu, entries: Sequence[PlanEntry], plans: PlanDesk) -> None:
    menu.setToolTipsVisible(True)
    for entry in entries:
        if entry.line_before:
            menu.addSeparator()
        action = menu.addAction(entry.text)
        action.setData(entry.name)
        why_not = entry.why_not(plans)
        action.setEnabled(not why_not)
        action.setToolTip(plain_tip(why_not or entry.help))
        if entry.key:
            action.setShortcut(QKeySequence(entry.key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # the list has the keys


def _file_name(plan: LessonPlan) -> str:
    kept = "".join(letter if letter.isalnum() else "-" for letter in plan.title.lower())
    return "-".join(part for part in kept.split("-") if part)[:60] or "lesson"
