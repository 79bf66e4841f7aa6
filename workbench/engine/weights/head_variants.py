"""Heads as people put them in the place of a published one: of another name, behind a dropout, or of several layers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from workbench.engine.weights.unwrapping import HEADS

if TYPE_CHECKING:
    from torch import Tensor


def with_own_head(
    tensors: Mapping[str, Tensor], names: Mapping[str, str], wanted: Collection[str], head: str
) -> tuple[dict[str, str], int]:
    """``names`` with the file's own head under the name of ours where it is one layer, and its number of outputs.

    ``names`` maps names in the file to those in our module, ``wanted`` are the module's, ``head`` its last matrix. The
    number is 0 where the file has no head. Heads of several layers keep their names: they can only be replaced.
    """
    layer = head.rpartition(".")[0]
    if head in names.values():
        return dict(names), 0
    own = [name for name, ours in names.items() if ours not in wanted and is_of_head(ours, f"{layer}.")]
    matrices = [name for name in own if name.endswith(".weight") and tensors[name].dim() == 2]
    if not matrices:
        return dict(names), 0
    outputs = int(tensors[matrices[-1]].shape[0])
    stem = matrices[0].removesuffix(".weight")
    if len(matrices) > 1 or set(own) != {f"{stem}.weight", f"{stem}.bias"}:
        return dict(names), outputs
    return {**names, f"{stem}.weight": head, f"{stem}.bias": f"{layer}.bias"}, outputs


def is_of_head(name: str, layer: str) -> bool:
    """Whether ``name``, in our module or as the file has it, is of a head; ``layer`` is our head's with a dot."""
    return name.startswith(layer) or name.removeprefix("net.").startswith((*HEADS, "heads."))
