"""The training pictures that are nearest to one in feature space: what enters the network's last layer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.randomness import permutation
from workbench.engine.core.text import grouped
from workbench.engine.evaluation.entries import entry_at, expanded
from workbench.engine.evaluation.evaluation_data import ChosenData, EvaluationExamples
from workbench.engine.evaluation.predictor import CHUNK
from workbench.engine.evaluation.trained_on import trained_on
from workbench.engine.explain.explainer import Explainer

if TYPE_CHECKING:
    from torch import Tensor, nn

    from workbench.engine.core.progress import Watch
    from workbench.engine.data.store import DataStore

#: Maximum size of the features in bytes.
MOST_BYTES: Final = 512 * 2**20
#: Number of features that are compared at once.
_ROWS: Final = 4096

Features = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """``position`` is that among the n of the index, ``distance`` the Euclidean one in feature space."""

    position: int
    distance: float
    label: str
    predicted: str

    @property
    def is_right(self) -> bool:
        """Whether the network takes it for what it is."""
        return self.label == self.predicted


@dataclass(frozen=True, eq=False)
class FeatureIndex:
    """``features``, float32 (n, D), of the training examples ``examples`` (their ``indices`` are the n), and the
    position (n,) of the network's answers in ``classes``. ``notes`` are sentences."""

    features: Features
    examples: EvaluationExamples
    predicted: Integers
    classes: tuple[str, ...]
    layer: str
    notes: tuple[str, ...] = ()

    def nearest(self, feature: Features, count: int) -> list[Neighbour]:
        """The ``count`` examples nearest to ``feature`` (D,), all distances computed; of equal ones the first."""
        squares = np.empty(len(self.features))
        for start in range(0, len(self.features), _ROWS):
            away = self.features[start : start + _ROWS].astype(np.float64) - feature
            squares[start : start + _ROWS] = np.einsum("nd,nd->n", away, away)
        dataset, indices = self.examples.dataset, self.examples.indices
        return [
            Neighbour(
                position,
                float(np.sqrt(squares[position])),
                dataset.classes[int(dataset.labels[indices[position]])],
                self.classes[int(self.predicted[position])],
            )
            for position in np.argsort(squares, kind="stable")[:count].tolist()
        ]


def feature_of(explainer: Explainer, x: Tensor) -> Features:
    """The features (D,) of a prepared picture ``x`` (1, c, h, w)."""
    from workbench.engine.explain.filters import last_weights

    found: Features = _features(explainer.trained, last_weights(explainer.trained, x)[0], x)[0][0]
    return found


def indexing(
    explainer: Explainer, examples: EvaluationExamples, most_bytes: int = MOST_BYTES, notes: tuple[str, ...] = ()
) -> Job[FeatureIndex]:
    """The features of ``examples``, at most ``most_bytes`` of them: of more examples a part that is drawn evenly.

    Raises WorkbenchError for examples that the network cannot take.
    """
    from workbench.engine.explain.filters import last_weights

    dataset, indices = examples.dataset, examples.indices
    if not dataset.is_image or not len(indices):
        raise WorkbenchError("There are no training pictures to compare with.")
    first = explainer.prepared(dataset.inputs[indices[:1]])
    layer = last_weights(explainer.trained, first)[0]
    width = _features(explainer.trained, layer, first)[0].shape[1]
    most = max(1, most_bytes // (4 * width))
    if most < len(indices):
        notes = (
            *notes,
            f"Of {grouped(len(indices))} training pictures {grouped(most)} are compared: memory is bounded.",
        )
        indices = np.sort(indices[permutation(len(indices), 0, 0)[:most]])
    features, answers = np.empty((len(indices), width), np.float32), np.empty(len(indices), np.int64)
    for start in range(0, len(indices), CHUNK):
        yield Loading(start, len(indices), "Looking at training pictures")
        part = slice(start, start + CHUNK)
        x = explainer.prepared(dataset.inputs[indices[part]])
        features[part], logits = _features(explainer.trained, layer, x)
        answers[part] = logits[:, explainer.columns].argmax(1)
    kept = EvaluationExamples(
        dataset, indices, examples.words, examples.source, examples.split_by, examples.part, notes=examples.notes
    )
    return FeatureIndex(features, kept, answers, explainer.classes, layer, notes)


def training_examples(
    paths: tuple[Path, ...], explainer: Explainer, watch: Watch | None = None, store: DataStore | None = None
) -> tuple[EvaluationExamples, tuple[str, ...]]:
    """What the weights at ``paths`` that are explained were trained on, and sentences on doubts.

    Raises WorkbenchError where the weights do not say it or the data cannot be read.
    """
    entry = entry_at(expanded(paths)[explainer.number])
    trained = trained_on(entry)
    if trained is None:
        raise WorkbenchError(f"{entry.name} does not say on which pictures it was trained, so none can be compared.")
    examples = ChosenData(trained.spec.data, "train", (trained,), watch, store=store).load_for(explainer.member.origin)
    if examples.dataset.classes != trained.classes:
        text = f"The data of {trained.name} has other classes than when it was trained"
        raise WorkbenchError(f"{text}, so no pictures of it can be compared.")
    is_same = examples.split_by is not None
    changed = "The data has changed since it was trained: which pictures it was trained on is not known for certain."
    return examples, () if is_same else (changed,)


def _features(network: nn.Module, layer: str, x: Tensor) -> tuple[Features, Features]:
    """What enters ``layer`` (B, D), averaged over places where it has them, and the network's outputs."""
    import torch

    kept: list[Tensor] = []
    hook = network.get_submodule(layer).register_forward_pre_hook(lambda _module, inputs: kept.append(inputs[0]))
    try:
        with torch.no_grad():
            logits = network(x)
    finally:
        hook.remove()
    features = kept[-1]
    features = features.mean((2, 3)) if features.ndim == 4 else features.flatten(1)
    return features.float().numpy(), logits.numpy()
