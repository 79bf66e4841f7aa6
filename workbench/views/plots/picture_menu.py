"""A context menu that copies and saves the picture of a widget."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from workbench.views.plots.export import PICTURES, picture
from workbench.views.plots.plot_menu import FILES, add_files, ask, ask_path


class PictureMenu(QObject):
    """Opens with a right click on ``widget``, or with the menu key where it has the focus.

    ``name`` is the file's name that is proposed, without a suffix. ``table`` gives the numbers as CSV text; without it
    that is not offered.
    """

    told = Signal(str, str)  #: a sentence for the user, and "info" or "error"

    def __init__(self, widget: QWidget, name: Callable[[], str], table: Callable[[], str] | None = None) -> None:
        super().__init__(widget)
        self._widget, self._name, self._table = widget, name, table
        self._folder = Path.home()
        widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        widget.customContextMenuRequested.connect(self.open_at)

    @Slot(QPoint)
    def open_at(self, place: QPoint) -> None:
        """Show the menu at a place of the widget, and do what is chosen."""
        menu = QMenu(self._widget)
        add_files(menu, FILES if self._table is not None else FILES[:-1])
        chosen = ask(menu, self._widget.mapToGlobal(place))
        if chosen == "copy":
            QGuiApplication.clipboard().setPixmap(QPixmap.fromImage(picture(self._widget)))
            self.told.emit("The picture is copied.", "info")
        elif chosen and (path := ask_path(self._widget, chosen, self._folder / self._name())) is not None:
            self._folder = path.parent
            self._save(path)

    def _save(self, path: Path) -> None:
        try:
            self._write(path)
        except OSError as error:
            self.told.emit(f"{path.name} could not be saved: {error.strerror or error}.", "error")
        else:
            self.told.emit(f"Saved in {path}.", "info")

    def _write(self, path: Path) -> None:
        if self._table is not None and path.suffix.lower() == ".csv":
            path.write_text(self._table(), encoding="utf-8", newline="")
        else:
            PICTURES[path.suffix.lower()](self._widget, path)
