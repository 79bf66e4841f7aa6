"""How numbers are written, in the window and in the headless command alike. No other module formats numbers.

One rule: thousands are separated by a narrow no-break space (``12 345``), the decimal sign is a point, a negative
number has a real minus (``−0.5``), exponents are short (``1e-9``), shares are per cent (``97.2 %``), and numbers that
are not finite are ``NaN``, ``inf`` and ``−inf``. Three kinds of text differ on purpose: the text of an input field
(``editable``), a number in a file for other programs (``for_file``) and the output of a terminal (``plain``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

#: The separator of thousands, a narrow no-break space: a number is never broken across two lines.
NARROW: Final = "\u202f"
#: What follows a number of hundredths: the sign is never alone at the beginning of a line.
PER_CENT: Final = "\u00a0%"

#: What a terminal obeys instead of showing it: C0, DEL, C1, and the marks that turn the direction of writing.
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
#: A share from here on is the whole: the mean of ones in 32 bits may be less than 1.
_ALL: Final = 1 - 1e-6
_RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def grouped(number: float, decimals: int = 0) -> str:
    """A number with a fixed number of decimals, its thousands separated: ``3 850``, ``−1 234.6``."""
    return _signed(f"{number:,}" if isinstance(number, int) and not decimals else f"{number:z,.{decimals}f}")


def counted(number: int, one: str, several: str = "") -> str:
    """A number and what it counts: ``1 epoch``, ``3 850 steps``; ``several`` where it takes more than an s."""
    return f"{grouped(number)} {one if number == 1 else several or f'{one}s'}"


def short(number: float, digits: int = 6, separator: str = NARROW) -> str:
    """At most ``digits`` significant digits, without trailing zeros: ``0.05``, ``1.25e-6``, ``12 345``."""
    return _signed(_short_exponent(f"{number:,.{digits}g}"), separator)


def scientific(number: float, decimals: int = 1) -> str:
    """Always with an exponent: ``1.2e-5``, ``−3.0e7``."""
    return _signed(_short_exponent(f"{number:.{decimals}e}"))


def power_of_ten(number: float) -> str:
    """One digit and a power of ten, as ticks of a logarithmic axis: ``10⁻⁴``, ``2·10⁻⁴``."""
    digit, _, exponent = f"{number:.0e}".partition("e")
    raised = f"10{str(int(exponent)).translate(_RAISED)}"
    return raised if digit == "1" else f"{digit}·{raised}"


def number_text(number: float) -> str:
    """A limit or a refused number with all its digits: ``10 000 000``, ``0.9900001``, ``1e-9``; from 1e15 on
    ``about 1e20``."""
    if 1e15 <= abs(number) < math.inf:  # str() refuses whole numbers of thousands of digits
        return _signed(f"about {'-' if number < 0 else ''}1e{math.floor(math.log10(abs(number)))}")
    if not math.isfinite(number):
        return _signed(str(number))
    return grouped(int(number)) if number == int(number) else _signed(_short_exponent(repr(float(number))))


def decimal_text(value: float) -> str:
    """A loss or a difference: two decimals, or two significant digits below 0.095 (``0.012``), where two decimals
    would show too little."""
    return grouped(value, 2) if abs(value) >= 0.095 or value == 0 or not math.isfinite(value) else short(value, 2)


def percent(share: float, decimals: int = 1) -> str:
    """A share of 1 as per cent: ``97.2 %``. It is cut and not rounded where it would say ``100 %`` of less than all."""
    most = 100 - 10.0**-decimals
    return f"{grouped(min(100.0 * share, most) if share < _ALL else 100.0 * share, decimals)}{PER_CENT}"


def abbreviated(number: float) -> str:
    """A count for a narrow place, shortened from 10 000 on: ``1 437``, ``42 k``, ``1.2 M``."""
    if number >= 1e6:
        return f"{grouped(number / 1e6, 1)}{NARROW}M"
    return f"{grouped(number / 1e3, 0)}{NARROW}k" if number >= 1e4 else grouped(round(number))


def duration(seconds: float) -> str:
    """Minutes and seconds, or hours: ``0:12``, ``1:02:03``."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def rough_duration(seconds: float) -> str:
    """An expected time: ``about 40 s``, ``about 12 min``, ``about 2 h 5 min``."""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 90 else f"about {minutes // 60} h {minutes % 60} min"


def size_text(size: int) -> str:
    """Bytes in the unit that fits: ``820 bytes``, ``56 kB``, ``0.1 MB``, ``2.4 GB`` (powers of 1000)."""
    if size < 1_000:
        return counted(size, "byte")
    if size < 100_000:
        return f"{grouped(size / 1e3, 0)} kB"
    return f"{grouped(size / 1e6, 1)} MB" if size < 1e9 else f"{grouped(size / 1e9, 1)} GB"


def shape_text(shape: tuple[int, ...]) -> str:
    """The shape of an example in words: ``8×8 gray``, ``32×32 colour``, ``2-D points``."""
    if len(shape) == 3:
        channels, height, width = shape
        return f"{width}×{height} {'gray' if channels == 1 else 'colour'}"
    return f"{math.prod(shape)}-D points"


def paths_text(paths: Sequence[Path | str], most: int = 5) -> str:
    """The first ``most`` paths, and how many more there are."""
    more = f" and {grouped(len(paths) - most)} more" if len(paths) > most else ""
    return f"{', '.join(map(str, paths[:most]))}{more}"


def quoted(given: Any) -> str:
    """A refused value for a message: short, and as a settings file writes it."""
    if isinstance(given, str):
        return repr(given if len(given) <= 40 else given[:39] + "…")
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, (dict, list, tuple)):
        return "a table" if isinstance(given, dict) else "a list"
    return number_text(given) if isinstance(given, int) else str(given)[:40]


def ordinal(number: int) -> str:
    """``1st``, ``2nd``, ``3rd``, ``11th``."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{grouped(number)}{ending}"


def editable(value: float) -> str:
    """The text of an input field: the shortest that gives exactly ``value`` back, with the signs of a keyboard, so that
    it can be edited and copied elsewhere: ``0.05``, ``65536``, ``1e-5``."""
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e7):
        return str(int(value))
    return _short_exponent(repr(float(value)))


def for_file(value: float, digits: int) -> str:
    """A number in a file for other programs (CSV, style sheets): at most ``digits`` significant digits, not grouped."""
    return f"{value:.{digits}g}"


def plain(text: str) -> str:
    """The same text for a terminal or a log whose encoding may lack narrow spaces and the minus: ``12,345``,
    ``-0.5``, ``97.2 %`` with a usual space. Control characters, which file names may hold, are escaped but for tabs
    and line breaks."""
    text = re.sub(rf"(?<=\d){NARROW}(?=\d{{3}})", ",", text).replace(NARROW, " ").replace("−", "-")
    text = text.replace(PER_CENT, " %")
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The rows of a table with their columns one below the other, for a terminal or a text file."""
    shown = [[plain(" ".join(cell.split())) for cell in row] for row in rows]
    widths = [max(map(len, cells)) for cells in zip(*shown, strict=True)]
    for row in shown:
        yield "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def significant(value: float, digits: int) -> float:
    """``value`` rounded to ``digits`` significant digits (a number, not a text)."""
    return float(f"{value:.{digits}g}")


def _short_exponent(text: str) -> str:
    """``1.50e-05`` as ``1.50e-5``, ``3.0`` as ``3``, ``1e+06`` as ``1e6``."""
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if mark else mantissa.removesuffix(".0")


def _signed(text: str, separator: str = NARROW) -> str:
    """A number as Python writes it, with the separator and the minus of the screen."""
    text = text.replace("nan", "NaN").replace(",", separator)
    at = text.find("-")
    return text if at < 0 or text[at - 1 : at] == "e" else text.replace("-", "−", 1)
