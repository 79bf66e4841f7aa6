"""Export of plots: PNG at twice the size, SVG and PDF as vectors, CSV with every step and evaluation."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from PySide6.QtCore import QMarginsF, QPoint, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPaintDevice, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from workbench.engine.core.text import for_file
from workbench.engine.run_store.history import History
from workbench.engine.shelf.export import harmless
from workbench.views.plots.epoch_table import EpochTable

SUFFIXES = (".png", ".svg", ".pdf", ".csv")
_PIECE = 1 << 14
_MEASURED = ("train_loss", "train_accuracy", "val_loss", "val_accuracy", "gap_loss", "effect_loss")
#: Columns that only some runs have.
_OCCASIONAL = ("ema_loss", "ema_accuracy", "mean_loss", "mean_accuracy", "ensemble_loss", "ensemble_accuracy")
_STEP = ("step", "epoch", "seconds", "running_loss", "running_accuracy", "lr", "grad_norm")
_NAMES = {"gap_loss": "gap", "effect_loss": "regularization_effect"}


def picture(widget: QWidget, scale: float = 2.0) -> QImage:
    """The widget as an image at ``scale`` times its size."""
    image = QImage(widget.size() * scale, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    image.fill(widget.palette().window().color())
    _render(widget, image)
    return image


def save_png(widget: QWidget, path: Path) -> None:
    """Raises OSError if the file cannot be written."""
    if not picture(widget).save(str(path)):
        raise OSError(f"{path} could not be written")


def save_svg(widget: QWidget, path: Path) -> None:
    """Raises OSError if the file cannot be written."""
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setResolution(widget.logicalDpiX())
    generator.setSize(widget.size())
    generator.setViewBox(QRectF(0, 0, widget.width(), widget.height()))
    generator.setTitle(widget.accessibleName() or "Training curves")
    if not _render(widget, generator):
        raise OSError(f"{path} could not be written")


def save_pdf(widget: QWidget, path: Path) -> None:
    """Raises OSError if the file cannot be written."""
    writer = QPdfWriter(str(path))
    writer.setResolution(widget.logicalDpiX())
    size = QSizeF(QSize(widget.width(), widget.height())) * (72.0 / widget.logicalDpiX())
    writer.setPageSize(QPageSize(size, QPageSize.Unit.Point, "plots", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Point)
    if not _render(widget, writer):
        raise OSError(f"{path} could not be written")


def _render(widget: QWidget, device: QPaintDevice) -> bool:
    painter = QPainter()
    if not painter.begin(device):
        return False
    try:
        widget.render(painter, QPoint(0, 0))
    finally:
        painter.end()
    return True


def save_csv(history: History, path: Path) -> None:
    """Write one row per finished step; the columns of an evaluation are empty at other steps. Raises OSError."""
    with path.open("w", newline="", encoding="utf-8") as file:
        write_csv(history, file)


def write_csv(history: History, file: TextIO) -> None:
    """Write the rows of ``save_csv`` to an open file."""
    writer = csv.writer(file)
    table = _table(history)
    names = _columns([table])
    writer.writerow((*_STEP, *_heads(names)))
    writer.writerows(_rows(table, names))


@dataclass(frozen=True, slots=True)
class NamedRun:
    """A run in a table of several: how it is named on the screen, the name of its folder, and what is known of it."""

    name: str
    folder: str
    history: History


def save_runs_csv(runs: Sequence[NamedRun], path: Path) -> None:
    """Write the rows of ``save_csv`` for one run below the other, each behind the run's name and folder. Raises
    OSError."""
    tables = [_table(run.history) for run in runs]
    names = _columns(tables)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("run", "folder", *_STEP, *_heads(names)))
        for run, table in zip(runs, tables, strict=True):
            named = harmless(run.name), harmless(run.folder)
            writer.writerows((*named, *row) for row in _rows(table, names))


def _table(history: History) -> EpochTable:
    table = EpochTable(history)
    table.update()
    return table


def _heads(names: Sequence[str]) -> list[str]:
    return [_NAMES.get(name, name) for name in names]


def _columns(tables: Sequence[EpochTable]) -> tuple[str, ...]:
    known = frozenset[str]().union(*(table.known for table in tables))
    return (*_MEASURED, *(name for name in _OCCASIONAL if name in known))


def _rows(table: EpochTable, names: Sequence[str]) -> Iterator[tuple[object, ...]]:
    history = table.history
    per_epoch = table.steps_per_epoch
    measured = {int(step): row for row, step in enumerate(table.column("step"))}
    if 0 in measured:
        yield (0, 0, 0, "", "", "", "", *_measured(table, names, measured.pop(0)))
    at, none = 0, ("",) * len(names)
    while at < history.steps.count:
        first, rows = history.steps.read(at, at + _PIECE)
        for offset, (loss, accuracy, lr, norm, seconds) in enumerate(rows.tolist()):
            step = first + offset + 1
            row = measured.pop(step, None)
            values = (for_file(value, 9) for value in (seconds, loss, accuracy, lr, norm))
            yield (
                step,
                for_file(step / per_epoch, 6),
                *values,
                *(none if row is None else _measured(table, names, row)),
            )
        at = max(first + len(rows), at + 1)
    for step, row in sorted(measured.items()):
        yield (
            step,
            for_file(step / per_epoch, 6),
            _cell(table.column("seconds")[row]),
            "",
            "",
            "",
            "",
            *_measured(table, names, row),
        )


def _measured(table: EpochTable, names: Sequence[str], row: int) -> tuple[str, ...]:
    return tuple(_cell(float(table.column(name)[row])) if table.has(name) else "" for name in names)


def _cell(value: float) -> str:
    return "" if math.isnan(value) else for_file(value, 9)


PICTURES: dict[str, Callable[[QWidget, Path], None]] = {".png": save_png, ".svg": save_svg, ".pdf": save_pdf}
