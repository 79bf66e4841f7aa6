"""Learning-rate schedules: one class in one file of this folder each."""

from workbench.engine.catalog.schedules.base import NOTHING, Memory, Per, Schedule

__all__ = ["NOTHING", "Memory", "Per", "Schedule"]
