"""Whether pictures are about as bright as those that weights were trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.engine.core.text import percent

if TYPE_CHECKING:
    from workbench.engine.evaluation.evaluation_data import EvaluationExamples
    from workbench.engine.weights.input_spec import Origin

#: Maximum number of pictures that are measured, evenly spaced among the examples.
_LOOKED_AT: Final = 512
#: The means of two sets of one subject differ by less than this many spreads of the pixels; inverted digits by more.
_SPREADS: Final = 1.0


def brightness_note(origin: Origin | None, examples: EvaluationExamples) -> str:
    """A sentence on pictures that are far brighter or darker than those trained on, by the mean and the spread of
    pixels that this program saves with weights; empty for others, and for weights that do not say them.
    """
    dataset, indices = examples.dataset, examples.indices
    if origin is None or origin.foreign or not dataset.is_image or not len(indices):
        return ""
    some = dataset.inputs[indices[:: -(-len(indices) // _LOOKED_AT)]]
    mean, trained, spread = (float(np.mean(each)) for each in (some / np.float32(255), origin.mean, origin.std))
    if abs(mean - trained) <= _SPREADS * spread:
        return ""
    is_brighter = mean > trained
    return (
        f"The pictures are far {'brighter' if is_brighter else 'darker'} than those that the network was trained on: "
        f"{percent(mean, 0)} of white on average, and {percent(trained, 0)} in training. Black and white may be "
        "exchanged, or another value may be white."
    )
