"""One picture after the other: opened, dropped, pasted, drawn or from the camera, and what the network says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, Qt, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QImage
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QPushButton,
    QSlider,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.bridge.use.use_desk import Bytes, UseDesk
from workbench.views.data.drop_target import paths_of
from workbench.views.use.answer_view import AnswerView, PictureBox
from workbench.views.use.camera import MISSING, Camera, is_available
from workbench.views.use.canvas import Canvas
from workbench.views.use.pixels import pixels_of
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.qimage import image_of
from workbench.views.widgets.theme import MUTED, rhythm

if TYPE_CHECKING:
    from workbench.engine.use.answer import Answer

_NOTHING_TO_PASTE: Final = "There is no picture in the clipboard. Copy one, or a file of one, and paste it here."
#: A line is at least this share of the side wide, and this many pixels of the network's picture: thinner is gray there.
_THIN, _PIXELS = 0.09, 1.6
_INKS: Final = {"auto": "As in training", "dark": "White on black", "light": "Black on white"}


class PictureTab(QWidget):
    """Keys: Ctrl+V pastes, Ctrl+O opens; the canvas has its own."""

    def __init__(self, desk: UseDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self._folder = str(Path.home())
        self._files: tuple[Path, ...] = ()
        self._shown = 0
        self._is_drawn = False  # whether the picture is the drawing
        self._is_width_chosen = False
        self.canvas, self.answer, self.camera = Canvas(), AnswerView(), Camera(self)
        self.given = PictureBox("The picture")
        self.words = Words(tone=MUTED)
        self._make_buttons()
        self._make_drawing_tools()
        self._lay_out()
        self._connect()
        self._show_state()

    def _make_buttons(self) -> None:
        self.open_button, self.paste_button = QPushButton("&Open…"), QPushButton("Paste")
        self.camera_button = QPushButton("&Camera")
        self.camera_button.setCheckable(True)
        self.open_button.setToolTip("Open picture files. They can be dropped on the window too.")
        self.paste_button.setToolTip("Paste a picture from the clipboard (Ctrl+V).")
        self.camera_button.setToolTip(plain_tip("Pictures from the camera." if is_available() else MISSING))
        self.draw_button = QPushButton("Dra&w")
        self.draw_button.setToolTip("Back to the canvas, with what was drawn on it.")
        self.back_button, self.next_button = QPushButton("◂"), QPushButton("▸")
        for button, name in ((self.back_button, "Previous picture"), (self.next_button, "Next picture")):
            button.setAccessibleName(name)
            button.setToolTip(name)

    def _make_drawing_tools(self) -> None:
        self.ink = QComboBox()
        self.ink.setAccessibleName("Ink and paper")
        self.ink.setToolTip(
            plain_tip(
                "Which is the ink. As in training: white on black where most of the network's "
                "gray training pictures was dark, else black on white."
            )
        )
        for name, words in _INKS.items():
            self.ink.addItem(words, name)
        self.width_slider = QSlider(Qt.Orientation.Horizontal)
        self.width_slider.setRange(2, 30)
        self.width_slider.setValue(round(self.canvas.line_width * 100))
        self.width_slider.setAccessibleName("Line width")
        self.width_slider.setToolTip("Line width, in hundredths of the side.")
        self.undo_button, self.clear_button = QPushButton("&Undo line"), QPushButton("Cle&ar")
        self.undo_button.setToolTip("Remove the last line (Backspace).")
        self.clear_button.setToolTip("Begin anew (Delete).")

    def _lay_out(self) -> None:
        sources, tools = (Box(spacing=2, horizontal=True) for _ in range(2))
        for button in (self.open_button, self.paste_button, self.camera_button, self.draw_button):
            sources.add(button)
        sources.box.addStretch(1)
        sources.add(self.back_button)
        sources.add(self.next_button)
        tools.add(self.ink)
        tools.add(self.width_slider, 1)
        tools.add(self.undo_button)
        tools.add(self.clear_button)
        left = Box(margins=(1, 1, 1, 1), spacing=2)
        for widget in (sources, self.words):
            left.add(widget)
        drawing = Box(spacing=2)
        drawing.add(self.canvas, 1)
        drawing.add(tools)
        self.place = QStackedWidget()
        for page in (drawing, self.given):
            self.place.addWidget(page)
        left.add(self.place, 1)
        right = Box(margins=(1, 1, 1, 1))
        right.add(self.answer, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 2)
        splitter.setStretchFactor(1, 3)
        splitter.setSizes([rhythm(self, 100), rhythm(self, 150)])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(splitter)

    def _connect(self) -> None:
        desk = self.desk
        desk.answered.connect(self._on_answered)
        desk.refused.connect(self._on_refused)
        desk.slot.renewed.connect(self._on_network)
        desk.slot.changed.connect(self._show_state)
        self.canvas.drawn.connect(self._on_drawn)
        self.ink.activated.connect(self._follow_ink)
        self.width_slider.valueChanged.connect(self._on_width)
        self.width_slider.actionTriggered.connect(self._on_width_chosen)
        self.undo_button.clicked.connect(self.canvas.undo)
        self.clear_button.clicked.connect(self.canvas.clear)
        self.open_button.clicked.connect(self.open)
        self.paste_button.clicked.connect(self.paste)
        self.back_button.clicked.connect(self._on_back)
        self.next_button.clicked.connect(self._on_next)
        self.camera_button.clicked.connect(self._on_camera)
        self.draw_button.clicked.connect(self._on_draw)
        self.camera.framed.connect(self._on_frame)
        self.camera.failed.connect(self._on_camera_failed)

    # --- Pictures ------------------------------------------------------------------------------------------------

    def take(self, files: Sequence[Path]) -> None:
        """Show the first of these files; the others follow with the arrows."""
        self._files, self._shown, self._is_drawn = tuple(files), 0, False
        self._ask_shown()

    def take_named(self, picture: Path | Bytes, words: str) -> None:
        """Show a picture, a file or pixels, uint8 (H, W, 1, 3 or 4); ``words`` say what it is."""
        self._files, self._is_drawn = (), False
        self._say(words)
        self.desk.ask(picture, words)
        self._show_state()

    @Slot()
    def open(self) -> None:
        """Choose picture files."""
        chosen, _ = QFileDialog.getOpenFileNames(self, "Open pictures", self._folder, "All files (*)")
        if chosen:
            self._folder = str(Path(chosen[0]).parent)
            self.take([Path(each) for each in chosen])

    @Slot()
    def paste(self) -> None:
        """Take the picture or the files in the clipboard."""
        files, image = _pasted(QGuiApplication.clipboard().mimeData())
        if files:
            self.take(files)
        elif not image.isNull():
            self.take_named(pixels_of(image), "From the clipboard")
        else:
            self._say(_NOTHING_TO_PASTE)
        self._show_state()

    @Slot()
    def _on_drawn(self) -> None:
        if self.canvas.is_empty:
            if self._is_drawn:  # a canvas that was empty before changes its colour with the network
                self.desk.forget()
                self.answer.say("Nothing is drawn.", is_wrong=False)
            return
        self._files, self._is_drawn = (), True
        self._say("Drawn")
        self.desk.ask(pixels_of(self.canvas.image())[:, :, :1].copy(), "Drawn")
        self._show_state()

    @Slot()
    def _on_draw(self) -> None:
        self._files, self._is_drawn = (), True
        self._say("")
        self._on_drawn()
        self._show_state()

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        self.given.show_image(image_of(answer.sharp))
        self.answer.show_answer(answer)

    @Slot()
    def _on_back(self) -> None:
        self._show_file(-1)

    @Slot()
    def _on_next(self) -> None:
        self._show_file(1)

    def _show_file(self, by: int) -> None:
        if self._files:
            self._shown = (self._shown + by) % len(self._files)
            self._ask_shown()

    def _ask_shown(self) -> None:
        if self._files:
            path = self._files[self._shown]
            number = f" ({self._shown + 1} of {len(self._files)})" if len(self._files) > 1 else ""
            self._say(f"{path.name}{number}")
            self.desk.ask(path, self._named(path))
        self._show_state()

    def _named(self, path: Path) -> str:
        """The file, and its class where its folder has the name of one of the network's classes."""
        network, folder = self.desk.slot.network, path.parent.name
        is_class = network is not None and folder in network.classes
        return f"{path.name}, class {folder} (its folder)" if is_class else path.name

    # --- The camera ----------------------------------------------------------------------------------------------

    @Slot(bool)
    def _on_camera(self, on: bool) -> None:
        if on:
            self._say("From the camera")
            self.camera.start()
        else:
            self.camera.stop()

    @Slot(object)
    def _on_frame(self, image: QImage) -> None:
        self._files, self._is_drawn = (), False
        self.desk.ask(pixels_of(image), "From the camera")
        self._show_state()

    @Slot(str)
    def _on_camera_failed(self, words: str) -> None:
        self.camera_button.setChecked(False)
        self._say(words)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.camera.stop()
        self.camera_button.setChecked(False)

    # --- State ---------------------------------------------------------------------------------------------------

    @Slot(int)
    def _on_width_chosen(self, _action: int) -> None:
        self._is_width_chosen = True

    @Slot(int)
    def _on_width(self, value: int) -> None:
        self.canvas.line_width = value / 100

    @Slot()
    def _on_network(self) -> None:
        self._follow_ink()
        network = self.desk.slot.network
        if network is not None and not self._is_width_chosen:
            self.width_slider.setValue(round(100 * max(_THIN, _PIXELS / network.side)))

    @Slot()
    def _follow_ink(self) -> None:
        chosen, network = self.ink.currentData(), self.desk.slot.network
        if chosen != "auto":
            self.canvas.set_dark(chosen == "dark")
        elif network is not None:
            self.canvas.set_dark(network.has_dark_ground)

    @Slot(str)
    def _on_refused(self, why: str) -> None:
        self.given.show_image(None)
        self.answer.say(why)

    def _say(self, words: str) -> None:
        self.words.setText(words)

    @Slot()
    def _show_state(self) -> None:
        is_given = self.desk.has_picture and not self._is_drawn
        self.place.setCurrentIndex(1 if is_given else 0)
        self.draw_button.setEnabled(is_given)
        self.answer.given_column.setVisible(not is_given)
        several = len(self._files) > 1
        self.back_button.setVisible(several)
        self.next_button.setVisible(several)
        if self.desk.slot.network is None and not self.desk.slot.is_loading:
            self.answer.say(self.desk.slot.trouble, is_wrong=False)
        elif not self.desk.has_picture:
            text = (
                "Give a picture: drop it here, open or paste one, or draw. What the network takes it for will be here."
            )
            self.answer.say(text, is_wrong=False)


def _pasted(data: QMimeData | None) -> tuple[list[Path], QImage]:
    """The files and the picture in the clipboard; Qt has no ``data`` for one that is empty."""
    if data is None:
        return [], QImage()
    image = QGuiApplication.clipboard().image() if data.hasImage() else QImage()
    return [path for path in paths_of(data) if path.is_file()], image
