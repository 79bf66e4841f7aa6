"""Names of folders that say when, with which device or in which session pictures were made, and no class."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from workbench.engine.catalog.datasets.tables.grid import words
from workbench.engine.catalog.datasets.tables.groups import MADE_WORDS
from workbench.engine.pictures.part_names import plain_word, words_of

_YEAR: Final = r"(?:19|20)\d\d"
_MONTH: Final = r"(?:0?[1-9]|1[0-2])"
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_BETWEEN: Final = r"[\s._-]"
#: A date with or without a time behind it: 2023-01-05, 20230105, 2023_01, 05.01.2023, 2023-01-05 10.22.33.
_DATE: Final = re.compile(
    rf"(?:{_YEAR}{_BETWEEN}{_MONTH}(?:{_BETWEEN}{_DAY})?|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    rf"|{_DAY}{_BETWEEN}{_MONTH}{_BETWEEN}{_YEAR}|{_MONTH}{_BETWEEN}{_YEAR})"
    rf"(?:{_BETWEEN}+(?:at{_BETWEEN}+)?\d\d[\d._h-]*)?\Z"
)
#: A time of day with its seconds, as programs name folders of output: 12-30-55, 12h30m55s.
_TIME: Final = re.compile(r"(?:[01]\d|2[0-3])([-_.:h])[0-5]\d[-_.:m][0-5]\ds?(?:[-_.]\d{1,6})?\Z")
#: The same without marks, where each of several names is one; after midnight it may be a number of a class.
_DIGITS_OF_TIME: Final = re.compile(r"(?:0[1-9]|1\d|2[0-3])[0-5]\d[0-5]\d\Z")
_ONLY_YEAR: Final = re.compile(rf"{_YEAR}\Z")
#: As cameras number their folders (DCF): three digits and five letters, digits or marks, as in 100CANON, 101_1203.
_CAMERA: Final = re.compile(r"[1-9]\d\d(?=[A-Z0-9_]{0,4}[A-Z_])[A-Z0-9_]{5}\Z")
#: Names of folders that telephones, desktops and browsers make for pictures.
_PLACES: Final = frozenset(
    {"dcim", "camera roll", "saved pictures", "screenshots", "whatsapp images", "telegram images", "bildschirmfotos"}
    | {"downloads", "my pictures", "eigene bilder", "recents", "all photos", "imports"}
)
#: The same, where a class may be called so: they count only beside others.
_MAYBE_PLACES: Final = frozenset(
    {"camera", "phone", "whatsapp", "telegram", "instagram", "snapchat", "screenshot", "captures", "bursts", "scans"}
    | {"download", "favorites", "facebook", "pinterest", "google", "bing", "internet"}
)
_MONTHS: Final = words(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec januar februar marz mai juni juli oktober dezember okt dez janvier fevrier mars avril juin "
    "juillet aout septembre octobre novembre decembre enero febrero marzo abril mayo junio julio agosto septiembre "
    "octubre noviembre diciembre"
)
#: Words that name numbered folders, beside those that name columns.
_NUMBERED: Final = MADE_WORDS | frozenset(
    {"camera", "cam", "shoot", "shooting", "photoshoot", "roll", "run", "take", "upload", "import", "export", "trip"}
    | {
        "album",
        "tag",
        "recording",
        "rec",
        "capture",
        "chunk",
        "round",
        "experiment",
        "exp",
        "charge",
        "termin",
        "visit",
    }
)


def is_date(text: str) -> bool:
    """Whether it is a date, with or without a time behind it."""
    return _DATE.match(text) is not None


def says_origin(name: str) -> bool:
    """Whether one name among those of classes says when or with what pictures were made: a date, a time, 100CANON."""
    return is_date(name) or bool(_TIME.match(name) or _CAMERA.match(name)) or _is_in(name, _PLACES)


def say_origins(names: Sequence[str]) -> bool:
    """Whether all ``names`` together do: years, months, a word such as batch with a number, or one text with dates."""
    return len(names) > 1 and (
        all(says_origin(name) or _is_in(name, _MAYBE_PLACES) for name in names)
        or all(_ONLY_YEAR.match(name) for name in names)
        or all(_DIGITS_OF_TIME.match(name) for name in names)
        or all(_of_month(name) for name in names)
        or all(map(_is_numbered, names))
        or _differ_by_date(names)
    )


def _is_in(name: str, known: frozenset[str]) -> bool:
    return " ".join(words_of(name)) in known or plain_word(name) in known


def _of_month(name: str) -> bool:
    """Only months and numbers: ``Jan 2023``."""
    said = words_of(name)
    return bool(said) and _MONTHS.issuperset(said)


def _is_numbered(name: str) -> bool:
    said = set(words_of(name))
    return bool(said) and said <= _NUMBERED and any(map(str.isdigit, name))


def _differ_by_date(names: Sequence[str]) -> bool:
    """Whether the ``names`` are one text with dates or years in it: ``Photos from 2021``, ``Photos from 2022``."""
    rests = {_without_dates(name) for name in names}
    return len(rests) == 1 and all(_without_dates(name) != plain_word(name) for name in names)


def _without_dates(name: str) -> str:
    return re.sub(rf"{_YEAR}(?:{_BETWEEN}?\d\d){{0,2}}|\d\d?[.]\d\d?[.]{_YEAR}", "", plain_word(name))
