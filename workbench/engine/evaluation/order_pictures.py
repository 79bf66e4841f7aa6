"""Possible orders of a network's outputs beside the first picture of each class, from which a user chooses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from workbench.engine.evaluation.class_orders import Order, OrderChoice

if TYPE_CHECKING:
    from workbench.engine.evaluation.evaluation_data import EvaluationExamples


@dataclass(frozen=True, slots=True, eq=False)
class OrderPictures:
    """Possible orders, which disagree, and the first example of each class.

    ``classes`` are in the data's order. ``pictures`` are uint8 (K, C, H, W), of the classes in that order, zero for a
    class without an example; empty (0,) for data that are no pictures.
    """

    classes: tuple[str, ...]
    orders: tuple[Order, ...]
    pictures: npt.NDArray[Any]


def with_pictures(choice: OrderChoice, examples: EvaluationExamples | None) -> OrderPictures | None:
    """``choice`` with the pictures of ``examples``; None without any."""
    if examples is None:
        return None
    dataset = examples.dataset
    pictures = np.zeros((len(dataset.classes), *dataset.shape), np.uint8) if dataset.is_image else np.zeros(0, np.uint8)
    if dataset.is_image:
        labels, first = np.unique(dataset.labels, return_index=True)
        pictures[labels] = dataset.inputs[first]
    return OrderPictures(dataset.classes, choice.orders, pictures)
