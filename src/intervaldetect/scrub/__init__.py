"""A recording without what tells who ran, where and when; what detection needs is kept.

Kept are relative time, distance, speed, heart rate, cadence, power, temperature, the shape of the
altitude, laps, workout steps and timer events. What is kept is listed, not what is taken out: a
field nobody thought of is gone.
"""

from __future__ import annotations

from intervaldetect.scrub.fit import scrub_fit
from intervaldetect.scrub.markup import scrub_markup

__all__ = ["scrub_fit", "scrub_markup"]
