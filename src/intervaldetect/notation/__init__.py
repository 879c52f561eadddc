"""Workouts as runners write them: text to ``WorkoutSet`` records and back.

The printed form is one short line that reads back to the same sets::

    6 x 800 m @ 2:10 (3:00 jog)
    3 x 10:00 @ 3:35/km (2:00) + 8 x 200 m @ 0:34 (1:00)
    2 x (10 x 1:00 @ 3:20/km (1:00)) (4:00)
    (400 + 800 + 1200 + 800 + 400 m) @ 3:10/km (1:30)
    35:00 @ 3:50/km

A rep of up to a mile shows its time, a longer or timed one its pace. The recovery between two reps
stands in brackets behind them, the recovery between two blocks behind the blocks. Long texts end in
``+ 2 more sets``, long ladders in ``+ 5 more``.
"""

from __future__ import annotations

from intervaldetect.notation.icu import parse_icu
from intervaldetect.notation.parser import parse_workout
from intervaldetect.notation.printer import TEXT_CHARS, format_workout

__all__ = ["TEXT_CHARS", "format_workout", "parse_icu", "parse_workout"]
