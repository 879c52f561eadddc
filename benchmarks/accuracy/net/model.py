"""The net in PyTorch: a U-Net over time with attention at its coarsest, and its loss.

Frames of 2 s come in and go out; inside, the finest grid is of 4 s. Normalisation is by batch,
so that it folds into the convolutions in use. `structure.net` computes the same
in numpy.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - as PyTorch writes it

WIDTHS = (16, 20, 28, 32, 40, 40)
KERNEL = 5
STEM_KERNEL = 3
HEADS = 4
LAYERS = 2
HALVINGS = len(WIDTHS) - 1
MULTIPLE = 2 * 2**HALVINGS
"""Frames are filled up to a multiple of this."""


class Block(nn.Module):
    """Two convolutions around a shortcut."""

    def __init__(self, before: int, after: int, kernel: int = KERNEL) -> None:
        super().__init__()
        self.first = nn.Conv1d(before, after, kernel, padding=kernel // 2, bias=False)
        self.first_norm = nn.BatchNorm1d(after, momentum=0.02)
        self.second = nn.Conv1d(after, after, KERNEL, padding=KERNEL // 2, bias=False)
        self.second_norm = nn.BatchNorm1d(after, momentum=0.02)
        self.short = nn.Conv1d(before, after, 1, bias=False)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        y = F.relu(self.first_norm(self.first(x))) * there
        y = self.second_norm(self.second(y)) + self.short(x)
        return F.relu(y) * there


class Attention(nn.Module):
    """One layer of self-attention and a small net, each beside a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inward = nn.Linear(width, 3 * width)
        self.outward = nn.Linear(width, width)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)
        self.drop = nn.Dropout(0.1)

    def forward(self, z: Tensor, there: Tensor) -> Tensor:
        batch, n, width = z.shape
        q, k, v = (
            part.reshape(batch, n, HEADS, -1).transpose(1, 2)
            for part in self.inward(_level(z)).chunk(3, -1)
        )
        weight = q @ k.transpose(-1, -2) / (width // HEADS) ** 0.5
        weight = weight.masked_fill(there[:, None, None, :] < 0.5, -1e9).softmax(-1)
        z = z + self.drop(self.outward((weight @ v).transpose(1, 2).reshape(batch, n, width)))
        return z + self.drop(self.down(F.relu(self.up(_level(z)))))


def _level(z: Tensor) -> Tensor:
    """Divide by the root mean square over channels."""
    return z / torch.sqrt((z * z).mean(-1, keepdim=True) + 1e-5)


def places(n: int, width: int) -> Tensor:
    """Return waves by which attention tells where a frame is (n, width)."""
    at = torch.arange(n)[:, None].float()
    slow = torch.exp(-torch.arange(width // 2).float() * 0.35)[None]
    return 0.3 * torch.cat((torch.sin(at * slow), torch.cos(at * slow)), -1)


class Net(nn.Module):
    """Logits of rep, start and end for every frame (B, 3, n), and of planned work (B,)."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.stem = Block(2 * inputs, WIDTHS[0], STEM_KERNEL)
        self.down = nn.ModuleList(Block(WIDTHS[k], WIDTHS[k + 1]) for k in range(HALVINGS))
        self.attention = nn.ModuleList(Attention(WIDTHS[-1]) for _ in range(LAYERS))
        self.up = nn.ModuleList(
            Block(WIDTHS[k + 1] + WIDTHS[k], WIDTHS[k]) for k in range(HALVINGS)
        )
        self.out = nn.Conv1d(WIDTHS[0], 6, 1)
        self.session = nn.Linear(2 * WIDTHS[-1], 1)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """``x`` (B, inputs, n) with n a multiple of `MULTIPLE`; ``there`` (B, n) is 1 or 0."""
        batch, inputs, n = x.shape
        pairs = x.reshape(batch, inputs, n // 2, 2).transpose(2, 3).reshape(batch, 2 * inputs, -1)
        level = [F.max_pool1d(there[:, None], 2)]
        held = [self.stem(pairs, level[0])]
        for block in self.down:
            level.append(F.max_pool1d(level[-1], 2))
            held.append(block(F.avg_pool1d(held[-1], 2), level[-1]))
        z, coarse = held[-1].transpose(1, 2), level[-1][:, 0]
        z = z + places(z.shape[1], z.shape[2])[None]
        for layer in self.attention:
            z = layer(z, coarse)
        z = z * coarse[..., None]
        mean = z.sum(1) / coarse.sum(1, keepdim=True)
        most = (z - 1e4 * (1.0 - coarse[..., None])).amax(1)
        planned = self.session(torch.cat((mean, most), -1))[:, 0]
        y = self.drop(z.transpose(1, 2))
        for k in range(HALVINGS - 1, -1, -1):
            y = self.up[k](torch.cat((y.repeat_interleave(2, 2), held[k]), 1), level[k])
        out = self.out(y).reshape(batch, 3, 2, n // 2).transpose(2, 3).reshape(batch, 3, n)
        return out, planned


def loss_of(out: Tensor, planned: Tensor, rep: Tensor, counts: Tensor, truth: Tensor) -> Tensor:
    """Return the loss: cross-entropy of reps, edges and planned work, and overlap by run."""
    inside = (rep >= 0.5).float()
    before = F.pad(inside, (1, 0))[:, :-1]
    near = torch.tensor([[[0.2, 0.5, 0.8, 1.0, 0.8, 0.5, 0.2]]])
    edges = [
        F.conv1d(e[:, None], near, padding=3)[:, 0].clamp(max=1)
        for e in ((inside - before).clamp(min=0), (before - inside).clamp(min=0))
    ]
    total = counts.sum().clamp(min=1)
    loss = (_entropy(out[:, 0], rep) * counts).sum() / total
    for k, edge in enumerate(edges, 1):
        loss = loss + 1.5 * (_entropy(out[:, k], edge) * counts).sum() / total
    known = torch.isfinite(truth)
    if known.any():
        loss = loss + 0.15 * _entropy(planned[known], truth[known]).mean()
    chance = torch.sigmoid(out[:, 0]) * counts
    wanted = rep * counts
    has = wanted.sum(1) > 0
    if has.any():
        overlap = (2 * (chance * wanted).sum(1) + 1) / (chance.sum(1) + wanted.sum(1) + 1)
        loss = loss + 0.5 * (1 - overlap)[has].mean()
    return loss


def _entropy(logits: Tensor, target: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, target, reduction="none")
