"""Which column of a table is the class: by its name and by what it holds; where that does not decide, it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from workbench.engine.catalog.datasets.folders.origin_names import is_date
from workbench.engine.catalog.datasets.tables.cells import are_several, marking_lists, without_lists
from workbench.engine.catalog.datasets.tables.class_columns import (
    answered_findings,
    binary_columns,
    finding_columns,
    group_of_marks,
    mark_one,
    marked,
    score_columns,
    two_marks,
    vote_columns,
    way_of,
)
from workbench.engine.catalog.datasets.tables.grid import Grid, words
from workbench.engine.catalog.datasets.tables.groups import has_number, is_group_column
from workbench.engine.catalog.datasets.tables.odd_classes import boxes_words, odd_classes
from workbench.engine.catalog.datasets.tables.several import several_labels
from workbench.engine.catalog.datasets.tables.table_error import refuse
from workbench.engine.catalog.datasets.tables.two_class_columns import (
    beside_quantity,
    contradicting,
    finer_columns,
    is_decided,
)
from workbench.engine.catalog.datasets.tables.values import are_numbers, is_quantity, say_the_same
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.class_folders import natural

#: What a column of classes is called, whatever else is there.
_CLASS: Final = words(
    "label labels class classes class_name classname class_label label_name category category_name target "
    "species y dx label_text class_text category_text klasse kategorie classe clase categorie categoria etikett"
)
#: The same classes by number.
_NUMBERS: Final = words("label_id class_id category_id target_id label_idx class_idx label_index class_index")
#: How names end that say more of the class: ``Finding Labels``.
_CLASS_LAST: Final = ("_label", "_labels", "_class", "_classes")
#: A longer name with one of these words goes before the other columns: ``diagnosis_final``.
_CLASS_WORDS: Final = words("label labels class category diagnosis species befund diagnose diagnostic")
#: Words in names of columns that are no classes.
_OTHER: Final = words(
    "id ids index idx unnamed year month day date time timestamp labeler labeller labeled labelled "
    "annotator rater user worker confidence conf score prob probability certainty weight width height w h "
    "x y size bytes xmin ymin xmax ymax x1 y1 x2 y2 bbox box area lat lon latitude longitude url source "
    "license licence author photographer camera comment comments note notes description caption title "
    "agreement votes kappa text md5 sha1 sha256 hash file filename path"
)
_BOXES: Final = ({"xmin", "ymin"}, {"x_min", "y_min"}, {"x1", "y1"}, {"bbox"}, {"left", "top"}, {"bbox_x", "bbox_y"})
#: Fewer rows may each be the only one of its class.
_FEWEST: Final = 6
#: Maximum number of columns to choose from.
_OFFERED: Final = 8
#: Of more columns that mark a label each not all are named.
_CHOSEN_FROM: Final = 50


@dataclass(frozen=True, slots=True)
class Labels:
    """The class of each row, empty where there is none; ``columns`` say it, more than one if each is a class."""

    values: tuple[str, ...]
    columns: tuple[int, ...]
    facts: tuple[Fact, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def chosen_labels(grid: Grid, column: int, columns: Sequence[int]) -> Labels:
    """The classes in the ``column`` that the settings name; ``columns`` are those that could be it.

    Raises WorkbenchError if it holds no classes.
    """
    values = without_lists(grid.values(column))
    _refuse_quantity(grid, column, values)
    others = [other for other in columns if other != column and _may_be(grid, other)]
    if boxes := boxes_words(grid, column):
        refuse(grid.file, boxes, "class_column" if others else "file")
    readings = tuple(_reading(grid, other) for other in others[:_OFFERED])
    text = f"The class is {_described(grid, column)}.{_place_words(grid.values(column))}"
    return Labels(values, (column,), (Fact("classes", text, readings),))


def _place_words(cells: Sequence[str]) -> str:
    """What the numbers of classes mean where ``cells`` are lists of 0 and 1; empty for others."""
    length = marking_lists(cells)[1]
    return f" Its cells are lists of {length} numbers: the class is the place of the 1, from 0." if length else ""


def chosen_columns(grid: Grid, columns: Sequence[int]) -> Labels:
    """The classes by several ``columns`` that the settings name, each a class. Raises WorkbenchError."""
    return _from_one_hot(grid, columns)


def found_labels(grid: Grid, columns: Sequence[int]) -> Labels:
    """The classes by that of ``columns`` that is sure, or the likeliest with a doubt. Raises WorkbenchError."""
    named = _named(grid, columns)
    if named:
        return _in_one(grid, named, columns)
    findings = finding_columns(grid, [column for column in columns if not _sounds_other(grid, column)])
    if findings:
        return _of_findings(grid, findings, columns)
    scores = score_columns(grid, [column for column in columns if not _sounds_other(grid, column)])
    columns = [column for column in columns if column not in scores]
    if scores and not any(_may_be(grid, column) for column in columns):
        _refuse_scores(grid, scores)
    votes = vote_columns(grid, [column for column in columns if not _sounds_other(grid, column)])
    if votes and len(votes) == len([column for column in columns if _is_likely(grid, column)]):
        _refuse_votes(grid, votes)
    one_hot = _one_hot(grid, columns)
    one_hot = one_hot if mark_one(grid, one_hot) else group_of_marks(grid, one_hot) or one_hot
    likely = [column for column in columns if _is_likely(grid, column)]
    others = [column for column in likely if column not in one_hot]
    if one_hot and not others:
        return _from_one_hot(grid, one_hot)
    if mark_one(grid, one_hot):
        columns = [column for column in columns if column not in one_hot]
        if not any(_repeats_names(grid, column, one_hot) for column in others):
            return _one_hot_or(grid, one_hot, _distinct(grid, others))
        likely = others
    return _in_one(grid, likely, columns)


def _named(grid: Grid, columns: Sequence[int]) -> list[int]:
    """Those of ``columns`` whose names say that they are the class."""
    named = [column for column in columns if _is_called_class(grid, column, columns)]
    named += finer_columns(grid, named, columns)
    named = named or [column for column in columns if grid.key(column) in _NUMBERS]
    named = named or [column for column in columns if grid.key(column).endswith(_CLASS_LAST)]
    longer = [c for c in columns if _CLASS_WORDS & set(grid.key(c).split("_")) and _are_words(grid, c)]
    return named or (longer if len(longer) == 1 else [])


def _are_words(grid: Grid, column: int) -> bool:
    """Whether a column has words of several pictures each, and its name does not say that they are something else."""
    return _may_be(grid, column) and not _sounds_other(grid, column) and not are_numbers(grid.values(column))


def _is_cut(grid: Grid, column: int) -> bool:
    """Whether the name of a column is a piece of one with a comma in brackets: ``y]`` of ``Spacing[x,y]``."""
    name = grid.head[column] if grid.head and column < len(grid.head) else ""
    return any(name.count(mark) != name.count(other) for mark, other in ("[]", "()"))


def _in_one(grid: Grid, likely: Sequence[int], columns: Sequence[int]) -> Labels:
    """The classes by one of the ``likely``, or where none is by one of ``columns``."""
    likely = _distinct(grid, likely)
    likely = [column for column in likely if not _holds_lists(grid, column)] or likely
    if not _named(grid, likely) and (asked := beside_quantity(grid, likely, columns)):
        return Labels(tuple(grid.values(likely[0])), (likely[0],), doubts=(asked(_reading(grid, likely[0])),))
    is_rarely = len(columns) == 1 and _is_rarely(grid, columns[0])
    if 1 in (len(likely), len(columns)) and not is_rarely:
        return _sure(grid, (likely or list(columns))[0], columns)
    if not likely:
        likely = [column for column in columns if _may_be(grid, column)]
    if not likely:
        _refuse_none(grid, columns)
    return _doubtful(grid, likely)


def _is_called_class(grid: Grid, column: int, columns: Sequence[int]) -> bool:
    """Whether its name is a word for the class; ``y`` beside ``x`` is a place, and in ``Spacing[x,y]`` a part of it."""
    if grid.key(column) != "y":
        return grid.key(column) in _CLASS
    is_alone = all(grid.key(other) != "x" for other in columns)
    return is_alone and grid.head is not None and grid.head[column].strip().lower() == "y"


def is_named_class(grid: Grid, column: int) -> bool:
    """Whether the name of a column says that it is the class."""
    return grid.key(column) in _CLASS | _NUMBERS and not _is_cut(grid, column)


def says_class(grid: Grid, column: int) -> bool:
    """Whether the name of a column says that it is the class, alone or in a longer name: ``diagnosis_final``."""
    key = grid.key(column)
    is_longer = bool(_CLASS_WORDS & set(key.split("_"))) and _are_words(grid, column)
    return is_named_class(grid, column) or key.endswith(_CLASS_LAST) or is_longer


def is_class_key(key: str) -> bool:
    """Whether a column of this ``key`` (see ``Grid``) is that of the class."""
    return key in _CLASS | _NUMBERS


def has_boxes(grid: Grid, columns: Sequence[int]) -> bool:
    """Whether the table gives a place in the picture, as object detection needs it."""
    keys = {grid.key(column) for column in columns}
    return any(box <= keys for box in _BOXES)


def _sure(grid: Grid, column: int, columns: Sequence[int]) -> Labels:
    labels = chosen_labels(grid, column, columns)
    others = [each for each in columns if each != column]
    _refuse_all_different(grid, column, others)
    doubts = several_labels(grid, column, labels.values) or odd_classes(grid, column, labels.values)
    if not doubts and (twice := contradicting(grid, column, others)):
        return replace(labels, doubts=tuple(twice))
    likely = tuple(_reading(grid, each) for each in others if _is_likely(grid, each))
    return replace(labels, doubts=tuple(replace(each, readings=(*each.readings, *likely)) for each in doubts))


def _doubtful(grid: Grid, likely: Sequence[int]) -> Labels:
    readings = tuple(_reading(grid, column) for column in likely[:_OFFERED])
    may = "has several columns that may be the class" if len(likely) > 1 else "may have its classes in"
    said = ", ".join(_described(grid, column) for column in likely[:_OFFERED])
    text = f"{grid.file} {may}: {said}. Choose the class column, or name one “label” in a header."
    if all(_is_rarely(grid, column) for column in likely):
        text = (
            f"{grid.file} has no column that seems to be the class: {said}. A patient, a date or another number is "
            "rarely one: write a column “label” with the class of each picture, or choose one nevertheless."
        )
    return Labels(without_lists(grid.values(likely[0])), (likely[0],), doubts=(Doubt("classes", text, readings),))


def _of_findings(grid: Grid, findings: Sequence[int], columns: Sequence[int]) -> Labels:
    """Columns that mark several findings of a picture, with a doubt: one alone may be the class, or another column."""
    usable = answered_findings(grid, findings)
    others = _distinct(grid, [c for c in columns if c not in findings and _is_likely(grid, c)])
    if not usable and not others:
        _refuse_none(grid, columns)
    text = f"{grid.file} marks several findings of a picture in its columns {grid.names(findings)}: {way_of(usable)}."
    alone = (_reading(grid, column) for column in usable[:_OFFERED])
    readings = [replace(each, settings=(*each.settings, ("without_class", "leave_out"))) for each in alone]
    readings += [_reading(grid, column) for column in others]
    first = (others or usable)[0]
    return Labels(
        without_lists(grid.values(first)), (first,), doubts=(Doubt("classes", text, tuple(readings[:_OFFERED])),)
    )


def _one_hot_or(grid: Grid, one_hot: Sequence[int], others: Sequence[int]) -> Labels:
    """The columns that mark one class of each picture, with a doubt as another column may be the class."""
    columns = [*others, *one_hot][:_OFFERED]
    names = grid.names(one_hot)
    marked = Reading(
        f"The classes are the columns {names}, with a 1 for that of each picture",
        (("class_column", _setting_of_columns(grid, one_hot)),),
    )
    said = ", ".join(_described(grid, column) for column in others[:_OFFERED])
    text = f"{grid.file} has a 1 in one of {names} for each picture, and may have its classes in {said} as well."
    readings = (marked, *(_reading(grid, column) for column in columns))
    return replace(_from_one_hot(grid, one_hot), facts=(), doubts=(Doubt("classes", text, readings),))


def _setting_of_columns(grid: Grid, columns: Sequence[int]) -> str:
    """What the setting of the class column is for several columns."""
    names = [grid.setting(column) for column in columns]
    return ", ".join(str(column + 1) for column in columns) if any("," in name for name in names) else ", ".join(names)


def _repeats_names(grid: Grid, column: int, one_hot: Sequence[int]) -> bool:
    """Whether ``column`` says in words which of the columns has the 1."""
    names = [_called(grid, each[0]).casefold() if each else "" for each in marked(grid, one_hot)]
    return [value.casefold() for value in grid.values(column)] == names


def _called(grid: Grid, column: int) -> str:
    """The name of the class that a column is."""
    return (grid.head[column] if grid.head else "") or f"column {column + 1}"


def _reading(grid: Grid, column: int) -> Reading:
    return Reading(f"The class is {_described(grid, column)}", (("class_column", grid.setting(column)),))


def _described(grid: Grid, column: int) -> str:
    values = sorted(set(without_lists(grid.values(column))) - {""}, key=natural)
    shown = paths_text([value if len(value) <= 20 else value[:19] + "…" for value in values], 3)
    return f"{grid.name(column)} ({grouped(len(values))}: {shown})"


def _is_likely(grid: Grid, column: int) -> bool:
    """Whether a column may hold classes: each of several pictures, and no quantity."""
    values = set(grid.values(column))
    few = 2 <= len(values) <= max(2, len(grid.rows) // 2)
    return few and not _sounds_other(grid, column) and not is_quantity(grid.values(column))


def _may_be(grid: Grid, column: int) -> bool:
    """Whether a column could be the class, if the user says so."""
    values = grid.values(column)
    return 2 <= len(set(values)) < len(values) and not is_quantity(values)


def _holds_lists(grid: Grid, column: int) -> bool:
    """Whether cells are lists of several classes."""
    return are_several(grid.values(column))


def _sounds_other(grid: Grid, column: int) -> bool:
    key = grid.key(column)
    if is_named_class(grid, column):
        return False
    is_other = (grid.head is not None and not key) or _is_cut(grid, column) or bool(_OTHER & set(key.split("_")))
    values = set(grid.values(column)) - {""}
    return is_other or (bool(values) and all(map(is_date, values)))


def _is_rarely(grid: Grid, column: int) -> bool:
    """Whether a column is rarely the class: by its name something else, or a number of a patient or the like."""
    are_numbered = all(map(has_number, grid.values(column)))
    return _sounds_other(grid, column) or (are_numbered and is_group_column(grid, column))


def _distinct(grid: Grid, columns: Sequence[int]) -> list[int]:
    """Without columns that say the same as another in other words: texts stay before numbers, verdicts before votes."""
    kept: list[int] = []
    for column in sorted(columns, key=lambda c: (are_numbers(grid.values(c)), not is_decided(grid, c))):
        if not any(say_the_same(grid.values(column), grid.values(other)) for other in kept):
            kept.append(column)
    return sorted(kept, key=lambda c: (not is_decided(grid, c), c))


def _refuse_quantity(grid: Grid, column: int, values: Sequence[str]) -> None:
    if is_quantity(values):
        count, name = grouped(len(set(values))), grid.name(column)
        text = f"has {count} different numbers in {name}: a quantity and not classes (regression is not supported)"
        refuse(
            grid.file, f"{text}; choose another class column, or write classes such as “low” and “high”", "class_column"
        )


def _refuse_all_different(grid: Grid, column: int, others: Sequence[int]) -> None:
    """A column in which no two rows have the same value says no class; one of the ``others`` may be chosen."""
    values = grid.values(column)
    if len(values) < _FEWEST or len(set(values)) < len(values):
        return
    text = f"has another value of {grid.name(column)} in each of its rows ({values[0]!r}): no class to learn"
    field = "class_column" if any(_may_be(grid, other) for other in others) else "file"
    refuse(grid.file, f"{text}; write a column with the class of each picture", field)


def _refuse_scores(grid: Grid, columns: Sequence[int]) -> None:
    cells = paths_text([grid.values(column)[0] for column in columns], 3)
    text = f"has scores of classes and no classes in {grid.names(columns)} ({cells} in its row 1): soft labels are not "
    refuse(grid.file, f"{text}supported; write a column with the one class of each picture", "class_column")


def _refuse_votes(grid: Grid, columns: Sequence[int]) -> None:
    cells = paths_text([grid.values(column)[0] for column in columns], 3)
    text = f"has numbers of votes and no classes in {grid.names(columns)} ({cells} in its row 1): soft labels are not "
    refuse(grid.file, f"{text}supported; write a column with the one class of each picture", "class_column")


def _refuse_none(grid: Grid, columns: Sequence[int]) -> None:
    quantities = [column for column in columns if is_quantity(grid.values(column))]
    if quantities:
        _refuse_quantity(grid, quantities[0], grid.values(quantities[0]))
    there = (
        f"beside the paths there {'is' if len(columns) == 1 else 'are'} {grid.names(columns)}"
        if columns
        else "it has one column only"
    )
    text = f"has no column with the class of each picture: {there}"
    refuse(grid.file, f"{text}; a class is a word or number that several pictures have", "class_column")


# --- A column for each class -----------------------------------------------------------------------------------


def _one_hot(grid: Grid, columns: Sequence[int]) -> list[int]:
    """Two or more columns of 0 and 1, or of -1 and 1, that are no other thing."""
    binary = [column for column in binary_columns(grid, columns) if not _sounds_other(grid, column)]
    return binary if len(binary) >= 2 and grid.head is not None else []


def _from_one_hot(grid: Grid, columns: Sequence[int]) -> Labels:
    """The name of the column with the 1 in each row; no class where there is none. Raises WorkbenchError."""
    rows = marked(grid, columns)
    _refuse_marks(grid, columns, rows)
    values = tuple(_called(grid, found[0]) if found else "" for found in rows)
    text = f"The classes are columns, with a 1 for the class of each picture: {grid.names(columns)}."
    readings = tuple(_reading(grid, column) for column in columns[:_OFFERED] if _may_be(grid, column))
    empty = [column for column in columns if _called(grid, column) not in values]
    none = f" No picture has a 1 in {grid.names(empty)}: no class is made of it." if empty else ""
    return Labels(values, tuple(columns), (Fact("classes", f"{text}{none}", readings),))


def _refuse_marks(grid: Grid, columns: Sequence[int], rows: Sequence[Sequence[int]]) -> None:
    """Several classes of a picture are refused with the columns that are classes alone."""
    many = next((each for each in rows if len(each) > 1), None)
    if many is None:
        return
    what = f"more than one class of a picture in its columns of {two_marks(grid, columns)} ({grid.names(many)})"
    text = f"marks {what}: several labels per picture are not supported"
    alone = [column for column in columns if _may_be(grid, column)]
    names = paths_text([grid.name(column) for column in alone], _CHOSEN_FROM)
    which = f"{'one of ' if len(alone) > 1 else ''}{names}"
    way = f"; choose {which} as the “Class column” to learn whether a picture has it"
    refuse(grid.file, f"{text}{way if alone else ''}", "class_column" if alone else "file")
