"""Batches in memory that is made once, so that a tiny step need not ask for it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from workbench.engine.data.split import Indices


class Rows:
    """Standardized examples float32 (N, D) and their labels int64 (N,), on one device."""

    def __init__(self, inputs: Tensor, labels: Tensor) -> None:
        self.inputs, self.labels = inputs, labels
        self.on_host = (inputs.numpy(), labels.numpy()) if inputs.device.type == "cpu" else None


class BatchRoom:
    """Room for batches of ``size`` examples of ``rows``, or of others of the same shape on the same device."""

    def __init__(self, rows: Rows, size: int) -> None:
        #: Inputs (B, D) and labels (B,) that were taken last; always the same two tensors.
        self.batch = (rows.inputs.new_empty((size, rows.inputs.shape[1])), rows.labels.new_empty(size))
        self._on_host = None if rows.on_host is None else (self.batch[0].numpy(), self.batch[1].numpy())

    def take(self, rows: Rows, indices: Indices) -> None:
        """Copy ``indices`` (B,), which are in bounds, of ``rows``."""
        if rows.on_host is not None and self._on_host is not None:
            # Half the time of torch's selection; numpy writes into ``out`` itself only where it need not check bounds.
            rows.on_host[0].take(indices, 0, self._on_host[0], "clip")
            rows.on_host[1].take(indices, 0, self._on_host[1], "clip")
            return
        where = torch.from_numpy(np.ascontiguousarray(indices)).to(rows.labels.device)
        torch.index_select(rows.inputs, 0, where, out=self.batch[0])
        torch.index_select(rows.labels, 0, where, out=self.batch[1])
