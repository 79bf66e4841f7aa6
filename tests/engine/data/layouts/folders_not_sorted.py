"""Folders beside the class folders for what is not sorted yet or to be deleted, in other languages than English."""

from __future__ import annotations

from tests.engine.data.layouts.folders_aside import asked

LAYOUTS = [
    asked("sorted out, in German", "aussortiert"),
    asked("to delete, in German", "zu löschen"),
    asked("to sort, in French", "à trier"),
    asked("to classify, in Spanish", "por clasificar", "train/"),
    asked("not classified, in Chinese", "未分类"),
]
