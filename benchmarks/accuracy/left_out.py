"""Evidence of the runs of the corpus, their reps found by nets and judges that never saw them.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.left_out FOLDER CACHE

FOLDER is that of ``detection.py``. CACHE gets the evidence of every run, laps hidden, for
``labels.py`` and others; runs of `run3` have no label and are there as the history of others.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.accuracy.claims import gather
from intervaldetect.label.claims import reconsider
from intervaldetect.records import SessionEvidence, Thresholds
from intervaldetect.session_features import from_json, to_json


class LeftOut(NamedTuple):
    """A run of the corpus: its truth, its evidence, and that of the other way to read it."""

    row: dict[str, Any]
    evidence: SessionEvidence
    other: SessionEvidence | None

    def decided(self, thresholds: Thresholds) -> SessionEvidence:
        """Return the evidence of the way that these thresholds decide for."""
        if self.other is None:
            return self.evidence
        return reconsider(self.evidence, self.other, thresholds) or self.evidence


def cached(path: Path) -> list[LeftOut]:
    """Return what `main` wrote."""
    return [
        LeftOut(row, from_json(text), None if other is None else from_json(other))
        for row, text, other in pickle.loads(path.read_bytes())
    ]


def main() -> None:
    """Run the command line."""
    folder, cache = map(Path, sys.argv[1:3])
    found = [
        (run.row, to_json(run.first), None if run.other is None else to_json(run.other))
        for run in gather(folder, jobs=2)
    ]
    cache.write_bytes(pickle.dumps(found))
    print(f"{len(found)} runs")


if __name__ == "__main__":
    main()
