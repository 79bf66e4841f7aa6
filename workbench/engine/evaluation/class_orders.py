"""Orders in which the outputs of a network without class names may be, and the choice between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped
from workbench.engine.pictures.class_folders import composed, natural
from workbench.engine.weights.class_list import names_in

OrderName = Literal["data", "natural", "text"]
#: How a network's outputs are named: an order of the data's names, their names themselves, or None if not chosen.
ClassOrder = OrderName | tuple[str, ...] | None
TITLES: Mapping[OrderName, str] = {
    "data": "the order of the data's labels",
    "natural": "natural order, 1 2 10, as this program reads folders",
    "text": "text order, 1 10 2, as torchvision and Keras read folders",
}


@dataclass(frozen=True, slots=True)
class Order:
    """One possible order: ``names[k]`` is the class of output k."""

    name: OrderName
    names: tuple[str, ...]

    @property
    def title(self) -> str:
        """What it is, in words."""
        return TITLES[self.name]


@dataclass(frozen=True, slots=True)
class OrderChoice:
    """The orders that are possible for one file, which disagree."""

    orders: tuple[Order, ...]


class ClassesUnmatched(WorkbenchError):
    """The outputs are not those of the data's classes; a list of their names would decide.

    ``advice`` says how it is given in a terminal; a window has a button.
    """

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


class OrderUnknown(ClassesUnmatched):
    """Nothing decides which class each output is; ``choice`` has the possible orders."""

    def __init__(self, message: str, choice: OrderChoice) -> None:
        names = "|".join(order.name for order in choice.orders)
        super().__init__(message, f"Choose one: --classes {names}, or a file of names.")
        self.choice = choice


def are_counted(names: Sequence[str]) -> bool:
    """Whether ``names`` are the numbers from 0 on, in any order, as integer labels are named."""
    return sorted(names) == sorted(map(str, range(len(names))))


def ordered(classes: tuple[str, ...], order: OrderName) -> tuple[str, ...]:
    """The names ``classes``, as the data has them, in another order."""
    if order == "data":
        return classes
    return tuple(sorted(classes, key=natural if order == "natural" else composed))


def possible_orders(classes: tuple[str, ...], from_folders: bool) -> tuple[Order, ...]:
    """The orders of ``classes`` that differ, the data's own first.

    Integer labels of arrays (not ``from_folders``) are the numbers of the outputs, which leaves one order.
    """
    if not from_folders and are_counted(classes):
        return (Order("data", classes),)
    found: dict[tuple[str, ...], Order] = {}
    first: tuple[OrderName, ...] = ("natural", "text", "data") if from_folders else ("data", "natural", "text")
    for name in first:
        names = ordered(classes, name)
        found.setdefault(names, Order(name, names))
    return tuple(found.values())


def order_of(text: str) -> ClassOrder:
    """What ``--classes`` means: an order's name, or a file that names the outputs. Raises WorkbenchError."""
    if text in TITLES:
        return text  # type: ignore[return-value]
    choices = f"--classes takes {', '.join(TITLES)}, or a text file of names."
    return names_in(Path(text).expanduser(), choices)


def refusal(file: str, orders: Sequence[Order]) -> str:
    """Why the classes of ``file`` cannot be matched, with what differs between the orders."""
    first, second = orders[0].names, orders[1].names
    at = next(k for k, (one, other) in enumerate(zip(first, second, strict=True)) if one != other)
    return (
        f"{file} does not say which class each of its {grouped(len(first))} outputs is, and the possible orders "
        f"disagree: output {at} is {first[at]} ({TITLES[orders[0].name]}) or {second[at]} "
        f"({TITLES[orders[1].name]})."
    )
