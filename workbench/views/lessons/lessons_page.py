"""The page of the lessons: the list, the question, the stage, and the conclusion with the measured number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QSplitter, QStackedWidget, QWidget

from workbench.bridge.lessons.lesson_desk import LessonDesk
from workbench.bridge.settings_store import SettingsStore
from workbench.engine.core.text import grouped
from workbench.engine.lessons.lesson import Lesson
from workbench.views.lessons.conclusion_view import ConclusionView
from workbench.views.lessons.curves_stage import CurvesStage
from workbench.views.lessons.large_words import LargeWords
from workbench.views.lessons.lesson_list import LessonList
from workbench.views.lessons.notes_window import Notes, NotesWindow
from workbench.views.lessons.plan_bar import PlanBar
from workbench.views.lessons.playground_stage import PlaygroundStage
from workbench.views.lessons.predict_panel import PredictPanel
from workbench.views.lessons.scene_number import SceneNumber
from workbench.views.widgets.basics import Box, Words, keep_room, plain_tip
from workbench.views.widgets.collapsible_header import CollapsibleHeader
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.scrolled import scrolled
from workbench.views.widgets.theme import MUTED, rhythm

_LEFT: Final = 62
#: Minimum width of the predictions, in quarters of a line.
_PREDICT: Final = 44
#: In lines: in less width what can be dragged is no column beside the buttons, but the tooltip of the question.
_NARROW: Final = 42
#: In lines: on a lower page the question is at most two lines of large letters, and the conclusion scrolls early.
_LOW: Final = 30


class LessonsPage(QWidget):
    """Keys: digits and arrows choose a scene, Enter plays it, Space plays and pauses the stage."""

    told = Signal(str, str)  #: a sentence for the user, and "info" or "error"
    undo_store_changed = Signal()
    choices_changed = Signal()  #: the plans that were opened lately

    def __init__(self, desk: LessonDesk) -> None:
        super().__init__()
        self.desk = desk
        desk.load()
        self._is_on_stage = False
        self._undo_store = self.undo_store
        self._notes_window: NotesWindow | None = None
        self.list, self.plan_bar = LessonList(desk), PlanBar(desk)
        self.notes = Notes()
        self.title = Words(tone=MUTED)
        self.question = LargeWords(1.35, bold=True)
        self.hint = Words()
        self.playground, self.curves = PlaygroundStage(desk), CurvesStage(desk)
        self.conclusion = ConclusionView(desk)
        self.predict = PredictPanel(desk)
        self.number = SceneNumber(self)
        set_help(self, "lessons")
        self._make_buttons()
        self._lay_out()
        self._join()
        self._make_keys()

    def _make_buttons(self) -> None:
        desk = self.desk
        self.buttons: dict[str, QPushButton] = {}
        for name, text, tip, slot in (
            ("previous", "◂", "The scene before (←, Page up)", desk.previous),
            ("next", "▸", "The next scene (→, Page down)", desk.next),
            (
                "play",
                "&Play",
                "Play the scene from its start, with what was changed, and measure it (Enter)",
                desk.play,
            ),
            ("counter", "Counter-e&xample", "", desk.play_counter),
            ("seed", "&Other seed", "Play it with another start, other noise and other weights", desk.other_seed),
            ("restart", "Re&start the scene", "The scene as it began: what was dragged goes back", desk.restart),
            ("notes", "&Notes", "Open the speaker's notes in a window of their own, or close it", self._show_notes),
        ):
            self.buttons[name] = self._button(text, tip, slot)
        self.buttons["predict"] = self._predict_button()
        self.buttons["previous"].setAccessibleName("Previous scene")
        self.buttons["next"].setAccessibleName("Next scene")

    def _predict_button(self) -> QPushButton:
        tip = "Hold each scene before it is played: the class votes, or somebody draws the curve; then it is revealed"
        button = self._button("Pre&dict first", tip, lambda: self.desk.set_predicting(button.isChecked()))
        button.setCheckable(True)
        return button

    def _button(self, text: str, tip: str, slot: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(plain_tip(tip))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(slot)
        return button

    def _lay_out(self) -> None:
        self.left = Box(margins=(1, 1, 0, 1))
        self.left.add(self.plan_bar)
        self.left.add(self.list, 1)
        self.notes_head = CollapsibleHeader("Speaker's notes", self.left)
        self._notes_area = scrolled(self.notes, "Speaker's notes")
        self._notes_area.hide()
        self.notes_head.toggled.connect(self._notes_area.setVisible)
        self.left.add(self.notes_head)
        self.left.add(self._notes_area, 1)
        head, acts = Box(horizontal=True), Box(horizontal=True)
        head.add(self.title, 1)
        for name in ("predict", "previous", "next", "notes"):
            head.add(self.buttons[name])
        acts.add(self.hint, 1)
        for name in ("play", "counter", "seed", "restart"):
            acts.add(self.buttons[name])
        self.stages = QStackedWidget()
        for stage in (self.playground, self.curves):
            self.stages.addWidget(stage)
        middle = Box(margins=(2, 1, 1, 0), spacing=1)
        for part in (head, self.question, acts):
            middle.add(part)
        on_stage = Box(horizontal=True)
        keep_room(self.stages)
        on_stage.add(self.stages, 3)
        self._predict_area = scrolled(self.predict, "Predictions", _PREDICT)
        self._predict_area.hide()  # before anything asks for the smallest size, in which it would be
        on_stage.add(self._predict_area, 1)
        middle.add(on_stage, 1)
        middle.add(self.conclusion)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        for part in (self.left, middle):
            self.splitter.addWidget(part)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([rhythm(self, _LEFT), 1000])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.splitter)

    def _join(self) -> None:
        self.list.chosen.connect(self.desk.choose)
        self.list.wanted.connect(self.play_number)
        self.list.asked.connect(self.plan_bar.do)
        self.list.menu_wanted.connect(self.plan_bar.show_scene_menu)
        self.plan_bar.choices_changed.connect(self.choices_changed)
        self.desk.listed.connect(self._on_listed)
        self.number.chosen.connect(self.play_number)
        self.number.typed.connect(self._on_typed)
        self.desk.began.connect(self._on_began)
        self.desk.changed.connect(self._on_changed)
        self.desk.predictions.changed.connect(self._on_changed)
        stage = self.playground
        for widget in (stage.picture, stage.landscape, stage.strips, self.curves.picture):
            widget.picture_menu.told.connect(self.told)
        if self.desk.scene is not None:
            self.desk.restart()
        self._on_listed()

    @Slot()
    def _on_listed(self) -> None:
        self.number.numbers = tuple(lesson.number for lesson in self.desk.lessons)
        self.stages.setVisible(bool(self.desk.lessons))
        if not self.desk.lessons:
            for words in (self.question, self.hint):
                words.setText("")
            self.notes.show_lesson(None)
        for name, by in (("previous", -1), ("next", 1)):
            self.buttons[name].setEnabled(self.desk.neighbour(by) is not None)
        self._on_changed()

    def choices(self) -> dict[str, str]:
        """The plans that were opened lately."""
        return {f"plan{number}": str(path) for number, path in enumerate(self.plan_bar.recent)}

    def choose(self, words: Mapping[str, str]) -> None:
        """Bring back what ``choices`` gave."""
        self.plan_bar.recent = [Path(words[key]) for key in sorted(words) if key.startswith("plan") and words[key]]

    @property
    def undo_store(self) -> SettingsStore[Any]:
        """What Undo and Redo act on while this page is shown: predictions while the scene waits for them."""
        predictions = self.desk.predictions
        if predictions.is_holding and predictions.store is not None:
            return predictions.store
        return self.desk.playground.store

    # --- What is shown ------------------------------------------------------------------------------------------

    @Slot(int)
    def play_number(self, number: int) -> None:
        """Choose the scene with this number and play it, unless it waits for predictions; say so if there is none."""
        is_waiting = self.desk.predictions.is_holding and self.desk.lesson and self.desk.lesson.number == number
        if is_waiting:
            self.desk.play()
        elif self.desk.choose(number):
            if not self.desk.predictions.is_holding:
                self.desk.play()
        else:
            self.title.setText(f"There is no scene {grouped(number)}.")

    @Slot(object)
    def _on_began(self, scene: Lesson) -> None:
        before, focus = self.stages.currentWidget(), QApplication.focusWidget()
        has_focus = focus is not None and before is not None and (before is focus or before.isAncestorOf(focus))
        self.stages.setCurrentWidget(self.playground if scene.playground is not None else self.curves)
        if has_focus and before is not self.stages.currentWidget():
            self._focus_stage()  # else Qt gives it to a field, which the keys of the page are not for
        self.question.setText(scene.question)
        self.hint.setText(scene.drag)
        self.notes.show_lesson(scene)
        for stage in (self.playground, self.curves):
            stage.picture.file_name = f"scene-{scene.number}"
        counter = scene.counter
        tip = f"Play it with this change: {counter.words}" if counter else "A scene of your own has no counter-example."
        self.buttons["counter"].setToolTip(plain_tip(tip))
        for name, by in (("previous", -1), ("next", 1)):
            self.buttons[name].setEnabled(self.desk.neighbour(by) is not None)

    @Slot()
    def _on_changed(self) -> None:
        self.title.setText(self._title())
        lesson = self.desk.lesson
        for name in ("play", "counter", "seed", "restart", "notes"):
            self.buttons[name].setEnabled(lesson is not None and (name != "counter" or lesson.counter is not None))
        predictions = self.desk.predictions
        if predictions.is_holding:
            for name in ("counter", "seed"):
                self.buttons[name].setEnabled(False)
        self.buttons["predict"].setEnabled(lesson is not None)
        self._make_room()
        if self.undo_store is not self._undo_store:
            self._undo_store = self.undo_store
            self.undo_store_changed.emit()

    def _title(self) -> str:
        lesson, conclusion = self.desk.lesson, self.desk.player.conclusion
        if lesson is None:
            return "There are no lessons." if self.desk.plan.is_lecture else "This plan has no scenes yet."
        parts = [f"Scene {lesson.number}", lesson.title]
        if lesson.claim and lesson.claim != lesson.number:
            parts.append(f"scene {grouped(lesson.claim)} of the lecture")
        if lesson.is_beyond_the_lecture:
            parts.append("beyond the lecture")
        if self.desk.seed:
            parts.append(f"seed {grouped(self.desk.seed)}")
        if conclusion is not None and conclusion.is_counter and lesson.counter is not None:
            parts.append(f"counter-example: {lesson.counter.words}")
        return " · ".join(parts)

    @Slot(str)
    def _on_typed(self, digits: str) -> None:
        self.title.setText(f"Scene {digits}…" if digits else self._title())

    # --- On stage -----------------------------------------------------------------------------------------------

    def set_on_stage(self, on: bool) -> None:
        """Show only what an audience needs, or all again."""
        self._is_on_stage = on
        self._make_room()
        self.buttons["restart"].setVisible(not on)
        if on:
            self._focus_stage()

    def _focus_stage(self) -> None:
        stage = self.stages.currentWidget()
        (self.playground.landscape if stage is self.playground else self.curves).setFocus()

    def _make_room(self) -> None:
        """Show the predictions if there are any, and the list of scenes if it fits beside them.

        Else the window would grow, with large letters beyond a screen of 1280 pixels.
        """
        shown = self.desk.predictions.is_shown
        parts = (self.left, self.stages, self._predict_area)
        needed = sum(part.minimumSizeHint().width() for part in parts) + rhythm(self, 8)
        has_list = not self._is_on_stage and (not shown or self.width() >= needed)
        focus = QApplication.focusWidget()
        if not has_list and focus is not None and self.left.isAncestorOf(focus):
            self._focus_stage()
        self.left.setVisible(has_list)
        is_asking = (
            self.desk.predictions.is_holding
        )  # there is nothing to conclude yet: the curve to draw gets the room
        self.conclusion.setVisible(bool(self.desk.lessons) and not is_asking)
        is_low = self.height() < _LOW * self.fontMetrics().height()
        self.question.set_most_lines(2 if is_low else 0)
        self.conclusion.fit_into(self.height(), is_low)
        self._predict_area.setVisible(shown)
        room = self.width() - (self.left.minimumSizeHint().width() if has_list else 0)
        is_narrow = room < _NARROW * self.fontMetrics().height()
        self.hint.setVisible(not is_narrow)
        self.question.setToolTip(plain_tip(self.hint.text()) if is_narrow else "")

    @Slot()
    def _show_notes(self) -> None:
        """Open the notes, or close them."""
        if self._notes_window is None:
            self._notes_window = NotesWindow(self.desk, self.window(), self.take_key)
        if self._notes_window.isVisible():
            self._notes_window.close()
        else:
            self._notes_window.open_beside(self.window())

    def take_key(self, event: QKeyEvent) -> None:
        """Act on a key that was pressed in the window of the notes, as if it had been pressed here."""
        digit = event.key() - Qt.Key.Key_0
        if 0 <= digit <= 9:
            self._press_digit(digit)
        else:
            self.keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.desk.set_shown(True)
        focus = QApplication.focusWidget()
        if focus is None or not focus.isVisible():
            self._focus_stage() if self._is_on_stage else self.list.list.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "splitter"):
            self._make_room()

    def hideEvent(self, event: QHideEvent) -> None:
        self.desk.set_shown(False)
        super().hideEvent(event)

    # --- Keys ---------------------------------------------------------------------------------------------------

    def _make_keys(self) -> None:
        """Digits are shortcuts, so that they come before what the landscape does with them; number fields keep them."""
        for digit in range(10):
            key = QShortcut(Qt.Key(Qt.Key.Key_0 + digit), self)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.activated.connect(lambda d=digit: self._press_digit(d))

    def _press_digit(self, digit: int) -> None:
        """A vote while the scene waits for votes, else a digit of a scene's number."""
        predictions = self.desk.predictions
        if predictions.is_holding and predictions.prediction.votes:
            predictions.vote(digit - 1)
        else:
            self.number.press(digit)

    def _is_in_controls(self) -> bool:
        """Whether a setting has the focus, where Enter ends an input and arrows are not for the page."""
        focus, controls = (
            QApplication.focusWidget(),
            (self.playground.controls, self.curves.controls, self.predict.vote),
        )
        return focus is not None and any(each.isAncestorOf(focus) for each in controls)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        act = _KEYS.get(Qt.Key(event.key())) if not self._is_in_controls() else None
        if act is not None and event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        ):
            act(self.desk)
        else:
            super().keyPressEvent(event)


_KEYS: Final[dict[Qt.Key, Callable[[LessonDesk], None]]] = {
    Qt.Key.Key_Space: LessonDesk.play_or_pause,
    Qt.Key.Key_Return: LessonDesk.play,
    Qt.Key.Key_Enter: LessonDesk.play,
    Qt.Key.Key_Left: LessonDesk.previous,
    Qt.Key.Key_PageUp: LessonDesk.previous,
    Qt.Key.Key_Right: LessonDesk.next,
    Qt.Key.Key_PageDown: LessonDesk.next,
    Qt.Key.Key_Backspace: lambda desk: desk.predictions.undo(),
}
