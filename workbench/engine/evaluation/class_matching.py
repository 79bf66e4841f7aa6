"""Which output of a network belongs to which class of the data: by name, else by an order that is certain or chosen."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.engine.catalog.datasets.folders.choices import names_text
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped, percent
from workbench.engine.evaluation.class_orders import (
    TITLES,
    ClassesUnmatched,
    ClassOrder,
    OrderChoice,
    OrderUnknown,
    are_counted,
    ordered,
    possible_orders,
    refusal,
)
from workbench.engine.pictures.class_folders import composed

Columns = tuple[list[int], tuple[str, ...]]
#: Two outputs of ImageNet have one name, of which the lists keep apart one by a word of their own.
_TWO_MEANINGS = {"crane": "crane bird", "maillot": "maillot tank suit"}
#: An accuracy this many standard errors below chance is no accident.
_ERRORS = 3
#: How many names a sentence lists.
_NAMED = 4


@dataclass(frozen=True, slots=True)
class Outputs:
    """The outputs of a network in ``file``. ``names`` are empty where nothing names them.

    ``assumed`` says that the names are those of the data set that such networks are usually trained on.
    """

    file: str
    count: int
    names: tuple[str, ...] = ()
    assumed: bool = False


def match_classes(
    outputs: Outputs, classes: tuple[str, ...], order: ClassOrder = None, from_folders: bool = False
) -> Columns:
    """The output for each of ``classes`` (of the data), and notes on what was assumed.

    Names decide where both sides have any. ``order`` is what the user chose for outputs without names;
    ``from_folders`` tells that the names are those of folders or of a table. Raises ClassesUnmatched, OrderUnknown, or
    WorkbenchError for a list that does not fit.
    """
    if outputs.count == 1:
        text = f"{outputs.file} has one output, a yes or no to one question; the program measures networks with one "
        raise WorkbenchError(f"{text}output for each class. Measure it where it was trained.")
    if isinstance(order, tuple):
        return _by_given_names(outputs, classes, order)
    if not is_by_order(outputs, classes, order, from_folders):
        return _by_name(outputs, classes)
    if len(classes) != outputs.count:
        text = f"{outputs.file} tells {outputs.count} classes apart, and the data has {len(classes)}"
        advice = "Name its outputs in a file, one a line: --classes FILE."
        raise ClassesUnmatched(f"{text}; nothing says which of them these are.", advice)
    return _by_order(outputs, classes, order, from_folders)


def is_by_order(
    outputs: Outputs, classes: tuple[str, ...], order: ClassOrder = None, from_folders: bool = False
) -> bool:
    """Whether no names say which output belongs to which of ``classes``, so that their order has to."""
    if isinstance(order, tuple):
        return False
    are_labels = are_counted(classes) and not from_folders
    return not outputs.names or _cannot_decide(outputs, classes, order is not None or are_labels)


def order_doubt(outputs: Outputs, classes: tuple[str, ...], order: ClassOrder, from_folders: bool) -> str:
    """A few words on an accuracy that rests on an order of the outputs that nobody has said; else empty.

    Numbers that arrays have as labels are those of the outputs.
    """
    is_sure = order is not None or (not from_folders and are_counted(classes))
    return (
        ""
        if is_sure or not is_by_order(outputs, classes, order, from_folders)
        else "the order of the classes is assumed"
    )


def below_chance(accuracy: float, examples: int, classes: int) -> str:
    """The sentence on an ``accuracy`` (0 to 1) that is more than three standard errors below that of guessing, which
    another order of the outputs would explain; empty for others."""
    chance = 1 / classes
    if accuracy >= chance - _ERRORS * math.sqrt(chance * (1 - chance) / examples):
        return ""
    text = (
        f"{percent(accuracy, 2)} are far below chance ({percent(chance, 1)}): the outputs are likely in another order"
    )
    return f"{text} than was taken. Give the names of the classes in the order of the outputs."


def _cannot_decide(outputs: Outputs, classes: tuple[str, ...], has_order: bool) -> bool:
    """Whether the two sides have no name in common, and those of the outputs are only assumed; or one of the sides only
    counts, and there is an order: one that is chosen, or that of the labels of arrays, which are numbers of outputs.
    """
    common = {composed(name).casefold() for name in outputs.names} & {composed(name).casefold() for name in classes}
    return not common and (outputs.assumed or (has_order and _is_one_counted(outputs, classes)))


def _is_one_counted(outputs: Outputs, classes: tuple[str, ...]) -> bool:
    return are_counted(outputs.names) or are_counted(classes)


def _by_given_names(outputs: Outputs, classes: tuple[str, ...], names: tuple[str, ...]) -> Columns:
    if len(names) != outputs.count:
        text = f"The file of class names has {len(names)}, and {outputs.file} has {outputs.count} outputs."
        raise WorkbenchError(f"{text} Give one name for each output.")
    columns, notes = _by_name(Outputs(outputs.file, outputs.count, names), classes)
    other = bool(outputs.names) and not outputs.assumed and outputs.names != names
    return columns, ((*notes, "The given class names are used, not those saved with the weights.") if other else notes)


def _by_order(outputs: Outputs, classes: tuple[str, ...], order: ClassOrder, from_folders: bool) -> Columns:
    assert not isinstance(order, tuple)
    orders = possible_orders(classes, from_folders)
    if order is None and len(orders) > 1:
        raise OrderUnknown(refusal(outputs.file, orders), OrderChoice(orders))
    names = ordered(classes, order) if order is not None else orders[0].names
    how = TITLES[order] if order is not None else "the same in natural and in text order"
    if order is None and not from_folders and are_counted(classes):
        how = "label 0 is the first output"
    why = "the weights do not name their classes" if not outputs.names else "their names are not those of the data"
    note = f"Classes were matched by their order ({how}), because {why}."
    return [names.index(name) for name in classes], (note,)


def _by_name(outputs: Outputs, classes: tuple[str, ...]) -> Columns:
    _refuse_repeated(outputs, classes)
    exact = {composed(name): k for k, name in enumerate(outputs.names)}
    lower = _unique(outputs.names)
    data_lower = _unique(classes)
    columns: list[int] = []
    respelt: list[str] = []
    unknown: list[str] = []
    for name in classes:
        key = composed(name)
        found = exact.get(key)
        if found is None and key.casefold() in data_lower:
            found = lower.get(key.casefold())
            respelt += [name] if found is not None else []
        (columns.append(found) if found is not None else unknown.append(name))
    if unknown:
        advice = "If they are the same by other names, give them in a file: --classes FILE."
        if len(unknown) < len(classes) - 1:
            them = "it" if len(unknown) == 1 else "them"
            left_out = shlex.quote(f"data.source.left_out={names_text(unknown)}")
            advice += f" To measure class folders without {them}: --set {left_out}."
        if len(classes) == outputs.count and _is_one_counted(outputs, classes):
            advice += " If the classes of the data are in the order of the outputs: --classes data."
        raise ClassesUnmatched(_unknown(outputs, classes, unknown), advice)
    return columns, _notes(outputs, classes, respelt)


def _refuse_repeated(outputs: Outputs, classes: tuple[str, ...]) -> None:
    """Raise ClassesUnmatched where several outputs have the name of one of ``classes``."""
    names = [composed(name) for name in outputs.names]
    repeated = next((name for name in map(composed, classes) if names.count(name) > 1), None)
    if repeated is not None:
        numbers = [grouped(k) for k, name in enumerate(names) if name == repeated]
        text = f"Several outputs of {outputs.file} are called “{repeated}” (outputs {_listed(numbers)}), and nothing "
        advice = "Name its outputs in a file, each by a name of its own: --classes FILE."
        raise ClassesUnmatched(f"{text}says which of them the data means.", advice)


def _unique(names: Sequence[str]) -> dict[str, int]:
    """The index of each name whose spelling without upper and lower case no other name has."""
    keys = [composed(name).casefold() for name in names]
    return {key: k for k, key in enumerate(keys) if keys.count(key) == 1}


def _unknown(outputs: Outputs, classes: tuple[str, ...], unknown: list[str]) -> str:
    text = f"{outputs.file} does not know {len(unknown)} of the {len(classes)} classes: {_listed(unknown)}."
    return f"{text} It knows {len(outputs.names)}: {_listed(outputs.names)}."


def _notes(outputs: Outputs, classes: tuple[str, ...], respelt: list[str]) -> tuple[str, ...]:
    notes = []
    if outputs.assumed:
        notes.append("The file names no classes; those that such networks are usually trained on are assumed.")
        notes += _two_meanings(outputs, classes)
    if outputs.count > len(classes):
        notes.append(f"Of the network's {outputs.count} classes only the {len(classes)} of the data were asked for.")
    if respelt:
        notes.append(f"Upper and lower case differ between data and weights and were ignored: {_listed(respelt)}.")
    return tuple(notes)


def _two_meanings(outputs: Outputs, classes: tuple[str, ...]) -> Iterator[str]:
    """A sentence for each of ``classes`` whose name ImageNet gives to two outputs."""
    for name, other in _TWO_MEANINGS.items():
        if name in classes and {name, other} <= {*outputs.names} and other not in classes:
            own, second = (grouped(outputs.names.index(each)) for each in (name, other))
            text = f"“{name}” was taken for output {own}; output {second} is “{other}”, which ImageNet calls the same."
            yield f"{text} If that is meant, name the class so."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
