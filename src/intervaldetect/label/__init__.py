"""Workout -> SessionLabel: threshold, VO2 or easy, with probabilities and the reasons."""

from __future__ import annotations

from intervaldetect.label.rules import label_session

__all__ = ["label_session"]
