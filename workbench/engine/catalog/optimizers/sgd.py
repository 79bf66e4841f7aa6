"""Stochastic gradient descent, with and without a velocity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers.base import LearningRate, Optimizer, with_decay
from workbench.engine.core.update_rule import Rule, shown

if TYPE_CHECKING:
    import torch

MomentumKnob = Annotated[
    float,
    Knob(
        "Momentum",
        "How much of the velocity is kept at each update (rho in the lecture). The velocity remembers about 1 / (1 − "
        "momentum) updates; friction is 1 − momentum, so a larger value is less friction. The velocity always starts "
        "at zero; this is not a setting. Along a flat direction of a badly conditioned valley the small gradients "
        "add up, until the velocity is larger than the gradient itself.",
        low=0.0,
        high=0.9999,
        search=(0.5, 0.99),
        live=True,
        lesson="Momentum rolls past small minima, cancels zigzag and averages gradient noise.",
    ),
]

Form = Literal["outside", "inside"]
#: The lines of a rule for each form.
Forms = Mapping[Form, tuple[str, ...]]

MOMENTUM_FORMS: Forms = {
    "outside": ("v = rho*v + g", "x = x - lr*v"),
    "inside": ("v = rho*v - lr*g", "x = x + v"),
}
NESTEROV_FORMS: Forms = {
    "outside": ("v = rho*v + g", "x = x - lr*(g + rho*v)"),
    "inside": ("u = v", "v = rho*u - lr*g", "x = x - rho*u + (1 + rho)*v"),
}


#: The velocity in the units of a gradient: inside, it holds steps.
VELOCITIES: Mapping[Form, str] = {"outside": "v", "inside": "-v/lr"}


def form_knob(forms: Forms) -> Knob:
    """The choice between the forms, each described by the rule that runs with it."""
    return Knob(
        "Rate",
        "Whether the learning rate is applied outside the velocity (torch) or inside it (the lecture). Both are "
        "equal at a constant rate. After a drop of the rate they differ: outside, the step shrinks at once; inside, "
        "the velocity still holds steps of the old rate and decays to the new ones. Keras puts it inside, torch "
        "outside.",
        options={form: ", ".join(map(shown, lines)) for form, lines in forms.items()},
    )


class SGD(Optimizer):
    """``x -= lr * g`` (Robbins and Monro 1951), g the gradient of one mini-batch."""

    kind: ClassVar[str] = "sgd"
    title: ClassVar[str] = "SGD"
    summary: ClassVar[str] = "A step against the mini-batch gradient."
    order: ClassVar[int] = 10
    elementwise: ClassVar[bool] = True

    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        from torch.optim import SGD as TorchSGD

        return TorchSGD

    def hyper(self) -> dict[str, Any]:
        return {"momentum": 0.0, "nesterov": False}

    def sharpness_limit(self, rate: float) -> float | None:
        return 2 / rate

    def rule(self, group: Mapping[str, Any]) -> Rule | None:
        return Rule(with_decay(("x = x - lr*g",), self.weight_decay), {"wd": self.weight_decay})


class GradientDescent(SGD):
    """``x -= lr * g``, g over the whole training set."""

    kind: ClassVar[str] = "gradient_descent"
    title: ClassVar[str] = "Gradient descent"
    summary: ClassVar[str] = (
        "One step per epoch against the gradient of the whole training set: no noise from sampling, but bad "
        "conditioning and saddle points remain."
    )
    order: ClassVar[int] = 5
    elementwise: ClassVar[bool] = True
    full_batch: ClassVar[bool] = True


class Momentum(SGD):
    """``v = rho * v + g; x -= lr * v``, v from 0 (Polyak 1964; torch's form, the rate outside the velocity).

    With the rate inside: ``v = rho * v - lr * g; x += v``.
    """

    kind: ClassVar[str] = "momentum"
    title: ClassVar[str] = "Momentum"
    summary: ClassVar[str] = "A velocity gathers gradients and rolls on, like a ball with friction."
    order: ClassVar[int] = 20
    elementwise: ClassVar[bool] = True
    forms: ClassVar[Forms] = MOMENTUM_FORMS

    momentum: MomentumKnob = 0.9
    form: Annotated[Form, form_knob(MOMENTUM_FORMS)] = "outside"

    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        if self.form == "outside":
            return super().torch_class()
        from workbench.engine.nn.optim.momentum import MomentumInside

        return MomentumInside

    def hyper(self) -> dict[str, Any]:
        return {"momentum": self.momentum, "nesterov": False}

    def sharpness_limit(self, rate: float) -> float | None:
        return 2 * (1 + self.momentum) / rate

    def fixed(self) -> dict[str, Any]:
        return super().fixed() if self.form == "outside" else {}

    def rule(self, group: Mapping[str, Any]) -> Rule | None:
        kept = "momentum_buffer" if self.form == "outside" else "velocity"
        constants = {"rho": self.momentum, "wd": self.weight_decay}
        lines, velocity = with_decay(self.forms[self.form], self.weight_decay), VELOCITIES[self.form]
        return Rule(lines, constants, memory={"v": kept}, velocity=velocity)


class Nesterov(Momentum):
    """``v = rho * v + g; x -= lr * (g + rho * v)`` (Nesterov 1983; Sutskever et al. 2013, at the look-ahead point).

    With the rate inside: ``v' = rho * v - lr * g; x += -rho * v + (1 + rho) * v'``.
    """

    kind: ClassVar[str] = "nesterov"
    title: ClassVar[str] = "Nesterov momentum"
    summary: ClassVar[str] = "Momentum that looks ahead, so a wrong velocity is corrected sooner."
    order: ClassVar[int] = 30
    elementwise: ClassVar[bool] = True
    forms: ClassVar[Forms] = NESTEROV_FORMS

    # torch refuses Nesterov without a velocity, so the lowest momentum is a little above zero.
    momentum: Annotated[
        float,
        Knob(
            "Momentum",
            "How much of the velocity is kept at each update; the gradient is taken where the velocity leads. The "
            "velocity remembers about 1 / (1 − momentum) updates and starts at zero. The parameters are kept at the "
            "look-ahead point, so the gradient is computed at the parameters themselves.",
            low=0.001,
            high=0.9999,
            search=(0.5, 0.99),
            live=True,
            lesson="Nesterov momentum corrects a wrong velocity sooner than plain momentum.",
        ),
    ] = 0.9
    form: Annotated[Form, form_knob(NESTEROV_FORMS)] = "outside"

    def hyper(self) -> dict[str, Any]:
        return {"momentum": self.momentum, "nesterov": True}

    def sharpness_limit(self, rate: float) -> float | None:
        return 2 * (1 + self.momentum) / ((1 + 2 * self.momentum) * rate)


__all__ = ["SGD", "GradientDescent", "LearningRate", "Momentum", "MomentumKnob", "Nesterov"]
