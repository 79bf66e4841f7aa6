"""Orders in which the outputs of a network without class names may be, and the choice between them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped
from workbench.engine.pictures.class_folders import composed, natural

OrderName = Literal["data", "natural", "text"]
#: How a network's outputs are named: an order of the data's names, their names themselves, or None if not chosen.
ClassOrder = OrderName | tuple[str, ...] | None
TITLES: Mapping[OrderName, str] = {
    "data": "the order of the data's labels",
    "natural": "natural order, 1 2 10, as this program reads folders",
    "text": "text order, 1 10 2, as torchvision and Keras read folders",
}
#: A list of class names is short; a larger file is something else.
_MOST_BYTES = 4 * 2**20


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
    return names_in(Path(text).expanduser())


def names_in(path: Path) -> tuple[str, ...]:
    """Class names in the order of the outputs: a name a line, a JSON list, or a JSON table of name and number.

    Raises WorkbenchError.
    """
    try:
        if path.is_file() and path.stat().st_size > _MOST_BYTES:
            raise WorkbenchError(f"{path} is too large for a list of class names. Give a text file, one name a line.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        choices = ", ".join(TITLES)
        raise WorkbenchError(
            f"Cannot read {path}: {error.strerror or error}. --classes takes {choices}, or a text file of names."
        ) from None
    except UnicodeDecodeError:
        raise WorkbenchError(f"{path} is no text file. Give the class names one a line, in UTF-8.") from None
    names = _parsed(path, text)
    if len(set(names)) != len(names) or not names:
        what = "names a class twice" if names else "names no class"
        raise WorkbenchError(f"{path} {what}. Give one name a line, in the order of the network's outputs.")
    return names


def _parsed(path: Path, text: str) -> tuple[str, ...]:
    if not text.lstrip().startswith(("[", "{")):
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise WorkbenchError(f"{path} is no readable JSON. Give the class names one a line.") from None
    names = _of_table(value) if isinstance(value, dict) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise WorkbenchError(f"{path} holds no list of class names, nor a table of names and numbers from 0 on.")
    return tuple(names)


def _of_table(value: dict[str, object]) -> list[object] | None:
    """The names by number, of ``{"cat": 0}`` or ``{"0": "cat"}``; None if the numbers are not 0 to n - 1."""
    pairs = {number: name for name, number in value.items() if type(number) is int}
    if not pairs:
        pairs = {int(number): name for number, name in value.items() if number.isdecimal()}  # type: ignore[misc]
    if len(pairs) != len(value) or sorted(pairs) != list(range(len(pairs))):
        return None
    return [pairs[number] for number in range(len(pairs))]


def refusal(file: str, orders: Sequence[Order]) -> str:
    """Why the classes of ``file`` cannot be matched, with what differs between the orders."""
    first, second = orders[0].names, orders[1].names
    at = next(k for k, (one, other) in enumerate(zip(first, second, strict=True)) if one != other)
    return (
        f"{file} does not say which class each of its {grouped(len(first))} outputs is, and the possible orders "
        f"disagree: output {at + 1} is {first[at]} ({TITLES[orders[0].name]}) or {second[at]} "
        f"({TITLES[orders[1].name]})."
    )
