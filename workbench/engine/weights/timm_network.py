"""A network of timm that weights are of, with the preprocessing that timm publishes for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.activations.members import ReLU
from workbench.engine.catalog.initializations import Initialization
from workbench.engine.catalog.initializations.members import He
from workbench.engine.catalog.models import Model
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.nn.layer_insertion import LayerInsertion

if TYPE_CHECKING:
    from torch import nn


class TimmNetwork(Model):
    """``name`` is timm's name of the architecture, ``tag`` of its published weights (empty: not known).

    ``size`` is height and width of its pictures, ``resize`` the shorter side before the centre of that size is cut
    out; ``mean`` and ``std`` belong to pictures in [0, 1]. ``fixed`` tells that it takes pictures of ``size`` only.
    It has no ``kind``, so it is no member of the catalog: it comes with weights and is never chosen in a form.
    """

    title: ClassVar[str] = "Network of timm"

    name: str
    tag: str = ""
    size: tuple[int, int]
    resize: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    fixed: bool = False

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler(source)  # the base looks classes without a kind up in the catalog

    def build(self, shape: tuple[int, ...], classes: int, parts: LayerInsertion) -> nn.Module:
        from workbench.engine.nn.timm_nets import adopted

        if self.fixed and shape[1:] != self.size:
            (high, wide), text = self.size, f"{self.name} takes pictures of the size that it was trained with, "
            raise WorkbenchError(f"{text}{wide}×{high}. Choose the picture size of the weights.", "model.size")
        return adopted(self.name, shape[0], classes)

    def init(self) -> tuple[Initialization, Activation]:
        return He(), ReLU()

    def fill(self, network: nn.Module, seed: int) -> None:
        """As timm does, from a generator of our own."""
        from workbench.engine.nn.timm_nets import redraw

        redraw(network, seed)

    def brief(self) -> str:
        return f"{self.name}.{self.tag}" if self.tag else self.name
