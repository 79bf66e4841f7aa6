"""Learning-rate schedules: one class in one file of this folder each."""

from workbench.engine.schedules.base import Per, Schedule

__all__ = ["Per", "Schedule"]
