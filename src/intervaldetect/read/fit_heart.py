"""Heart rate from a strap that recorded by itself, in hr messages beside or after the records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from intervaldetect.read import fit_profile as profile
from intervaldetect.read.fit_messages import TIMESTAMP, Message, number_in, scaled_in
from intervaldetect.records import Floats

HR_AGE_S = 3.0
"""A record takes the last heart rate of hr messages that is not older than this."""


def fill_heart_rate(
    columns: dict[str, Floats], stamps: Floats, times: Floats, beats: Floats
) -> None:
    """Fill records without heart rate from hr messages, which may stand in a file of their own."""
    if not times.size:
        return
    own = columns.get("heart_rate")
    values = np.full(stamps.size, np.nan) if own is None else own.copy()
    at = np.searchsorted(times, stamps, side="right") - 1
    usable = (np.isnan(values) | (values == 0.0)) & (at >= 0)
    usable[usable] = stamps[usable] - times[at[usable]] <= HR_AGE_S
    values[usable] = beats[at[usable]]
    columns["heart_rate"] = values


def hr_samples(messages: Sequence[Message]) -> tuple[Floats, Floats]:
    """Give times (unix s, rising) and bpm of hr messages.

    A message with a timestamp anchors the strap's own clock of 1/1024 s (32 bits, rolling over);
    packed 12-bit times count on from the last full one.
    """
    times: list[float] = []
    beats: list[float] = []
    anchor: float | None = None
    origin = clock = 0
    for message in messages:
        ticks = [int(v) for v in _items(message.get(9)) if isinstance(v, int | float)]
        stamp = number_in(message, TIMESTAMP)
        if stamp is not None and ticks:
            anchor = stamp + profile.EPOCH + (scaled_in(message, 0, 32768.0) or 0.0)
            origin = clock = ticks[0]
        if anchor is None:
            continue
        ticks = ticks or list(_unpacked(message, clock))
        for tick, rate in zip(ticks, _items(message.get(6)), strict=False):
            if isinstance(rate, int | float) and rate:
                times.append(anchor + ((tick - origin) & 0xFFFFFFFF) / 1024.0)
                beats.append(float(rate))
        if ticks:
            clock = ticks[-1]
    order = np.argsort(np.array(times), kind="stable")
    return np.array(times)[order], np.array(beats)[order]


def _unpacked(message: Message, clock: int) -> Iterator[int]:
    """Yield ticks that were packed, two 12-bit ends in three bytes, counting on from ``clock``."""
    packed = [v for v in _items(message.get(10)) if isinstance(v, int)]
    for low, middle, top in zip(packed[::3], packed[1::3], packed[2::3], strict=False):
        for value in (low | (middle & 0x0F) << 8, middle >> 4 | top << 4):
            clock += (value - clock) & 0xFFF
            yield clock


def _items(value: object) -> tuple[object, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)
