"""What is known of an athlete: thresholds given, from history or from one file, and zones."""

from __future__ import annotations

from intervaldetect.athlete.history import DatedThresholds, ThresholdMove, thresholds_over_time

__all__ = ["DatedThresholds", "ThresholdMove", "thresholds_over_time"]
