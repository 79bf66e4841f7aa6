"""Optimizers: one class in one file of this folder each."""

from workbench.engine.catalog.optimizers.base import Epsilon, LearningRate, Optimizer, WeightDecay

__all__ = ["Epsilon", "LearningRate", "Optimizer", "WeightDecay"]
