"""Durations and counts as text."""

from __future__ import annotations

from workbench.engine.core.text import NARROW, grouped

__all__ = ["count", "duration", "grouped"]


def duration(seconds: float) -> str:
    """``0:12``, ``1:02:03``."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def count(number: float) -> str:
    """A number with narrow spaces between thousands, shortened from 10,000 on: ``1 437``, ``42 k``, ``1.2 M``."""
    if number >= 1e6:
        return f"{number / 1e6:.1f}{NARROW}M"
    if number >= 1e4:
        return f"{number / 1e3:.0f}{NARROW}k"
    return grouped(round(number))
