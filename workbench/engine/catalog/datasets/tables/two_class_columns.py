"""Two columns that both give the class, as its number and its name, and contradict each other in a few rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from workbench.engine.catalog.datasets.tables.grid import Grid, words
from workbench.engine.catalog.datasets.tables.values import is_quantity
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import counted, grouped, paths_text

#: A column whose name consists of these words says the class again; one of another name may happen to go with it.
_WORDS: Final = words(
    "class classes label labels category target species klasse kategorie name names id idx index number num no code"
)
#: Names of classes within classes, or above them.
_FINER: Final = words("breed rasse subspecies subclass superclass subcategory supercategory subtype variety")
#: Columns with finer classes that often accompany a binary one: ``diagnosis`` beside ``target``.
_FINDINGS: Final = words("diagnosis diagnose diagnostic befund finding")
#: What several people have agreed on, beside a column for each of them.
_DECIDED: Final = words("majority consensus final adjudicated agreed gold truth")
#: What is learned of animals and people as well as what ``_KINDS`` say.
_SEXES: Final = words("sex gender geschlecht sexe")
_KINDS: Final = words("species")
_YES_OR_NO: Final = frozenset({"0", "1", "0.0", "1.0", "true", "false", "yes", "no", "y", "n"})
#: More than this share of the rows is no slip: the columns say different things.
_SLIPS: Final = 0.05
#: In tables of fewer rows a slip cannot be told from a rule.
_FEWEST: Final = 10
_NAMED: Final = 5


def is_decided(grid: Grid, column: int) -> bool:
    """Whether the name of a column says that it is what several people who looked at a picture have agreed on."""
    return bool(_DECIDED & set(grid.key(column).split("_")))


def contradicting(grid: Grid, column: int, others: Sequence[int]) -> list[Doubt]:
    """A doubt on the rows in which one of the ``others`` says another class than ``column``; none without such."""
    for other in others:
        said = set(grid.key(other).split("_")) - {""}
        rows = _slips(grid.values(column), grid.values(other)) if said and said <= _WORDS else []
        if rows:
            return [_doubt(grid, column, other, rows)]
    return []


def finer_columns(grid: Grid, named: Sequence[int], columns: Sequence[int]) -> list[int]:
    """Those of ``columns`` whose names say classes within those of ``named``, or above them: ``breed`` beside
    ``species``, if one goes with one of the other column alone; and ``sex`` beside ``species``."""
    if len(named) != 1:
        return []
    cells, others = grid.values(named[0]), [c for c in columns if c not in named]
    finer = _FINER | _FINDINGS if grid.key(named[0]) not in _FINDINGS else _FINER
    found = [c for c in others if grid.key(c) in finer and _are_nested(cells, grid.values(c))]
    sexes = _SEXES if grid.key(named[0]) in _KINDS else frozenset[str]()
    return found + [c for c in others if grid.key(c) in sexes and 1 < len(set(grid.values(c))) < 4]


def _are_nested(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether each value of one column goes with one of the other, and not the other way round."""
    counts = len(set(a)), len(set(b))
    pairs = len(set(zip(a, b, strict=True)))
    return min(counts) > 1 and pairs == max(counts) < len(a) and counts[0] != counts[1]


def beside_quantity(grid: Grid, likely: Sequence[int], columns: Sequence[int]) -> Callable[[Reading], Doubt] | None:
    """A doubt, given the reading, on the one ``likely`` column of yes and no where another one measures something:
    ``male`` beside ``boneage``; None without such."""
    if len(likely) != 1 or not {value.lower() for value in grid.values(likely[0])} <= _YES_OR_NO:
        return None
    measured = [c for c in columns if c not in likely and is_quantity(grid.values(c)) and not _counts(grid, c)]
    if not measured:
        return None
    name = grid.name(likely[0])
    text = (
        f"{grid.file.name} has no column that seems to be the class but {name}, which says yes or no, and numbers that "
        f"measure something in {grid.names(measured)} (regression is not supported). Choose {name} if that is to be "
        "learned, or write a column “label” with classes."
    )
    return lambda reading: Doubt("classes", text, (reading,))


def _counts(grid: Grid, column: int) -> bool:
    """Whether the name of a column says that it numbers rows, or it has none."""
    words = set(grid.key(column).split("_"))
    return not words - {""} or bool(words & {"id", "index", "idx", "unnamed", "width", "height", "x", "y", "size"})


def _slips(ones: Sequence[str], others: Sequence[str]) -> list[int]:
    """The rows that do not go by the usual pairs of both columns; none where these are not one to one."""
    pairs = Counter((a, b) for a, b in zip(ones, others, strict=True) if a and b)
    usual: dict[str, str] = {}
    for (a, b), _ in reversed(pairs.most_common()):
        usual[a] = b
    is_one_to_one = len(set(usual.values())) == len(usual) == len({b for _, b in pairs}) > 1
    if not is_one_to_one or len(ones) < _FEWEST:
        return []
    rows = [row for row, (a, b) in enumerate(zip(ones, others, strict=True)) if a and b and usual[a] != b]
    return rows if len(rows) <= max(1, _SLIPS * len(ones)) else []


def _doubt(grid: Grid, column: int, other: int, rows: Sequence[int]) -> Doubt:
    named = paths_text(list(_named(grid, column, other, rows)), _NAMED)
    text = (
        f"{grid.file.name} gives the class in {grid.name(column)} and in {grid.name(other)}, which contradict each "
        f"other in {counted(len(rows), 'row')} of {grouped(len(grid.rows))}: {named}. Correct the table, or choose the "
        "column that counts."
    )
    readings = (
        Reading(f"The class is {grid.name(each)} in every row", (("class_column", grid.setting(each)),))
        for each in (column, other)
    )
    return Doubt("classes", text, tuple(readings))


def _named(grid: Grid, column: int, other: int, rows: Sequence[int]) -> Iterator[str]:
    ones, others = grid.values(column), grid.values(other)
    return (f"row {grouped(row + 1)} ({ones[row]} and {others[row]})" for row in rows)
