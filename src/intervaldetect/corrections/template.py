"""What was found -> a file of corrections, ready to be edited."""

from __future__ import annotations

import json

from intervaldetect.records import Analysis, Segment


def template(analysis: Analysis) -> str:
    """Write a file of corrections filled in with what was found, ready to be edited.

    Unchanged it changes nothing: edges are written in tenths of a second.
    """
    rows = [
        "# Corrections, applied last on every run. Change, split, join, remove or add lines;",
        "# times are elapsed, pauses included. Lines that begin with # do not count.",
        f"sha256 = {json.dumps(analysis.activity.sha256)}",
    ]
    if analysis.activity.part != 1:
        rows.append(f"part = {analysis.activity.part}")
    rows += ["", "reps = ["]
    for number, segment in enumerate(_reps_of(analysis), 1):
        told = f"{segment.distance_m:.0f} m" if segment.distance_m is not None else ""
        rows.append(
            f'  "{_clock(segment.start_s)}-{_clock(segment.end_s)}",  # {number}  {told}'.rstrip()
        )
    rows += [
        "]",
        "",
        '# pace = ["1-5: 4:00/km"]        # a treadmill, or a better measure',
        '# distance = ["6: 400 m"]',
        '# lactate = ["3: 2.4"]           # mmol/l after a rep',
        f'# label = "{analysis.label.label or "threshold"}"           # easy, threshold or vo2',
        "# rpe = 6                        # how hard it was, 0 to 10",
        "# feeling = 7                    # 1 to 10",
        '# note = ""',
        "",
    ]
    return "\n".join(rows)


def _reps_of(analysis: Analysis) -> list[Segment]:
    return [segment for segment in analysis.workout.segments if segment.role == "rep"]


def _clock(seconds: float) -> str:
    tenths = round(seconds * 10.0)
    minutes, rest = divmod(tenths, 600)
    return f"{minutes}:{rest // 10:02d}" + (f".{rest % 10}" if rest % 10 else "")
