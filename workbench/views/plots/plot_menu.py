"""The right-click menu: copy and save what is shown."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

_FILES = (("PNG picture", ".png"), ("SVG drawing", ".svg"), ("PDF page", ".pdf"), ("CSV table", ".csv"))


def plot_menu(parent: QWidget, *, zoomed: bool, has_ghost: bool, decay: str = "") -> QMenu:
    """A menu whose actions carry what to do in ``data``: decay, copy, reset, clear_ghost or a file's suffix.

    ``decay`` are the words for lowering the rate; empty where there is no run that could take it.
    """
    menu = QMenu(parent)
    if decay:
        _add(menu, decay, "decay")
        menu.addSeparator()
    _add(menu, "&Copy picture", "copy").setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
    menu.addSeparator()
    for name, suffix in _FILES:
        _add(menu, f"Save as {name}…", suffix)
    menu.addSeparator()
    _add(menu, "&Fit to the whole run", "reset").setEnabled(zoomed)
    _add(menu, "Clear the &run before", "clear_ghost").setEnabled(has_ghost)
    return menu


def ask(menu: QMenu, place: QPoint) -> str:
    """Show the menu and return what was chosen, empty if nothing."""
    chosen = menu.exec(place)
    menu.deleteLater()
    return str(chosen.data()) if chosen is not None else ""


def ask_path(parent: QWidget, suffix: str) -> Path | None:
    """Where to save; None if the user thought better of it."""
    name, _ = QFileDialog.getSaveFileName(parent, "Save plots", f"curves{suffix}", f"*{suffix}")
    if not name:
        return None
    path = Path(name)
    return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)


def _add(menu: QMenu, text: str, data: str) -> QAction:
    action = menu.addAction(text)
    action.setData(data)
    return action
