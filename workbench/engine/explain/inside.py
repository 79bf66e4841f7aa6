"""What is seen inside a network apart from maps: its first filters, what a layer gives, and the nearest pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from workbench.engine.core.text import grouped, short
from workbench.engine.data.browse import Catalogue
from workbench.engine.explain.explainer import Explainer
from workbench.engine.explain.neighbours import FeatureIndex, feature_of
from workbench.engine.explain.tiles import Tiles
from workbench.engine.inspection.examples import catalogue_of_examples
from workbench.engine.use.network import Bytes

#: The number of nearest pictures that are shown.
NEAREST: Final = 24


@dataclass(frozen=True, slots=True, eq=False)
class Channels:
    """The ``tiles`` of the layer with this name; ``layers`` are all that there are, with words on each."""

    tiles: Tiles
    layer: str
    layers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """Training pictures, the nearest first, as a catalogue, with three lines for each; ``words`` say what they are."""

    catalogue: Catalogue
    captions: tuple[tuple[str, str, str], ...]
    words: str


def filters_of(explainer: Explainer) -> Tiles:
    """The filters of the first layer. Raises WorkbenchError where it has no pictures of them."""
    from workbench.engine.explain.filters import first_filters

    reading = explainer.member.reading
    blank = np.zeros((1, 1 if reading.colour == "gray" else 3, reading.side, reading.side), np.uint8)
    return first_filters(explainer.trained, explainer.prepared(blank))


def channels_of(explainer: Explainer, picture: Path | Bytes, layer: str = "") -> Channels:
    """What ``layer`` (the first one without a name) gives for a file or pixels. Raises WorkbenchError."""
    from workbench.engine.explain.activations import activations
    from workbench.engine.explain.layers import layer_named

    x = explainer.prepared(explainer.read(picture)[None])
    layers = explainer.layers(x)
    chosen = layer_named(layers, layer) if layer else layers[0]
    return Channels(
        activations(explainer.trained, x, chosen), chosen.name, tuple((each.name, each.words) for each in layers)
    )


def nearest_to(explainer: Explainer, index: FeatureIndex, picture: Path | Bytes, count: int = NEAREST) -> Nearest:
    """The ``count`` training pictures nearest to a file or pixels. Raises WorkbenchError."""
    feature = feature_of(explainer, explainer.prepared(explainer.read(picture)[None]))
    found = index.nearest(feature, count)
    positions = np.array([each.position for each in found])
    examples = replace(index.examples, indices=index.examples.indices[positions])
    right = sum(each.is_right for each in found)
    words = (
        f"The nearest of {grouped(len(index.features))} training pictures by the {index.features.shape[1]} values that "
        f"enter {index.layer}. The network is right on {right} of these {len(found)}. Below each: its class, the "
        "predicted class where it is another, and the distance."
    )
    return Nearest(
        catalogue_of_examples(examples),
        tuple(
            (
                each.label,
                "right" if each.is_right else f"→ {each.predicted}",
                f"distance {short(round(each.distance, 4), 3)}",
            )
            for each in found
        ),
        " ".join((words, *index.notes)),
    )
