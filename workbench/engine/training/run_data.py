"""The data of a run: examples as tensors, which of them train and validate, the classes and the shape of an input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.progress import finished
from workbench.engine.data.examples import Examples
from workbench.engine.data.fingerprint import data_fingerprint
from workbench.engine.data.loading import checked_loading
from workbench.engine.data.looks_at_test import fingerprint
from workbench.engine.data.split import Indices, Split, first_look, split
from workbench.engine.spec.experiment import ExperimentSpec


@dataclass(frozen=True, slots=True, eq=False)
class RunData:
    """``shape`` is that of one input; ``notes`` are sentences for the user about files that were left out.

    ``value_range`` is that of the data set.
    ``first_look`` is what the evaluation before the first step measures of ``split.train_eval`` and ``split.val``.
    ``fingerprint`` tells other data from the same data in another place. ``test_mark`` is that of the examples that
    are held out for the test, empty without. ``test_size`` counts the examples of the last test, held out or of the
    source's own.
    """

    examples: Examples
    split: Split
    first_look: tuple[Indices, Indices]
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    notes: tuple[str, ...] = ()
    value_range: tuple[float, float] | None = None
    test_mark: str = ""
    fingerprint: Mapping[str, Any] = field(default_factory=dict)
    test_size: int = 0

    def measured_at(self, step: int) -> tuple[Indices, Indices]:
        """The training and the validation examples that an evaluation after ``step`` steps measures."""
        return (self.split.train_eval, self.split.val) if step else self.first_look


def prepare_data(spec: ExperimentSpec, device: str, dataset: Dataset | None = None) -> RunData:
    """Split ``dataset``, move it to ``device`` and fit the preprocessing on the training split.

    Without ``dataset`` the spec's source is read. Raises WorkbenchError with a sentence for the user.
    """
    if dataset is None:
        dataset = finished(checked_loading(spec.data.source))
    parts = split(dataset, spec.data)
    look = first_look(parts, dataset.labels, spec.data.split_seed)
    examples = Examples(dataset, device)
    examples.standardize_by(spec.model.preprocessing(spec), parts.train, spec.data.split_seed)
    if spec.data.class_weights:
        examples.weigh_classes(parts.train)
    mark = fingerprint(dataset, parts.test) if len(parts.test) else ""
    values = dataset.value_range
    known = data_fingerprint(dataset)
    tested = len(parts.test) or dataset.test_size
    return RunData(examples, parts, look, dataset.classes, dataset.shape, dataset.notes, values, mark, known, tested)
