"""Folders of one class whose names the parts spell in two ways: joined where training has one spelling, and said."""

from __future__ import annotations

from tests.engine.data.layouts.layout import Layout, of

_TWICE = {"train/Cat": 5, "train/cat": 5, "train/dog": 5, "val/cat": 2, "val/dog": 2}

LAYOUTS = (
    Layout(
        "an underscore in the test part, where training has a space",
        of({"train/polar bear": 5, "train/sea lion": 5, "test/polar_bear": 3, "test/sea_lion": 3}),
        {"polar bear": 5, "sea lion": 5},
        (8, 2, 6),
    ),
    Layout(
        "a hyphen in the validation part",
        of({"train/late_blight": 5, "train/rust": 5, "val/late-blight": 3, "val/rust": 3}),
        {"late_blight": 8, "rust": 8},
        (10, 6, 0),
    ),
    Layout(
        "a space at the end of a folder for validation",
        of({"train/Happy": 5, "train/Sad": 5, "val/Happy ": 3, "val/Sad": 3}),
        {"Happy": 8, "Sad": 8},
        (10, 6, 0),
    ),
    Layout(
        "a space at the end of a folder to train on",
        of({"train/Happy ": 5, "train/Sad": 5, "test/Happy": 3, "test/Sad": 3}),
        {"Happy": 5, "Sad": 5},
        (8, 2, 6),
    ),
    Layout(
        "two spellings in training itself",
        of(_TWICE),
        {"Cat": 5, "cat": 7, "dog": 7},
        refused="differ only in upper and lower case: 'Cat' and 'cat'",
        doubt="differ only in upper and lower case",
        readings=({"Cat": 5, "cat": 7, "dog": 7}, {"cat": 12, "dog": 7}),
    ),
)
