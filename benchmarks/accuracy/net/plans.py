"""Planned sessions laid over the noise of a real plain run, and plain runs made harder to refuse.

The speed of the run is multiplied by what the plan asks for; heart rate follows with its lag, so
that GPS noise, hills, stops and the sensor stay those of a real recording.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.accuracy.net.sessions import (
    ADJUSTED,
    CADENCE,
    HEART_RATE,
    PAUSED,
    SPEED,
    Array,
    Session,
)
from intervaldetect.structure.frames import FRAME_S

DISTANCES_M = (100, 200, 300, 400, 500, 600, 700, 800, 1000, 1200, 1600, 2000, 3000)
TIMES_S = (30, 45, 60, 75, 90, 120, 150, 180, 240, 300, 360, 480, 600)
LONG_S = (480, 600, 720, 900, 1080, 1200, 1500)
BLOCK_S = (900, 1200, 1500, 1800, 2400, 3000)
RISE_S, FALL_S = 33.0, 75.0
"""Time constants of heart rate, up and down."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A rep of so many seconds at ``faster`` times the run's speed, and the recovery after it."""

    seconds: float
    faster: float
    recovery_s: float
    recovery: float


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """A plan as run, by frame (n,): how much faster, what heart rate follows, and the reps."""

    factor: Array
    demand: Array
    rep: Array


def lay_plan(session: Session, rng: np.random.Generator) -> Session | None:
    """Lay a planned session over a plain run; None where it is too short for one."""
    laid = draw_plan(session, rng)
    if laid is None:
        return None
    return _carry_out(session, laid, rng, paused=rng.random() < 0.12)


def draw_plan(session: Session, rng: np.random.Generator) -> Laid | None:
    """Draw a plan that fits into a run; None where none does."""
    speed = session.channels[SPEED]
    running = speed[speed > 1.6]
    n = speed.size
    whole = n * FRAME_S
    if running.size < 400:
        return None
    pieces = _plan(rng, float(np.median(running)))
    pieces = _shorten(pieces, 0.85 * whole)
    total = sum(p.seconds + p.recovery_s for p in pieces) - pieces[-1].recovery_s
    if total > 0.95 * whole or (len(pieces) < 2 and pieces[0].seconds < 480):
        return None
    room = whole - total
    start = (
        rng.uniform(0, room)
        if rng.random() < 0.3
        else rng.uniform(min(500, room) * 0.4, room * 0.9)
    )
    if rng.random() < 0.05:
        start = 0.0
    at = np.arange(n) * FRAME_S + FRAME_S / 2
    factor, demand, rep = np.ones(n), np.zeros(n), np.zeros(n)
    if rng.random() < 0.4:
        _strides(factor, at, max(0.0, start - rng.uniform(120, 420)), start - 20, rng)
    ramp = rng.uniform(1.5, 5)
    for k, piece in enumerate(pieces):
        end = start + piece.seconds
        inside = _box(at, start, end, ramp)
        drift = 1.0 + rng.normal(0, 0.012) * (at - start) / max(piece.seconds, 60.0)
        factor *= 1.0 + inside * (piece.faster * drift - 1.0)
        demand += inside * (piece.faster - 1.0)
        covered = np.minimum(end, at + FRAME_S / 2) - np.maximum(start, at - FRAME_S / 2)
        rep = np.maximum(rep, np.clip(covered / FRAME_S, 0, 1))
        if k + 1 < len(pieces):
            rest = _box(at, end, end + piece.recovery_s, ramp)
            factor *= 1.0 - rest * (1.0 - piece.recovery)
            demand -= rest * (1.0 - piece.recovery) * 0.6
        start = end + piece.recovery_s
    return Laid(factor, demand, rep)


def _plan(rng: np.random.Generator, speed: float) -> list[Piece]:
    kind = rng.choice(
        [
            "even",
            "even",
            "even",
            "long",
            "long",
            "short",
            "ladder",
            "two",
            "block",
            "over_under",
            "threshold",
        ]
    )
    if kind == "even":
        seconds = _size(rng, speed)
        count = int(rng.integers(3, 13) if seconds < 400 else rng.integers(2, 7))
        return _set(rng, count, seconds)
    if kind == "short":  # 25 x 400, 45/15, 30/30, sprints
        seconds = float(rng.choice([15, 20, 30, 40, 45, 60, 70, 80]))
        rest = float(rng.choice([15, 20, 30, 30, 45, 60, 90]))
        return _set(rng, int(rng.integers(8, 26)), seconds, rest)
    if kind == "long":
        seconds = float(rng.choice(LONG_S))
        return _set(
            rng,
            int(rng.integers(2, 6)),
            seconds,
            float(rng.choice([60, 90, 120, 180, 240])),
            mild=True,
        )
    if kind == "threshold":
        seconds = float(rng.choice([180, 210, 240, 300, 360, 420]))
        return _set(
            rng,
            int(rng.integers(4, 16)),
            seconds,
            float(rng.choice([30, 45, 60, 60, 75, 90])),
            mild=True,
        )
    if kind == "ladder":
        sizes = [float(x) for x in rng.choice(TIMES_S[2:], int(rng.integers(3, 6)), replace=False)]
        sizes.sort(reverse=rng.random() < 0.4)
        if rng.random() < 0.5:
            sizes += sizes[::-1][1:]
        faster = rng.uniform(1.12, 1.4)
        return [
            Piece(
                s,
                faster * (1 + 0.04 * (180 - s) / 600),
                float(rng.choice([60, 90, 120, 180])),
                rng.uniform(0.5, 0.95),
            )
            for s in sizes
        ]
    if kind == "two":
        first = _set(
            rng,
            int(rng.integers(2, 6)),
            float(rng.choice([180, 300, 360, 480, 600])),
            90.0,
            mild=True,
        )
        second = _set(
            rng,
            int(rng.integers(4, 11)),
            float(rng.choice([20, 30, 40, 60, 75])),
            float(rng.choice([30, 45, 60, 90])),
        )
        first[-1] = replace(first[-1], recovery_s=float(rng.choice([120, 180, 240])))
        return first + second if rng.random() < 0.8 else second + first
    if kind == "over_under":
        faster, seconds = rng.uniform(1.15, 1.35), float(rng.choice([60, 90, 120, 180]))
        rest = float(rng.choice([60, 90, 120, 180]))
        return [
            Piece(seconds, faster, rest, faster * rng.uniform(0.82, 0.92))
            for _ in range(int(rng.integers(4, 11)))
        ]
    count = 1 if rng.random() < 0.6 else 2
    return [
        Piece(float(rng.choice(BLOCK_S)), rng.uniform(1.09, 1.3), 180.0, 0.9) for _ in range(count)
    ]


def _size(rng: np.random.Generator, speed: float) -> float:
    if rng.random() < 0.5:
        return float(rng.choice(DISTANCES_M)) / (1.2 * speed)
    return float(rng.choice(TIMES_S))


def _set(
    rng: np.random.Generator,
    count: int,
    seconds: float,
    rest: float | None = None,
    *,
    mild: bool = False,
) -> list[Piece]:
    if rest is None:
        rest = float(rng.choice([30, 45, 60, 75, 90, 120, 150, 180, 240]))
    top = 1.28 if mild else 1.75 if seconds < 60 else 1.5 if seconds < 200 else 1.35
    faster = rng.uniform(1.08, top)
    style = rng.choice(["jog", "jog", "jog", "walk", "stand", "float"])
    slope = rng.normal(0, 0.004)
    measured = rng.random() < 0.5
    pieces = []
    for k in range(count):
        speed = faster * np.exp(rng.normal(0, 0.012) + slope * (k - count / 2))
        share = {
            "jog": rng.uniform(0.62, 0.97), "walk": rng.uniform(0.35, 0.55), "stand": 0.03,
            "float": rng.uniform(0.92, 1.0 + 0.5 * (faster - 1.0)),
        }[style]  # fmt: skip
        size = seconds * faster / speed if measured else seconds
        pieces.append(
            Piece(
                size * np.exp(rng.normal(0, 0.006)),
                speed,
                rest * np.exp(rng.normal(0, 0.08)),
                share,
            )
        )
    if rng.random() < 0.25:
        pieces[0] = replace(pieces[0], faster=pieces[0].faster * rng.uniform(0.93, 1.0))
    if rng.random() < 0.2 and count >= 6 and count % 2 == 0:
        half = count // 2 - 1
        pieces[half] = replace(pieces[half], recovery_s=rest * rng.uniform(1.8, 3.5))
    return pieces


def _shorten(pieces: list[Piece], room_s: float) -> list[Piece]:
    total = 0.0
    for k, piece in enumerate(pieces):
        total += piece.seconds + piece.recovery_s
        if total > room_s:
            return pieces[: max(k, 1)]
    return pieces


def _box(at: Array, start: float, end: float, ramp: float) -> Array:
    out: Array = np.clip((at - start) / ramp + 0.5, 0, 1) * np.clip((end - at) / ramp + 0.5, 0, 1)
    return out


def _strides(
    factor: Array, at: Array, start: float, until: float, rng: np.random.Generator
) -> None:
    for _ in range(int(rng.integers(3, 7))):
        length = rng.uniform(12, 26)
        if start + length > until:
            break
        factor *= 1.0 + _box(at, start, start + length, 3.0) * rng.uniform(0.25, 0.75)
        start += length + rng.uniform(25, 90)


def _carry_out(session: Session, laid: Laid, rng: np.random.Generator, *, paused: bool) -> Session:
    channels, factor, rep = session.channels.copy(), laid.factor, laid.rep
    channels[SPEED] *= factor
    channels[ADJUSTED] *= factor
    channels[CADENCE] *= 1.0 + rng.uniform(0.1, 0.4) * np.clip(factor - 1.0, -0.6, 0.6)
    channels[HEART_RATE] = _follow(channels[HEART_RATE], laid.demand, rng)
    if paused:  # the watch stopped in recoveries that were walked or stood
        still = (factor < 0.6) & (rep < 0.5)
        channels[PAUSED][still] = 1.0
        channels[SPEED][still] = np.nan
        channels[ADJUSTED][still] = np.nan
        channels[1][still] = 0.0
    return replace(
        session, channels=channels, rep=rep, counts=np.ones_like(rep), planned=True, weak=False
    )


def _follow(heart_rate: Array, demand: Array, rng: np.random.Generator) -> Array:
    """Let heart rate follow the demand with its lag, and flatten near the athlete's highest."""
    gain = rng.uniform(60, 120)
    shift = int(rng.integers(0, 6))
    demand = np.concatenate((np.zeros(shift), demand[: demand.size - shift]))
    added, level = np.zeros(demand.size), 0.0
    rise, fall = 1.0 - np.exp(-FRAME_S / RISE_S), 1.0 - np.exp(-FRAME_S / FALL_S)
    for k, wanted in enumerate(demand * gain):
        level += (wanted - level) * (rise if wanted > level else fall)
        added[k] = level
    highest = rng.uniform(172, 202)
    total = heart_rate + added
    return np.where(
        total > highest - 10, highest - 10 * np.exp(-(total - highest + 10) / 10), total
    )


def spoil(session: Session, rng: np.random.Generator) -> Session:
    """Splice strides, stops, walks, a fast end or hills' speeds into a plain run: still plain."""
    n = session.rep.size
    at = np.arange(n) * FRAME_S + FRAME_S / 2
    factor = np.ones(n)
    whole = n * FRAME_S
    chance = rng.random()
    if chance < 0.3:
        start = (
            whole - rng.uniform(200, 900)
            if rng.random() < 0.6
            else rng.uniform(200, max(300, whole - 600))
        )
        _strides(factor, at, max(start, 0.0), whole - 10, rng)
    elif chance < 0.6:  # crossings, photographs, feeding, walks
        for _ in range(int(rng.integers(1, 14))):
            start, length = rng.uniform(0, whole), rng.uniform(8, 90)
            factor *= 1.0 - _box(at, start, start + length, 3.0) * (
                1.0 - rng.choice([0.0, 0.4, 0.5])
            )
    elif chance < 0.75:  # a progression, or a fast end
        start = rng.uniform(0.2, 0.8) * whole
        factor *= 1.0 + rng.uniform(0.03, 0.15) * np.clip((at - start) / (whole - start), 0, 1)
    elif chance < 0.9:  # the way of rolling hills
        period, phase = rng.uniform(150, 900), rng.uniform(0, 6.3)
        wave = np.sin(6.283 * at / period + phase + rng.normal(0, 0.6) * np.sin(6.283 * at / whole))
        grade = wave * rng.uniform(0.01, 0.05)
        factor *= 1.0 - 3.0 * grade
        channels = session.channels.copy()
        channels[2] = np.nan_to_num(channels[2]) + grade
        channels[SPEED] *= factor
        return replace(session, channels=channels)
    else:  # isolated quick moments
        for _ in range(int(rng.integers(1, 5))):
            start, length = rng.uniform(0, whole), rng.uniform(10, 40)
            factor *= 1.0 + _box(at, start, start + length, 4.0) * rng.uniform(0.1, 0.4)
    channels = session.channels.copy()
    channels[SPEED] *= factor
    channels[ADJUSTED] *= factor
    channels[HEART_RATE] = _follow(channels[HEART_RATE], (factor - 1.0) * 0.8, rng)
    return replace(session, channels=channels)
