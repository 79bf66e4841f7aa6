"""The setting that says which of several tables in a file of weights is read."""

from __future__ import annotations

from typing import Annotated, Final

from workbench.engine.catalog.knob import Knob

#: The program finds the table.
AUTO: Final = "auto"
WEIGHTS_NAME: Final = Knob(
    "Weights in the file",
    "The name under which the weights are in a file that holds several, as training scripts keep an average of the "
    "weights (ema, model_ema, state_dict_ema) beside the last ones (model, state_dict). auto takes the last ones, and "
    "an average only where there is nothing else. A note says which are used.",
)
WeightsName = Annotated[str, WEIGHTS_NAME]
