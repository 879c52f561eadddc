"""The nets and judges of each fold, as `benchmarks.accuracy.detection` keeps them in a folder."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

import intervaldetect
from intervaldetect.structure import Model
from intervaldetect.structure.judge import weights_from
from intervaldetect.structure.net import Layers, load_net

FOLDS = (0, 1, 2, 3, 4)
NO_FOLD = -1
"""The fold of simulated runs."""
ALL = "all"
"""In place of a fold: no athlete left out, what ships."""
READING = ("clean", "kernels", "read", "structure", "notation")
"""The rooms of the package on which the reps found depend."""


def net_file(folder: Path, fold: int | str, seed: int) -> Path:
    """Return where the net trained without a fold lies."""
    return folder / f"net-{fold}-{seed}.npz"


def judge_file(folder: Path, fold: int | str) -> Path:
    """Return where the judge fitted without a fold lies."""
    return folder / f"judge-{fold}.json"


def seeds_in(folder: Path) -> tuple[int, ...]:
    """Return the seeds of which every fold has its net."""
    seeds = [int(p.stem.rpartition("-")[2]) for p in folder.glob(f"net-{ALL}-*.npz")]
    return tuple(
        sorted(s for s in seeds if all(net_file(folder, fold, s).exists() for fold in FOLDS))
    )


def nets_of(folder: Path, fold: int | str, seeds: Sequence[int]) -> list[Layers]:
    """Load the nets trained without a fold."""
    out = []
    for seed in seeds:
        with np.load(net_file(folder, fold, seed)) as arrays:
            out.append(load_net({name: arrays[name] for name in arrays.files}))
    return out


@functools.cache
def model_of(folder: Path, fold: int | str) -> Model:
    """Load what was learned without the athletes of a fold: its nets, and its judge."""
    judge = weights_from(json.loads(judge_file(folder, fold).read_text(encoding="utf-8")))
    return Model(tuple(nets_of(folder, fold, seeds_in(folder))), judge)


def digest(files: Iterable[Path] = ()) -> str:
    """Name the state of the code that finds reps, and of further files, in ten letters."""
    package = Path(intervaldetect.__file__).parent
    code = [*(p for room in READING for p in (package / room).rglob("*.py")), *package.glob("*.py")]
    summed = hashlib.sha256()
    for file in (*sorted(code), *files):
        summed.update(file.read_bytes())
    return summed.hexdigest()[:10]
