"""Optimizers: one class in one file of this folder each."""

from workbench.engine.optimizers.base import LearningRate, Optimizer, WeightDecay

__all__ = ["LearningRate", "Optimizer", "WeightDecay"]
