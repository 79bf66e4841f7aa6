"""Claims 9 and 17: the noise of mini-batches, and the decay of the rate. Claims 6 and 18 are measured as scenes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from tests.claims.runs import Probe, digits, losses, trained
from workbench.engine.data.examples import Examples
from workbench.engine.data.split import split

#: Small batches at a high rate, so that the loss is held up by their noise; an epoch is 360 steps.
NOISY = {"optimizer": {"kind": "sgd", "lr": 0.2}, "loop.batch_size": 4, "loop.epochs": 4}
EPOCH = 360


def test_claim_9_mini_batch_gradients_are_noisy(seed: int) -> None:
    """The cosine to the full gradient rises with the batch; the noise falls as 1 / √B."""
    probe = Probe(digits(seed=seed))
    spec, module = digits(seed=seed), probe.module.eval()
    dataset = spec.data.source.load()
    train = split(dataset, spec.data).train
    examples = Examples(dataset, "cpu")
    examples.standardize_by(spec.preprocessing, train)

    def gradient(chosen: np.ndarray) -> torch.Tensor:
        module.zero_grad()
        x, y = examples.batch(chosen)
        torch.nn.functional.cross_entropy(module(x), y).backward()
        return torch.cat([p.grad.flatten() for p in module.parameters() if p.grad is not None])

    full, rng = gradient(train), np.random.default_rng(0)
    sizes, cosines, noises = (4, 16, 64, 256), [], []
    for size in sizes:
        batches = [gradient(rng.choice(train, size)) for _ in range(40)]
        cosines.append(float(np.mean([torch.cosine_similarity(b, full, dim=0) for b in batches])))
        noises.append(float(np.sqrt(np.mean([(b - full).square().sum() for b in batches]))))
    print("cosine", dict(zip(sizes, cosines, strict=True)), "noise", noises)
    assert cosines == sorted(cosines) and cosines[-1] > 0.9 > cosines[0]
    assert np.polyfit(np.log(sizes), np.log(noises), 1)[0] == pytest.approx(-0.5, abs=0.05)


def test_claim_17_decays_are_their_closed_forms_and_a_drop_lowers_the_loss(seed: int) -> None:
    forms = {
        "step": ({"gamma": 0.1, "every": 4}, lambda k: 0.1 ** (k // 4)),
        "exponential": ({"a": 0.3}, lambda k: math.exp(-0.3 * k)),
        "one_over_t": ({"a": 0.5}, lambda k: 1 / (1 + 0.5 * k)),
    }
    for kind, (values, form) in forms.items():
        edits = {"schedule": {"kind": kind, **values}, "optimizer": {"kind": "sgd", "lr": 0.2}, "loop.epochs": 6}
        run = trained(edits, seed)
        rates, per_epoch = run.steps.read(0)[1][:, 2], len(losses(run)) // 6
        wanted = [0.2 * form(step // per_epoch) for step in range(len(rates))]
        assert np.abs(rates / wanted - 1).max() < 1e-12, kind
    dropped = trained({**NOISY, "schedule": {"kind": "step", "gamma": 0.05, "every": 3}}, seed)
    before, after = losses(dropped)[2 * EPOCH : 3 * EPOCH].mean(), losses(dropped)[3 * EPOCH : 4 * EPOCH].mean()
    without = losses(trained(NOISY, seed))[3 * EPOCH : 4 * EPOCH].mean()
    print(f"mean loss of the epoch before the drop {before:.3f}, after {after:.3f}, without a drop {without:.3f}")
    assert after < 0.75 * before and after < 0.95 * without
