"""Folders of runs of training: named as what they are, and left out beside data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

WANDB = {"files/wandb-summary.json": "{}", "files/config.yaml": "a: 1", "run-ab.wandb": "x", "logs/debug.log": "x"}
MLFLOW = {"meta.yaml": "run_id: 1", "metrics/loss": "1", "params/lr": "1"}
ULTRALYTICS = {"args.yaml": "a: 1", "results.csv": "epoch,loss\n1,2\n"}
LIGHTNING = {"hparams.yaml": "a: 1", "metrics.csv": "epoch,loss\n1,2\n"}
EVENTS = {"events.out.tfevents.1700000000.host.1.0": "x"}
OWN = {"events.jsonl": "{}\n", "steps.bin": "x"}


def runs(places: tuple[str, ...], files: dict[str, str], shown: str = "", opened: str = "") -> Callable[[Path], Path]:
    """A maker of runs with these ``files``, and with pictures in the folder ``shown`` of each."""

    def make(root: Path) -> Path:
        for place in places:
            texts(root / place, files)
            if shown:
                pictures(root / place, {shown: 4})
        return root / opened

    return make


def _beside_data(root: Path) -> None:
    pictures(root, {"data/cat": 6, "data/dog": 6})
    runs(("wandb/run-1", "wandb/run-2"), WANDB, "files/media/images")(root)


def _beside_classes(root: Path) -> None:
    """TensorBoard writes where it is told to."""
    pictures(root, {"cat": 6, "dog": 6})
    texts(root, EVENTS)


LAYOUTS = [
    Layout(
        "one of Weights & Biases",
        runs(("wandb/run-1",), WANDB, "files/media/images", "wandb/run-1"),
        refused="run-1 is a run of Weights & Biases",
    ),
    Layout(
        "two of Weights & Biases",
        runs(("wandb/run-1", "wandb/run-2"), WANDB, "files/media/images", "wandb"),
        refused="holds 2 runs of Weights & Biases",
    ),
    Layout("MLflow", runs(("0/a", "0/b"), MLFLOW, "artifacts/plots"), refused="holds 2 runs of MLflow"),
    Layout("Ultralytics", runs(("classify/train", "classify/val"), ULTRALYTICS, "."), refused="2 runs of Ultralytics"),
    Layout("Lightning", runs(("version_0", "version_1"), LIGHTNING), refused="holds 2 runs of Lightning"),
    Layout("TensorBoard", runs(("a", "b"), EVENTS), refused="holds 2 runs of TensorBoard"),
    Layout("those of this program", runs(("a", "b"), OWN), refused="Open the folder of one of them"),
    Layout("one of this program without settings", runs((".",), OWN), refused="without its settings (spec.toml)"),
    Layout("a project with its data", _beside_data, {"cat": 6, "dog": 6}, left_out=("wandb",)),
    Layout("TensorBoard beside class folders", _beside_classes, {"cat": 6, "dog": 6}),
]
