"""Signal -> frames of two seconds: what the net sees of a run.

The frames run on a clock of their own: that of the recording, but for steps of more than
`LONGEST_STEP_S` between two samples, which count as that. So a file of days has no more frames
than its samples allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from intervaldetect.records import Bools, Floats, Signal

FRAME_S = 2.0
LONGEST_STEP_S = 60.0
MAX_CLOCK_S = 129600.0
"""Of a longer recording the steps are cut shorter, down to a frame: work goes by samples."""
FAR_S = 20.0
"""Heart rate and cadence are not known farther than this from a sample."""
RUNNING_MPS = 1.6
"""Slower frames do not count for how fast somebody runs."""
HEART_RATE_BPM = 20.0
"""A step of heart rate that counts as one."""
SMOOTH_FRAMES = (6, 16, 60)
RISE_FRAMES = 15
WALKING_SPM, USUAL_SPM = 100.0, 165.0
FEWEST_FRAMES = 20
TYPICAL_MPS, FAST_MPS = 2.8, 3.2
"""Running speed that typical power is taken for, so that a ride looks like a run."""
INPUTS = (
    "speed", "speed_12s", "speed_32s", "speed_120s", "adjusted_12s", "speed_absolute", "covered",
    "paused", "grade", "heart_rate", "heart_rate_risen", "heart_rate_to_rise", "below_highest",
    "heart_rate_known", "cadence", "cadence_known", "standing", "typical_speed", "fast_speed",
    "part", "log_length",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """A run in n frames.

    ``channels`` (7, n) are speed, share of known speed, grade, grade-adjusted speed, share of
    pauses, heart rate and cadence per minute; NaN where not known. ``time_s`` (n + 1) are the
    elapsed seconds at the borders of the frames.
    """

    channels: Floats
    time_s: Floats

    def __len__(self) -> int:
        return int(self.channels.shape[1])


def find_frames(signal: Signal, effort: Literal["speed", "power"] = "speed") -> Frames:
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
    seconds = _steps(signal.time_s)
    clock: Floats = np.concatenate(([0.0], np.cumsum(seconds)))
    count = max(1, int(np.ceil(clock[-1] / FRAME_S)))
    border = np.arange(count + 1, dtype=np.float64) * FRAME_S
    speeds, level = signal.speed_mps, signal.adjusted_speed_mps
    if effort == "power":
        speeds = level = _power_as_speed(signal)
    known, flat = ~np.isnan(speeds) & ~signal.paused, ~np.isnan(signal.grade)
    levelled = ~np.isnan(level) & ~signal.paused
    by_interval = np.zeros((7, seconds.size + 1))
    for row, (mask, values) in enumerate(
        ((known, speeds), (flat, signal.grade), (levelled, level)),
    ):
        np.multiply(mask, seconds, out=by_interval[row, 1:])
        by_interval[row + 4, 1:] = np.where(mask, values, 0.0) * by_interval[row, 1:]
    np.multiply(signal.paused, seconds, out=by_interval[3, 1:])
    total = np.diff(_on_borders(clock, border, np.cumsum(by_interval, axis=1)), axis=1)
    means = np.where(total[:3] > 1e-6, total[4:] / np.maximum(total[:3], 1e-6), np.nan)
    middle = border[:-1] + FRAME_S / 2
    channels = np.stack(
        (
            means[0],
            total[0] / FRAME_S,
            means[1],
            means[2],
            total[3] / FRAME_S,
            _at_samples(clock, middle, signal.heart_rate_bpm),
            _at_samples(clock, middle, signal.cadence_spm),
        )
    )
    return Frames(channels, _on_borders(clock, border, signal.time_s[None])[0])


def _steps(time_s: Floats) -> Floats:
    """Return the seconds that count between samples: no hole is longer than a minute."""
    seconds = np.diff(time_s)
    counted: Floats = np.minimum(seconds, LONGEST_STEP_S)
    if float(counted.sum()) <= MAX_CLOCK_S:
        return counted
    return np.minimum(seconds, max(FRAME_S, MAX_CLOCK_S / time_s.size))


def _power_as_speed(signal: Signal) -> Floats:
    power = signal.power_w[1:]
    pedalling = power[power > 0]
    return power * (TYPICAL_MPS / float(np.median(pedalling))) if pedalling.size else power


def _on_borders(clock: Floats, border: Floats, values: Floats) -> Floats:
    """Interpolate rows of values at samples (k, m) onto the borders (k, n + 1)."""
    return np.array([np.interp(border, clock, row) for row in values])


def _at_samples(clock: Floats, middle: Floats, values: Floats) -> Floats:
    """Interpolate values known at samples, NaN far from any."""
    known = ~np.isnan(values)
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
    typical, fast = TYPICAL_MPS, FAST_MPS
    if running.size > FEWEST_FRAMES:
        typical, fast = (float(v) for v in order_statistics(running, (0.5, 0.9)))
    known, beats, steps = ~np.isnan(speed), ~np.isnan(heart_rate), cadence > WALKING_SPM
    out = np.zeros((len(INPUTS), n))
    relative = np.where(known, (speed / typical - 1.0) * 3.0, 0.0)
    out[0] = relative
    on_level = np.where(np.isnan(adjusted), relative, (adjusted / typical - 1.0) * 3.0)
    _smooth(relative, on_level, known, out[1:5])
    out[5] = np.where(known, speed, 0.0) / 4.0 - 0.7
    out[6], out[7] = covered, paused
    out[8] = np.where(np.isnan(grade), 0.0, grade) * 10.0
    if np.count_nonzero(beats) >= FEWEST_FRAMES:
        middle, top = (float(v) for v in order_statistics(heart_rate[beats], (0.5, 0.98)))
        out[9] = np.where(beats, (heart_rate - middle) / HEART_RATE_BPM, 0.0)
        out[10, RISE_FRAMES:] = 2.0 * (out[9, RISE_FRAMES:] - out[9, :-RISE_FRAMES])
        out[11, :-RISE_FRAMES] = out[10, RISE_FRAMES:]
        out[12] = np.where(beats, (heart_rate - top) / HEART_RATE_BPM, 0.0)
        out[13] = beats
    if np.count_nonzero(steps) > FEWEST_FRAMES:
        usual = float(order_statistics(cadence[steps], (0.5,))[0])
    else:
        usual = USUAL_SPM
    out[14] = np.where(steps, (cadence - usual) / 10.0, 0.0)
    out[15] = cadence > 20.0
    out[16] = known & (speed < 0.4)
    out[17] = typical / 3.0 - 1.0
    out[18] = (fast / typical - 1.0) * 3.0
    out[19] = np.arange(n) / n
    out[20] = np.log(n / 1500.0)
    np.minimum(np.maximum(out, -5.0, out=out), 5.0, out=out)
    return out.astype(np.float32)


def order_statistics(values: Floats, shares: tuple[float, ...]) -> Floats:
    """Return quantiles, the lower of two neighbours; `np.quantile` is slow to start."""
    places = [int(share * (values.size - 1)) for share in shares]
    return np.partition(values, places)[places]


def _smooth(relative: Floats, on_level: Floats, known: Bools, out: Floats) -> None:
    """Fill in moving means over known frames: of speed by each width, of adjusted by the first."""
    n = known.size
    sums = np.zeros((3, n + 1))
    np.cumsum(known, out=sums[0, 1:])
    np.cumsum(relative, out=sums[1, 1:])
    np.cumsum(np.where(known, on_level, 0.0), out=sums[2, 1:])
    for k, width in enumerate(SMOOTH_FRAMES):
        half = width // 2
        ends = np.concatenate(
            (sums[:, half + 1 :], np.repeat(sums[:, -1:], min(half, n), axis=1)), axis=1
        )
        begins = np.concatenate((np.zeros((3, min(half, n))), sums[:, : max(n - half, 0)]), axis=1)
        within = ends[:, :n] - begins[:, :n]
        count = np.maximum(within[0], 1.0)
        out[k] = within[1] / count
        if k == 0:
            out[3] = within[2] / count
