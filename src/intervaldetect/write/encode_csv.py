"""The reps of an activity as a table in CSV, for spreadsheets."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

from intervaldetect.records import Analysis, Segment

COLUMNS = (
    "set", "rep", "start_s", "end_s", "duration_s", "distance_m", "mean_speed_mps",
    "grade_adjusted_speed_mps", "mean_hr_bpm", "end_hr_bpm", "max_hr_bpm", "mean_cadence_spm",
    "mean_power_w", "recovery_s", "recovery_distance_m", "confidence", "source",
)  # fmt: skip
_MEASURED = (
    "distance_m", "mean_speed_mps", "grade_adjusted_speed_mps", "mean_hr_bpm", "end_hr_bpm",
    "max_hr_bpm", "mean_cadence_spm", "mean_power_w", "confidence",
)  # fmt: skip


def encode_csv(analysis: Analysis) -> bytes:
    r"""Write one row per rep, ``COLUMNS`` as header; empty means not known.

    Parameters
    ----------
    analysis : Analysis
        Without reps, the header alone is written.

    Returns
    -------
    bytes
        UTF-8 with ``\r\n`` line ends (RFC 4180). ``recovery_*`` is what follows the rep up to
        the next one of its set or of the next set.
    """
    stream = io.StringIO()
    table = csv.DictWriter(stream, COLUMNS)
    table.writeheader()
    segments = analysis.workout.segments
    reps = [segment for segment in segments if segment.role == "rep"]
    rests: list[list[Segment]] = [
        [s for s in segments if a.end_s <= s.start_s and s.end_s <= b.start_s]
        for a, b in pairwise(reps)
    ]
    for rep, rest in zip(reps, [*rests, []], strict=False):
        table.writerow({**_rep(rep), **_recovery(rest)})
    return stream.getvalue().encode()


def _rep(rep: Segment) -> dict[str, object]:
    measured = ((name, getattr(rep, name)) for name in _MEASURED)
    return {
        "set": rep.set,
        "rep": rep.rep,
        "start_s": round(rep.start_s, 3),
        "end_s": round(rep.end_s, 3),
        "duration_s": round(rep.end_s - rep.start_s, 3),
        "source": rep.source,
        **{name: None if value is None else round(value, 3) for name, value in measured},
    }


def _recovery(rest: list[Segment]) -> dict[str, object]:
    if not rest:
        return {}
    covered = [segment.distance_m for segment in rest if segment.distance_m is not None]
    return {
        "recovery_s": round(sum(segment.end_s - segment.start_s for segment in rest), 3),
        "recovery_distance_m": round(sum(covered), 3) if covered else None,
    }
