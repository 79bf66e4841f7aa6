"""What the values of a column are, whatever it is called: numbers, a quantity, the same as those of another column."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.engine.catalog.datasets.tables.cells import NUMBER


def say_the_same(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether two columns give the same pictures one class, under whatever names."""
    return len(set(zip(a, b, strict=True))) == len(set(a)) == len(set(b))


def are_numbers(values: Sequence[str]) -> bool:
    """Whether all of ``values`` are numbers."""
    return all(NUMBER.match(value) for value in values)


def is_quantity(values: Sequence[str]) -> bool:
    """Whether the values are numbers that measure something: fractions, or nearly as many as there are rows."""
    distinct = set(values) - {""}
    if len(distinct) < 3 or not are_numbers(tuple(distinct)):
        return False
    are_whole = all(float(value).is_integer() for value in distinct)
    return len(distinct) > (max(20, len(values) // 3) if are_whole else max(5, len(values) // 10))
