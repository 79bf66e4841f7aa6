"""What an exported network says of itself, as plain data: the layout that resources/help/export.md documents."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath
from typing import Any, Final

import workbench
from workbench.engine.catalog.settings import settings_of
from workbench.engine.core.text import plain
from workbench.engine.export.layers import layers_of
from workbench.engine.export.score import fingerprint_of, scores_of
from workbench.engine.export.subject import Provenance, Subject
from workbench.engine.nn.torchvision_nets import Foreign
from workbench.engine.run_store.resumable import started_as
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import dumps

#: Version of the layout: incremented when a key changes its meaning, not when keys are added.
LAYOUT: Final = 1
#: Packages whose versions are recorded, since loading the file may depend on them.
_PACKAGES: Final = ("torch", "torchvision", "safetensors", "pillow", "numpy")


def about(subject: Subject) -> dict[str, Any]:
    """Everything but the weights; JSON can hold it."""
    network = subject.core[-1]
    return {
        "layout": LAYOUT,
        "name": subject.name,
        "network": subject.title,
        "parameters": subject.parameters,
        "classes": list(subject.classes),
        "classes_are_named": subject.is_named,
        "layers": layers_of(network),
        "input": _input(subject),
        "values": subject.reading.values,
        "normalization": plain(subject.file.origin.words[1]),
        "assumed": plain(subject.assumed),
        "settings": settings_text(subject.origin),
        "versions": versions(subject.origin),
        "data": data(subject.origin),
        "scores": [score.as_json() for score in scores_of(subject.origin)],
    }


def shareable(spec: ExperimentSpec) -> ExperimentSpec:
    """``spec`` with the paths of files and folders cut to their names: where they lie concerns this machine alone."""
    for owner in ("data.source", "model"):
        part = spec.at(owner)
        names = [each.name for each in settings_of(type(part)) if each.knob.role in ("file", "folder")]
        cut = {name: PurePath(getattr(part, name)).name for name in names if getattr(part, name)}
        if cut:
            changed = part.model_copy(update=cut)
            data = spec.data.model_copy(update={"source": changed})
            spec = spec.model_copy(update={"data": data} if owner == "data.source" else {"model": changed})
    return spec


def settings_text(origin: Provenance) -> str | None:
    """The settings of the training as TOML, without paths of this machine; None where they are not known."""
    return None if origin.trained is None else dumps(shareable(origin.trained.spec))


def versions(origin: Provenance) -> dict[str, str]:
    """Those of the program and of packages at the export, and torch's at the training where its run says it."""
    found = {"program": workbench.__version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    started = started_as(origin.record.folder) if origin.record is not None else None
    return {**found, "trained_with_torch": started.torch_version} if started is not None else found


def data(origin: Provenance) -> dict[str, Any] | None:
    """The data and how they were split; None where nothing says it."""
    trained = origin.trained
    if trained is None:
        return None
    spec, started = trained.spec.data, None
    if origin.record is not None:
        started = started_as(origin.record.folder)
    sizes = trained.sizes or (None, None)
    return {
        "title": spec.source.title,
        "name": spec.source.brief(),
        "training_examples": sizes[0],
        "validation_examples": sizes[1],
        "test_examples": started.test_size if started is not None else None,
        "split_seed": spec.split_seed,
        "validation_fraction": spec.validation_fraction,
        "test_fraction": spec.test_fraction,
        "folds": spec.folds,
        "fold": spec.fold,
        "fingerprint": fingerprint_of(origin),
    }


def _input(subject: Subject) -> dict[str, Any]:
    """How a picture file becomes an input; of points only how many coordinates they have."""
    shape = subject.shape
    if len(shape) != 3:
        return {"coordinates": shape[0]}
    channels, height, width = shape
    network = subject.core[-1]
    needs_colour = isinstance(network, Foreign) and network.recipe[1][0] == 1
    return {
        "side": subject.reading.side,
        "width": width,
        "height": height,
        "fit": subject.reading.fit,
        "mode": "L" if channels == 1 else "RGB",
        "repeat": 3 if needs_colour else 1,
    }
