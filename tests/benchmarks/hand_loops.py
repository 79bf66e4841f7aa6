"""Training loops without the program, against which P1 measures it; each gives steps a second of processor time.

``python -m tests.benchmarks.hand_loops NAME`` prints that of one of them: Lightning and fastai are run in this way, in
a process that has them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

BATCH, EPOCHS = 64, 20
Part = tuple[Tensor, Tensor]


def digits() -> Part:
    """The training part of the digits: 1437 × 64 and the labels."""
    found = load_digits()
    return torch.tensor(found.data / 16.0, dtype=torch.float32)[:1437], torch.tensor(found.target)[:1437]


def made_pictures() -> tuple[np.ndarray, np.ndarray]:
    """Pictures (N, 1, 28, 28) of noise with labels."""
    numbers = np.random.default_rng(0)
    return numbers.integers(0, 256, (1280, 1, 28, 28), np.uint8), numbers.integers(0, 10, 1280)


def perceptron() -> nn.Module:
    """64-128-10."""
    return nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))


def small_cnn() -> nn.Module:
    """What the program's small CNN without batch norm is."""
    convolutions = [nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    convolutions += [nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*convolutions, nn.Flatten(), nn.Linear(32 * 49, 64), nn.ReLU(), nn.Linear(64, 10))


def textbook(net: nn.Module, part: Part, epochs: int = EPOCHS) -> float:
    """What a tutorial writes."""
    loader = DataLoader(TensorDataset(*part), batch_size=BATCH, shuffle=True)
    optimizer = torch.optim.Adam(net.parameters())
    loss_of, losses = nn.CrossEntropyLoss(), []

    def epoch() -> Iterator[None]:
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = loss_of(net(inputs), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            yield

    return speed(epoch, epochs)


def hand_written(part: Part, epochs: int = 2 * EPOCHS) -> float:
    """The best loop for the perceptron with the readings of the program: loss, hits and gradient norm of each step.

    Forward and backward pass written out in memory that is made once, and the fused kernel in one long tensor.
    """
    x, y = part
    net = perceptron()
    shapes = [parameter.shape for parameter in net.parameters()]
    sizes = [shape.numel() for shape in shapes]
    values = torch.cat([parameter.detach().flatten() for parameter in net.parameters()])
    gradients, first, second = (torch.zeros_like(values) for _ in range(3))
    count, rows = torch.zeros(()), []

    def views(long: Tensor) -> list[Tensor]:
        return [piece.view(shape) for piece, shape in zip(long.split(sizes), shapes, strict=True)]

    w1, b1, w2, b2 = views(values)
    parts = gw1, gb1, gw2, gb2 = views(gradients)
    lists = [values], [gradients], [first], [second], [], [count]
    rule = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "weight_decay": 0.0, "eps": 1e-8}
    rooms = {size: [torch.empty(size, width) for width in (64, 128, 10, 10, 10, 10, 128)] for size in (64, 1437 % 64)}
    labels = {size: torch.empty(size, dtype=torch.long) for size in rooms}
    relu_backward: Any = torch.ops.aten.threshold_backward.grad_input

    def epoch() -> Iterator[None]:
        order = torch.randperm(len(x))
        for where in order.split(BATCH):
            size = len(where)
            inputs, h, z, logs, picked, dz, dh = rooms[size]
            target = labels[size]
            torch.index_select(x, 0, where, out=inputs)
            torch.index_select(y, 0, where, out=target)
            torch.addmm(b1, inputs, w1.t(), out=h).relu_()
            torch.addmm(b2, h, w2.t(), out=z)
            torch.log_softmax(z, 1, out=logs)
            picked.zero_().scatter_(1, target[:, None], -1.0 / size)
            torch._log_softmax_backward_data(picked, logs, 1, torch.float32, out=dz)
            torch.mm(dz.t(), h, out=gw2)
            torch.sum(dz, 0, out=gb2)
            relu_backward(torch.mm(dz, w2, out=dh), h, 0, grad_input=dh)
            torch.mm(dh.t(), inputs, out=gw1)
            torch.sum(dh, 0, out=gb1)
            loss = nn.functional.nll_loss(logs, target).item()
            hits = np.count_nonzero(z.numpy().argmax(1) == target.numpy())
            norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(parts))).item()
            count.add_(1)
            torch._fused_adam_(*lists, **rule, amsgrad=False, maximize=False)
            rows.append((loss, hits / size, norm, time.perf_counter()))
            yield

    return speed(epoch, epochs)


def lightning(part: Part, epochs: int = EPOCHS) -> float:
    """Lightning with everything off that can be."""
    import lightning as L

    class Module(L.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net, self.loss = perceptron(), nn.CrossEntropyLoss()

        def training_step(self, batch: Part, _number: int) -> Tensor:
            found: Tensor = self.loss(self.net(batch[0]), batch[1])
            return found

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters())

    off = ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary", "barebones")
    settings: dict[str, Any] = {**dict.fromkeys(off, False), "accelerator": "cpu"}
    loader = DataLoader(TensorDataset(*part), batch_size=BATCH, shuffle=True)

    def fit(count: int) -> None:
        L.Trainer(max_epochs=count, **settings).fit(Module(), loader)

    return _of_two(fit, len(loader), epochs)


def fastai(part: Part, epochs: int = EPOCHS) -> float:
    """fastai with everything off that can be."""
    from fastai.callback import progress  # gives learners no_bar
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner
    from fastai.optimizer import Adam

    loader = DataLoader(TensorDataset(*part), batch_size=BATCH, shuffle=True)
    loaders = DataLoaders(loader, loader, device=torch.device("cpu"))

    def fit(count: int) -> None:
        learner = Learner(loaders, perceptron(), loss_func=nn.CrossEntropyLoss(), opt_func=Adam, train_bn=False)
        learner._do_epoch_validate = lambda *_: None
        assert progress
        with learner.no_bar(), learner.no_logging():
            learner.fit(count, 1e-3)

    return _of_two(fit, len(loader), epochs)


def speed(epoch: Callable[[], Iterator[None]], epochs: int) -> float:
    """Steps a second of processor time, the first epoch left out."""
    for _ in epoch():
        pass
    began, steps = time.thread_time(), 0
    for _ in range(epochs - 1):
        steps += sum(1 for _ in epoch())
    return steps / (time.thread_time() - began)


def _of_two(fit: Callable[[int], None], steps: int, epochs: int) -> float:
    """As ``speed``, from a long and a short fit: what both need beyond the steps does not count."""
    fit(1)
    marks = []
    for count in (1, epochs):
        began = time.thread_time()
        fit(count)
        marks.append(time.thread_time() - began)
    return (epochs - 1) * steps / (marks[1] - marks[0])


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    print({"lightning": lightning, "fastai": fastai}[sys.argv[1]](digits()))
