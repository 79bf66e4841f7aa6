"""The examples on which a network was judged, as a view of small pictures shows them."""

from __future__ import annotations

import os
from typing import Final

import numpy as np

from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped
from workbench.engine.data.browse import NO_FILES, Catalogue, Part
from workbench.engine.evaluation.evaluation_data import EvaluationExamples
from workbench.engine.inspection.judged import Judged

_PARTS: Final = {"validation": Part.VALIDATION, "train": Part.TRAINING, "test": Part.TEST}
_OF_TEST: Final = "Pictures of the test part cannot be corrected here: that would make its accuracy too good."


def catalogue_of(judged: Judged) -> Catalogue:
    """Those of ``judged``, see ``catalogue_of_examples``."""
    return catalogue_of_examples(judged.examples)


def catalogue_of_examples(examples: EvaluationExamples) -> Catalogue:
    """One entry for each of the n examples, in their order, so that positions among them are its indices.

    Raises WorkbenchError for points, which are no pictures.
    """
    dataset, indices = examples.dataset, examples.indices
    if not dataset.is_image:
        raise WorkbenchError("This data set has points and no pictures to look at, so it cannot be inspected here.")
    files = tuple(dataset.files[index] for index in indices.tolist()) if dataset.files else ()
    source = examples.source
    labels = dataset.labels[indices]
    fixed = "" if files and isinstance(source, PictureFiles) and source.has_files else NO_FILES
    return Catalogue(
        dataset.classes,
        _names(files) if files else tuple(f"No. {grouped(index + 1)}" for index in indices.tolist()),
        files,
        labels,
        labels,
        np.full(len(indices), _PARTS.get(examples.part, Part.UNUSED), np.uint8),
        indices,
        None if files else dataset.inputs,
        _OF_TEST if files and source is None else fixed,
        fit=source.squared_by if isinstance(source, PictureFiles) else "crop",
    )


def _names(files: tuple[str, ...]) -> tuple[str, ...]:
    """The names below the folder in which all lie."""
    start = len(os.path.commonpath([os.path.dirname(file) for file in files])) + 1
    return tuple(file[start:] for file in files)
