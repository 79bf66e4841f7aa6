"""What the sanity checks ask, in their order. Without torch: the window names them before torch is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Question:
    """``name`` is for programs, ``title`` for people; ``asks`` is the question that the check answers."""

    name: str
    title: str
    asks: str


MEMORY: Final = Question(
    "memory",
    "Memory",
    "Does what training needs fit into the memory that is free?",
)
LOSS_AT_START: Final = Question(
    "loss_at_start",
    "Loss at the start",
    "Is the loss of the untrained network near that of equal probabilities, ln C?",
)
FEW_EXAMPLES: Final = Question(
    "few_examples",
    "Overfits 20 examples",
    "Can the network learn 20 examples by heart at this learning rate?",
)
SHUFFLED_LABELS: Final = Question(
    "shuffled_labels",
    "Shuffled labels give chance",
    "Is validation no better than chance where the training labels are shuffled?",
)
TIME: Final = Question(
    "time",
    "Time",
    "How long does the whole run take?",
)

QUESTIONS: Final = (MEMORY, LOSS_AT_START, FEW_EXAMPLES, SHUFFLED_LABELS, TIME)
