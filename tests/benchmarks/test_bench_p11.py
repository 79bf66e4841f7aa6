"""The loops of P11 work where there is no GPU too, and nothing is said to be measured there."""

from __future__ import annotations

import pytest
import torch

from tests.benchmarks import bench_p11_gpu


def test_the_three_loops_train() -> None:
    tiny = {"kind": "cifar_resnet", "depth": "20", "width": 2}
    ((engine, by_hand, tutorial),) = bench_p11_gpu.measured("cpu", tiny, 60, 8, rounds=1, steps=1, workers=0)
    assert min(engine, by_hand, tutorial) > 0


def test_without_a_gpu_nothing_is_measured(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    bench_p11_gpu.main()
    assert capsys.readouterr().out == "P11: no GPU here: not measured\n"
