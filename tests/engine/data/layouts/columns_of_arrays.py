"""Arrays with a value for each picture: patients, folds, parts, rows of parts; pairs of no part; labels below 0."""

from __future__ import annotations

import numpy as np

from tests.engine.data.layouts.layout import Layout
from tests.engine.data.layouts.numpy_files import LABELS, RGB, npz

X = np.concatenate([RGB, 255 - RGB])
Y = np.concatenate([LABELS, LABELS])
ALL = {"0": 8, "1": 8, "2": 8}
PATIENTS = np.arange(24) // 6
HALF = {"0": 4, "1": 4, "2": 4}
UNKNOWN = np.where(np.arange(24) < 4, -1, Y)

LAYOUTS = [
    Layout("the patient of each picture", npz(images=X, labels=Y, patient_id=PATIENTS), ALL, (18, 6, 0)),
    Layout(
        "a value of each picture that says nothing",
        npz(images=X, labels=Y, hospital=np.array(["a", "b", "c", "d"])[PATIENTS]),
        ALL,
        left_out=("array 'hospital'",),
        doubt="a value for each picture: “hospital”",
        notes="the split puts them on both sides",
        readings=(ALL, ALL),
    ),
    Layout(
        "the fold of each picture",
        npz(images=X, labels=Y, fold=np.arange(24) // 6),
        ALL,
        refused='validation_value = "3"',
        doubt="“fold” may say which rows train",
        readings=(ALL,) * 5,
    ),
    Layout(
        "the part of each picture in words",
        npz(images=X, labels=Y, split=np.array(["train", "val", "test"])[[0] * 12 + [1] * 6 + [2] * 6]),
        {"0": 6, "1": 6, "2": 6},
        (12, 6, 6),
    ),
    Layout(
        "numbers of the rows of each part",
        npz(images=X, labels=Y, train_idx=np.arange(23, 11, -1), test_idx=np.arange(12)),
        HALF,
        (9, 3, 12),
    ),
    Layout(
        "masks of parts that leave rows out",
        npz(x=X, y=Y, train_mask=np.arange(24) < 12, val_mask=(np.arange(24) > 11) & (np.arange(24) < 18)),
        {"0": 6, "1": 6, "2": 6},
        refused='other_rows = "leave_out"',
        doubt="'in none of them' (6)",
        readings=({"0": 6, "1": 6, "2": 6}, {"0": 6, "1": 6, "2": 6}, ALL, ALL),
    ),
    Layout(
        "a pair of no known part",
        npz(X_train=X[:12], y_train=Y[:12], X_test=X[12:18], y_test=Y[12:18], X_extra=X[18:], y_extra=Y[18:]),
        HALF,
        left_out=("array 'X_extra'",),
        refused='validation_array = "X_extra"',
        doubt="'X_extra' with 'y_extra' (6)",
        readings=(HALF, {"0": 6, "1": 6, "2": 6}),
    ),
    Layout(
        "pictures without a class have -1",
        npz(x=X, y=UNKNOWN),
        {"0": 6, "1": 7, "2": 7},
        left_out=("4 pictures",),
        refused='without_class = "leave_out"',
        doubt="below 0 (-1) stand for 4 pictures of 24",
        readings=({"0": 6, "1": 7, "2": 7}, {"-1": 4, "0": 6, "1": 7, "2": 7}),
    ),
    Layout("two classes that are -1 and 1", npz(x=X, y=np.where(Y > 0, 1, -1)), {"-1": 8, "1": 16}),
    Layout(
        "an empty label",
        npz(x=X, y=np.where(np.arange(24) < 4, "", np.array(["a", "b", "c"])[Y])),
        {"a": 6, "b": 7, "c": 7},
        left_out=("4 pictures",),
        refused='without_class = "leave_out"',
        doubt="((empty)) stand for 4 pictures of 24",
        readings=({"a": 6, "b": 7, "c": 7}, {"": 4, "a": 6, "b": 7, "c": 7}),
    ),
]
