"""Numbers in texts: one module formats them."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import workbench
from workbench.engine.core import text
from workbench.engine.core.text import (
    abbreviated,
    decimal_text,
    duration,
    editable,
    for_file,
    grouped,
    number_text,
    percent,
    plain,
    power_of_ten,
    quoted,
    scientific,
    short,
    significant,
    size_text,
)

_PACKAGE = Path(str(workbench.__file__)).parent


def test_digits_are_grouped_by_a_space_at_which_no_line_breaks() -> None:
    assert grouped(3850) == "3\u202f850" and grouped(1_234_567) == "1\u202f234\u202f567" and grouped(12) == "12"
    assert grouped(1234.56, 1) == "1\u202f234.6" and grouped(-1000) == "−1\u202f000"
    assert grouped(10**20 + 1).endswith("\u202f001") and grouped(2.5e3) == "2\u202f500"
    assert grouped(-0.01, 1) == "0.0", "no minus before a zero"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (short(0.05), "0.05"),
        (short(1e-9), "1e-9"),
        (short(-1.26e-10, 2), "−1.3e-10"),
        (short(1234567, 3), "1.23e6"),
        (short(12345.0), "12\u202f345"),
        (short(12345.0, separator=""), "12345"),
        (short(0.0), "0"),
        (scientific(-3e7), "−3.0e7"),
        (scientific(5e-4, 0), "5e-4"),
        (power_of_ten(1e-4), "10⁻⁴"),
        (power_of_ten(2000), "2·10³"),
        (number_text(1e-9), "1e-9"),
        (number_text(10_000_000), "10\u202f000\u202f000"),
        (number_text(0.9900001), "0.9900001"),
        (number_text(-1.5), "−1.5"),
        (decimal_text(0.314), "0.31"),
        (decimal_text(-0.0431), "−0.043"),
        (decimal_text(2345.6), "2\u202f345.60"),
        (percent(0.9721), "97.2\xa0%"),
        (percent(-0.02, 0), "−2\xa0%"),
        (percent(0.997, 0), "99\xa0%"),
        (percent(0.99996), "99.9\xa0%"),
        (percent(1 - 2**-24, 0), "100\xa0%"),
        (percent(1.304, 0), "130\xa0%"),
        (abbreviated(1437), "1\u202f437"),
        (abbreviated(42_300), "42\u202fk"),
        (abbreviated(1_240_000), "1.2\u202fM"),
        (duration(12.4), "0:12"),
        (duration(3723), "1:02:03"),
        (size_text(820), "820 bytes"),
        (size_text(56_000), "56 kB"),
        (size_text(12_345_678_900_000), "12\u202f345.7 GB"),
        (quoted(3.0), "3.0"),
        (for_file(0.00001, 9), "1e-05"),
        (for_file(12345.0, 9), "12345"),
        (significant(1234.5, 2), 1200.0),
    ],
)
def test_one_way_of_writing(made: object, expected: object) -> None:
    assert made == expected


@pytest.mark.parametrize("write", [short, scientific, grouped, number_text, decimal_text])
def test_numbers_that_are_not_finite(write: Any) -> None:
    assert [write(value) for value in (math.nan, math.inf, -math.inf)] == ["NaN", "inf", "−inf"]


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**12), 10**12))
def test_the_text_of_a_field_gives_the_very_number_back(value: float) -> None:
    written = editable(value)
    assert float(written) == value and written.isascii() and not re.search(r"e[+]|e-?0|\.0$", written)


@given(st.integers(-(10**12), 10**12))
def test_a_terminal_gets_signs_that_every_encoding_has(value: int) -> None:
    assert plain(f"{grouped(value)} and {short(value / 7)}").isascii()
    assert plain(grouped(value)) == f"{value:,}"


def test_plain_keeps_other_text() -> None:
    assert plain(f"“x” {abbreviated(2e6)}") == "“x” 2.0 M"
    assert plain(percent(0.0561)) == "5.6 %"


def _hand_made(source: str) -> Iterator[int]:
    """Lines that format a number with a separator, significant digits, an exponent or fixed decimals of their own."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            spec = ast.unparse(node.format_spec)[2:-1]
            if re.search(r"[,_]|[eEfFgGn%]$", spec) and not re.search(r"%[YmdHMS]", spec):
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "format":
            yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "replace":
            told = tuple(each.value for each in node.args if isinstance(each, ast.Constant))
            if told[:2] == ("-", "−") or (told[:1] == (",",) and told[1:2] in {("\u2009",), ("\u202f",)}):
                yield node.lineno


def test_no_other_module_formats_numbers() -> None:
    sources = [path for path in _PACKAGE.rglob("*.py") if path != Path(str(text.__file__))]
    assert len(sources) > 100
    found = [f"{path.relative_to(_PACKAGE)}:{line}" for path in sources for line in _hand_made(path.read_text("utf-8"))]
    assert not found, f"write these numbers with the functions of core/text.py: {', '.join(found)}"


@pytest.mark.parametrize(
    "line", ['f"{n:,}"', 'f"{x:.3g}"', 'f"{x:g}"', 'f"{n:>8,}"', 'f"{x:.1f} s"', 'f"{x:.{d}f}"', 't.replace("-", "−")']
)
def test_the_test_above_finds(line: str) -> None:
    assert list(_hand_made(line)) == [1]


@pytest.mark.parametrize("line", ['f"{n:>8}"', 'f"{word:{width}}"', 'f"{when:%Y-%m-%d}"', 'f"{n:02}"', 'f"{x!r}"'])
def test_the_test_above_lets_pass(line: str) -> None:
    assert not list(_hand_made(line))


def test_what_is_counted_is_in_the_singular_at_one_only() -> None:
    from workbench.engine.core.text import counted

    assert [counted(n, "epoch") for n in (0, 1, 2, 12345)] == ["0 epochs", "1 epoch", "2 epochs", "12\u202f345 epochs"]
    assert [counted(n, "class", "classes") for n in (1, 2)] == ["1 class", "2 classes"]
