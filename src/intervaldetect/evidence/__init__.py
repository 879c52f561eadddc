"""What thresholds and labels need of a session, without the samples, and that as JSON.

`gather.session_evidence` finds it once, while the file is open; small enough to store. Nothing here
is estimated from other sessions, so that each can be judged again whenever more is known.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields
from datetime import datetime
from typing import Any

from intervaldetect.records import RepEvidence, SessionEvidence

SPEED_DURATIONS_S = (60.0, 180.0, 300.0, 600.0, 1200.0, 2400.0, 3600.0)
HR_DURATIONS_S = (60.0, 300.0, 1200.0, 2400.0)
BEST_DISTANCES_M = (400.0, 800.0, 1000.0, 1500.0, 3000.0, 5000.0)
NO_HEART_RATE = "no heart rate"
SURELY_RUNNING = frozenset({"running", "trail_running", "track_running", "virtual_run"})
# Sports that are judged as running; what has none or a general one is taken for a run.
RUNNING = SURELY_RUNNING | {None, "generic"}
_SESSION = tuple(field.name for field in fields(SessionEvidence))
_REP = tuple(field.name for field in fields(RepEvidence))


def is_run(evidence: SessionEvidence) -> bool:
    """Whether a session is judged as a run; thresholds and labels are those of running."""
    return evidence.sport in RUNNING


def to_json(evidence: SessionEvidence) -> str:
    """Return the evidence as one line of JSON."""
    plain = {name: getattr(evidence, name) for name in _SESSION}
    plain["start_time"] = evidence.start_time.isoformat()
    plain["reps"] = [[getattr(rep, name) for name in _REP] for rep in evidence.reps]
    return json.dumps(_rounded(plain), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


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
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
