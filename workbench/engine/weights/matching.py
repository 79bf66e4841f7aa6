"""Weights and a module compared by name and shape; loading what matches whole, never a part in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped

if TYPE_CHECKING:
    from torch import Tensor, nn

#: Name of the layer, its shape in the file, the shape that the network has.
Wrong = tuple[str, tuple[int, ...], tuple[int, ...]]
#: A count that files written before torch 0.4.1 have not; only norm layers without a momentum use it.
OPTIONAL = "num_batches_tracked"
#: Maximum number of lines of each kind in a table; the rest is counted.
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Match:
    """How weights and a module go together. Names are the module's, but for ``left_over``, which are the file's."""

    matches: tuple[str, ...]
    missing: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    wrong: tuple[Wrong, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether every weight of the module is there in its shape and nothing is left over."""
        return not (self.missing or self.left_over or self.wrong)


def match(
    module: nn.Module | Mapping[str, Tensor], tensors: Mapping[str, Tensor], names: Mapping[str, str] | None = None
) -> Match:
    """Compare ``tensors`` with ``module`` (or its state). ``names`` maps names in the file to names in the module.

    One that maps to nothing is left aside: known, and of no use here.
    """
    wanted = _state(module)
    names = {name: name for name in tensors} if names is None else names
    given = {ours: tensor for name, tensor in tensors.items() if (ours := names.get(name, name)) in wanted}
    shapes = {name: tuple(tensor.shape) for name, tensor in given.items()}
    fitting = tuple(name for name in given if shapes[name] == tuple(wanted[name].shape))
    return Match(
        fitting,
        tuple(name for name in wanted if name not in given and not name.endswith(OPTIONAL)),
        tuple(name for name in tensors if names.get(name, name) and names.get(name, name) not in wanted),
        tuple((name, shapes[name], tuple(wanted[name].shape)) for name in given if name not in fitting),
    )


def load_into(
    module: nn.Module, tensors: Mapping[str, Tensor], names: Mapping[str, str] | None = None, what: str = "The weights"
) -> Match:
    """Put ``tensors`` into ``module``, all or nothing; its numbers keep their kind (float32).

    Raises WorkbenchError with a table of layer, saved shape and expected shape if they do not fit.
    """
    import torch

    found = match(module, tensors, names)
    if not found.is_whole:
        raise WorkbenchError(f"{what} do not fit the network.\n{table(found)}", "model.weights")
    wanted = module.state_dict()
    whole = [
        name
        for name, tensor in tensors.items()
        if (ours := name if names is None else names.get(name, name))
        and wanted[ours].is_floating_point()
        and not tensor.is_floating_point()
    ]
    if whole:
        text = f"{what} are whole numbers ({whole[0]}: {str(tensors[whole[0]].dtype).removeprefix('torch.')}), as a "
        raise WorkbenchError(text + "quantized network has. Bring the file with fractions (float32).", "model.weights")
    # What is optional and not in the file keeps its value.
    with torch.no_grad():
        for name, tensor in tensors.items():
            if ours := name if names is None else names.get(name, name):
                wanted[ours].copy_(tensor)
    return found


def table(found: Match) -> str:
    """What does not fit, a line for each layer: its name, the saved shape, the expected shape."""
    kinds = (
        [(shown_name(name), size(saved), size(expected)) for name, saved, expected in found.wrong],
        [(shown_name(name), "missing", "") for name in found.missing],
        [(name, "left over", "") for name in found.left_over],
    )
    rows = [("layer", "saved", "expected"), *(row for kind in kinds for row in kind[:SHOWN])]
    more = sum(max(0, len(kind) - SHOWN) for kind in kinds)
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    lines = ["  ".join((row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2])).rstrip() for row in rows]
    return "\n".join([*lines, *([f"and {grouped(more)} more"] if more else [])])


def shown_name(name: str) -> str:
    """A layer's name as its authors call it: without those of the modules that this program puts around networks."""
    return re.sub(r"^(net\.)+", "", name)


def size(shape: tuple[int, ...]) -> str:
    """``64 × 3 × 7 × 7``; a single number for a tensor without sides."""
    return " × ".join(map(str, shape)) or "one number"


def _state(module: nn.Module | Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    return module if isinstance(module, Mapping) else module.state_dict()
