"""Every setting of an experiment in words, and which of them are not the default."""

from __future__ import annotations

import pytest

from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.spec.experiment import ExperimentSpec, plain
from workbench.engine.spec.listing import Line, listing


def line_at(spec: ExperimentSpec, path: str) -> Line:
    (found,) = (line for line in listing(spec) if line.path == path)
    return found


def leaves(settings: object, above: str = "") -> list[str]:
    if isinstance(settings, dict):
        return [path for name, value in settings.items() if name != "kind" for path in leaves(value, f"{above}.{name}")]
    return [above[1:]]


def test_each_setting_is_there_once_and_by_default_none_differs() -> None:
    found = listing(ExperimentSpec())
    paths = [line.path for line in found]
    assert len(paths) == len(set(paths)) and not any(line.default for line in found)
    assert set(leaves(plain(ExperimentSpec()))) - {"title", "note", "version"} <= set(paths)
    assert all(line.value or not line.depth for line in found), "only titles have no value"
    assert [line.label for line in found if not line.depth][:3] == ["Data", "Preprocessing", "Augmentation"]


def test_what_differs_says_its_default() -> None:
    spec = ExperimentSpec().edited("optimizer.lr", 0.005).edited("loop.epochs", 3)
    assert {line.path: (line.value, line.default) for line in listing(spec) if line.default} == {
        "optimizer.lr": ("0.005", "0.05"),
        "loop.epochs": ("3", "15"),
    }


@pytest.mark.parametrize("kind", members_of(Optimizer))  # type: ignore[type-abstract]
def test_another_member_differs_itself_and_not_in_its_own_defaults(kind: str) -> None:
    """The default experiment has momentum, with a rate of its own."""
    spec = ExperimentSpec().edited("optimizer", {"kind": kind})
    differing = [line.path for line in listing(spec) if line.default]
    assert differing == (["optimizer.lr"] if kind == "momentum" else ["optimizer"])


def test_the_members_of_a_list_stand_below_it_with_their_units() -> None:
    spec = ExperimentSpec().edited("augmentations", [{"kind": "rotation", "degrees": 12.0}])
    head, item, angle = (line_at(spec, f"augmentations{end}") for end in ("", ".0", ".0.degrees"))
    assert (head.value, head.default, head.depth) == ("Rotation", "none", 0)
    assert (item.label, item.value, item.depth) == ("Rotation", "on", 1)
    assert (angle.value, angle.default, angle.depth) == ("12 degrees", "15 degrees", 2)


def test_no_unit_stands_beside_a_word() -> None:
    spec = ExperimentSpec()
    for line in listing(spec):
        assert not line.value.startswith("off "), line
