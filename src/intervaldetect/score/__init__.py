"""How well reps and labels are found: predictions held against recorded truth.

`matching` pairs true and found reps, `rows` reads both files, `tally` counts, `lap_truth` makes
truth of a runner's own laps and steps.
"""

from __future__ import annotations

from intervaldetect.score.rows import Prediction, Truth, read_predictions, read_truth
from intervaldetect.score.tally import score

__all__ = ["Prediction", "Truth", "read_predictions", "read_truth", "score"]
