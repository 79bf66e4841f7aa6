"""A trained network that is ready to predict the classes of a data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.engine.core.progress import finished

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import nn

    from workbench.engine.catalog.preprocessing import Standardizer
    from workbench.engine.evaluation.evaluation_data import EvaluationExamples
    from workbench.engine.training.evaluate import Testing

#: Images in one forward pass of a weights file: their activations stay in the cache (twice as fast as 512).
CHUNK = 128


@dataclass(frozen=True, slots=True, eq=False)
class Predictor:
    """A network in eval mode with all that belongs to its predictions.

    ``columns[k]`` is the network's output for class k of the data. ``standardizer`` is applied to the inputs; without
    one the network takes values in [0, 1]. ``testing`` None means one plain pass in chunks of CHUNK, with the
    probabilities normalized over ``columns``. ``notes`` are sentences on what was assumed, ``doubt`` what makes the
    accuracy doubtful. ``preprocessing`` and ``assumed`` are as in EntryMeasured. ``by_order``: no names match the
    outputs with the classes.
    """

    title: str
    parameters: int
    network: nn.Module
    columns: list[int]
    standardizer: Standardizer | None = None
    testing: Testing | None = None
    notes: tuple[str, ...] = ()
    doubt: str = ""
    preprocessing: str = ""
    assumed: str = ""
    by_order: bool = False

    def predict(self, given: EvaluationExamples, tell: Callable[[float], object]) -> torch.Tensor:
        """Log-probabilities (n, K), float64, of the K classes of the data; ``tell`` gets the share that is done."""
        import torch

        from workbench.engine.data.examples import Examples, chunks
        from workbench.engine.training.evaluate import Testing, answers

        examples, indices = Examples(given.dataset, "cpu"), given.indices
        if self.standardizer is not None:
            examples.use(self.standardizer)
        made: list[torch.Tensor] = []
        seen = 0
        # A run's random passes depend on the number of the chunk, so it gets all examples at once.
        for part in chunks(indices, CHUNK if self.testing is None else len(indices)):
            work = answers(self.network, examples, part, self.testing or Testing())
            made.append(finished(work, lambda done: tell((seen + done) / len(indices))))  # noqa: B023 - called at once
            seen += len(part)
        logs = torch.cat(made)
        return logs[:, self.columns].log_softmax(1) if self.testing is None else self._in_order(logs)

    def _in_order(self, logs: torch.Tensor) -> torch.Tensor:
        return logs if self.columns == list(range(logs.shape[1])) else logs[:, self.columns]
