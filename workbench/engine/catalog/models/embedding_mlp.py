"""Fully connected network on embeddings: each input is a symbol with a learned vector."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.activations.members import ReLU
from workbench.engine.catalog.initializations import Initialization
from workbench.engine.catalog.initializations.members import He
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.models.base import Model, stacked
from workbench.engine.catalog.models.mlp import (
    ActivationKnob,
    BatchNormKnob,
    HiddenKnob,
    InitKnob,
    fully_connected,
    lonely_batches,
)
from workbench.engine.catalog.preprocessing.members import NoPreprocessing
from workbench.engine.core.errors import Mend, Problem
from workbench.engine.core.text import number_text
from workbench.engine.nn.layer_insertion import LayerInsertion

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.catalog.preprocessing import Preprocessing
    from workbench.engine.spec.experiment import ExperimentSpec


class EmbeddingMLP(Model):
    """An MLP over the embeddings of its inputs, side by side. All inputs share one table of embeddings."""

    kind: ClassVar[str] = "embedding_mlp"
    title: ClassVar[str] = "MLP on embeddings"
    summary: ClassVar[str] = "Each input is a symbol with a learned vector; for sets like Modular addition."
    order: ClassVar[int] = 15
    has_convolutions: ClassVar[bool] = False

    vocabulary: Annotated[
        int,
        Knob(
            "Vocabulary",
            "The number of different symbols, each with its own embedding. Inputs are the indices of symbols, from 0; "
            "other inputs are rounded to the nearest index.",
            unit="symbols",
            low=2,
            high=50_000,
            scale="log",
        ),
    ] = 31
    embedding: Annotated[
        int,
        Knob(
            "Embedding size",
            "The number of components of a symbol's embedding. Embeddings are learned like all weights: symbols with "
            "similar effects get similar embeddings.",
            low=1,
            high=1_024,
            search=(4, 256),
            scale="log",
        ),
    ] = 16
    hidden: HiddenKnob = (128,)
    activation: ActivationKnob = ReLU()
    init_weights: InitKnob = He()
    batch_norm: BatchNormKnob = "off"

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from lonely_batches(self.batch_norm if self.hidden else "off", False, spec, path)
        known, source = spec.data.source.vocabulary, spec.data.source.title
        if known is None:
            words = f"takes inputs for the numbers of symbols, and those of {source} are sizes; choose the MLP"
            yield Problem(path, words, "warning", (Mend("Choose the MLP", path, {"kind": "mlp"}),))
        elif known > self.vocabulary:
            mend = Mend(f"Vocabulary {number_text(known)}", f"{path}.vocabulary", known)
            words = f"is too small: {source} has {number_text(known)} symbols"
            yield Problem(f"{path}.vocabulary", words, mends=(mend,))
        if not isinstance(spec.preprocessing, NoPreprocessing):
            words = f"{spec.preprocessing.title} has no effect: inputs are the numbers of symbols"
            yield Problem("preprocessing", words, "warning", (Mend("Choose None", "preprocessing", {"kind": "none"}),))

    def preprocessing(self, spec: ExperimentSpec) -> Preprocessing:
        return NoPreprocessing()

    def build(self, shape: tuple[int, ...], classes: int, parts: LayerInsertion) -> nn.Module:
        from torch import nn

        from workbench.engine.nn.layers import SideBySide

        table = SideBySide(self.vocabulary, self.embedding)
        hidden, width = fully_connected(self, prod(shape) * self.embedding, self.hidden, parts)
        return stacked([("embedding", table), *hidden, ("classifier", nn.Linear(width, classes))])

    def init(self) -> tuple[Initialization, Activation]:
        return self.init_weights, self.activation

    def brief(self) -> str:
        return "–".join(map(str, (self.embedding, *self.hidden)))
