"""Measuring a split: the same function for training and validation examples.

By default in eval mode, without augmentation; as an option (``Testing``) the answer is an average over random passes
and views of the picture.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from workbench.engine.catalog.augmentations import Augmentation, Mixing
from workbench.engine.core.events import Measured
from workbench.engine.core.memory import is_out_of_memory
from workbench.engine.data.examples import Examples, chunks
from workbench.engine.data.split import Indices
from workbench.engine.nn.arithmetic import channels_last
from workbench.engine.nn.stochastic_layers import StochasticLayer, stochastic_layers
from workbench.engine.nn.torch_workarounds import set_mode
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.inference import Views
from workbench.engine.training.multi_crop import views_of

#: How evaluations are computed, which states of runs record: 1, always contiguous, and fractional pooling with regions
#: drawn by its layer's name; 2, in the memory format of training, and with regions that lie evenly.
EVALUATION: Final = 2
#: Pictures that pass the network at once on a processor: what lies between its layers then stays in the caches. The
#: small CNN takes 0.7 of the time that whole chunks take, laid channels last 0.3.
AT_ONCE: Final = 128


@dataclass(frozen=True, slots=True)
class Testing:
    """How answers are made: the mean of the probabilities over ``passes`` random passes of each of the views.

    Inputs are float32 in any case, pictures laid in ``memory_format``: that of a run's training, so that the same run
    is measured in the same way at any time.

    What is random follows from ``seed``, the pass, the layer and the chunk, so measuring twice gives the same bits.
    """

    __test__ = False  # no test class, whatever its name says to pytest

    seed: int = 0
    passes: int = 1
    views: Views = "none"
    augmentations: Sequence[Augmentation] = ()
    memory_format: Literal["contiguous", "channels_last"] = "contiguous"

    @property
    def is_plain(self) -> bool:
        """Whether it is one pass in eval mode of the examples as they are."""
        return self.passes == 1 and self.views == "none"


def how_to_test(spec: ExperimentSpec) -> Testing:
    """What ``spec`` says of test time."""
    testing = spec.testing
    used = [a for a in spec.augmentations if not isinstance(a, Mixing)] if testing.augment else []
    laid = spec.loop.memory_format if spec.model.has_convolutions else "contiguous"
    return Testing(spec.loop.seed, testing.passes, testing.views, used, laid)


def measure(
    network: nn.Module,
    examples: Examples,
    indices: Indices,
    testing: Testing = Testing(),
    like: Sequence[StochasticLayer] = (),
    keep: list[Tensor] | None = None,
) -> Generator[int, None, Measured | None]:
    """Yield the number of examples done after each chunk; return the measurement, or None for an empty split.

    Sums are float64. The standard error of a mean over n examples is the population std over sqrt(n).
    ``like`` are the run's stochastic layers, whose probabilities a copy of its network takes over. Into ``keep`` go the
    answers to each chunk (B, K), of which the softmax is the probabilities.
    """
    take_over(network, like, testing)
    loss_sum = square_sum = correct = 0.0
    done = 0
    for number, part in enumerate(chunks(indices)):
        while examples.lacks(part):
            yield done
        passes = []
        for one in range(testing.passes):
            if one:
                yield done  # a place to stop at: many passes take long
            passes.append(_pass(network, examples, part, testing, number, one))
        sums, given = _summed(passes, examples.labels_of(part))
        if keep is not None:
            keep.append(given)
        loss_sum += sums[0]
        square_sum += sums[1]
        correct += sums[2]
        done += len(part)
        yield done
    return measured(loss_sum, square_sum, correct, done) if done else None


def take_over(network: nn.Module, like: Sequence[StochasticLayer], testing: Testing) -> None:
    """Give the stochastic layers of ``network`` the probabilities of ``like``, where ``testing`` uses them."""
    if like and not testing.is_plain:
        for own, other in zip(stochastic_layers(network), like, strict=True):
            own.p = other.p


def chunk_sums(
    network: nn.Module, examples: Examples, part: Indices, testing: Testing, number: int
) -> tuple[tuple[float, float, float], Tensor]:
    """Of chunk ``number`` of a split, which is ``part``: the sums of the losses, of their squares, and how many answers
    are right; and the answers (B, K)."""
    passes = [_pass(network, examples, part, testing, number, one) for one in range(testing.passes)]
    return _summed(passes, examples.labels_of(part))


def answers(
    network: nn.Module, examples: Examples, indices: Indices, testing: Testing = Testing()
) -> Generator[int, None, Tensor]:
    """As ``measure``, but return the logarithm of the probabilities (n, K), float64 on the CPU."""
    made, done = [], 0
    for number, part in enumerate(chunks(indices)):
        while examples.lacks(part):
            yield done
        passes = [_pass(network, examples, part, testing, number, one) for one in range(testing.passes)]
        with torch.inference_mode():
            made.append(averaged(torch.stack(passes).cpu().double()))
        done += len(part)
        yield done
    return torch.cat(made)


def score(logs: Tensor, labels: Tensor) -> Measured:
    """The measurement of answers (n, K), logarithms of probabilities, against ``labels`` (n,); n at least 1."""
    losses, hits = functional.nll_loss(logs, labels, reduction="none").double(), (logs.argmax(1) == labels).sum().item()
    return measured(losses.sum().item(), losses.square().sum().item(), hits, len(labels))


def _pass(
    network: nn.Module, examples: Examples, part: Indices, testing: Testing, number: int, one: int
) -> torch.Tensor:
    """The answers of pass ``one`` to chunk ``number``: logits, or the logarithm of the views' mean probabilities.

    The network's mode is as before afterwards.
    """
    was_training = network.training
    set_mode(network, is_training=False)
    for layer in stochastic_layers(network) if testing.passes > 1 else ():
        layer.train()
        layer.at_pass(testing.seed, one, number)
    with torch.inference_mode():
        views = views_of(_seen(examples, part, testing, one), testing.views)
        answers = [_answers_in_pieces(network, view, testing) for view in views]
        logits: Tensor = answers[0] if len(answers) == 1 else averaged(torch.stack(answers))
    set_mode(network, was_training)
    return logits


def _answers_in_pieces(network: nn.Module, x: Tensor, testing: Testing) -> Tensor:
    """The network's answers to ``x`` (B, …). What is random is drawn for all of ``x``."""
    if x.dim() != 4:
        return _answers_to(network, x)
    whole = len(x) <= AT_ONCE or testing.passes > 1 or x.device.type != "cpu"
    pieces = (x,) if whole else x.split(AT_ONCE)
    if testing.memory_format == "channels_last":
        pieces = tuple(map(channels_last, pieces))
    made = [_answers_to(network, piece) for piece in pieces]
    return made[0] if len(made) == 1 else torch.cat(made)


def _answers_to(network: nn.Module, x: Tensor) -> Tensor:
    """The network's answers to ``x`` (B, …); in halves where the memory for all of them is not there."""
    try:
        made: Tensor = network(x)
        return made
    except (MemoryError, RuntimeError) as error:
        if len(x) < 2 or not is_out_of_memory(error):
            raise
    return torch.cat([_answers_to(network, half) for half in x.tensor_split(2)])


def _seen(examples: Examples, part: Indices, testing: Testing, one: int) -> Tensor:
    """The inputs of a pass. Augmented ones draw as an epoch before the first would: no epoch of a run has them."""
    if testing.passes == 1 or not testing.augmentations:
        return examples.batch(part)[0]
    return examples.training_batch(part, testing.augmentations, testing.seed, -1 - one)[0]


def _summed(passes: Sequence[Tensor], labels: Tensor) -> tuple[tuple[float, float, float], Tensor]:
    """The sums (float64) of the losses and of their squares, how many are right, and the answers (B, K)."""
    with torch.inference_mode():
        logits = passes[0] if len(passes) == 1 else averaged(torch.stack(list(passes)))
        # MPS has no float64, so the losses are widened on the CPU.
        losses = functional.cross_entropy(logits, labels, reduction="none").cpu().double()
        hits = (logits.argmax(1) == labels).sum().item()
        return (losses.sum().item(), losses.square().sum().item(), hits), logits


def averaged(answers: Tensor) -> Tensor:
    """The logarithm of the mean of the probabilities: ``answers`` are logits (N, B, K); the softmax of what comes out
    is that mean."""
    return functional.log_softmax(answers, 2).logsumexp(0) - math.log(len(answers))


def measured(loss_sum: float, square_sum: float, correct: float, n: int) -> Measured:
    """The measurement of ``n`` examples, of which ``correct`` are right, from sums of their losses."""
    loss, accuracy = loss_sum / n, correct / n
    variance = max(0.0, square_sum / n - loss * loss)
    return Measured(loss, accuracy, n, math.sqrt(variance / n), math.sqrt(accuracy * (1 - accuracy) / n))
