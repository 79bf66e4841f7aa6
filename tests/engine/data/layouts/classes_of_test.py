"""Test parts whose classes are written otherwise than those of training, or are others."""

from __future__ import annotations

from tests.engine.data.layouts.layout import Layout, of

LAYOUTS = [
    Layout(
        "test folders whose names have other marks between the words",
        of({"train/Glioma_tumor": 5, "train/No tumor": 5, "test/glioma-tumor": 4, "test/no_tumor": 5}),
        {"Glioma_tumor": 5, "no_tumor": 5},
        refused="differ only in how they are written: 'glioma-tumor' and 'Glioma_tumor', 'no_tumor' and 'No tumor'",
        doubt="differ only in how they are written",
        readings=({"Glioma_tumor": 5, "no_tumor": 5}, {"Glioma_tumor": 5, "No tumor": 5}),
    ),
    Layout(
        "a test part of other classes alone",
        of({"train/cat": 5, "train/dog": 5, "test/cow": 4, "test/pig": 4}),
        {"cat": 5, "dog": 5},
        (8, 2, 0),
        refused="It has no other, so that nothing of it could be tested",
        doubt="has classes that training has not: 'cow', 'pig'",
        readings=({"cat": 5, "dog": 5},),
    ),
]
