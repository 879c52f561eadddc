"""Signal -> frames of two seconds: what the net sees of a run.

The frames run on a clock of their own: that of the recording, but for steps of more than
`LONGEST_STEP_S` between two samples, which count as that. So a file of days has no more frames
than its samples allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from intervaldetect.records import Floats, Signal

FRAME_S = 2.0
LONGEST_STEP_S = 60.0
FAR_S = 20.0
"""Heart rate and cadence are not known farther than this from a sample."""
RUNNING_MPS = 1.6
"""Slower frames do not count for how fast somebody runs."""
HEART_RATE_BPM = 20.0
"""A step of heart rate that counts as one."""
SMOOTH_FRAMES = (6, 16, 60)
RISE_FRAMES = 15
FEWEST_FRAMES = 20
TYPICAL_MPS = 2.8
"""Running speed that typical power is taken for, so that a ride looks like a run."""
CHANNELS = ("speed", "covered", "grade", "adjusted", "paused", "heart_rate", "cadence")
Effort = Literal["speed", "power"]
INPUTS = (
    "speed", "speed_12s", "speed_32s", "speed_120s", "adjusted_12s", "speed_absolute", "covered",
    "paused", "grade", "heart_rate", "heart_rate_risen", "heart_rate_to_rise", "below_highest",
    "heart_rate_known", "cadence", "cadence_known", "standing", "typical_speed", "fast_speed",
    "part", "log_length",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """A run in n frames.

    ``channels`` (7, n) are named by `CHANNELS`, SI units, heart rate and cadence per minute, NaN
    where not known; ``time_s`` (n + 1) are the elapsed seconds at the borders of the frames.
    """

    channels: Floats
    time_s: Floats

    def __len__(self) -> int:
        return int(self.channels.shape[1])


def find_frames(signal: Signal, effort: Effort = "speed") -> Frames:
    """Put a signal into frames: means by time of what holds between samples, values at the middle.

    Parameters
    ----------
    signal : Signal
    effort : {"speed", "power"}
        Power, of a ride, is scaled to speeds of running.

    Returns
    -------
    Frames
        n >= 1; the last frame may reach beyond the end.
    """
    seconds = np.minimum(np.diff(signal.time_s), LONGEST_STEP_S)
    clock = np.concatenate(([0.0], np.cumsum(seconds)))
    count = max(1, int(np.ceil(clock[-1] / FRAME_S)))
    border = np.arange(count + 1) * FRAME_S
    speeds, level = signal.speed_mps, signal.adjusted_speed_mps
    if effort == "power":
        speeds = level = _power_as_speed(signal)
    known = np.isfinite(speeds) & ~signal.paused
    total = _running_total(clock, border, np.where(known, seconds, 0.0))
    speed = _mean(clock, border, speeds, np.where(known, seconds, 0.0), total)
    flat = np.isfinite(signal.grade)
    adjusted = np.isfinite(level) & ~signal.paused
    middle = border[:-1] + FRAME_S / 2
    channels = np.stack(
        (
            speed,
            total / FRAME_S,
            _mean(clock, border, signal.grade, np.where(flat, seconds, 0.0)),
            _mean(clock, border, level, np.where(adjusted, seconds, 0.0)),
            _running_total(clock, border, np.where(signal.paused, seconds, 0.0)) / FRAME_S,
            _at_samples(clock, middle, signal.heart_rate_bpm),
            _at_samples(clock, middle, signal.cadence_spm),
        )
    )
    time_s = np.interp(border, clock, signal.time_s)
    return Frames(channels, time_s)


def _power_as_speed(signal: Signal) -> Floats:
    power = signal.power_w[1:]
    pedalling = power[power > 0]
    return power * (TYPICAL_MPS / float(np.median(pedalling))) if pedalling.size else power


def _running_total(clock: Floats, border: Floats, values: Floats) -> Floats:
    """Return the sum of what lies in each frame (n,) of values by interval."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    return np.diff(np.interp(border, clock, total))


def _mean(
    clock: Floats, border: Floats, values: Floats, seconds: Floats, total: Floats | None = None
) -> Floats:
    """Return the mean by time in each frame (n,), NaN where nothing is known."""
    if total is None:
        total = _running_total(clock, border, seconds)
    weighted = _running_total(clock, border, np.where(seconds > 0, values, 0.0) * seconds)
    return np.where(total > 1e-6, weighted / np.maximum(total, 1e-6), np.nan)


def _at_samples(clock: Floats, middle: Floats, values: Floats) -> Floats:
    """Interpolate values known at samples, NaN far from any."""
    known = np.isfinite(values)
    if np.count_nonzero(known) < FEWEST_FRAMES:
        return np.full(middle.size, np.nan)
    at, values = clock[known], values[known]
    after = np.minimum(at.searchsorted(middle), at.size - 1)
    distance = np.minimum(np.abs(at[after] - middle), np.abs(at[np.maximum(after - 1, 0)] - middle))
    return np.where(distance > FAR_S, np.nan, np.interp(middle, at, values))


def net_inputs(channels: Floats) -> Floats:
    """Turn channels into what the net takes: unit-free, near 0, 0 where not known.

    Parameters
    ----------
    channels : (7, n) float64

    Returns
    -------
    (len(INPUTS), n) float32
        Speeds over the run's own median running speed, heart rate about its own median.
    """
    speed, covered, grade, adjusted, paused, heart_rate, cadence = channels
    n = speed.size
    running = speed[speed > RUNNING_MPS]
    typical, fast = np.quantile(running, (0.5, 0.9)) if running.size > FEWEST_FRAMES else (2.8, 3.2)
    known = np.isfinite(speed)
    relative = np.where(known, speed / typical - 1.0, 0.0) * 3.0
    on_level = np.where(np.isfinite(adjusted), adjusted / typical - 1.0, relative / 3.0) * 3.0
    smoothed = _smooth(np.stack((relative, on_level)), known)
    beats = np.isfinite(heart_rate)
    if np.count_nonzero(beats) >= FEWEST_FRAMES:
        middle, top = np.quantile(heart_rate[beats], (0.5, 0.98))
        level = np.where(beats, heart_rate, middle)
    else:
        beats, middle, top, level = np.zeros(n, np.bool_), 0.0, 0.0, np.zeros(n)
    risen = np.zeros(n)
    risen[RISE_FRAMES:] = (level[RISE_FRAMES:] - level[:-RISE_FRAMES]) / (HEART_RATE_BPM / 2)
    to_rise = np.zeros(n)
    to_rise[:-RISE_FRAMES] = risen[RISE_FRAMES:]
    steps = cadence > 100.0
    rate = np.median(cadence[steps]) if np.count_nonzero(steps) > FEWEST_FRAMES else 165.0
    out = np.stack(
        (
            relative,
            smoothed[0],
            smoothed[1],
            smoothed[2],
            smoothed[3],
            np.where(known, speed, 0.0) / 4.0 - 0.7,
            covered,
            paused,
            np.where(np.isfinite(grade), grade, 0.0) * 10.0,
            (level - middle) / HEART_RATE_BPM,
            risen,
            to_rise,
            np.where(beats, (level - top) / HEART_RATE_BPM, 0.0),
            beats,
            np.where(steps, (cadence - rate) / 10.0, 0.0),
            cadence > 20.0,
            known & (speed < 0.4),
            np.full(n, typical / 3.0 - 1.0),
            np.full(n, (fast / typical - 1.0) * 3.0),
            np.arange(n) / n,
            np.full(n, np.log(n / 1500.0)),
        )
    )
    return np.clip(out, -5.0, 5.0).astype(np.float32)


def _smooth(values: Floats, known: np.ndarray) -> Floats:
    """Return moving means over known frames: of speed by each width, of adjusted by the first."""
    sums = np.zeros((3, known.size + 1))
    np.cumsum(np.where(known, values, 0.0), axis=1, out=sums[:2, 1:])
    np.cumsum(known, out=sums[2, 1:])
    at = np.arange(known.size)
    out = []
    for width, row in ((SMOOTH_FRAMES[0], 0), (SMOOTH_FRAMES[1], 0), (SMOOTH_FRAMES[2], 0), (SMOOTH_FRAMES[0], 1)):
        first, last = np.maximum(at - width // 2, 0), np.minimum(at + width // 2 + 1, known.size)
        count = sums[2, last] - sums[2, first]
        total = sums[row, last] - sums[row, first]
        out.append(np.where(count > 0, total / np.maximum(count, 1.0), 0.0))
    return np.stack(out)
