"""What is looked into is a copy: the network stays as it was, to the bit."""

from __future__ import annotations

import torch
from torch import nn

from tests.engine.explain.made import attributed, cnn, picture
from workbench.engine.explain.activations import activations
from workbench.engine.explain.filters import first_filters
from workbench.engine.explain.layers import layer_named, layers_of
from workbench.engine.explain.question import methods
from workbench.engine.explain.twin import shuffled, twin
from workbench.engine.nn.torch_workarounds import has_forward_hooks


def odd_network() -> nn.Module:
    """In training mode, with dropout and batch norm, a gradient that is kept, and one part in evaluation mode."""
    network = nn.Sequential(*cnn()[:4], nn.BatchNorm2d(5), *cnn()[4:6], nn.Dropout(0.5), cnn()[6]).double().train()
    network[2].eval()
    network[0].weight.grad = torch.ones_like(network[0].weight)
    network[0].bias.requires_grad_(False)
    return network


def test_a_twin_shares_the_weights_and_nothing_else() -> None:
    network = odd_network()
    made = twin(network)
    assert [p.data_ptr() for p in made.parameters()] == [p.data_ptr() for p in network.parameters()]
    assert [b.data_ptr() for b in made.buffers()] == [b.data_ptr() for b in network.buffers()]
    assert not {id(module) for module in made.modules()} & {id(module) for module in network.modules()}
    assert not any(getattr(module, "inplace", False) for module in made.modules())


def test_every_method_leaves_the_network_and_torch_as_they_were() -> None:
    network, x, random = odd_network(), picture(), torch.get_rng_state()
    modes = [module.training for module in network.modules()]
    weights = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    made, other = twin(network), shuffled(network)
    for cls in methods().values():
        for each in (made, other):
            attributed(cls(), each, x, 1, "3" if cls.uses_layer else "")
    first_filters(made, x)
    for layer in layers_of(made, x):
        activations(made, x, layer)
    assert [module.training for module in network.modules()] == modes
    assert all(torch.equal(tensor, weights[name]) for name, tensor in network.state_dict().items())
    assert torch.equal(network[0].weight.grad, torch.ones_like(network[0].weight))  # type: ignore[arg-type,index]
    assert [p.grad is None for p in network.parameters()].count(False) == 1
    assert not network[0].bias.requires_grad and network[0].weight.requires_grad  # type: ignore[index,union-attr]
    assert not any(has_forward_hooks(module) for each in (network, made, other) for module in each.modules())
    assert network[6 - 1].inplace is True  # type: ignore[index]
    assert torch.equal(torch.get_rng_state(), random) and torch.is_grad_enabled() and x.grad is None


def test_shuffled_weights_are_the_same_values_in_another_order() -> None:
    network = cnn()
    made, again, other = shuffled(network, 0), shuffled(network, 0), shuffled(network, 1)
    for name, weight in network.named_parameters():
        found = dict(made.named_parameters())[name]
        assert torch.equal(found.flatten().sort().values, weight.flatten().sort().values)
        assert torch.equal(found, dict(again.named_parameters())[name])
    assert not torch.equal(made[0].weight, network[0].weight)  # type: ignore[index]
    assert not torch.equal(made[0].weight, other[0].weight)  # type: ignore[index]


def test_activations_are_those_of_the_pass_though_the_next_layer_works_in_place() -> None:
    network, x = cnn(), picture()
    layers = layers_of(network, x)
    assert [layer.name for layer in layers] == list("0123456")
    with torch.no_grad():
        before = network[3](network[2](network[1](network[0](x))))[0]
    tiles = activations(network, x, layer_named(layers, "3"))
    assert tiles.values[..., 0].tolist() == before.tolist() and tiles.is_signed and tiles.names[4] == "channel 5"
    assert activations(network, x, layer_named(layers, "4")).values.min() == 0
    flat = activations(network, x, layer_named(layers, "5"))
    assert flat.values.shape == (1, 8, 8, 1) and flat.values.ravel()[:60].tolist() == before.clamp(0).ravel().tolist()
