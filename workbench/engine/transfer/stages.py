"""The natural stages of a network, in the order in which they are used, and its last layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from workbench.engine.core.errors import WorkbenchError

#: Layers that normalize; some have statistics besides their parameters.
NORMS = (_NormBase, nn.LayerNorm, nn.GroupNorm, nn.LocalResponseNorm)


@dataclass(slots=True)
class Stage:
    """Neighbouring modules that are frozen together. ``name`` is the path of the first, ``names`` are all paths.

    ``loose`` are parameters that stand on a container itself (a class token, a position embedding).
    """

    name: str
    names: list[str] = field(default_factory=list)
    modules: list[nn.Module] = field(default_factory=list)
    loose: dict[str, nn.Parameter] = field(default_factory=dict)

    def tensors(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Its parameters by the names that the whole network has for them."""
        for name, module in zip(self.names, self.modules, strict=True):
            yield from module.named_parameters(name)
        yield from self.loose.items()

    def buffers(self) -> Iterator[tuple[str, object]]:
        """What is stored with it besides parameters: statistics of norm layers."""
        for name, module in zip(self.names, self.modules, strict=True):
            yield from module.named_buffers(name)


def last_layer(network: nn.Module) -> tuple[str, nn.Linear | nn.Conv2d]:
    """The path and module of the layer whose outputs are the classes. Raises WorkbenchError if there is none."""
    found: tuple[str, nn.Linear | nn.Conv2d] | None = None
    for name, module in network.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            found = name, module
    if found is None:
        raise WorkbenchError("This network has no last layer that could be replaced by a new head.", "model.weights")
    return found


def without_last_layer(network: nn.Module) -> nn.Module:
    """``network`` (changed in place) with nothing in the place of its last layer: it answers with features."""
    name, layer = last_layer(network)
    if layer is network:
        return nn.Identity()
    parent, _, child = name.rpartition(".")
    setattr(network.get_submodule(parent), child, nn.Identity())
    return network


def stages(network: nn.Module, prefix: str = "") -> list[Stage]:
    """The stages of ``network``; each one has parameters of its own.

    A stage begins at every part that has weights; norm layers, activations and poolings belong to the one before.
    Containers without a number in their name (``features``, ``encoder``) are looked into; ``layer1`` is one stage.
    """
    made: list[Stage] = []
    waiting: list[tuple[str, nn.Module]] = []
    loose: dict[str, nn.Parameter] = {}
    for name, part in _parts(network, prefix):
        if isinstance(part, nn.Parameter):
            loose[name] = part
        elif _begins(part):
            made.append(Stage(name, [n for n, _ in waiting] + [name], [m for _, m in waiting] + [part]))
            waiting = []
        elif made:
            made[-1].names.append(name)
            made[-1].modules.append(part)
        else:
            waiting.append((name, part))
    if not made and any(any(True for _ in part.parameters()) for _, part in waiting):  # norm layers alone
        made.append(Stage(waiting[0][0], [name for name, _ in waiting], [part for _, part in waiting]))
    if made:
        made[0].loose.update(loose)
    return made


def norms_in(modules: Sequence[nn.Module]) -> list[nn.Module]:
    """The norm layers in ``modules``, each once."""
    return [each for module in modules for each in module.modules() if isinstance(each, NORMS)]


def _parts(network: nn.Module, prefix: str) -> Iterator[tuple[str, nn.Module | nn.Parameter]]:
    yield from ((prefix + name, p) for name, p in network.named_parameters(recurse=False))
    for name, child in network.named_children():
        if _is_container(name, child):
            yield from _parts(child, f"{prefix}{name}.")
        else:
            yield prefix + name, child


def _is_container(name: str, child: nn.Module) -> bool:
    if name[-1].isdigit() or not any(True for _ in child.children()):
        return False
    return type(child) in (nn.Sequential, nn.ModuleList) or type(child).__name__ == "Encoder" or name == "net"


def _begins(part: nn.Module) -> bool:
    """Whether it has parameters that are not those of norm layers."""
    held = {id(p) for norm in norms_in([part]) for p in norm.parameters(recurse=False)}
    return any(id(p) not in held for p in part.parameters())
