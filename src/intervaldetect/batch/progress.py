"""How far a batch is, and how long it will take: from what was done in the last seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from intervaldetect.job import Status

Phase = Literal["looking", "preparing", "reading", "labelling"]
"""Files are sought; kernels are compiled, which no file waits for longer than the first; files are
read and analysed; what is now known of an athlete is applied to all their sessions."""

WINDOW_S = 15.0
"""The rate is that of so many seconds."""
MIN_FILES = 10
"""From fewer files no time left is derived."""
MAX_RISE_PER_S = 1.1
"""The time left rises by no more than a tenth a second, however much slower files become."""


@dataclass(slots=True)
class Progress:
    """How far a batch is; the same object grows from call to call."""

    total: int = 0
    read: int = 0
    repaired: int = 0
    refused: int = 0
    unchanged: int = 0
    other: int = 0
    gone: int = 0
    phase: Phase = "looking"
    found: int = 0
    labelled: int = 0
    to_label: int = 0
    clock: Callable[[], float] = time.monotonic
    started: float = field(init=False)
    _seen: deque[tuple[float, int]] = field(init=False)
    _left: tuple[float, float] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.started = self.clock()
        self._seen = deque([(self.started, 0)])

    @property
    def done(self) -> int:
        """Files settled so far, those known before among them."""
        return self.read + self.repaired + self.refused

    @property
    def analysed(self) -> int:
        """Files settled so far that were not known before."""
        return self.done - self.unchanged

    def seconds(self) -> float:
        """Wall-clock seconds since the start."""
        return self.clock() - self.started

    def rate(self) -> float:
        """Files per second over the last seconds, those known before left out."""
        now, (first, then) = self.clock(), self._seen[0]
        return (self.analysed - then) / max(now - first, 1e-9)

    def seconds_left(self) -> float | None:
        """Seconds that the rest will take, None while too few files are done to say so."""
        rate = self.rate()
        if self.analysed < MIN_FILES or rate <= 0 or self.phase != "reading":
            return None
        now, left = self.clock(), (self.total - self.done) / rate
        if self._left is not None:
            before, then = self._left
            left = min(left, before * MAX_RISE_PER_S ** (now - then))
        self._left = left, now
        return left

    def begin(self, phase: Phase) -> None:
        """Enter a phase; what was done in earlier ones says nothing of its rate."""
        if phase == "reading" and self.phase != "reading":
            self._seen = deque([(self.clock(), self.analysed)])
        self.phase = phase

    def count(self, status: Status, *, known: bool = False) -> None:
        """Count one file; one that is no activity is none of the total."""
        if status == "other":
            self.total -= 1
            self.other += 1
        else:
            setattr(self, status, getattr(self, status) + 1)
            self.unchanged += known
        now = self.clock()
        if now - self._seen[-1][0] >= WINDOW_S / 30:
            self._seen.append((now, self.analysed))
            while now - self._seen[1][0] > WINDOW_S:
                self._seen.popleft()
