"""A form shown alone, and hands that type into it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from workbench.bridge.spec_store import SpecStore
from workbench.views.form.editors.number import NumberEditor
from workbench.views.form.form import Form


def shown(qtbot: QtBot, store: SpecStore, path: str = "") -> Form:
    form = Form(store, path)
    qtbot.addWidget(form)
    form.resize(320, 600)
    form.show()
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    return form


def number(form: Form, path: str) -> NumberEditor:
    editor = form.row(path).editor
    assert isinstance(editor, NumberEditor)
    return editor


def type_into(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
