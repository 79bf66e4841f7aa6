"""Folders that programs make for their output, named by date and time; what a run has logged, opened by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, texts
from tests.engine.data.layouts.runs_of_training import OWN, WANDB, runs

_DAY = "outputs/2024-05-01"
_HYDRA = {".hydra/config.yaml": "lr: 1", "train.log": "x"}
_TIMES = "say when or with what their pictures were made"
_TWO = {"cat": 6, "dog": 6}


def _hydra(places: tuple[str, ...], opened: str = "") -> Callable[[Path], Path]:
    return runs(places, _HYDRA, "samples", opened)


def _data_of_hydra(root: Path) -> Path:
    texts(root / _DAY / "12-30-55", _HYDRA)
    pictures(root / _DAY / "12-30-55", _TWO)
    return root / _DAY / "12-30-55"


def own_runs(root: Path) -> Path:
    for name in ("a", "b"):
        texts(root / name, {**OWN, "spec.toml": ""})
    return root


RUNS = (f"{_DAY}/12-30-55", f"{_DAY}/18-02-07")
LAYOUTS = [
    Layout("Hydra", _hydra(RUNS), refused="holds 2 runs of Hydra"),
    Layout("a day of Hydra", _hydra(RUNS, _DAY), refused="or one of the runs that has made data"),
    Layout("a run of Hydra", _hydra(RUNS[:1], RUNS[0]), refused="12-30-55 is a run of Hydra"),
    Layout(
        "several runs of Hydra at once",
        _hydra(("multirun/2024-05-01/12-30-55/0", "multirun/2024-05-01/12-30-55/1"), "multirun"),
        refused="holds 2 runs of Hydra",
    ),
    Layout("data that Hydra has made", _data_of_hydra, _TWO),
    Layout(
        "times of day",
        of({"12-30-55": 4, "18-02-07": 4}),
        {"12-30-55": 4, "18-02-07": 4},
        refused=_TIMES,
        doubt=_TIMES,
        readings=({"12-30-55": 4, "18-02-07": 4},),
    ),
    Layout(
        "times of day without marks",
        of({"123055": 4, "180207": 4}),
        {"123055": 4, "180207": 4},
        refused=_TIMES,
        doubt=_TIMES,
    ),
    Layout("classes numbered with noughts", of({"000001": 4, "000002": 4}), {"000001": 4, "000002": 4}),
    Layout("years of age", of({"10-19": 4, "20-29": 4}), {"10-19": 4, "20-29": 4}),
    Layout(
        "what Weights & Biases has logged",
        runs(("wandb/run-1",), WANDB, "files/media/images", "wandb/run-1/files/media/images"),
        refused="is in",
    ),
]
