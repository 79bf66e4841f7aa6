"""``--to script``: a run's training as a folder of plain torch, which repeats it without this program."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from workbench.engine.core.atomic_write import CannotWrite, write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.text import counted, size_text
from workbench.engine.data.store import DataStore
from workbench.engine.export.about import about, versions
from workbench.engine.export.script.files import Texts
from workbench.engine.export.script.loop import Change, Data, Recipe, made_network, training
from workbench.engine.export.script.module_names import CannotScript
from workbench.engine.export.script.original import Original, original_of
from workbench.engine.export.subject import Subject
from workbench.engine.export.weights_file import preprocessing
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.training.device import arithmetic_of
from workbench.engine.training.network import build_network
from workbench.engine.training.run_data import RunData, prepare_data

#: Number of steps that are trained during the export and compared with the run.
_TRIED: Final = 3
#: Relative difference of a loss above which rounding of another processor cannot explain it.
_TOLERANCE: Final = 1e-3


def writing_script(subject: Subject, folder: Path, store: DataStore | None = None) -> Job[str]:
    """Write the script into ``folder``; returns sentences on it.

    Raises WorkbenchError for a training that cannot be a script, whose data are gone or have changed, or whose first
    losses are not those of the script; CannotWrite.
    """
    original = yield from original_of(subject)
    spec = original.spec
    yield Loading(0, 0, "Reading the data")
    dataset = yield from (store or DataStore()).loading(spec.data.source)
    if original.trained.split_of(dataset, spec.data.source) is None:
        text = f"The data of {subject.name} has changed since it was trained, so a script would train on other examples"
        raise WorkbenchError(f"{text}. Train again with the data as it is, and export that run.", "data.source")
    data = prepare_data(spec, "cpu", dataset)
    recipe = recipe_of(original, data)
    module = build_network(spec, data.shape, len(data.classes)).module
    first = {f"network.{name}": value.clone() for name, value in module.state_dict().items()}
    texts = _texts(subject, recipe)
    words = yield from _compared(original, recipe, as_data(data), first | _statistics(data))
    yield Loading(0, 0, "Writing the script")
    for name, text in (("train.py", texts.train), ("predict.py", texts.predict), ("train.ipynb", texts.notebook)):
        write_whole(folder / name, text.encode("utf-8"))
    _save(folder / "initial.pt", first | _statistics(data))
    mean, inverse_std = preprocessing(subject)
    trained = {f"network.{name}": value.clone() for name, value in subject.core[-1].state_dict().items()}
    _save(folder / "best.pt", {**trained, "mean": mean.clone(), "inverse_std": inverse_std.clone()})
    size = _save_data(folder / "data.npz", data)
    return (
        f"train.py repeats the training with torch, torchvision, Pillow and numpy alone; data.npz has {size}. {words}"
    )


def recipe_of(original: Original, data: RunData) -> Recipe:
    """The settings of the run as a script has them."""
    spec = original.spec
    return Recipe(
        model=spec.model,
        shape=data.shape,
        classes=len(data.classes),
        optimizer=spec.optimizer,
        schedule=spec.schedule,
        augmentations=spec.augmentations,
        regularization=spec.regularization,
        arithmetic=arithmetic_of(spec, original.device),
        seed=spec.loop.seed,
        epochs=spec.loop.epochs,
        batch_size=spec.loop.batch_size,
        accumulate=spec.loop.accumulate,
        weighs_classes=spec.data.class_weights,
        device=original.device,
        threads=original.threads,
        changes=tuple(
            Change(step, each.optimizer, each.schedule, each.augmentations, each.regularization, each.loop.epochs)
            for step, each in original.changes
        ),
        steps=original.steps or spec.loop.epochs * _steps_per_epoch(original, data),
    )


def _steps_per_epoch(original: Original, data: RunData) -> int:
    from workbench.engine.data.split import batch_borders

    size = len(data.split.train)
    loop = original.spec.loop
    return len(batch_borders(size, size if original.spec.optimizer.full_batch else loop.batch_size)) - 1


def as_data(data: RunData) -> Data:
    """The examples of a run as a script has them; the same memory."""
    examples, split, how = data.examples, data.split, data.examples.standardizer
    weights = examples.class_weights
    parts = (split.train, split.train_eval, split.val)
    return Data(examples.inputs, examples.labels, *parts, how.mean, how.inverse_std, weights)


def _texts(subject: Subject, recipe: Recipe) -> Texts:
    said: dict[str, Any] = about(subject)
    how = {name: value for name, value in said["input"].items() if name != "repeat"}  # the network does it itself
    if "side" in how:
        how["values"] = subject.reading.range
    try:
        return Texts(subject.name, subject.title, recipe, subject.classes, how, versions(subject.origin))
    except CannotScript as error:
        raise WorkbenchError(f"{subject.name} cannot become a script: {error}.") from None


def _compared(original: Original, recipe: Recipe, data: Data, weights: dict[str, Tensor]) -> Job[str]:
    """Train the first steps and compare their losses with those of the run; returns a sentence."""
    yield Loading(0, 0, "Comparing the first steps")
    known = _recorded(original)
    if recipe.device != "cpu" or not len(known):
        return "Its losses could not be compared with the run's here."
    network = made_network(recipe, {name: value.clone() for name, value in weights.items()})
    losses = []
    for loss in training(recipe, data, network, min(_TRIED, len(known))):
        losses.append(loss)
        yield Loading(0, 0, "Comparing the first steps")
    differences = [abs(a - b) / max(1.0, abs(b)) for a, b in zip(losses, known, strict=False)]
    if max(differences, default=0.0) > _TOLERANCE:
        raise WorkbenchError("The script's first losses are not those of the run, so it would be another training.")
    return f"Its first {counted(len(losses), 'loss', 'losses')} are those of the run."


def _recorded(original: Original) -> list[float]:
    if original.folder is None:
        return []
    try:
        first, rows = read_steps_from(original.folder)
    except WorkbenchError:
        return []
    return [] if first else [float(loss) for loss in rows[:_TRIED, 0]]


def _statistics(data: RunData) -> dict[str, Tensor]:
    how = data.examples.standardizer
    return {"mean": how.mean.clone(), "inverse_std": how.inverse_std.clone()}


def _save(file: Path, tensors: dict[str, Tensor]) -> None:
    made = io.BytesIO()
    torch.save(tensors, made)
    write_whole(file, made.getvalue())


def _save_data(file: Path, data: RunData) -> str:
    inputs, labels = data.examples.inputs.numpy(), data.examples.labels.numpy()
    split = data.split
    try:
        with file.open("wb") as out:
            train, train_eval, val = split.train, split.train_eval, split.val
            np.savez(out, inputs=inputs, labels=labels, train=train, train_eval=train_eval, val=val)
    except OSError as error:
        raise CannotWrite(file, inputs.nbytes, error) from None
    return f"{counted(len(labels), 'example')} ({size_text(inputs.nbytes)})"
