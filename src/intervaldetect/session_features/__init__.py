"""What thresholds and labels need of a session, without the samples, and that as JSON.

`gather.session_evidence` finds it once, while the file is open; small enough to store. Nothing here
is estimated from other sessions, so that each can be judged again whenever more is known.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from math import isfinite
from operator import attrgetter
from typing import Any

from intervaldetect.records import RepEvidence, SessionEvidence

SPEED_DURATIONS_S = (60.0, 180.0, 300.0, 600.0, 1200.0, 2400.0, 3600.0)
HR_DURATIONS_S = (60.0, 300.0, 1200.0, 2400.0)
BEST_DISTANCES_M = (400.0, 800.0, 1000.0, 1500.0, 3000.0, 5000.0)
NO_HEART_RATE = "no heart rate"
SURELY_RUNNING = frozenset({"running", "trail_running", "track_running", "virtual_run"})
# Sports that are judged as running; what has none or a general one is taken for a run.
RUNNING = SURELY_RUNNING | {None, "generic"}
SLOWER_THAN_WORK = 0.65
HEAT_C = 25.0
"""From here on the mean temperature of a session is heat."""
_SESSION = tuple(field.name for field in fields(SessionEvidence))
_rep_values = attrgetter(*(field.name for field in fields(RepEvidence)))
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
)


def is_run(evidence: SessionEvidence) -> bool:
    """Whether a session is judged as a run; thresholds and labels are those of running."""
    return evidence.sport in RUNNING


def work_reps(evidence: SessionEvidence) -> tuple[RepEvidence, ...]:
    """Return the reps without those so much slower than the others that they are no work.

    An easy run before strides is no effort, whatever role it was given.
    """
    speeds = sorted(rep.speed_mps for rep in evidence.reps if rep.speed_mps)
    if len(speeds) < 2:
        return evidence.reps
    least = SLOWER_THAN_WORK * speeds[len(speeds) // 2]
    if speeds[0] >= least:
        return evidence.reps
    return tuple(rep for rep in evidence.reps if not rep.speed_mps or rep.speed_mps >= least)


def to_json(evidence: SessionEvidence) -> str:
    """Return the evidence as one line of JSON."""
    plain = {name: getattr(evidence, name) for name in _SESSION}
    plain["start_time"] = evidence.start_time.isoformat()
    plain["reps"] = [_rep_values(rep) for rep in evidence.reps]
    return _ENCODER.encode({name: _rounded(value) for name, value in plain.items()})


def from_json(text: str) -> SessionEvidence:
    """Return what `to_json` wrote."""
    plain: dict[str, Any] = json.loads(text)
    values = {name: plain[name] for name in _SESSION if name in plain}
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = tuple(value)
    values["steady"] = tuple(map(tuple, plain.get("steady", ())))
    values["start_time"] = datetime.fromisoformat(plain["start_time"])
    values["reps"] = tuple(RepEvidence(*row) for row in plain["reps"])
    return SessionEvidence(**values)


def _rounded(value: Any) -> Any:
    """Return six digits of every number; what a session holds are values, and tuples of them."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if isfinite(value) else None
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value
