"""A network's weights to and from a bundle's arrays."""

from __future__ import annotations

from typing import Any, TypeVar

import torch
from numpy.typing import NDArray
from torch import nn

from docvlm.bundle import Bundle, BundleError

Network = TypeVar("Network", bound=nn.Module)


def arrays_of(network: nn.Module) -> dict[str, NDArray[Any]]:
    """What a bundle holds of a network, by name."""
    state = network.state_dict()
    return {name: state[name].detach().float().cpu().numpy() for name in _kept(network)}


def with_weights(network: Network, bundle: Bundle) -> Network:
    """The network with the weights of a bundle, ready to read. Raises BundleError where these are not its own."""
    surplus = sorted(_kept(network) ^ bundle.tensors.keys())[:5]
    if surplus:
        raise BundleError(f"{bundle.path}: tensors differ from the network's: {surplus}")
    state = {name: torch.from_numpy(value) for name, value in bundle.tensors.items()}
    network.load_state_dict(state, strict=False)
    return network.eval()


def _kept(network: nn.Module) -> set[str]:
    """All but the counters of batch norms, which are of training only."""
    return {name for name in network.state_dict() if not name.endswith("num_batches_tracked")}
