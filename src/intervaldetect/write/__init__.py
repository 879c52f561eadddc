"""Activities to files that other programs read, and detected reps back into recordings.

`encode_fit`, `encode_gpx` and `encode_tcx` write an activity anew. `rewrite_fit` keeps a recorded
file and replaces its laps; `with_detected_laps` gives TCX the same laps; `encode_icu` and
`encode_csv` write the intervals alone.
"""

from __future__ import annotations

from dataclasses import replace

from intervaldetect.records import Activity, Analysis
from intervaldetect.write.encode_csv import encode_csv
from intervaldetect.write.encode_fit import encode_fit
from intervaldetect.write.encode_gpx import encode_gpx
from intervaldetect.write.encode_icu import encode_icu, workout_text
from intervaldetect.write.encode_tcx import encode_tcx
from intervaldetect.write.laps import detected_laps
from intervaldetect.write.rewrite_fit import is_rewritten, rewrite_fit

__all__ = [
    "detected_laps",
    "encode_csv",
    "encode_fit",
    "encode_gpx",
    "encode_icu",
    "encode_tcx",
    "is_rewritten",
    "rewrite_fit",
    "with_detected_laps",
    "workout_text",
]


def with_detected_laps(analysis: Analysis) -> Activity:
    """Return the activity with its laps replaced, see `detected_laps`."""
    return replace(analysis.activity, laps=detected_laps(analysis))
