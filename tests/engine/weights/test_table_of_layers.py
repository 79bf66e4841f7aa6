"""The table of layers that do not fit: which shape was saved, which one is expected, how many more there are."""

from __future__ import annotations

import torch

from workbench.engine.weights.matching import SHOWN, match, table


def test_a_line_for_each_layer_with_the_saved_shape_first() -> None:
    network = {"net.wide": torch.zeros(4, 3), "net.missing": torch.zeros(2), "net.same": torch.zeros(1)}
    saved = {"net.wide": torch.zeros(2, 3), "net.same": torch.zeros(1), "other": torch.zeros(5)}
    found = match(network, saved)
    assert found.matches == ("net.same",) and not found.is_whole
    rows = [line.split(maxsplit=1) for line in table(found).splitlines()]
    assert rows[0][0] == "layer" and rows[0][1].split() == ["saved", "expected"]
    assert [row[0] for row in rows[1:]] == ["wide", "missing", "other"]
    assert rows[1][1].split() == ["2", "×", "3", "4", "×", "3"]
    assert [row[1] for row in rows[2:]] == ["missing", "left over"]


def test_what_is_not_shown_is_counted() -> None:
    """Of one kind there are too many, of the others none or one."""
    network = {f"layer{number}": torch.zeros(1) for number in range(SHOWN + 5)}
    lines = table(match(network, {"other": torch.zeros(1)})).splitlines()
    assert len(lines) == 1 + SHOWN + 1 + 1 and lines[-1] == "and 5 more"
    few = table(match({"layer": torch.zeros(1)}, {"other": torch.zeros(1)})).splitlines()
    assert len(few) == 3
