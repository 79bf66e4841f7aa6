"""The context menu of the plots: lower the learning rate, fork, copy, save, reset the zoom."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from workbench.views.widgets.menu import Menu

#: Files of a plot: their name and suffix; the table is the last.
FILES = (("PNG picture", ".png"), ("SVG drawing", ".svg"), ("PDF page", ".pdf"), ("CSV table", ".csv"))


def plot_menu(parent: QWidget, *, zoomed: bool, has_ghost: bool, decay: str = "", fork: str = "") -> QMenu:
    """A menu whose actions hold their command in ``data``: decay, fork, copy, reset, clear_ghost or a file's suffix.

    ``decay`` is the text for lowering the rate, ``fork`` that for branching off; empty if no run can take it.
    """
    menu = Menu(parent)
    for text, name in ((decay, "decay"), (fork, "fork")):
        if text:
            _add(menu, text, name)
    if not menu.isEmpty():
        menu.addSeparator()
    add_files(menu)
    menu.addSeparator()
    _add(menu, "&Fit to the whole run", "reset").setEnabled(zoomed)
    _add(menu, "Clear the &previous run", "clear_ghost").setEnabled(has_ghost)
    return menu


def add_files(menu: QMenu, files: Sequence[tuple[str, str]] = FILES) -> None:
    """Add what copies the picture, and what saves each of ``files``."""
    _add(menu, "&Copy picture", "copy").setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
    menu.addSeparator()
    for name, suffix in files:
        _add(menu, f"Save as {name}…", suffix)


def ask(menu: QMenu, place: QPoint) -> str:
    """Show the menu and return the chosen command; empty if none."""
    chosen = menu.exec(place)
    menu.deleteLater()
    return str(chosen.data()) if chosen is not None else ""


def ask_path(parent: QWidget, suffix: str, proposed: Path) -> Path | None:
    """Ask for a file to save to, beginning with ``proposed``; None if the user cancels."""
    name, _ = QFileDialog.getSaveFileName(parent, "Save plots", f"{proposed}{suffix}", f"*{suffix}")
    if not name:
        return None
    path = Path(name)
    return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)


def _add(menu: QMenu, text: str, data: str) -> QAction:
    action = menu.addAction(text)
    action.setData(data)
    return action
