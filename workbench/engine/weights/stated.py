"""What a file of others says beside its weights: the names of its classes, the size and normalization of its pictures.

Frameworks have no common place for it, so names that people use are looked for, at the top and in nested tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from workbench.engine.weights.channel_order import order_note, says_bgr, says_rgb
from workbench.engine.weights.nested_tables import Table, tables_in
from workbench.engine.weights.stated_normalization import MEANS, STDS, belief_in, normalizations_in

#: Names of tables and lists of classes, written small and without marks between the words; those with numbers first.
_NUMBERED: tuple[str, ...] = (
    "classtoidx",
    "class2idx",
    "classtoindex",
    "class2index",
    "idxtoclass",
    "idx2class",
    "indextoclass",
)
_NUMBERED += ("index2class", "id2label", "label2id", "idtolabel", "labeltoid", "labeltoidx", "label2idx", "idxtolabel")
_NUMBERED += ("idxtoname", "idx2name", "nametoidx", "name2idx", "labeltoindex", "label2index", "indextolabel")
_NUMBERED += ("index2label", "idx2label", "labelmap", "classmap", "labelmapping", "classmapping", "classindices")
_LISTED: tuple[str, ...] = (
    "classnames",
    "classes",
    "classlabels",
    "labelnames",
    "labels",
    "categories",
    "categorynames",
)
_LISTED += ("targetnames", "names", "classlist", "labellist", "vocab")
_SIZES: tuple[str, ...] = (
    "imgsize",
    "imagesize",
    "inputsize",
    "imgsz",
    "picturesize",
    "imsize",
    "inputresolution",
    "imageresolution",
)
_SIZES += ("inputshape", "imageshape", "valcropsize", "testcropsize", "cropsize", "resolution")
#: To what the shorter side is scaled before the centre is cut out; ``crop_pct`` is the side of the centre over it.
_SHORTER = ("valresizesize", "testresizesize", "resizesize", "resizeto", "resize", "scalesize")
_CENTRE = ("croppct", "cropratio", "centercropratio")
#: Names that speak of how pictures are prepared, and values that say what is done anyway.
_OF_PICTURES = re.compile(
    r"(channel|colou?r)(s?order|space|mode|format)|inputspace|(^|to|is|use|in)bgr|bgr$|(to|2|^)rgb$|"
    r"^(to|is|use)?gr[ae]y(scale)?$|cropmode$|(input|pixel|value|image)s?range|normali[sz]e$|"
    rf"normali[sz]ation$|preprocess(ing)?$|^({'|'.join((*_SIZES, *MEANS, *STDS))})$"
)
#: A mean and a spread of pixels in a text: the printed transforms of torchvision, settings of other programs.
_NUMBERS: Final = r"\W{0,4}[=:]\s*[\[(][\d., e-]+[\])]"
_IN_TEXT: Final = re.compile(rf"mean{_NUMBERS},?\s*\W{{0,3}}(?:\w+_)?std{_NUMBERS}", re.IGNORECASE)
_MOST_TEXT: Final = 2**20
_PLAIN_VALUES: Final = frozenset(
    {"rgb", "none", "", "center", "centre", "[0, 1]", "(0, 1)", "[0.0, 1.0]", "(0.0, 1.0)"}
)
_FEW, _SHOWN = 4, 40
_SMALLEST, _LARGEST = 8, 4096


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the outputs in their order, and under which name in the file, or in which file beside it, they are."""

    names: tuple[str, ...]
    key: str
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Stated:
    """What a file says of its training.

    ``classes`` are all that may name the outputs, the surest first. ``size`` is height and width in pixels. ``mean``
    and ``std`` belong to pictures in [0, 1], one number a channel or one for all. ``shorter`` is the shorter side in
    pixels before the centre of that size is cut out, ``centre`` that size over it. None where nothing is said.
    ``unused``: names and values that speak of how pictures are prepared, and that nothing here follows.
    ``normalized_by`` is where in the file the mean is (``args.mean``), ``normalized_otherwise_by`` where another is.
    """

    classes: tuple[Names, ...] = ()
    size: tuple[int, int] | None = None
    normalization: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    shorter: int | None = None
    centre: float | None = None
    unused: tuple[tuple[str, str], ...] = ()
    normalized_by: str = ""
    normalized_otherwise_by: str = ""

    def shorter_of(self, size: tuple[int, int]) -> int | None:
        """The shorter side from which pictures of ``size`` are cut out; None if the file does not say it."""
        if self.shorter is not None and self.shorter >= max(size):
            return self.shorter
        return round(max(size) / self.centre) if self.centre is not None else None

    def of_outputs(self, count: int) -> Names | None:
        """The names of ``count`` outputs: those in the file, else those of the files beside it if all agree."""
        inside, beside = self._fitting(count)
        if inside:
            return inside[0]
        return beside[0] if len({each.names for each in beside}) == 1 else None

    def contradiction(self, count: int) -> str:
        """Which files beside the weights name ``count`` outputs differently, as a sentence; empty if none do."""
        beside = self._fitting(count)[1]
        if not beside or self.of_outputs(count) is not None:
            return ""
        names = " and ".join(f"“{each.key}”" for each in beside)
        return f"{names} beside the weights name the classes differently, so they were not used."

    def _fitting(self, count: int) -> tuple[list[Names], list[Names]]:
        """All that name ``count`` outputs: in the file, and beside it."""
        fitting = [each for each in self.classes if len(each.names) == count]
        return [each for each in fitting if not each.beside], [each for each in fitting if each.beside]

    def notes(self, count: int) -> tuple[str, ...]:
        """Sentences on the names of ``count`` outputs: where they are from, and what contradicts or does not fit."""
        used = self.of_outputs(count)
        if used is None:
            return self._unused(count)
        where = f"of “{used.key}” beside the weights" if used.beside else f"that the file names (“{used.key}”)"
        notes = [f"The classes are those {where}."]
        other = next((e for e in self.classes if len(e.names) == count and e.names != used.names), None)
        if other is not None:
            place = f"“{other.key}” beside it has" if other.beside else "It also has"
            named = "" if other.beside else f" (“{other.key}”)"
            notes.append(f"{place} other class names or another order{named}, which were not used.")
        return tuple(notes)

    def of_pictures(self) -> tuple[str, ...]:
        """What the file says of pictures and is not followed, or may have meant: the numbers may be wrong for it."""
        said = " and ".join(f"{name} = {value}" for name, value in self.unused)
        text = "which is not used: pictures are read as RGB, with the size and the normalization that the result names"
        return (*([f"The file says {said}, {text}."] if said else []), *order_note(self))

    def _unused(self, count: int) -> tuple[str, ...]:
        """Why no names were used where there are some."""
        if said := self.contradiction(count):
            return (said,)
        odd = next((each for each in self.classes if each.key.lower() not in ("names", "vocab")), None)
        if odd is None:
            return ()
        where = f"“{odd.key}” beside the weights" if odd.beside else "The file"
        key = "" if odd.beside else f" (“{odd.key}”)"
        text = f"{where} has {len(odd.names)} class names{key}, and its network {count} outputs, so they were not used."
        return (text,)


NOTHING: Final = Stated()


def stated_in(value: Any) -> Stated:
    """What ``value``, the whole content of a file or its text metadata, says. Raises nothing."""
    tables = list(tables_in(value))
    found = normalizations_in(tables)
    first = (found[0].mean, found[0].std) if found else None
    places = [each.place for each in found if not each.is_like(found[0])]
    sizes = _size(tables), first, _shorter(tables), _centre(tables)
    unused = tuple(_unused(tables, sizes[0], first))
    where = found[0].place if found else "", places[0] if places else ""
    return Stated(tuple(_classes(tables)), *sizes, unused, *where)


def _classes(tables: list[Table]) -> Iterator[Names]:
    for name in (*_NUMBERED, *_LISTED):
        for table in tables:
            key, value = table.named.get(name, ("", None))
            if names := _names(value):
                yield Names(names, key)


def _names(value: Any) -> tuple[str, ...]:
    """The names in a list, or by number in a table of either direction; empty if it is neither."""
    if isinstance(value, str):
        value = [each.strip() for each in value.split(",")] if "," in value else None
    if isinstance(value, Mapping):
        pairs = {number: name for name, number in value.items() if type(number) is int}
        if len(pairs) < len(value):
            pairs = {n: name for number, name in value.items() if (n := _index(number)) is not None}
        numbered = len(pairs) == len(value) and sorted(pairs) == list(range(len(pairs)))
        value = [pairs[number] for number in range(len(pairs))] if numbered else None
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) and each.strip() for each in value):
        return ()
    return tuple(value) if len(set(value)) == len(value) > 1 else ()


def _index(number: object) -> int | None:
    if type(number) is int:
        return number
    return int(number) if isinstance(number, str) and number.isdecimal() else None


def _size(tables: list[Table]) -> tuple[int, int] | None:
    for table in tables:
        both = [table.value(f"{what}{side}") for what in ("image", "img") for side in ("height", "width")]
        pairs = [pair for pair in (both[:2], both[2:]) if None not in pair]
        for value in [*(table.value(name) for name in _SIZES), *pairs]:
            if (found := _sides(value)) is not None:
                return found
    return None


def _unused(tables: list[Table], size: tuple[int, int] | None, normalization: object) -> Iterator[tuple[str, str]]:
    """Names and values that speak of the pictures, and that are neither plain nor what was understood."""
    known = {*(_SIZES if size else ()), *((*MEANS, *STDS) if normalization else ())}
    for table, name, (key, value) in ((each, *pair) for each in tables for pair in each.named.items()):
        text = value if isinstance(value, str) and len(value) <= _MOST_TEXT else ""
        if normalization is None and (found := _IN_TEXT.search(text)):
            yield key, f"…{found[0]}…"
            continue
        is_short = isinstance(value, (str, int, float)) or (isinstance(value, (list, tuple)) and len(value) <= _FEW)
        if name in (MEANS[0], STDS[0]) and table.path:
            key, is_short = table.place(name), is_short and belief_in(table) != "other"
        if is_short and not _is_plain(name, value) and name not in known and _is_of_pictures(name, value):
            yield key, str(value)[:_SHOWN]
    order = [pair for each in tables for pair in each.named.values() if isinstance(pair[1], (str, int))]
    if any(says_bgr(*pair) for pair in order):
        yield from ((key, str(value)) for key, value in order if says_rgb(key, value))


def _is_plain(name: str, value: object) -> bool:
    """Whether it says what is done anyway."""
    is_usual = value is False and name != "rgb" and not says_bgr(name, value)
    word = str(value).lower()
    return is_usual or (word in ("true", "1") and name.endswith("rgb")) or word in _PLAIN_VALUES


def _is_of_pictures(name: str, value: object) -> bool:
    return bool(_OF_PICTURES.search(name)) or says_bgr(name, value)


def _shorter(tables: list[Table]) -> int | None:
    found = (_sides(table.value(name)) for table in tables for name in _SHORTER)
    return next((min(sides) for sides in found if sides is not None), None)


def _centre(tables: list[Table]) -> float | None:
    found = (table.value(name) for table in tables for name in _CENTRE)
    return next((float(v) for v in found if isinstance(v, (int, float)) and 0.1 <= v <= 1), None)


def _sides(value: Any) -> tuple[int, int] | None:
    """Height and width of one number, of two, or of a shape with channels (3 × H × W or H × W × 3)."""
    numbers = [value] * 2 if type(value) is int else list(value) if isinstance(value, (list, tuple)) else []
    numbers = numbers[1:] if len(numbers) == 4 else numbers
    if len(numbers) == 3:
        numbers = numbers[1:] if numbers[0] in (1, 3) else numbers[:2] if numbers[2] in (1, 3) else []
    good = len(numbers) == 2 and all(type(n) is int and _SMALLEST <= n <= _LARGEST for n in numbers)
    return (numbers[0], numbers[1]) if good else None
