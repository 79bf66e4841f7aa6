"""Small inputs of many kinds, made once: what is right, what is doubtful, and what is broken."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import save

#: What is typed into fields. No number is large: the runs must stay small.
RUBBISH: Final = (
    *(
        "",
        "0",
        "1",
        "2",
        "3",
        "7",
        "16",
        "-1",
        "0.5",
        "0,01",
        "1e-3",
        "1e999",
        "nan",
        "inf",
        "12abc",
        "½",
        "5 5",
        "9..9",
    ),
    *("16, 8", "8,,8", "/", "~", "no such folder", "ß漢字🙂", "\\", "%s {0}", "<b>x</b>", "a&b", "'\"", "x" * 3000),
)


def small_experiment() -> ExperimentSpec:
    """Points in the plane and a tiny network: many steps a second, few epochs, and no end."""
    return ExperimentSpec.model_validate(
        {
            "data": {"source": {"kind": "moons", "examples": 600}},
            "model": {"kind": "mlp", "hidden": (8,)},
            "loop": {"epochs": 4000, "batch_size": 50},
        }
    )


def inputs(root: Path) -> list[Path]:
    """All of them below ``root``, in a fixed order."""
    root.mkdir(parents=True, exist_ok=True)
    return [*_folders(root), *_files(root), *_broken(root)]


def _folders(root: Path) -> list[Path]:
    classes, parts, doubtful, empty = (root / name for name in ("classes", "parts", "doubtful", "empty"))
    for number, name in enumerate(("cats", "dogs")):
        _pictures(classes / name, 6, number)
        _pictures(parts / "train" / name, 5, 10 + number)
        _pictures(parts / "val" / name, 3, 20 + number)
        _pictures(doubtful / "2023" / name, 3, 30 + number)
        _pictures(doubtful / "2024" / name, 3, 40 + number)
    (classes / "dogs" / "broken.png").write_bytes(b"\x89PNG no picture")
    empty.mkdir(exist_ok=True)
    return [classes, parts, doubtful, empty]


def _files(root: Path) -> list[Path]:
    table, arrays, settings, picture = (root / n for n in ("table.csv", "arrays.npz", "settings.toml", "picture.png"))
    lines = [f"classes/{name}/{k}.png,{name},{2020 + k % 2},{k % 3}" for name in ("cats", "dogs") for k in range(6)]
    table.write_text("\n".join(("file,label,year,fold", *lines)))
    draw = np.random.Generator(np.random.PCG64(5))
    np.savez(arrays, x=draw.integers(0, 255, (40, 8, 8), np.uint8), y=np.arange(40) % 4)
    save(small_experiment().edited("optimizer.lr", 0.02), settings)
    Image.fromarray(draw.integers(0, 255, (9, 9, 3), np.uint8)).save(picture)
    return [table, arrays, settings, picture]


def _broken(root: Path) -> list[Path]:
    wrong = {
        "broken.toml": b"[optimizer]\nkind = 'none such'\nlr = nan\n",
        "broken.npz": b"PK\x03\x04 no archive",
        "broken.csv": b"\x00\xff\xfe;;\n\n",
        "words.txt": b"notes, no data",
        "weights.safetensors": b"\x08\0\0\0\0\0\0\0{broken}",
        "empty.csv": b"",
    }
    for name, content in wrong.items():
        (root / name).write_bytes(content)
    return [*(root / name for name in wrong), root / "gone"]


def _pictures(folder: Path, count: int, seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.Generator(np.random.PCG64(seed))
    for number in range(count):
        Image.fromarray(draw.integers(0, 255, (9, 8, 3), np.uint8)).save(folder / f"{number}.png")
