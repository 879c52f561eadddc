"""The learned evidence: for every frame the chance of being in a rep, of a start and of an end.

A U-Net over time (Ronneberger et al. 2015, arXiv 1505.04597) with attention at its coarsest grid,
trained by ``benchmarks/accuracy/net`` and computed here in numpy. ``net.npz`` holds the weights,
``net.json`` says what they were trained on.
"""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intervaldetect.records import Floats
from intervaldetect.structure.frames import Frames, net_inputs

Singles = NDArray[np.float32]
Layers = Mapping[str, Singles]

KERNEL, STEM_KERNEL = 5, 3
HEADS = 4
EPSILON = np.float32(1e-5)
MAX_FRAMES = 65536
"""More frames (36 h) are told in parts that do not see each other: attention takes squares."""
SURELY_PLAIN = 0.03
"""Where the first net gives planned work less of a chance, the others are not asked."""


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What the net says of a run of n frames.

    ``rep``, ``start``, ``end`` (n,) are chances by frame, ``planned`` that of planned work at all.
    """

    frames: Frames
    rep: Floats
    start: Floats
    end: Floats
    planned: float


@functools.cache
def shipped_nets() -> tuple[Layers, ...]:
    """Load the nets that come with the package."""
    resource = importlib.resources.files("intervaldetect.structure") / "net.npz"
    with resource.open("rb") as file, np.load(file) as arrays:
        stored = {name: arrays[name] for name in arrays.files}
    count = 1 + max(int(name.partition("/")[0]) for name in stored)
    return tuple(
        load_net({n.partition("/")[2]: v for n, v in stored.items() if n.startswith(f"{k}/")})
        for k in range(count)
    )


def load_net(arrays: Mapping[str, NDArray[np.floating]]) -> Layers:
    """Return the weights of one net as they are used: float32, outputs first, fused by block.

    The shortcut and the biases of a block become columns of its convolutions.
    """
    out = {name: np.asarray(values, dtype=np.float32) for name, values in arrays.items()}
    for name in [key.removesuffix(".short") for key in arrays if key.endswith(".short")]:
        first, second = (
            np.vstack((out.pop(f"{name}.{part}.weight"), *extra, out.pop(f"{name}.{part}.bias")))
            for part, extra in (("first", ()), ("second", (out.pop(f"{name}.short"),)))
        )
        out[f"{name}.first"] = np.ascontiguousarray(first.T)
        out[f"{name}.second"] = np.ascontiguousarray(second.T)
    return out


def infer(frames: Frames, nets: Sequence[Layers] | None = None) -> Posterior:
    """Average what the nets say of a run.

    Parameters
    ----------
    frames : Frames
    nets : sequence of Layers, optional
        The shipped ones by default.
    """
    inputs = np.asarray(net_inputs(frames.channels), dtype=np.float32)
    by_frame, planned = np.zeros((len(frames), 3)), 0.0
    asked = 0
    for net in nets or shipped_nets():
        logits, session = _in_parts(net, inputs)
        by_frame += _logistic(logits)
        planned += float(_logistic(session))
        asked += 1
        if planned < SURELY_PLAIN:
            break
    rep, start, end = (by_frame / asked).T.copy()
    return Posterior(frames, rep, start, end, planned / asked)


def _in_parts(net: Layers, inputs: Singles) -> tuple[Singles, np.float32]:
    """Compute the logits part by part; work was planned as surely as in the likeliest."""
    parts = np.array_split(inputs, -(-inputs.shape[1] // MAX_FRAMES), axis=1)
    logits, planned = zip(*(forward(net, part) for part in parts), strict=True)
    return np.concatenate(logits), max(planned)


def forward(net: Layers, inputs: Singles) -> tuple[Singles, np.float32]:
    """Compute the logits of one net.

    Parameters
    ----------
    net : Layers
    inputs : (c, n) float32

    Returns
    -------
    logits : (n, 3) float32
        Of rep, start and end.
    planned : float32
    """
    halvings = sum(name.startswith("down") for name in net) // 2
    count, n = inputs.shape
    filled = -(-n // (2 << halvings)) * (2 << halvings)
    most = max(net[name].shape[1] for name in net if name.endswith((".first", ".second")))
    room = np.empty(most * filled // 2, np.float32)
    # Two frames become one, channel by channel.
    x = np.zeros((count, filled), np.float32)
    x[:, :n] = inputs
    pairs, inner = _padded(2 * count, filled // 2)
    inner[::2], inner[1::2] = x[:, ::2], x[:, 1::2]
    there = [-(-n // 2)]
    held = [_block(net, "stem", pairs, there[0], room, STEM_KERNEL)]
    for k in range(halvings):
        there.append(-(-there[-1] // 2))
        halved, inner = _padded(held[-1].shape[0], held[-1].shape[1] // 2)
        np.add(held[-1][:, ::2], held[-1][:, 1::2], out=inner)
        inner *= np.float32(0.5)
        held.append(_block(net, f"down{k}", halved, there[-1], room))
    z = held[-1].T[: there[-1]]
    z = z + _places(*z.shape)
    layer = 0
    while f"attention{layer}.up.weight" in net:
        z = _attend(net, f"attention{layer}", z)
        layer += 1
    planned = np.concatenate((z.mean(axis=0), z.max(axis=0))) @ net["session.weight"]
    y = np.zeros_like(held[-1])
    y[:, : there[-1]] = z.T
    for k in range(halvings - 1, -1, -1):
        beside = held[k]
        wide, inner = _padded(y.shape[0] + beside.shape[0], beside.shape[1])
        inner[: y.shape[0], ::2] = inner[: y.shape[0], 1::2] = y
        inner[y.shape[0] :] = beside
        y = _block(net, f"up{k}", wide, there[k], room)
    out = net["out.weight"].T @ y + net["out.bias"][:, None]
    logits = out.reshape(3, 2, -1).transpose(2, 1, 0).reshape(-1, 3)
    return logits[:n], np.float32((planned + net["session.bias"]).item())


def _padded(count: int, n: int) -> tuple[Singles, Singles]:
    """Return room for n frames with zeros on both sides, which convolutions see; and the frames."""
    half = KERNEL // 2
    out = np.empty((count, n + 2 * half), np.float32)
    out[:, :half] = out[:, -half:] = 0
    return out, _frames(out)


def _frames(padded: Singles) -> Singles:
    return padded[:, KERNEL // 2 : -(KERNEL // 2)]


def _block(
    net: Layers, name: str, x: Singles, there: int, room: Singles, kernel: int = KERNEL
) -> Singles:
    """Two convolutions around a shortcut, of a padded ``x``; frames beyond ``there`` stay 0."""
    first = net[f"{name}.first"]
    y, inner = _padded(first.shape[0], _frames(x).shape[1])
    np.matmul(first, _windows(x, room, kernel), out=inner)
    np.maximum(inner, 0, out=inner)
    inner[:, there:] = 0
    out: Singles = net[f"{name}.second"] @ _windows(y, room, KERNEL, _frames(x))
    np.maximum(out, 0, out=out)
    out[:, there:] = 0
    return out


def _windows(x: Singles, room: Singles, kernel: int, beside: Singles | None = None) -> Singles:
    """Return for every frame what a convolution sees, then ``beside``, then a 1, in rows.

    They lie in ``room``, which stays in the processor's cache: new memory costs a third more.
    """
    count, n = _frames(x).shape
    more = 0 if beside is None else beside.shape[0]
    out = room[: (kernel * count + more + 1) * n].reshape(-1, n)
    row, step = x.strides
    shifted: Singles = np.ndarray(
        (kernel, count, n), np.float32, x, step * (KERNEL - kernel) // 2, (step, row, step)
    )
    out[: kernel * count].reshape(kernel, count, n)[:] = shifted
    if beside is not None:
        out[kernel * count : -1] = beside
    out[-1] = 1
    return out


def _attend(net: Layers, name: str, z: Singles) -> Singles:
    n, width = z.shape
    inward = _level(z) @ net[f"{name}.inward.weight"] + net[f"{name}.inward.bias"]
    q, k, v = inward.reshape(n, 3, HEADS, width // HEADS).transpose(1, 2, 0, 3)
    weight = q @ k.transpose(0, 2, 1) / np.float32((width // HEADS) ** 0.5)
    weight = np.exp(weight - weight.max(axis=2, keepdims=True))
    weight /= weight.sum(axis=2, keepdims=True)
    heard = (weight @ v).transpose(1, 0, 2).reshape(n, width)
    z = z + heard @ net[f"{name}.outward.weight"] + net[f"{name}.outward.bias"]
    up = np.maximum(_level(z) @ net[f"{name}.up.weight"] + net[f"{name}.up.bias"], 0)
    out: Singles = z + up @ net[f"{name}.down.weight"] + net[f"{name}.down.bias"]
    return out


def _level(z: Singles) -> Singles:
    out: Singles = z / np.sqrt((z * z).mean(axis=1, keepdims=True) + EPSILON)
    return out


@functools.lru_cache(maxsize=64)
def _places(n: int, width: int) -> Singles:
    at = np.arange(n)[:, None] * np.exp(np.arange(width // 2) * -0.35)[None]
    return (0.3 * np.concatenate((np.sin(at), np.cos(at)), axis=1)).astype(np.float32)


def _logistic(x: NDArray[np.float32] | np.float32) -> Floats:
    return 1.0 / (1.0 + np.exp(-np.asarray(x, dtype=np.float64)))
