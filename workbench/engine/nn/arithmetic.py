"""Precision and memory format of the forward pass in training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from workbench.engine.nn.torch_workarounds import has_bf16_instructions


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Precision and memory format of a network's forward pass in training. In any case its parameters are float32 and
    contiguous, its buffers float32.

    With ``bf16`` the layers that torch's autocast names compute in bfloat16, the backward pass likewise; the gradients
    of the parameters are float32. Batch norm reads bfloat16, and sums in float32.
    """

    precision: Literal["float32", "bf16"] = "float32"
    memory_format: Literal["contiguous", "channels_last"] = "contiguous"

    @property
    def is_float32(self) -> bool:
        """Whether no layer computes in bfloat16."""
        return self.precision == "float32"

    def answer(self, network: nn.Module, x: Tensor) -> Tensor:
        """The logits (B, K), float32, of ``network`` for inputs (B, …), float32."""
        if self.memory_format == "channels_last" and x.dim() == 4:
            x = channels_last(x)
        if self.is_float32:
            logits: Tensor = network(x)
            return logits
        with torch.autocast(x.device.type, torch.bfloat16):
            logits = network(x)
        return logits.float()


def channels_last(x: Tensor) -> Tensor:
    """``x`` (B, C, H, W) with all channels of a pixel together in memory.

    Where both orders are the same, as with one channel, torch goes by the strides: these are set, too.
    """
    laid = x.contiguous(memory_format=torch.channels_last)
    _, channels, height, width = x.shape
    return laid.as_strided(x.shape, (channels * height * width, 1, width * channels, channels))


def why_no_bf16(device: str) -> str:
    """Why ``device`` is not used to compute in bfloat16, as a sentence; empty if it is."""
    if device == "cpu":
        found = has_bf16_instructions()
        return "" if found else "This processor has no instructions for bfloat16 and would be slower in it."
    if device == "cuda":
        found = torch.cuda.is_bf16_supported(including_emulation=False)
        return "" if found else "This GPU has no instructions for bfloat16 and would be slower in it."
    return "On this device bfloat16 is not supported."
