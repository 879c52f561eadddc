"""What the package ships of nets and judge, its provenance, and what PyTorch makes of the nets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

import intervaldetect.structure
from benchmarks.accuracy.models import ALL, judge_file, net_file
from benchmarks.accuracy.net.export import from_arrays
from benchmarks.accuracy.net.model import MULTIPLE
from benchmarks.accuracy.net.sessions import SIMULATED, simulated
from benchmarks.accuracy.net.train import SIMULATED_COUNT, SIMULATED_SEED
from intervaldetect.structure.frames import INPUTS, find_frames, net_inputs

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(intervaldetect.structure.__file__).parent
FIXTURE = ROOT / "tests" / "structure" / "net_outputs.npz"
FIXTURE_RUNS, FIXTURE_SEED = 10, 7
FIXTURE_FRAMES = (300, 37)
"""Frames kept of the first run of the fixture, and how many more of each next one."""


def ship(folder: Path, seeds: Sequence[int], steps: int, rows: Sequence[dict[str, Any]]) -> None:
    """Write nets, judge, provenance and fixture."""
    nets = []
    for seed in seeds:
        with np.load(net_file(folder, ALL, seed)) as arrays:
            nets.append({name: arrays[name] for name in arrays.files})
    named = {f"{k}/{name}": values for k, net in enumerate(nets) for name, values in net.items()}
    np.savez_compressed(PACKAGE / "net.npz", **named)
    (PACKAGE / "judge.json").write_text(judge_file(folder, ALL).read_text("utf-8"), "utf-8")
    text = json.dumps(provenance(nets, seeds, steps, rows), indent=1) + "\n"
    (PACKAGE / "net.json").write_text(text, encoding="utf-8")
    np.savez_compressed(FIXTURE, **fixture(nets))


def provenance(
    nets: Sequence[dict[str, Any]],
    seeds: Sequence[int],
    steps: int,
    rows: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """Say what the nets were trained on, and how."""
    sets = sorted({row["set"] for row in rows})
    return {
        "script": "python -m benchmarks.accuracy.detection FOLDER --write",
        "corpus": {
            name: {
                "runs": sum(row["set"] == name for row in rows),
                "athletes": len({row["athlete"] for row in rows if row["set"] == name}),
            }
            for name in sets
        },
        "runs": len(rows),
        "athletes": len({row["athlete"] for row in rows}),
        SIMULATED: {"runs": SIMULATED_COUNT, "seed": SIMULATED_SEED},
        "nets": len(nets),
        "seeds": list(seeds),
        "steps": steps,
        "parameters": sum(values.size for values in nets[0].values()),
        "stored": "float16, used as float32",
    }


@torch.no_grad()
def fixture(nets: Sequence[dict[str, Any]]) -> dict[str, np.ndarray]:
    """Return inputs of ten simulated runs, exact in float16, and the logits PyTorch gives of them.

    ``inputs/R`` (c, n); ``logits/R`` (nets, 3, n) of rep, start and end; ``planned/R`` (nets,).
    """
    torch_nets = [from_arrays(net, len(INPUTS)) for net in nets]
    out: dict[str, np.ndarray] = {}
    for k, (_, signal) in enumerate(simulated(FIXTURE_RUNS, FIXTURE_SEED)):
        n = FIXTURE_FRAMES[0] + k * FIXTURE_FRAMES[1]
        inputs = net_inputs(find_frames(signal).channels)[:, :n].astype(np.float16)
        n = inputs.shape[1]
        x = np.zeros((1, len(INPUTS), -(-n // MULTIPLE) * MULTIPLE), np.float32)
        x[0, :, :n] = inputs
        there = torch.zeros(1, x.shape[2])
        there[0, :n] = 1.0
        answers = [net(torch.from_numpy(x), there) for net in torch_nets]
        out[f"inputs/{k}"] = inputs
        out[f"logits/{k}"] = np.stack([logits[0, :, :n].numpy() for logits, _ in answers])
        out[f"planned/{k}"] = np.stack([planned[0].numpy() for _, planned in answers])
    return out
