"""A map over one picture for one class, beside that of the same network with shuffled weights."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading, translated
from workbench.engine.explain.explainer import Explainer, Floats, default_layer
from workbench.engine.explain.methods.base import Method
from workbench.engine.explain.question import Question
from workbench.engine.explain.sanity import rank_correlation, verdict
from workbench.engine.use.answer import as_picture
from workbench.engine.use.network import Bytes

if TYPE_CHECKING:
    from workbench.engine.explain.subject import Subject

_WORDS: Final = ("Through the network", "Through shuffled weights")


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """``map`` and ``shuffled`` (which need not be finite) are float64 (h, w) over the whole of ``seen``,
    the picture at the network's input, uint8 (H, W, 1 or 3).

    ``correlation`` is their rank correlation, None where one of them is constant, ``verdict`` a sentence on it.
    ``layer`` is the name of the layer that was explained, empty where the method uses none; ``layers`` are those
    that could be chosen. ``logit`` and ``probability`` are the network's for the class.
    """

    network: str
    method: Method
    classes: tuple[str, ...]
    class_number: int
    probability: float
    logit: float
    is_top: bool
    seen: Bytes
    map: Floats
    shuffled: Floats
    correlation: float | None
    verdict: str
    seconds: float
    layer: str = ""
    layers: tuple[tuple[str, str], ...] = ()

    @property
    def class_name(self) -> str:
        """The class that is explained."""
        return self.classes[self.class_number]


def explaining(explainer: Explainer, picture: Path | Bytes, question: Question) -> Job[Explanation]:
    """The map of ``question`` for a file or pixels uint8 (H, W, 1, 3 or 4). Raises WorkbenchError with a sentence."""
    from workbench.engine.explain.layers import layer_named
    from workbench.engine.explain.subject import Subject

    began, method = time.perf_counter(), question.method
    yield Loading(0, 0, "Reading the picture")
    x = explainer.prepared(explainer.read(picture)[None])
    logits = explainer.logits(x)[0].double()
    number = int(logits.argmax()) if question.class_number is None else question.class_number
    if not 0 <= number < len(explainer.classes):
        raise WorkbenchError(f"There is no class {number + 1}: the network has {len(explainer.classes)}.")
    layers = explainer.layers(x)
    subject = Subject(explainer.trained, x, explainer.columns[number])
    if method.uses_layer:
        named = layer_named(layers, question.layer) if question.layer else None
        subject = replace(subject, layer=named or default_layer(subject, layers))
    found = yield from _half(method, subject, 0)
    other = yield from _half(method, subject.through(explainer.shuffled), 1)
    if not np.isfinite(found).all():
        raise WorkbenchError(f"{method.title} gives values that are not numbers: the network's answer is none.")
    correlation = rank_correlation(found, other) if np.isfinite(other).all() else None
    return Explanation(
        explainer.member.name,
        method,
        explainer.classes,
        number,
        float(logits.softmax(0)[number]),
        float(logits[number]),
        number == int(logits.argmax()),
        as_picture(x[0].numpy()),
        found,
        other,
        correlation,
        verdict(correlation, found, other),
        time.perf_counter() - began,
        subject.layer.name if subject.layer is not None else "",
        tuple((each.name, each.words) for each in layers if each.has_map),
    )


def _half(method: Method, subject: Subject, half: int) -> Job[Floats]:
    """The map through one of the two networks; both together are the whole work."""

    def say(at: Loading) -> Loading:
        return Loading(at.done + half * at.total, 2 * at.total, _WORDS[half])

    found: Floats = yield from translated(method.attributing(subject), say)
    return found
