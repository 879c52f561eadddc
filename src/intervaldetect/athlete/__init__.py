"""What is known of an athlete: thresholds given, from history or from one file, and zones."""

from __future__ import annotations

from intervaldetect.athlete.file import AthleteFile, read_athlete, to_toml
from intervaldetect.athlete.history import (
    DatedThresholds,
    ThresholdMove,
    thresholds_in_order,
    thresholds_over_time,
)
from intervaldetect.athlete.overview import AthleteOverview, overview
from intervaldetect.athlete.zones import Zones, time_in_zones, zone_times

__all__ = [
    "AthleteFile",
    "AthleteOverview",
    "DatedThresholds",
    "ThresholdMove",
    "Zones",
    "overview",
    "read_athlete",
    "thresholds_in_order",
    "thresholds_over_time",
    "time_in_zones",
    "to_toml",
    "zone_times",
]
