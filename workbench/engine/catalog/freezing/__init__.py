"""Ways of freezing a pretrained network: one class in one file of this folder each."""

from workbench.engine.catalog.freezing.base import Freezing

__all__ = ["Freezing"]
