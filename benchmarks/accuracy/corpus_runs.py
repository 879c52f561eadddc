"""The runs of the corpus with their truth, and the five folds of athletes.

``folds.json`` is a committed list: every athlete is in one fold, whole. `run`, `run2` and `run3`
are read together; what a row's keys mean stands in the corpus's README.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

SETS = {"run": "truth.jsonl", "run2": "run2_truth.jsonl", "run3": "run3_truth.jsonl"}
FOLDS = Path(__file__).parent / "folds.json"


def corpus() -> Path:
    """Return the corpus's folder, or leave with a sentence."""
    folder = os.environ.get("INTERVALDETECT_CORPUS")
    if not folder:
        sys.exit("set INTERVALDETECT_CORPUS to the folder of the corpus")
    return Path(folder)


def truth_rows(*sets: str) -> list[dict[str, Any]]:
    """Read the truth of the sets named, of all three without a name; adds ``set`` and ``fold``."""
    fold_of = {athlete: k for k, fold in enumerate(folds()) for athlete in fold}
    rows = []
    for name in sets or tuple(SETS):
        with (corpus() / SETS[name]).open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                rows.append({**row, "set": name, "fold": fold_of[row["athlete"]]})
    return rows


def path_of(row: dict[str, Any]) -> Path:
    """Return where the file of a row lies."""
    return corpus() / row["set"] / row["file"]


def folds() -> list[list[str]]:
    """Return the athletes of each fold."""
    loaded: list[list[str]] = json.loads(FOLDS.read_text(encoding="utf-8"))
    return loaded
