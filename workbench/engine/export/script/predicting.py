"""What ``predict.py`` of a script does; it is copied there."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from workbench.engine.export.script.loop import Recipe, made_network, read_weights
from workbench.engine.pictures.decode import Fit, Range, Unreadable, read_picture


def picture(file: Path, side: int, width: int, height: int, fit: Fit, mode: str, values: Range) -> Tensor:
    """A picture as the network takes it, (1, C, H, W) from 0 to 1: a square of ``side`` pixels, whose centre is cut.

    Raises Unreadable.
    """
    pixels = read_picture(file, side, mode == "L", fit, values)
    top, left = (side - height) // 2, (side - width) // 2
    cut = np.array(pixels[:, top : top + height, left : left + width])
    return torch.from_numpy(cut)[None].float().div_(255.0)


def point(text: str, coordinates: int) -> Tensor:
    """The numbers in ``text``, (1, D). Raises Unreadable."""
    try:
        numbers = [float(number) for number in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != coordinates:
        raise Unreadable(f"not {coordinates} numbers with commas between them")
    return torch.tensor([numbers])


def files_in(paths: Sequence[str]) -> Iterator[Path]:
    """The files, and of folders all files below them that Pillow may know."""
    known = Image.registered_extensions()
    for path in map(Path, paths):
        inside = sorted(each for each in path.rglob("*") if each.suffix.lower() in known) if path.is_dir() else [path]
        yield from inside


def examples(given: Sequence[str], how: Mapping[str, Any]) -> Iterator[tuple[str, Tensor | str]]:
    """Each input by its name, or why it cannot be read; points are numbers with commas between them."""
    are_points = "coordinates" in how
    for each in given if are_points else files_in(given):
        try:
            yield str(each), point(str(each), **how) if are_points else picture(Path(each), **how)
        except Unreadable as error:
            yield str(each), str(error)


def main(recipe: Recipe, classes: Sequence[str], how: Mapping[str, Any], script: str) -> None:
    """Print the most likely class of each input, and its probability; ends with exit code 2 if one was not read."""
    folder = Path(script).parent
    parser = argparse.ArgumentParser(description="What the network takes inputs for: name, class, probability.")
    what = "numbers with commas between them" if "coordinates" in how else "pictures and folders of them"
    parser.add_argument("inputs", nargs="+", help=what)
    parser.add_argument("--weights", type=Path, default=folder / "best.pt", help="those of the run, or trained.pt")
    options = parser.parse_args()
    torch.set_num_threads(recipe.threads)
    weights = read_weights(options.weights)
    network = made_network(recipe, weights).module.eval()
    mean, inverse_std = (weights[name].to(recipe.device) for name in ("mean", "inverse_std"))
    unread = 0
    for name, x in examples(options.inputs, how):
        if isinstance(x, str):
            print(f"{name}: not read, {x}")
            unread += 1
            continue
        with torch.inference_mode():
            shares = network((x.to(recipe.device) - mean) * inverse_std).softmax(1)[0]
        print(name, classes[int(shares.argmax())], round(float(shares.max()), 6))
    if unread:
        raise SystemExit(2)
