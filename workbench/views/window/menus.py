"""The menu bar, made from the table of actions and the presets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu

from workbench.engine.race.ready import ready_races
from workbench.engine.spec.presets import presets
from workbench.views.widgets.menu import Menu
from workbench.views.window.actions import ENTRIES, MENUS


def fill_menus(
    window: QMainWindow, actions: Mapping[str, QAction], open_preset: Callable[[QAction], None], recent: QMenu
) -> dict[str, QMenu]:
    """Fill the menu bar of ``window``; returns the menus by title. ``open_preset`` is called with a preset's action.

    ``recent`` is the menu of what was opened lately.
    """
    menus: dict[str, QMenu] = {title: Menu(f"&{title}", window.menuBar()) for title in MENUS}
    for menu in menus.values():
        window.menuBar().addMenu(menu)
    for entry in ENTRIES:
        if entry.line_before:
            menus[entry.menu].addSeparator()
        menus[entry.menu].addAction(actions[entry.name])
        if entry.name == "open_data_file":
            menus["File"].addMenu(recent)
        if entry.name == "save":
            _add_presets(menus["File"], open_preset)
    for menu in menus.values():
        menu.setToolTipsVisible(True)
    return menus


def _add_presets(menu: QMenu, open_preset: Callable[[QAction], None]) -> None:
    submenu = menu.addMenu("&Presets")
    submenu.setToolTipsVisible(True)
    for preset in presets():
        action = submenu.addAction(preset.title.replace("&", "&&"))
        action.setToolTip(preset.note)
        action.setData(str(preset.path))
    submenu.addSeparator()
    for race in ready_races():
        action = submenu.addAction(f"Race: {race.title}".replace("&", "&&"))
        action.setToolTip(race.note)
        action.setData(str(race.path))
    submenu.triggered.connect(open_preset)
