"""``python -m workbench.engine landscape``: the path of a kept run over the loss around it."""

from __future__ import annotations

import argparse
import io
import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Loading, finished
from workbench.engine.core.terminal import emit, mention, say
from workbench.engine.core.text import grouped, plain, short
from workbench.engine.experiments.run_path.drawing import png_of
from workbench.engine.experiments.run_path.loss_around import SIDES, LossGrid, LossMeter, measured_grid
from workbench.engine.experiments.run_path.plane import Plane, main_plane, shares_words
from workbench.engine.experiments.run_path.weight_path import Retraced, retraced
from workbench.engine.run_store.resumable import run_named

_KINDS: Final = (".png", ".npz")


def command(arguments: Sequence[str]) -> int:
    """Train the run once more, and measure the loss around its path. Exit code 0.

    Raises WorkbenchError if there is no such run, or if it cannot be repeated or the file not be written.
    """
    options = _parser().parse_args(arguments)
    if options.out is not None and options.out.suffix.lower() not in _KINDS:
        raise WorkbenchError(f"{options.out} is neither a PNG nor an NPZ file: give a name that ends in .png or .npz.")
    folder = run_named(options.run, options.folder)
    watch = None if options.json or not sys.stderr.isatty() else _Watch()
    found = finished(retraced(folder), watch)
    plane, meter = main_plane(found.path.rows), LossMeter(found)
    grid: LossGrid | None = None
    for side in SIDES:
        if side <= options.side:
            grid = finished(measured_grid(meter, plane, side, grid), watch)
    assert grid is not None, "the coarsest grid is always measured"
    about = as_object(folder, found, plane, grid, meter)
    if options.out is not None:
        write_whole(options.out, _file(options.out, found, plane, grid, about))
    if options.json:
        emit(json.dumps(about, indent=2, ensure_ascii=True))
    else:
        say("\n".join(_lines(found, plane, grid, meter)))
    return 0


def _parser() -> argparse.ArgumentParser:
    about = (
        "Train a kept run once more, collect the states of its weights on the way, and measure the loss around its "
        "path in the plane of its own two main directions. The run is not touched."
    )
    parser = argparse.ArgumentParser("python -m workbench.engine landscape", description=about)
    parser.add_argument("run", metavar="RUN", help="the folder of a run, or its name")
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help="where runs are kept, if not in the usual place")
    parser.add_argument("--out", type=Path, metavar="PNG/NPZ", help="write the picture, or all numbers")
    sides = "places along each side of the grid: %(choices)s (default %(default)s)"
    parser.add_argument("--side", type=int, choices=SIDES, default=SIDES[1], help=sides)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return parser


class _Watch:
    """Shows on a terminal how far it is, in one line."""

    def __call__(self, progress: Loading) -> None:
        sys.stderr.write("\r" + plain(f"{progress.words}: {grouped(progress.done)} of {grouped(progress.total)}   "))
        sys.stderr.flush()


def _lines(found: Retraced, plane: Plane, grid: LossGrid, meter: LossMeter) -> Iterator[str]:
    if sys.stderr.isatty():
        mention("", sys.stderr)
    yield f"{shares_words(plane)}."
    yield f"{grouped(len(plane.places))} states of {grouped(found.path.size)} parameters. {found.proof}"
    yield meter.words
    heights = grid.heights[np.isfinite(grid.heights)]
    if len(heights):
        at_end = short(meter.at(plane.centre), 4)
        yield f"At the end of the run it is {at_end}; in the plane {short(float(heights.min()), 4)} at least."


def as_object(folder: Path, found: Retraced, plane: Plane, grid: LossGrid, meter: LossMeter) -> dict[str, Any]:
    """Everything for programs: numbers as numbers; a loss that is none is null."""
    return {
        "run": folder.name,
        "parameters": found.path.size,
        "steps": found.path.steps,
        "path": plane.places.tolist(),
        "shares": list(plane.shares),
        "same_as_the_run": found.is_same,
        "examples": len(meter.chosen),
        "measured": meter.words,
        "x": grid.xs.tolist(),
        "y": grid.ys.tolist(),
        "loss": [[each if math.isfinite(each) else None for each in row] for row in grid.heights.tolist()],
    }


def _file(out: Path, found: Retraced, plane: Plane, grid: LossGrid, about: dict[str, Any]) -> bytes:
    if out.suffix.lower() == ".png":
        return png_of(plane, grid, f"{about['run']}: {shares_words(plane)}. {about['measured']}")
    file = io.BytesIO()
    steps, shares = np.array(found.path.steps), np.array(plane.shares)
    np.savez_compressed(file, x=grid.xs, y=grid.ys, loss=grid.heights, path=plane.places, steps=steps, shares=shares)
    return file.getvalue()
