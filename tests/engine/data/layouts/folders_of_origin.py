"""Folders that say when, with what or in which session pictures were made: asked, never classes in silence."""

from __future__ import annotations

from tests.engine.data.layouts.layout import Layout, of

_NUMBERED = {"Audi 2007": 5, "BMW 2012": 5, "room1": 5}
_ASKED = "Choose with "


def _asked(name: str, *folders: str, says: str = "when or with what their pictures were made") -> Layout:
    counts = dict.fromkeys(folders, 5)
    classes = {folder.rpartition("/")[2]: 5 for folder in folders}
    return Layout(name, of(counts), classes, refused=_ASKED, doubt=says, readings=(classes,))


LAYOUTS = (
    _asked("dates", "2023-01-05", "2023-01-06", "2023-02-11"),
    _asked("dates without marks", "20230105", "20230211"),
    _asked("days, months and years as in Germany", "05.01.2023", "11.02.2023"),
    _asked("a text with a year, as of an album", "Photos from 2021", "Photos from 2022"),
    _asked("folders of a camera's card", "DCIM/100CANON", "DCIM/101CANON"),
    _asked("folders of a telephone", "Camera Roll", "Screenshots", "WhatsApp Images"),
    _asked("batches", "batch1", "batch2"),
    Layout(
        "a date beside classes",
        of({"cat": 5, "dog": 5, "2023_01_05": 5}),
        {"2023_01_05": 5, "cat": 5, "dog": 5},
        refused='left_out = "2023_01_05"',
        doubt="the name '2023_01_05' says when or with what its pictures were made",
        readings=({"cat": 5, "dog": 5}, {"2023_01_05": 5, "cat": 5, "dog": 5}),
    ),
    Layout("classes with numbers and years in their names", of(_NUMBERED), _NUMBERED),
    Layout("a camera is a class beside other things", of({"camera": 5, "chair": 5}), {"camera": 5, "chair": 5}),
)
