"""Fit and judge the detection of reps on the corpus, athletes left out whole.

    INTERVALDETECT_CORPUS=... python benchmarks/accuracy/detection.py evaluate [--score score.py]
    INTERVALDETECT_CORPUS=... python benchmarks/accuracy/detection.py fit

``evaluate`` predicts each athlete's files with weights fitted without that athlete, laps hidden,
and prints the corpus's own score of these predictions; ``--predictions FILE`` keeps them as the
lines of ``summary --json``. ``fit`` writes the weights that the package ships, fitted on all.
About two minutes on one core; set OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from detection_fit import SIMULATED, Sample, corpus, fit, real_samples, simulated_samples, to_json

import intervaldetect.structure
from intervaldetect.contract import to_dict
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activities
from intervaldetect.structure.choice import Weights

WEIGHTS = Path(intervaldetect.structure.__file__).parent / "weights.json"


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["fit", "evaluate"])
    parser.add_argument("--version", default="6", help="version written into the weights")
    parser.add_argument("--score", type=Path, help="the corpus's score.py")
    parser.add_argument("--predictions", type=Path, help="keep the predictions here")
    options = parser.parse_args()
    samples = real_samples() + simulated_samples()
    if options.command == "fit":
        WEIGHTS.write_text(to_json(fit(samples, version=options.version)) + "\n", encoding="utf-8")
        print(f"wrote {WEIGHTS.name} from {len(samples)} sessions")
        return 0
    kept = options.predictions or Path(tempfile.mkstemp(suffix=".jsonl")[1])
    with kept.open("w", encoding="utf-8") as out:
        for sample, weights in left_out(samples):
            for line in predict(sample, weights):
                out.write(line + "\n")
    score = options.score or corpus().parent / "score" / "score.py"
    command = [
        sys.executable,
        str(score),
        str(corpus() / "truth.jsonl"),
        str(kept),
        "--worst",
        "12",
    ]
    return subprocess.run(command, check=False).returncode


def left_out(samples: list[Sample]) -> list[tuple[Sample, Weights]]:
    """Pair every real session with weights fitted without its athlete."""
    real = [
        sample
        for sample in samples
        if sample.athlete != SIMULATED and not (sample.cropped or sample.without_heart_rate)
    ]
    folds = {
        athlete: fit(samples, without=[athlete], version=f"without {athlete}")
        for athlete in sorted({sample.athlete for sample in real})
    }
    return [(sample, folds[sample.athlete]) for sample in real]


def predict(sample: Sample, weights: Weights) -> list[str]:
    """Return the contract line of each part of a file, with these weights."""
    path = corpus() / "run" / sample.name
    return [
        json.dumps(to_dict(analyse(activity, laps="ignore", weights=weights)))
        for activity in read_activities(path)
    ]


if __name__ == "__main__":
    sys.exit(main())
