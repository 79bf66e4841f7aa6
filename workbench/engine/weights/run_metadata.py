"""What this program says of its own weights: settings, classes and input shape, in the file or in its run folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.spec.experiment import ExperimentSpec

if TYPE_CHECKING:
    from torch import Tensor

#: Names of the statistics that are saved beside the weights.
MEAN, INVERSE_STD = "preprocessing.mean", "preprocessing.inverse_std"
#: Names in a safetensors file's metadata.
SPEC, CLASSES, SHAPE = "workbench.spec", "workbench.classes", "workbench.shape"


@dataclass(frozen=True, slots=True)
class Ours:
    """How a network of ours was trained: settings, class names, the shape of one input."""

    spec: ExperimentSpec
    classes: tuple[str, ...]
    shape: tuple[int, ...]


def metadata_of(spec: ExperimentSpec, classes: Sequence[str], shape: Sequence[int]) -> dict[str, str]:
    """What is written into a safetensors file so that its network can be built from it alone."""
    from workbench.engine.spec.toml import dumps

    return {SPEC: dumps(spec), CLASSES: json.dumps(list(classes)), SHAPE: json.dumps(list(shape))}


def ours(metadata: Mapping[str, str]) -> Ours | None:
    """What ``metadata`` says, or None if the weights are not ours or it cannot be read."""
    from workbench.engine.spec.toml import loads

    try:
        spec = loads(metadata[SPEC])
        classes, shape = json.loads(metadata[CLASSES]), json.loads(metadata[SHAPE])
    except (KeyError, ValueError, RecursionError, WorkbenchError):
        return None
    named = isinstance(classes, list) and classes and all(isinstance(name, str) for name in classes)
    sized = isinstance(shape, list) and shape and all(type(n) is int and n > 0 for n in shape)
    return Ours(spec, tuple(classes), tuple(shape)) if named and sized else None


def beside(path: Path) -> dict[str, str]:
    """What the run folder of ``path`` says; empty if it lies in none."""
    from workbench.engine.experiments.average_runs import opened

    folder = path.parent.parent if path.parent.name == "checkpoints" else path.parent
    if not (folder / "spec.toml").is_file() or not (folder / "events.jsonl").is_file():
        return {}
    try:
        run = opened(folder)
    except WorkbenchError:
        return {}
    return metadata_of(run.spec, run.classes, run.shape)


def standardizer_beside(path: Path) -> tuple[Tensor, Tensor] | None:
    """The statistics saved with the run's weights; a checkpoint to go on from has none itself."""
    from safetensors import SafetensorError, safe_open

    folder = path.parent.parent if path.parent.name == "checkpoints" else path.parent
    for name in ("best", "last"):
        try:
            with safe_open(folder / f"{name}.safetensors", "pt") as file:
                return file.get_tensor(MEAN).clone(), file.get_tensor(INVERSE_STD).clone()
        except (SafetensorError, OSError, ValueError):
            continue
    return None
