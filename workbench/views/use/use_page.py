"""The page of use: a network that was trained, pictures for it, and how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QPushButton, QTabWidget, QVBoxLayout, QWidget

from workbench.bridge.services import Services
from workbench.bridge.use.network_slot import NetworkChoice
from workbench.bridge.use.use_desk import Bytes
from workbench.views.use.compare_tab import CompareTab
from workbench.views.use.explain_tab import ExplainTab
from workbench.views.use.folder_tab import FolderTab
from workbench.views.use.inspect_tab import InspectTab
from workbench.views.use.network_bar import NetworkBar
from workbench.views.use.picture_tab import PictureTab
from workbench.views.widgets.basics import Box, plain_tip
from workbench.views.widgets.help_place import set_help

#: Height of the page in lines of text below which it is low.
_LOW: Final = 32
_WHAT: Final = "Pictures, a folder of pictures, a run or a file of weights"


class UsePage(QWidget):
    """Files that are dropped on the window come here while the page is shown."""

    told = Signal(str, str)  #: a sentence for the user, and "info" or "error"

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        desk = self.desk = services.use
        self.services = services
        tasks, pictures = services.judging, services.small_pictures
        set_help(self, "use")
        self.network = NetworkBar(desk.slot, tasks, "Network")
        self.pictures, self.folder = PictureTab(desk), FolderTab(desk)
        self.compare = CompareTab(desk, tasks, pictures)
        self.inspect = InspectTab(services.inspect, desk.slot, pictures, services.session)
        self.explain = ExplainTab(services.explain, desk, pictures)
        self.inspect.train_again.connect(self._on_train_again)
        self.inspect.examples.explain.connect(self.explain_picture)
        self.explain.opened.connect(self.explain_picture)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for tab, title in (
            (self.pictures, "&Pictures"),
            (self.inspect, "In&spect"),
            (self.explain, "Exp&lain"),
            (self.folder, "Fol&der to CSV"),
            (self.compare, "Co&mpare"),
        ):
            self.tabs.addTab(tab, title)
        self.export_button = QPushButton("E&xport…")
        self.export_button.setToolTip(plain_tip("Take this network away: weights, ONNX, a script, a report, …"))
        self.export_button.clicked.connect(self._on_export)
        self.tabs.setCornerWidget(self.export_button)
        head = Box(margins=(2, 2, 2, 1))
        head.add(self.network)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.tabs, 1)
        QShortcut(QKeySequence.StandardKey.Paste, self, self._on_paste)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_low = self.height() < _LOW * self.fontMetrics().height()
        for bar in (self.network, self.compare.other):
            bar.set_short(is_low)

    def showEvent(self, event: QShowEvent) -> None:
        """The first time, the current run is used where there is one."""
        super().showEvent(event)
        slot = self.desk.slot
        if slot.choice is None:
            self.network.choose(NetworkChoice())
        elif slot.choice.is_current:
            slot.reload()

    @Slot()
    def _on_train_again(self) -> None:
        self.told.emit("Training again, with the corrections. The Train page (Ctrl+1) shows its curves.", "info")

    @Slot()
    def _on_export(self) -> None:
        self.services.export.want(self.desk.slot.choice or NetworkChoice())

    @Slot()
    def _on_paste(self) -> None:
        if self.tabs.currentWidget() is not self.explain:
            self.tabs.setCurrentWidget(self.pictures)
        self.pictures.paste()

    @Slot(object, str)
    def explain_picture(self, picture: Path | Bytes, words: str) -> None:
        """Explain a file, or pixels uint8 (H, W, 1, 3 or 4), which ``words`` name."""
        self.pictures.take_named(picture, words)
        self.tabs.setCurrentWidget(self.explain)

    # --- What is dropped -----------------------------------------------------------------------------------------

    def drop_words(self, paths: Sequence[Path]) -> tuple[str, str]:
        """What will become of ``paths`` if they are dropped here, and what can be dropped."""
        what = f"“{paths[0].name}”" if len(paths) == 1 else f"{len(paths)} files or folders"
        return f"Drop {what} here for the network", _WHAT

    def take_dropped(self, paths: Sequence[Path]) -> None:
        """Pictures are predicted, a folder is what the tab that is shown is about; a run or its weights are used."""
        if len(paths) == 1 and _is_network(paths[0]):
            self.network.take(paths)
        elif self.tabs.currentWidget() is self.compare:
            self.compare.take(paths)
        elif self.tabs.currentWidget() is self.folder or any(path.is_dir() for path in paths):
            self.folder.take(paths)
            self.tabs.setCurrentWidget(self.folder)
        else:
            if self.tabs.currentWidget() is not self.explain:
                self.tabs.setCurrentWidget(self.pictures)
            self.pictures.take(paths)


def _is_network(path: Path) -> bool:
    """Whether it is a run or a file of weights."""
    from workbench.engine.weights.find_weights import SUFFIXES

    return (path / "spec.toml").is_file() or path.suffix.lower() in SUFFIXES
