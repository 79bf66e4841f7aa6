"""Files of an adapter alone (LoRA), which changes a network whose weights are in another file."""

from __future__ import annotations

from collections.abc import Iterable

_LORA = (".lora_a.", ".lora_b.", "lora_down.", "lora_up.")


def adapter_words(names: Iterable[str]) -> str:
    """What to do where the ``names`` of weights are those of an adapter; empty for others."""
    if not any(mark in name.lower() for name in names for mark in _LORA):
        return ""
    return "It holds a LoRA adapter: merge it into its network (merge_and_unload) and bring the weights of that."
