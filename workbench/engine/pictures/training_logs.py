"""Folders in which programs keep their runs of training: by the files that each puts there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

#: How the names of TensorBoard's files begin.
_EVENTS: Final = "events.out.tfevents."


@dataclass(frozen=True, slots=True)
class Program:
    """``is_run`` says by names of files and of folders in a folder whether that is a run. ``is_sure``: data are not
    among such names, so that pictures there are results, whatever they look like. ``may_make_data``: a run of
    it may be one that made data, which is told by the class folders in it.
    """

    name: str
    is_run: Callable[[Collection[str], Collection[str]], bool]
    is_sure: bool = True
    may_make_data: bool = False


def _of_wandb(files: Collection[str], folders: Collection[str]) -> bool:
    is_files = {"wandb-summary.json", "wandb-metadata.json"} & set(files)
    return bool(is_files) or (any(name.endswith(".wandb") for name in files) and bool({"files", "logs"} & set(folders)))


def _of_mlflow(files: Collection[str], folders: Collection[str]) -> bool:
    return "meta.yaml" in files and len({"metrics", "params", "tags", "artifacts"} & set(folders)) > 1


def _of_ultralytics(files: Collection[str], folders: Collection[str]) -> bool:
    return "args.yaml" in files and ("results.csv" in files or "weights" in folders)


def _of_lightning(files: Collection[str], folders: Collection[str]) -> bool:
    return "hparams.yaml" in files and ("metrics.csv" in files or "checkpoints" in folders or _has_events(files))


def _of_this_program(files: Collection[str], _: Collection[str]) -> bool:
    return {"events.jsonl", "steps.bin"} <= set(files)


def _of_hydra(_: Collection[str], folders: Collection[str]) -> bool:
    return ".hydra" in folders


def _has_events(files: Collection[str], _: Collection[str] = ()) -> bool:
    return any(name.startswith(_EVENTS) for name in files)


THIS: Final = "this program"
_PROGRAMS: Final = (
    Program(THIS, _of_this_program),
    Program("Weights & Biases", _of_wandb),
    Program("MLflow", _of_mlflow),
    Program("Ultralytics", _of_ultralytics),
    Program("Lightning", _of_lightning, is_sure=False),
    Program("Hydra", _of_hydra, may_make_data=True),
    Program("TensorBoard", _has_events, is_sure=False),
)


#: The program that puts pictures into ``files/media`` of a run.
WANDB: Final = _PROGRAMS[1]


def program_of(files: Collection[str], folders: Collection[str]) -> Program | None:
    """The program of which a folder with these names of ``files`` and ``folders`` is a run; None for any other."""
    return next((each for each in _PROGRAMS if each.is_run(files, folders)), None)


def is_log_of_training(name: str) -> bool:
    """Whether a file of this name is a log that a program has written while it trained."""
    return name.startswith(_EVENTS) or name.endswith(".wandb")
