"""Folders for parts in each class folder, of which some names say no part; and parts whose names none of them says."""

from __future__ import annotations

from collections.abc import Mapping

from tests.engine.data.layouts.layout import Layout, of

_TWO = ("cat", "dog")


def _each(parts: Mapping[str, int]) -> dict[str, int]:
    """Pictures of cat and of dog in folders of ``parts`` below the class."""
    return {f"{name}/{part}": count for name in _TWO for part, count in parts.items()}


def _above(parts: Mapping[str, int]) -> dict[str, int]:
    """The same with the class below."""
    return {f"{part}/{name}": count for name in _TWO for part, count in parts.items()}


def _both(count: int) -> dict[str, int]:
    return dict.fromkeys(_TWO, count)


def _beside(name: str, parts: Mapping[str, int], trained: int, *readings: int) -> Layout:
    """Parts of which one says nothing; ``trained`` and ``readings`` are the counts of a class without the test."""
    return Layout(
        name,
        of(_each(parts)),
        _both(trained),
        refused=" beside them, whose name does not say whether it is for training, validation or test",
        doubt="cat, dog hold folders that are named as the parts of a split",
        readings=[_both(count) for count in readings],
    )


LAYOUTS = [
    _beside("calibration beside training and evaluation", {"train": 8, "calib": 2, "eval": 3}, 11, 11, 13, 11, 13),
    _beside("more beside training and test", {"train": 8, "test": 3, "extra": 2}, 8, 8, 10, 10, 13),
    _beside("more in folders of its own", {"train": 8, "test": 3, "extra/a": 2, "extra/b": 2}, 8, 8, 12, 12, 15),
    Layout(
        "parts of which none is to train on by its name",
        of(_each({"learn": 8, "val": 3, "test": 2})),
        _both(11),
        (16, 6, 4),
        refused='data.source.parts = "train: */learn; validation: */val; test: */test"',
        doubt="and not all of them one to train on; learn may be that.",
        readings=(_both(11), _both(13)),
    ),
    Layout(
        "validation and test alone",
        of(_each({"val": 8, "test": 3})),
        _both(8),
        (12, 4, 6),
        refused='data.source.parts = "train: */val; test: */test"',
        doubt="and not all of them one to train on.",
        readings=(_both(8), _both(11)),
    ),
    Layout(
        "one class without parts beside others with more than these",
        of(_each({"train": 8, "test": 3, "extra": 2}) | {"bird": 9}),
        refused="cat, dog hold the parts of a split, and bird do not",
        doubt="cat, dog hold the parts of a split, and bird do not",
    ),
    Layout(
        "parts below the classes that no name says",
        of(_each({"learn": 8, "calib": 3})),
        {"calib": 6, "learn": 16},
        refused='data.source.parts = "train: */learn; test: */calib"',
        doubt="cat, dog hold folders of the same names (calib, learn)",
        readings=(
            {"calib": 6, "learn": 16},
            {"cat/calib": 3, "cat/learn": 8, "dog/calib": 3, "dog/learn": 8},
            _both(11),
            _both(8),
            _both(11),
            {"calib": 3, "learn": 8},
        ),
    ),
    Layout(
        "fewer to train on than beside it",
        of(_each({"train": 3, "calib": 8})),
        {"calib": 16, "train": 6},
        refused='Choose with one of: data.source.parts = "train: */train; test: */calib"',
        doubt="cat, dog hold folders of the same names (calib, train)",
    ),
    Layout(
        "the beginnings of the words of parts",
        of(_above({"tr": 8, "va": 3, "te": 2})),
        _both(13),
        refused='data.source.parts = "train: tr; validation: va; test: te"',
        doubt="te, tr, va hold folders of the same names (cat, dog)",
        readings=(
            _both(11),
            _both(13),
            {f"{part}/{name}": n for part, n in (("te", 2), ("tr", 8), ("va", 3)) for name in _TWO},
            {"te": 4, "tr": 16, "va": 6},
            _both(8),
            _both(3),
        ),
    ),
    Layout(
        "parts in words that are not known",
        of(_above({"Übungsdaten": 8, "Prüfdaten": 3})),
        _both(11),
        refused='data.source.parts = "train: Übungsdaten; test: Prüfdaten"',
        doubt="Prüfdaten, Übungsdaten hold folders of the same names (cat, dog)",
    ),
]
