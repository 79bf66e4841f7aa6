"""Which names of classes are taken for slips, and which are other words."""

from __future__ import annotations

import pytest

from workbench.engine.catalog.datasets.near_names import near_doubt


@pytest.mark.parametrize(
    ("one", "other"), [("dgo", "dog"), ("malignat", "malignant"), ("healthhy", "healthy"), ("Heathy", "healthy")]
)
def test_a_rare_name_that_is_nearly_another_is_said(one: str, other: str) -> None:
    doubt = near_doubt({one: 1, other: 9, "else": 20})
    assert doubt is not None and f"{one!r} (1) and {other!r} (9)" in doubt.sentence and not doubt.is_refused


@pytest.mark.parametrize("names", [("cat", "car"), ("class1", "class2"), ("type_a1", "type_a2"), ("no", "on")])
def test_other_words_and_numbers_are_no_slips(names: tuple[str, str]) -> None:
    assert near_doubt({names[0]: 1, names[1]: 50}) is None


def test_a_slip_is_rare_and_a_plural_need_not_be() -> None:
    assert near_doubt({"malignat": 5, "malignant": 9}) is None
    doubt = near_doubt({"cats": 9, "cat": 9})
    assert doubt is not None and "'cats' (9) and 'cat' (9)" in doubt.sentence
