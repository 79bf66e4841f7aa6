"""A map over the picture beside that of shuffled weights, for a class, by a method that is chosen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QPixmap, QResizeEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QPushButton, QSlider, QWidget

from workbench.bridge.use.explain_desk import ExplainDesk
from workbench.engine.core.text import percent, short
from workbench.engine.explain.question import Question, methods
from workbench.views.use.map_view import MapView
from workbench.views.use.method_fields import MethodFields
from workbench.views.widgets.basics import Box, Direction, Words, keep_room, plain_tip
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.widgets.theme import ERROR, MUTED, rhythm

if TYPE_CHECKING:
    from workbench.engine.explain.explanation import Explanation

_TOP: Final = "The likeliest class"
_LAST_LAYER: Final = "The last layer with a map"
#: Height in lines of text below which the window is low.
_LINES: Final = 26
#: Minimum height in quarters of a line: that of the maps with their scales, below the choices.
_LOWEST: Final = 52
_SHUFFLED_TIP: Final = (
    "The same picture through the same network with its weights in random order, layer by layer. A map that stays the "
    "same there explains the picture, not what was learned."
)


class MapsPane(Box):
    """Asks for the map whenever something else is chosen."""

    refused = Signal(str)  #: what is wrong with a setting, or why no file was written

    def __init__(self, desk: ExplainDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(1, 1, 1, 1), spacing=1)
        set_help(self, "explain", "Maps")
        self.desk = desk
        self._found: Explanation | None = None
        self._classes: tuple[str, ...] = ()
        self._layers: tuple[tuple[str, str], ...] = ()
        self._folder = Path.home()
        self._make_choices()
        self.trained = MapView("With the trained weights", "The map will be here")
        self.shuffled = MapView("With shuffled weights", "The map of shuffled weights will be here")
        self.shuffled.title.setToolTip(plain_tip(_SHUFFLED_TIP))
        self.verdict, self.words, self.limits = Words(), Words(tone=MUTED), Words(tone=MUTED)
        self._make_hands()
        self._lay_out()
        self._connect()
        self._show_method()
        self._show_work()
        self._enable()

    def _make_choices(self) -> None:
        self.methods, self.classes, self.layers = QComboBox(), QComboBox(), QComboBox()
        for kind, cls in methods().items():
            self.methods.addItem(cls.title, kind)
            self.methods.setItemData(self.methods.count() - 1, plain_tip(cls.summary), Qt.ItemDataRole.ToolTipRole)
        for box, name, width in ((self.methods, "Method", 0), (self.classes, "Class", 14), (self.layers, "Layer", 18)):
            box.setAccessibleName(name)
            if width:
                box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
                box.setMinimumContentsLength(width)
        self.classes.addItem(_TOP, None)
        self.layers.addItem(_LAST_LAYER, "")
        self.fields = MethodFields()

    def _make_hands(self) -> None:
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setValue(60)
        self.opacity.setAccessibleName("How much the maps cover the picture")
        self.opacity.setToolTip("How much the maps cover the picture; at the right end they have the scale's colours.")
        self.save_button, self.copy_button = QPushButton("Save pict&ure…"), QPushButton("&Copy")
        self.save_button.setToolTip("Save both maps with their scales as a PNG file.")
        self.copy_button.setToolTip("Copy both maps with their scales as a picture.")
        self.bar, self.stop_button = ProgressBar(), QPushButton("S&top")
        self.bar.setAccessibleName("Progress of the map")
        self.bar.setTextVisible(False)
        self.stop_button.setToolTip("Make no map of this; another choice makes one.")
        keep_room(self.bar)
        keep_room(self.stop_button)

    def _lay_out(self) -> None:
        head, shade, buttons = (Box(spacing=2, horizontal=True) for _ in range(3))
        for widget in (self.methods, self.classes, self.layers, self.fields):
            head.add(widget)
        head.box.addStretch(1)
        self.pair = Box(spacing=3, horizontal=True)
        self.pair.add(self.trained, 1)
        self.pair.add(self.shuffled, 1)
        shade.add(Words("Picture", wrap=False))
        shade.add(self.opacity, 1)
        shade.add(Words("Map", wrap=False))
        buttons.add(self.bar, 1)
        for button in (self.stop_button, self.copy_button, self.save_button):
            buttons.add(button)
        self.foot = Box(spacing=2, horizontal=True)
        self.foot.add(shade, 1)
        self.foot.add(buttons, 1)
        self.said, self.body = Box(spacing=1), Box(spacing=2)
        for part in (self.verdict, self.limits, self.foot):
            self.said.add(part)
        self.body.add(self.pair, 5)
        self.body.add(self.said)
        self.add(head)
        self.add(self.words)
        self.add(self.body, 1)

    def _connect(self) -> None:
        self.methods.activated.connect(self._on_method)
        self.classes.activated.connect(self.ask)
        self.layers.activated.connect(self.ask)
        self.fields.changed.connect(self.ask)
        self.fields.refused.connect(self.refused)
        self.opacity.valueChanged.connect(self._on_opacity)
        self.save_button.clicked.connect(self._on_save)
        self.copy_button.clicked.connect(self._on_copy)
        self.stop_button.clicked.connect(self._on_stop)
        self.desk.map.answered.connect(self._on_explained)
        self.desk.map.failed.connect(self._on_failed)
        self.desk.map.changed.connect(self._show_work)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """That of a low pane, else a low window would not become one."""
        return QSize(super().minimumSizeHint().width(), rhythm(self, _LOWEST))

    def _fit(self) -> None:
        """In a low window the words are beside the maps, which get their height, and without the method's limits.

        The tooltip of the method has those.
        """
        is_low = self.height() < _LINES * self.fontMetrics().height()
        self.limits.setVisible(not is_low)
        self.body.box.setDirection(Direction.LeftToRight if is_low else Direction.TopToBottom)
        self.body.box.setStretchFactor(self.said, 3 if is_low else 0)
        self.foot.box.setDirection(Direction.BottomToTop if is_low else Direction.LeftToRight)

    # --- What is asked -------------------------------------------------------------------------------------------

    def question(self) -> Question:
        """What is chosen."""
        number = self.classes.currentData()
        layer = self.layers.currentData() if self.fields.method.uses_layer else ""
        return Question(self.fields.method, number, layer)

    @Slot()
    def ask(self) -> None:
        """Make the map of what is chosen, if there are a network and a picture."""
        self._show_classes()
        self.desk.explain(self.question())

    @Slot()
    def _on_method(self) -> None:
        self._show_method()
        self.ask()

    def _show_method(self) -> None:
        cls = methods()[self.methods.currentData()]
        self.fields.show_method(cls)
        self.layers.setVisible(cls.uses_layer)
        self.methods.setToolTip(plain_tip(f"{cls.summary} {cls.limits}"))
        self.limits.setText(f"{cls.summary} {cls.limits}")

    def _show_classes(self) -> None:
        """Offer the classes of the network; the class that was chosen stays chosen where it has it."""
        explainer = self.desk.explainer
        if explainer is None or explainer.classes == self._classes:
            return
        chosen = self.classes.currentText()
        self._classes = explainer.classes
        self.classes.clear()
        self.classes.addItem(_TOP, None)
        for number, name in enumerate(self._classes):
            self.classes.addItem(name, number)
        self.classes.setCurrentIndex(max(0, self.classes.findText(chosen)))

    # --- What came of it -----------------------------------------------------------------------------------------

    @Slot(object)
    def _on_explained(self, found: Explanation) -> None:
        self._found = found
        method = found.method
        for view, values in ((self.trained, found.map), (self.shuffled, found.shuffled)):
            view.show_map(found.seen, values, method.is_signed, method.unit, method.uses_layer)
        self._show_layers(found)
        at = f" at {found.layer}" if found.layer else ""
        rank = "the likeliest class" if found.is_top else "not the likeliest class"
        said = f"{found.class_name}, {percent(found.probability)}, {rank}, logit {short(found.logit, 3)}"
        grid = f"{found.map.shape[1]}×{found.map.shape[0]}"
        self.say(f"{method.title}{at} for {said}. Map of {grid}, {short(found.seconds, 2)} s.", is_wrong=False)
        self.verdict.setText(found.verdict)
        self._enable()

    def _show_layers(self, found: Explanation) -> None:
        """Offer the layers of the network that have a map; the one that was chosen stays chosen where it has it."""
        if found.layers == self._layers:
            return
        chosen = self.layers.currentData()
        self.forget_layers()
        self._layers = found.layers
        for name, words in found.layers:
            self.layers.addItem(words, name)
        self.layers.setCurrentIndex(max(0, self.layers.findData(chosen)))

    def forget_layers(self) -> None:
        """The layers are those of another network now."""
        self._layers = ()
        self.layers.clear()
        self.layers.addItem(_LAST_LAYER, "")

    @Slot(str)
    def _on_failed(self, why: str) -> None:
        self.clear(why, is_wrong=True)

    def clear(self, words: str, is_wrong: bool = False) -> None:
        """There is no map; ``words`` say why."""
        self._found = None
        self.trained.clear()
        self.shuffled.clear()
        self.verdict.setText("")
        self.say(words, is_wrong)
        self._enable()

    def say(self, words: str, is_wrong: bool = True) -> None:
        """Say something about the map."""
        self.words.setForegroundRole(ERROR if is_wrong else MUTED)
        self.words.setText(words)

    @Slot()
    def _show_work(self) -> None:
        request = self.desk.map
        self.bar.setVisible(request.is_pending)
        self.stop_button.setVisible(request.is_pending)
        self.bar.setRange(0, 1000 if request.fraction else 0)
        self.bar.setValue(round(1000 * request.fraction))
        self.bar.setAccessibleDescription(request.words)
        if request.is_pending and self._found is None:
            self.say(f"{request.words}…" if request.words else "The picture is read…", is_wrong=False)

    @Slot()
    def _on_stop(self) -> None:
        self.desk.map.cancel()
        self.say("Stopped. Choose something, or the same again, for a map.", is_wrong=False)

    def _enable(self) -> None:
        for button in (self.save_button, self.copy_button):
            button.setEnabled(self._found is not None)

    # --- Taking it away ------------------------------------------------------------------------------------------

    @Slot(int)
    def _on_opacity(self, value: int) -> None:
        for view in (self.trained, self.shuffled):
            view.picture.set_opacity(value / 100)

    def picture(self) -> QPixmap:
        """Both maps with their titles and scales, twice as large as on the screen."""
        made = QPixmap(self.pair.size() * 2)
        made.setDevicePixelRatio(2)
        made.fill(self.palette().window().color())
        self.pair.render(made)
        return made

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setPixmap(self.picture())

    @Slot()
    def _on_save(self) -> None:
        name = f"{self.fields.method.kind}.png"
        chosen, _ = QFileDialog.getSaveFileName(self, "Save the maps", str(self._folder / name), "Pictures (*.png)")
        if chosen:
            self.save(Path(chosen))

    def save(self, path: Path) -> None:
        """Write both maps as PNG."""
        self._folder = path.parent
        if not self.picture().save(str(path), "PNG"):
            self.refused.emit(f"{path} could not be written.")
