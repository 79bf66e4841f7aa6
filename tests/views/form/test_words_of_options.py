"""Every option of every declared choice is called in words in the form; its raw value is for settings files alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.settings import Setting, settings_of
from workbench.engine.catalog.variant import Section, members_of
from workbench.engine.spec.diff import summary
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.form.editors import editor_for
from workbench.views.form.editors.base import SettingRef
from workbench.views.form.editors.choice import ComboEditor, RadioEditor

#: Values that people know under this very name: sets and networks.
_NAMES = ("data.source.torchvision_set.name", "model.torchvision.name")
#: What no one says who has not read the code.
_CODE = re.compile(r"_|\b(n?hwc|nchw|rgb|cpu|cuda|mps|val|acc|lr|tta|bn)\b")


def choices(cls: type[Section], path: str = "") -> Iterator[tuple[str, Setting]]:
    for setting in settings_of(cls):
        here = f"{path}.{setting.name}".lstrip(".")
        if setting.type == "choice":
            yield here, setting
        elif setting.type == "section" and setting.base is not None:
            yield from choices(setting.base, here)  # type: ignore[arg-type]
        elif setting.base is not None:
            for kind, member in members_of(setting.base).items():  # type: ignore[arg-type]
                yield from choices(member, f"{here}.{kind}")


CHOICES = {path: setting for path, setting in choices(ExperimentSpec) if path not in _NAMES}


def test_all_choices_are_found() -> None:
    assert {"loop.device", "data.source.folder.class_names", "schedule.plateau.watch"} <= set(CHOICES)


@pytest.mark.parametrize("path", CHOICES)
def test_the_form_shows_words(qtbot: QtBot, path: str) -> None:
    setting, row = CHOICES[path], QWidget()
    qtbot.addWidget(row)
    editor = editor_for(SettingRef(SpecStore(), path), setting, row)
    assert isinstance(editor, (RadioEditor, ComboEditor))
    if isinstance(editor, RadioEditor):
        shown = [button.text() for button in editor.group.buttons()]
    else:
        shown = [editor.combo.itemText(index) for index in range(editor.combo.count())]
    shown = [text for text in shown if text != "Off"]
    assert len(set(shown)) == len(setting.values)
    for text, value in zip(shown, setting.values, strict=True):
        assert not _CODE.search(text), text
        words = setting.knob.options.get(value, "")
        assert words and words.casefold() != text.casefold(), "the description repeats the title, or is missing"


def test_what_differs_is_said_in_the_words_of_the_form() -> None:
    one = ExperimentSpec().edited("data.source", {"kind": "folder", "folder": "/a"})
    other = one.edited("data.source.class_names", "ignore_case").edited("loop.device", "cuda")
    assert summary(other, one) == "Names of classes any spelling, Device CUDA GPU"
