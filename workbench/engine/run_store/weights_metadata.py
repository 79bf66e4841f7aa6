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
#: The numbers of training and validation examples, by which a split is known again.
SIZES = "workbench.split"
#: A hash by which the data are known again in another place.
DATA = "workbench.data"


@dataclass(frozen=True, slots=True)
class Ours:
    """How a network of ours was trained: settings, class names, the shape of one input.

    ``sizes`` are the numbers of training and validation examples; None in files of older states.
    ``data_mark`` is ``RunStarted.data_mark``.
    """

    spec: ExperimentSpec
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    sizes: tuple[int, int] | None = None
    data_mark: str = ""


def metadata_of(
    spec: ExperimentSpec,
    classes: Sequence[str],
    shape: Sequence[int],
    sizes: tuple[int, int] | None = None,
    data_mark: str = "",
) -> dict[str, str]:
    """What is written into a safetensors file so that its network can be built from it alone."""
    from workbench.engine.spec.toml import dumps

    said = {SPEC: dumps(spec), CLASSES: json.dumps(list(classes)), SHAPE: json.dumps(list(shape))}
    split = {} if sizes is None else {SIZES: json.dumps(list(sizes))}
    return said | split | ({DATA: data_mark} if data_mark else {})


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
    if not (named and sized):
        return None
    return Ours(spec, tuple(classes), tuple(shape), _sizes(metadata), metadata.get(DATA, ""))


def _sizes(metadata: Mapping[str, str]) -> tuple[int, int] | None:
    try:
        train, held_back = json.loads(metadata[SIZES])
    except (KeyError, ValueError, TypeError, RecursionError):
        return None
    return (train, held_back) if type(train) is int and type(held_back) is int else None
