"""What ``predict.py`` of a script does; it is copied there."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageOps
from torch import Tensor
from torchvision.transforms.functional import pil_to_tensor

from workbench.engine.export.script.loop import Recipe, made_network, read_weights


def picture(image: Any, side: int, width: int, height: int, fit: str, mode: str) -> Tensor:
    """A picture as the network takes it, (1, C, H, W) from 0 to 1: a square of ``side`` pixels, whose centre is cut."""
    image.draft(None, (2 * side, 2 * side))
    image = ImageOps.exif_transpose(image).convert("RGB")
    shape = (side, side)
    if fit == "pad":
        shape = tuple(max(1, round(n * side / max(image.size))) for n in image.size)
    bilinear = Image.Resampling.BILINEAR
    image = ImageOps.fit(image, shape, bilinear) if fit == "crop" else image.resize(shape, bilinear)
    left, top = int((shape[0] - width) / 2), int((shape[1] - height) / 2)
    image = image.crop((left, top, left + width, top + height)).convert(mode)
    pixels: Tensor = pil_to_tensor(image)
    return pixels[None].float().div_(255.0)


def files_in(paths: Sequence[str]) -> Iterator[Path]:
    """The files, and of folders all files below them that Pillow may know."""
    known = Image.registered_extensions()
    for path in map(Path, paths):
        inside = sorted(each for each in path.rglob("*") if each.suffix.lower() in known) if path.is_dir() else [path]
        yield from inside


def examples(given: Sequence[str], how: Mapping[str, Any]) -> Iterator[tuple[str, Tensor]]:
    """Each input by its name; points are numbers with commas between them."""
    if "coordinates" in how:
        for point in given:
            yield point, torch.tensor([[float(number) for number in point.split(",")]])
        return
    for file in files_in(given):
        with Image.open(file) as image:
            yield str(file), picture(image, **how)


def main(recipe: Recipe, classes: Sequence[str], how: Mapping[str, Any], script: str) -> None:
    """Print the most likely class of each input, and its probability."""
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
    for name, x in examples(options.inputs, how):
        with torch.inference_mode():
            shares = network((x.to(recipe.device) - mean) * inverse_std).softmax(1)[0]
        print(name, classes[int(shares.argmax())], f"{float(shares.max()):.6f}")
