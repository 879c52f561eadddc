"""Planned workouts to recordings with known truth: for demos and for tests.

``simulate(Plan("6 x 800 m @ 2:10 (3:00 jog)"), seed=1)`` runs the plan as a person would and
records it as a watch would; ``to_fit``, ``to_gpx`` and ``to_tcx`` write it as a file.
"""

from __future__ import annotations

from intervaldetect.simulate.activity import SimulatedActivity, Truth, simulate
from intervaldetect.simulate.files import to_fit, to_gpx, to_tcx
from intervaldetect.simulate.plan import Athlete, Plan

__all__ = [
    "Athlete",
    "Plan",
    "SimulatedActivity",
    "Truth",
    "simulate",
    "to_fit",
    "to_gpx",
    "to_tcx",
]
