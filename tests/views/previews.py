"""Previews shown alone in a test, and what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from workbench.engine.report.data_summary import DataSummary, Points
from workbench.engine.spec.experiment import ExperimentSpec

SPEC = ExperimentSpec().edited("augmentations", [{"kind": "rotation"}])


def shown(qtbot: Any, widget: QWidget, width: int = 310) -> QWidget:
    qtbot.addWidget(widget)
    widget.resize(width, max(widget.heightForWidth(width), widget.sizeHint().height()))
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def said(widget: QWidget) -> str:
    """All words that can be seen."""
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def button(widget: QWidget) -> QPushButton:
    return widget.findChildren(QPushButton)[0]


def summary_of(train: tuple[int, ...], val: tuple[int, ...], names: tuple[str, ...] = (), **more: Any) -> DataSummary:
    classes = names or tuple(f"class {i + 1}" for i in range(len(train)))
    return DataSummary("Made", sum(train), sum(val), sum(val), classes, train, val, (1, 8, 8), 64_000, **more)


def plane_of(count: int, classes: int = 2) -> DataSummary:
    places = np.random.default_rng(0).normal(size=(count, 2)).astype(np.float32)
    labels = np.arange(count, dtype=np.int64) % classes
    points = Points(places, labels, np.arange(count) % 5 == 0)
    train = tuple(int(((labels == i) & ~points.held_back).sum()) for i in range(classes))
    val = tuple(int(((labels == i) & points.held_back).sum()) for i in range(classes))
    return summary_of(train, val, points=points)
