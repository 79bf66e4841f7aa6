"""What a file of weights says of the run that wrote it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.spec.experiment import ExperimentSpec

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
