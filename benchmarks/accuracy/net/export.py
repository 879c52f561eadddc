"""The trained net as arrays, normalisation folded into the convolutions, float16; and back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks.accuracy.net.model import Block, Net

Arrays = dict[str, NDArray[np.float16]]


@torch.no_grad()
def to_arrays(net: Net) -> Arrays:
    """Return the weights by name, as `structure.net` takes them.

    Convolutions are (kernel * inputs, outputs), the earliest frame first; all float16.
    """
    out: dict[str, NDArray[np.float32]] = {}
    _block(out, "stem", net.stem)
    for k, block in enumerate(net.down):
        _block(out, f"down{k}", block)
    for k, block in enumerate(net.up):
        _block(out, f"up{k}", block)
    for k, layer in enumerate(net.attention):
        for name in ("inward", "outward", "up", "down"):
            _linear(out, f"attention{k}.{name}", getattr(layer, name))
    _linear(out, "session", net.session)
    out["out.weight"] = net.out.weight[:, :, 0].T.numpy()
    out["out.bias"] = net.out.bias.numpy()
    return {name: np.ascontiguousarray(values, dtype=np.float16) for name, values in out.items()}


def _block(out: dict[str, NDArray[np.float32]], name: str, block: Block) -> None:
    for part, conv, norm in (
        ("first", block.first, block.first_norm),
        ("second", block.second, block.second_norm),
    ):
        out[f"{name}.{part}.weight"], out[f"{name}.{part}.bias"] = _folded(conv, norm)
    out[f"{name}.short"] = block.short.weight[:, :, 0].T.numpy()


def _folded(
    conv: nn.Conv1d, norm: nn.BatchNorm1d
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    slope = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weight = (conv.weight * slope[:, None, None]).permute(2, 1, 0).reshape(-1, slope.numel())
    return weight.numpy(), (norm.bias - norm.running_mean * slope).numpy()


def _linear(out: dict[str, NDArray[np.float32]], name: str, layer: nn.Linear) -> None:
    out[f"{name}.weight"], out[f"{name}.bias"] = layer.weight.T.numpy(), layer.bias.numpy()


@torch.no_grad()
def from_arrays(arrays: Mapping[str, NDArray[np.floating]], inputs: int) -> Net:
    """Build the PyTorch net that the arrays of `to_arrays` describe; its normalisation is none."""
    net = Net(inputs).eval()
    blocks = {"stem": net.stem}
    blocks |= {f"down{k}": block for k, block in enumerate(net.down)}
    blocks |= {f"up{k}": block for k, block in enumerate(net.up)}
    for name, block in blocks.items():
        for part in ("first", "second"):
            _unfold(arrays, f"{name}.{part}", getattr(block, part), getattr(block, f"{part}_norm"))
        _set(block.short.weight, arrays[f"{name}.short"].T[:, :, None])
    linears = {"session": net.session}
    for k, layer in enumerate(net.attention):
        for part in ("inward", "outward", "up", "down"):
            linears[f"attention{k}.{part}"] = getattr(layer, part)
    for name, linear in linears.items():
        _set(linear.weight, arrays[f"{name}.weight"].T)
        _set(linear.bias, arrays[f"{name}.bias"])
    _set(net.out.weight, arrays["out.weight"].T[:, :, None])
    _set(net.out.bias, arrays["out.bias"])
    return net


def _unfold(
    arrays: Mapping[str, NDArray[np.floating]], name: str, conv: nn.Conv1d, norm: nn.BatchNorm1d
) -> None:
    outputs, inputs, kernel = conv.weight.shape
    weight = arrays[f"{name}.weight"].reshape(kernel, inputs, outputs)
    _set(conv.weight, weight.transpose(2, 1, 0))
    norm.weight.fill_(1.0)
    norm.running_mean.fill_(0.0)
    norm.running_var.fill_(1.0 - norm.eps)
    _set(norm.bias, arrays[f"{name}.bias"])


def _set(parameter: torch.Tensor, values: NDArray[np.floating]) -> None:
    parameter.copy_(torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32)))
