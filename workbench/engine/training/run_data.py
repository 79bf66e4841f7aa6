"""The data of a run: examples as tensors, which of them train and validate, the classes and the shape of an input."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.progress import finished
from workbench.engine.data.examples import Examples
from workbench.engine.data.loading import checked_loading
from workbench.engine.data.looks_at_test import fingerprint
from workbench.engine.data.split import Split, split
from workbench.engine.spec.experiment import ExperimentSpec


@dataclass(frozen=True, slots=True, eq=False)
class RunData:
    """``shape`` is that of one input; ``notes`` are sentences for the user about files that were left out.

    ``test_mark`` is the fingerprint of the examples that are held out for the test, empty without.
    """

    examples: Examples
    split: Split
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    notes: tuple[str, ...] = ()
    test_mark: str = ""


def prepare_data(spec: ExperimentSpec, device: str, dataset: Dataset | None = None) -> RunData:
    """Split ``dataset``, move it to ``device`` and fit the preprocessing on the training split.

    Without ``dataset`` the spec's source is read. Raises WorkbenchError with a sentence for the user.
    """
    if dataset is None:
        dataset = finished(checked_loading(spec.data.source))
    parts = split(dataset, spec.data)
    examples = Examples(dataset, device)
    examples.standardize_by(spec.model.preprocessing(spec), parts.train, spec.data.split_seed)
    if spec.data.class_weights:
        examples.weigh_classes(parts.train)
    mark = fingerprint(dataset, parts.test) if len(parts.test) else ""
    return RunData(examples, parts, dataset.classes, dataset.shape, dataset.notes, mark)
