"""Which rows of a table train, validate and test, by a column that says so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Final, Literal

from workbench.engine.catalog.datasets.tables.grid import Grid
from workbench.engine.catalog.datasets.tables.table_error import refuse
from workbench.engine.catalog.datasets.tables.yes_columns import (
    TRUE,
    Together,
    is_sure,
    says_yes_or_no,
    setting_of,
    together,
    yes_part,
)
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.class_folders import natural
from workbench.engine.pictures.part_names import TEST, TRAIN, VALIDATION, part_said, parts_of, plain_word

#: Words for the parts beside those of folders; PublicTest and PrivateTest are those of FER2013.
WORDS: Final = {
    **dict.fromkeys((*TRAIN, "trn", "tr", "training set", "train set", "unassigned"), "train"),
    **dict.fromkeys((*VALIDATION, "dev", "publictest", "validation set"), "validation"),
    **dict.fromkeys((*TEST, "tst", "privatetest", "test set"), "test"),
}
#: Names of columns that say for which part a row is, whatever their values are.
_NAMES: Final = frozenset({"split", "set", "subset", "phase", "partition", "usage", "data_split", "dataset_split"})
_FOLDS: Final = frozenset({"fold", "folds", "kfold", "k_fold", "cv", "cv_fold", "fold_id", "split_id"})
#: What becomes of rows whose value is none of those of the parts; ``auto`` asks.
OtherRows = Literal["auto", "train", "leave_out"]
#: The part of a row that is left out.
LEFT_OUT: Final = "left out"
#: Of more values than these not each is offered.
_OFFERED: Final = 10
#: Of more values than these it is not asked whether they say a part beside other words.
_FEW: Final = 8


@dataclass(frozen=True, slots=True)
class Parts:
    """``parts``: of each row train, validation, test, ``LEFT_OUT`` or empty; ``column`` says it, None without one,
    together with those that are ``beside``."""

    parts: tuple[str, ...]
    column: int | None = None
    facts: tuple[Fact, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    beside: tuple[int, ...] = ()

    @property
    def columns(self) -> tuple[int, ...]:
        """The columns that say it."""
        return () if self.column is None else (self.column, *self.beside)


def is_part_column(grid: Grid, column: int) -> bool:
    """Whether a column says, or may say, for which part a row is."""
    values = {plain_word(value) for value in grid.values(column)}
    key = grid.key(column)
    if key in _NAMES or (key in _FOLDS and 1 < len(values) <= 20):
        return True
    if values <= WORDS.keys() or (yes_part(key) and says_yes_or_no(grid, column)):
        return True
    known = _words_of(grid, column)
    return len({*known.values()}) > 1 and "train" in known.values() and all(v in known or _begins(v) for v in values)


def no_parts(grid: Grid, columns: Sequence[int] = ()) -> Parts:
    """No column says it: the settings split the rows. ``columns`` are those that could be chosen instead."""
    joined = together(grid, columns)
    asked = [column for column in columns if joined is None or column not in joined.columns]
    known = [(column, parts) for column in asked if (parts := _by_words(grid, column))]
    readings = tuple(_reading(grid, (column,), parts) for column, parts in known)
    if joined is not None and not ("" in joined.parts or joined.several):
        readings = (_reading(grid, joined.columns, joined.parts), *readings)
    text = "No column gives the parts: the settings hold a share back."
    return Parts(("",) * len(grid.rows), facts=(Fact("parts", text, readings),))


def found_parts(grid: Grid, columns: Sequence[int]) -> Parts:
    """The parts by that of ``columns`` that says them; a doubt where more than one or none says it clearly."""
    joined = together(grid, columns)
    if joined is not None and not any(_by_words(grid, column) for column in columns if column not in joined.columns):
        return _joined(grid, joined)
    clear = [(column, known) for column in columns if (known := _by_words(grid, column))]
    if len(clear) == 1 or len({known for _, known in clear}) == 1:
        column, known = clear[0]
        return Parts(known, column, (_fact(grid, column, known),))
    if clear:
        readings = tuple(_reading(grid, (column,), known) for column, known in clear)
        text = f"The parts are said by several columns, which differ: {grid.names([c for c, _ in clear])}."
        return Parts(clear[0][1], clear[0][0], doubts=(Doubt("parts", text, (*readings, NOT_USED)),))
    if not columns:
        return no_parts(grid)
    return _with_others(grid, columns[0]) or _asked(grid, columns[0])


def _joined(grid: Grid, joined: Together) -> Parts:
    """The parts by several columns of yes and no; a doubt where more than one of a row says yes, or none."""
    first, *rest = joined.columns
    without = joined.parts.count("")
    known = tuple(part or LEFT_OUT for part in joined.parts)
    found = Parts(known, first, (_fact_of_all(grid, joined.columns, known),), (), tuple(rest))
    if not without and not joined.several:
        return found
    setting = (("part_column", setting_of(grid, joined.columns)),)
    said = [f"more than one of them says yes of {counted(joined.several, 'row')}"] * bool(joined.several)
    said += [f"none of them says yes of {counted(without, 'row')}"] * bool(without)
    text = f"The parts are said by several columns, {grid.names(joined.columns)}, but {' and '.join(said)}."
    held = "; what trains and is held back is held back" if joined.several else ""
    readings = (
        Reading(f"Leave out {counted(without, 'row')}{held}", (*setting, ("other_rows", "leave_out"))),
        Reading(f"Train on {counted(without, 'row')} as well{held}", (*setting, ("other_rows", "train"))),
    )
    offered = readings if without else (Reading(f"Use them{held}", setting),)
    return replace(found, facts=(), doubts=(Doubt("parts", text, (*offered, NOT_USED)),))


def chosen_together(grid: Grid, columns: Sequence[int], others: OtherRows = "auto") -> Parts:
    """The parts by several columns of yes and no that the settings name. Raises WorkbenchError."""
    joined = together(grid, columns)
    if joined is None or len(joined.columns) < len(columns):
        text = f"has no yes and no for one part each in {grid.names(columns)}; name one column, or columns such as"
        refuse(grid.file, f"{text} train, validation and test", "part_column")
    if "" in joined.parts and others == "auto":
        row = joined.parts.index("")
        text = f"says yes in none of {grid.names(columns)} in its row {grouped(row + 1)}; choose what becomes of such"
        refuse(grid.file, f"{text} rows (“Other rows”)", "other_rows")
    rest = "train" if others == "train" else LEFT_OUT
    known = tuple(part or rest for part in joined.parts)
    return Parts(known, columns[0], (_fact_of_all(grid, columns, known),), (), tuple(columns[1:]))


def _fact_of_all(grid: Grid, columns: Sequence[int], known: Sequence[str]) -> Fact:
    counts = Counter(known)
    said = ", ".join(f"{grouped(counts[part])} are {_is_for(part)}" for part in (*FOR, LEFT_OUT) if counts[part])
    return Fact("parts", f"The parts are those of {grid.names(columns)}: {said}.", (NOT_USED,))


def parts_of_paths(grid: Grid, column: int) -> Parts:
    """The parts by the folders in the paths of ``column`` (``train/cat.png``), if all at one depth are parts."""
    above = [path.replace("\\", "/").split("/")[:-1] for path in grid.values(column)]
    found = folders_of_parts(above)
    if found is None:
        return no_parts(grid)
    depth, meant = found
    names = [folders[depth] for folders in above]
    counts = Counter(names)
    said = ", ".join(f"{grouped(counts[name])} in {name!r} are for {FOR[meant[name]]}" for name in counts)
    fact = Fact("parts", f"The folders in the paths give the parts: {said}.", (NOT_USED,))
    return Parts(tuple(meant[name] for name in names), None, (fact,))


def folders_of_parts(above: Sequence[Sequence[str]]) -> tuple[int, dict[str, str]] | None:
    """The depth at which all folders are those of parts, and what each name there means; None without such a depth.

    ``above``: of each picture the folders that it is in, the outermost first.
    """
    for depth, names in enumerate(zip(*above, strict=False)):  # up to the shortest path
        meant = parts_of(sorted(set(names)))
        if set(names) == set(meant) and "train" in meant.values() and len(set(meant.values())) > 1:
            return depth, meant
    return None


NOT_USED: Final = Reading("Do not use it: the settings split the pictures", (("part_column", "none"),))


def chosen_parts(grid: Grid, column: int, validation: str, test: str, others: OtherRows = "auto") -> Parts:
    """The parts by the column that the settings name; ``validation`` and ``test`` are values in it, or "auto".
    ``others``: what becomes of rows with other values than those of parts.

    Raises WorkbenchError where neither words nor settings say what its values mean.
    """
    values = grid.values(column)
    for given, field in ((validation, "validation_value"), (test, "test_value")):
        if given not in ("auto", *values):
            there = paths_text([repr(value) for value in sorted(set(values), key=natural)], 6)
            refuse(grid.file, f"has no row with {given!r} in {grid.name(column)}, which has {there}", field)
    if (validation, test) != ("auto", "auto"):
        open_parts = {"train", *(part for part, v in (("validation", validation), ("test", test)) if v == "auto")}
        by_word = {word: part for word, part in _words_of(grid, column).items() if part in open_parts}
        meant = {validation: "validation", test: "test"}
        rest = LEFT_OUT if others == "leave_out" else "train"
        known = tuple(meant.get(v, by_word.get(plain_word(v), rest)) for v in values)
        return Parts(known, column, (_fact(grid, column, known),))
    is_training = yes_part(grid.key(column)) == "train"
    by_words = _by_words(grid, column) or (() if is_training else _yes(grid, column, "validation"))
    if not by_words and others != "auto":
        by_words = _others(grid, column, others)
    if by_words:
        return Parts(by_words, column, (_fact(grid, column, by_words),))
    words = _words_of(grid, column)
    row = next(number for number, value in enumerate(values) if plain_word(value) not in words)
    text = f"has the part {values[row]!r} in its row {grouped(row + 1)}; it must be train, validation or test"
    text = f"{text}, or choose the value that is for validation (“Validation value”)"
    refuse(grid.file, f"{text}, or what becomes of such rows (“Other rows”)", "validation_value")


def _others(grid: Grid, column: int, others: OtherRows) -> tuple[str, ...]:
    """The part of each row by the known words, other rows by ``others``."""
    rest, words = "train" if others == "train" else LEFT_OUT, _words_of(grid, column)
    return tuple(words.get(plain_word(value), rest) for value in grid.values(column))


def _words_of(grid: Grid, column: int) -> Mapping[str, str]:
    """The parts by words in the plain form: those known, and the values of ``column`` where they are few and say a part
    beside nothing else (``train2017``)."""
    values = {plain_word(value) for value in grid.values(column)}
    if values <= WORDS.keys() or len(values) > _FEW or 2 * len(values) > len(grid.rows):
        return WORDS
    return {**parts_of(sorted(values)), **WORDS}


def _begins(value: str) -> bool:
    """Whether the first word of ``value`` is one of a part: ``dev-test``."""
    return bool(part_said(re.split(r"[\W_\d]", value)[0]))


def _with_others(grid: Grid, column: int) -> Parts | None:
    """A doubt where train and another part are said in words, and some values are no such word."""
    known = _others(grid, column, "leave_out")
    counts = Counter(value for value, part in zip(grid.values(column), known, strict=True) if part == LEFT_OUT)
    if "train" not in known or len({*known} - {LEFT_OUT}) < 2 or not counts:
        return None
    name, setting = grid.name(column), grid.setting(column)
    shown = paths_text([f"{value!r} ({grouped(counts[value])})" for value in sorted(counts, key=natural)], 6)
    text = f"{name} says the part of each picture, but some of its values are no part: {shown}."
    readings = (
        *_missing_part(setting, counts, {*known}),
        Reading(f"Leave out {shown}", (("part_column", setting), ("other_rows", "leave_out"))),
        Reading(f"Train on {shown} as well", (("part_column", setting), ("other_rows", "train"))),
        NOT_USED,
    )
    return Parts(known, column, doubts=(Doubt("parts", text, readings),))


def _missing_part(setting: str, counts: Counter[str], known: Collection[str]) -> Iterator[Reading]:
    """That the only value which is no part is for the one that is not among the ``known``: a word that is misspelt."""
    for part in ("validation", "test"):
        if part not in known and len(counts) == 1:
            (value,) = counts
            yield Reading(f"{value!r} is for {FOR[part]}", (("part_column", setting), (f"{part}_value", value)))


def _by_words(grid: Grid, column: int) -> tuple[str, ...]:
    """The part of each row if every value is one of the known words, else nothing."""
    values = grid.values(column)
    words, known = [plain_word(value) for value in values], _words_of(grid, column)
    if all(word in known for word in words):
        return tuple(known[word] for word in words)
    key = grid.key(column)
    return _yes(grid, column, yes_part(key)) if is_sure(key) else ()


def _yes(grid: Grid, column: int, part: str) -> tuple[str, ...]:
    values = [value.lower() for value in grid.values(column)]
    return tuple(part if value in TRUE else "train" for value in values) if says_yes_or_no(grid, column) else ()


def _fact(grid: Grid, column: int, known: Sequence[str]) -> Fact:
    values = grid.values(column)
    counts = Counter(zip(known, values, strict=True)).most_common(6)
    said = ", ".join(f"{grouped(count)} with {value!r} are {_is_for(part)}" for (part, value), count in counts)
    return Fact("parts", f"The parts are those of {grid.name(column)}: {said}.", (NOT_USED,))


def _is_for(part: str) -> str:
    return part if part == LEFT_OUT else f"for {FOR[part]}"


FOR: Final = {"train": "training", "validation": "validation", "test": "a last test"}


def _reading(grid: Grid, columns: Sequence[int], known: Sequence[str]) -> Reading:
    counts = Counter(known)
    said = ", ".join(f"{grouped(counts[part])} {part}" for part in FOR if counts[part])
    setting = grid.setting(columns[0]) if len(columns) == 1 else setting_of(grid, columns)
    return Reading(f"By {grid.names(columns)}: {said}", (("part_column", setting),))


def _asked(grid: Grid, column: int) -> Parts:
    """A column that sounds like parts, whose values do not say which."""
    counts = Counter(grid.values(column))
    values = sorted(counts, key=natural)
    name, setting = grid.name(column), grid.setting(column)
    readings = [
        Reading(f"Rows with {value!r} in {name} are for {FOR[part]} ({grouped(counts[value])})", settings)
        for value in values[:_OFFERED]
        for part in (("validation", "test") if len(values) == 2 else ("validation",))
        for settings in [(("part_column", setting), (f"{part}_value", value))]
    ]
    readings = [*_held_back(grid, column, values), *_pairs(grid, column, values), *readings]
    is_training = yes_part(grid.key(column)) == "train"
    if is_training and len(values) == 2:
        readings = [each for each in readings if values[1] not in dict(each.settings).values()]
    shown = paths_text([f"{value!r} ({grouped(counts[value])})" for value in values], 6)
    text = f"{name} may say which rows train and which are held back, but not which value means which: {shown}."
    if is_training and says_yes_or_no(grid, column) and len(values) == 2:
        rest, yes = (f"{value!r} ({grouped(counts[value])})" for value in values)
        text = f"{name} says that the rows with {yes} train, but not whether those with {rest} are for validation or "
        text += f"for {FOR['test']}."
    if grid.key(column) in _FOLDS:
        text += " To train on each fold in turn (cross-validation), do not use the column and set “Folds” (data.folds)."
    return Parts(("",) * len(grid.rows), None, doubts=(Doubt("parts", text, (NOT_USED, *readings)),))


def _held_back(grid: Grid, column: int, values: Sequence[str]) -> Iterator[Reading]:
    """That the rows of no fold, −1, are for the test, and one fold for validation."""
    if grid.key(column) in _FOLDS and "-1" in values and len(values) > 2:
        setting = grid.setting(column)
        for fold in [value for value in values if value != "-1"][:_OFFERED]:
            label = f"Rows with {fold!r} in {grid.name(column)} are for validation, with '-1' for {FOR['test']}"
            yield Reading(label, (("part_column", setting), ("validation_value", fold), ("test_value", "-1")))


def _pairs(grid: Grid, column: int, values: Sequence[str]) -> Iterator[Reading]:
    """Of three values each may be one part: with one chosen for validation only, the rows for the test would train."""
    if len(values) != len(FOR) or grid.key(column) in _FOLDS:
        return
    setting = grid.setting(column)
    for validation, test in permutations([*values[1:], values[0]], 2):
        label = f"Rows with {validation!r} in {grid.name(column)} are for validation, with {test!r} for {FOR['test']}"
        yield Reading(label, (("part_column", setting), ("validation_value", validation), ("test_value", test)))
