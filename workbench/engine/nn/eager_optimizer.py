"""Torch's optimizers without torch's compiler.

``torch.optim`` imports the compiler (``torch._dynamo``, with SymPy behind it) when the first optimizer is made and when
it takes its first step, only to disable it. That takes 5 s on one core and some 150 MB for nothing: this program
compiles nothing. The rules themselves are untouched; where torch has no such wrappers nothing is changed.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

#: Where ``torch._compile._disable_dynamo`` looks for what the compiler made of a method.
_NOT_COMPILED = "__dynamo_disable"
#: How torch names the method with which an optimizer looks whether its step is being recorded as a graph.
_CAPTURE_CHECK = "_graph_capture_health_check"
#: Where a class without the compiler has the one it was made of.
_RULE = "rule_class"


@cache
def without_compiler(made: Callable[..., torch.optim.Optimizer]) -> Callable[..., torch.optim.Optimizer]:
    """The optimizer class ``made`` with the same rule, whose methods do not ask for the compiler."""
    from torch.optim import Optimizer

    if not isinstance(made, type) or "torch._dynamo" in sys.modules:
        return made
    for wrapper in vars(Optimizer).values():
        method = getattr(wrapper, "__wrapped__", None)
        if method is not None and not hasattr(method, _NOT_COMPILED):
            setattr(method, _NOT_COMPILED, method)
    checks = {name: _nothing for name in dir(made) if name.endswith(_CAPTURE_CHECK)}
    return type(made.__name__, (made,), {"step": _bare_step(made), _RULE: made, **checks})


def rule_of(optimizer: torch.optim.Optimizer) -> type:
    """The class whose rule ``optimizer`` has: its own, or that of which ``without_compiler`` made it."""
    rule: type = vars(type(optimizer)).get(_RULE, type(optimizer))
    return rule


def _nothing(self: torch.optim.Optimizer) -> None:
    """In place of torch's look for a GPU that records its kernels: nothing here does, and it reads the environment."""


def _bare_step(made: Any) -> Callable[..., Any]:
    """The class's step without gradients, its profiler hook and its wrapper for the compiler left out."""
    import torch

    rule = inspect.unwrap(made.step)

    def step(self: torch.optim.Optimizer, closure: Callable[[], float] | None = None) -> Any:
        with torch.no_grad():
            return rule(self, closure)

    step.hooked = True  # type: ignore[attr-defined]  # torch would add its profiler hook else
    return step
