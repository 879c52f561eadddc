"""The one table of channels: what a sample of an activity can hold.

Every reader delivers exactly these columns, float64, one value per sample, NaN where the device
recorded nothing. Values outside the plausible range never leave a reader: they become NaN and are
counted in ``Activity.problems``.
"""

from __future__ import annotations

from typing import NamedTuple


class Channel(NamedTuple):
    """One channel of an activity."""

    name: str
    unit: str
    low: float
    high: float
    meaning: str


CHANNELS: tuple[Channel, ...] = (
    Channel("time", "s", 0.0, 2.0e6, "elapsed since the first record, pauses included; never null"),
    Channel("latitude", "deg", -90.0, 90.0, "WGS 84; null without a fix"),
    Channel("longitude", "deg", -180.0, 180.0, "WGS 84; null without a fix"),
    Channel("altitude", "m", -500.0, 9000.0, "above sea level, enhanced_altitude first"),
    Channel("distance", "m", 0.0, 2.0e6, "device's running total, not of positions"),
    Channel("speed", "m/s", 0.0, 60.0, "device's own speed, enhanced_speed first"),
    Channel("heart_rate", "bpm", 20.0, 250.0, "null without a strap or sensor; 0 means null"),
    Channel("cadence", "1/min", 0.0, 300.0, "steps of both feet when running, turns when cycling"),
    Channel("power", "W", 0.0, 3000.0, "running or cycling power"),
    Channel("temperature", "degC", -50.0, 70.0, "as the device measured it, warm on a wrist"),
)

NAMES: tuple[str, ...] = tuple(channel.name for channel in CHANNELS)
BY_NAME: dict[str, Channel] = {channel.name: channel for channel in CHANNELS}
