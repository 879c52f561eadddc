"""Pieces to motion: true speed, distance, climb and heart rate, four times a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from intervaldetect.errors import ParameterError
from intervaldetect.records import Floats
from intervaldetect.simulate.plan import Athlete, Piece, Terrain

STEP_S = 0.25

# Amplitude (m) and wave length (m) of the waves a course is made of.
_WAVES: dict[Terrain, tuple[tuple[float, float], ...]] = {
    "flat": ((1.2, 2300.0),),
    "rolling": ((7.0, 2100.0), (3.0, 700.0)),
    "hilly": ((15.0, 2600.0), (5.0, 900.0)),
    "trail": ((28.0, 3100.0), (7.0, 640.0), (1.2, 150.0)),
    "track": (),
    "treadmill": (),
}


# Share of the heart rate reserve that a speed relative to threshold asks for, from standing to
# sprinting: easy running at 68 %, threshold at 87 % and 5 km pace at 95 % of HRmax with drift.
_RELATIVE_SPEED = (0.0, 0.26, 0.47, 0.76, 1.0, 1.15, 1.3)
_DEMAND = (0.18, 0.28, 0.38, 0.55, 0.79, 0.94, 1.05)


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """True motion on a grid of ``STEP_S``; ``edges_s`` has one more entry than there are pieces."""

    time_s: Floats
    speed_mps: Floats
    effort_mps: Floats
    distance_m: Floats
    altitude_m: Floats
    edges_s: Floats


def cost_of_grade(grade: float) -> float:
    """Energy cost of running on a grade over that on the flat (Minetti et al. 2002)."""
    g = min(0.45, max(-0.45, grade))
    cost = ((((155.4 * g - 30.4) * g - 43.3) * g + 46.3) * g + 19.5) * g + 3.6
    return cost / 3.6


def move(
    pieces: list[Piece], terrain: Terrain, random: np.random.Generator, *, wander: float
) -> Motion:
    """Run the pieces; each needs a duration or a distance.

    ``wander`` scales the slow variation of pace within a piece (1 is a human, 0 a machine).
    Distances, and on even ground the mean speeds of timed reps, are met between the edges.
    """
    commanded, effort, grades, edges = _command(pieces, terrain, random, wander)
    ramp_s = float(random.uniform(5.0, 9.0))
    speed = _ramped(commanded, ramp_s)
    time: Floats = np.arange(speed.size + 1, dtype=np.float64) * STEP_S
    speed = _meet_targets(pieces, time, speed, edges, terrain)
    distance = np.concatenate(([0.0], np.cumsum(speed) * STEP_S))
    climb = np.concatenate(([0.0], np.cumsum(grades * speed) * STEP_S))
    speed_at: Floats = np.append(speed, speed[-1])
    effort_at: Floats = np.append(_ramped(effort, ramp_s), effort[-1])
    return Motion(time, speed_at, effort_at, distance, climb, edges)


def _command(
    pieces: list[Piece], terrain: Terrain, random: np.random.Generator, wander: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Step through the pieces: commanded speed, effort and grade per grid cell, and the edges."""
    waves = [(a, w, float(random.uniform(0.0, 2.0 * np.pi))) for a, w in _WAVES[terrain]]
    speeds: list[float] = []
    efforts: list[float] = []
    grades: list[float] = []
    edges = [0.0]
    fast, slow = np.exp(-STEP_S / 25.0), np.exp(-STEP_S / 200.0)
    quick = lasting = 0.0  # unevenness over seconds and over minutes, each of unit variance
    gone = 0.0
    cell = 0
    for index, piece in enumerate(pieces):
        start = edges[-1]
        spread = (0.018, 0.006) if piece.role == "rep" else (0.035, 0.04)
        if piece.duration_s is None and piece.distance_m is None:
            raise ParameterError("pieces", piece, "pieces with a duration or a distance")
        end = start + piece.duration_s if piece.duration_s is not None else np.inf
        open_m = piece.distance_m
        if open_m is not None and _paced(piece, terrain):
            end, open_m = start + open_m / piece.speed_mps, None
        covered = 0.0
        hold = _hold_s(pieces, index)
        while True:
            at = cell * STEP_S + STEP_S / 2
            quick = fast * quick + np.sqrt(1.0 - fast**2) * float(random.normal())
            lasting = slow * lasting + np.sqrt(1.0 - slow**2) * float(random.normal())
            grade = piece.grade if piece.grade is not None else _grade(waves, gone)
            share = (at - start) / piece.duration_s if piece.duration_s else 0.0
            last = piece.speed_mps if piece.end_speed_mps is None else piece.end_speed_mps
            flat = piece.speed_mps + min(1.0, max(0.0, share)) * (last - piece.speed_mps)
            flat *= max(0.5, 1.0 + wander * (spread[0] * quick + spread[1] * lasting))
            if piece.role == "rep":  # most set off a little too fast
                flat *= 1.0 + 0.03 * wander * np.exp((start - at) / 12.0)
            if piece.distance_m is not None:
                flat = max(flat, 0.5)  # a distance is never covered standing
            cost = cost_of_grade(grade)
            speed = flat if piece.on_foot else flat / (cost**0.8 if cost > 1.0 else cost**0.45)
            if open_m is not None and covered + speed * STEP_S >= open_m:
                end = min(end, at - STEP_S / 2 + (open_m - covered) / max(speed, 0.1))
            if at > end + hold:
                break
            if at >= start:
                covered += speed * STEP_S
            gone += speed * STEP_S
            speeds.append(speed)
            efforts.append(flat)
            grades.append(grade)
            cell += 1
        edges.append(float(end))
    return np.array(speeds), np.array(efforts), np.array(grades), np.array(edges)


def _paced(piece: Piece, terrain: Terrain) -> bool:
    """Tell whether the runner holds a pace to the second: in reps on even ground."""
    even = terrain in ("flat", "track", "treadmill")
    return piece.role == "rep" and even and piece.grade is None


def _hold_s(pieces: list[Piece], index: int) -> float:
    """Seconds a runner keeps going past the line before slowing down."""
    slower = index + 1 < len(pieces) and pieces[index + 1].speed_mps < pieces[index].speed_mps
    return 2.4 if slower and pieces[index].role in ("rep", "stride") else 0.0


def _grade(waves: list[tuple[float, float, float]], distance_m: float) -> float:
    total = 0.0
    for amplitude, length, phase in waves:
        turn = 2.0 * np.pi / length
        total += amplitude * turn * np.cos(turn * distance_m + phase)
    return float(total)


def _ramped(values: Floats, ramp_s: float) -> Floats:
    """Smooth steps into ramps of ``ramp_s`` centred on them."""
    width = int(ramp_s / STEP_S) | 1
    place = (np.arange(width) + 0.5) / width
    kernel = place * (1.0 - place)
    half = width // 2
    padded = np.concatenate((np.zeros(half), values, np.full(half, values[-1])))  # from standing
    return np.asarray(np.convolve(padded, kernel / kernel.sum(), mode="valid"), dtype=np.float64)


def _meet_targets(
    pieces: list[Piece], time: Floats, speed: Floats, edges: Floats, terrain: Terrain
) -> Floats:
    """Scale pieces so that, in spite of ramps and unevenness, what was aimed at is met.

    A piece by distance meets its distance between its edges, a paced rep by time its mean speed.
    """
    result = speed.copy()
    middle = time[:-1] + STEP_S / 2
    for piece, start, end in zip(pieces, edges[:-1], edges[1:], strict=True):
        wanted = piece.distance_m
        if wanted is None and _paced(piece, terrain):
            wanted = piece.speed_mps * float(end - start)
        if wanted is None:
            continue
        overlap = np.clip(np.minimum(time[1:], end) - np.maximum(time[:-1], start), 0.0, STEP_S)
        covered = float((result * overlap).sum())
        inside = (middle >= start) & (middle < end)
        if covered > 0.0:
            result[inside] *= wanted / covered
    return result


def heart_rate(motion: Motion, athlete: Athlete, *, heat: float = 0.0) -> Floats:
    """Heart rate in bpm on the motion's grid.

    The demand follows relative speed; HR follows it with a delay of 8 s and a time
    constant of 33 s upwards, and at once but with 100 s downwards, plus a slow drift with work.
    """
    relative = motion.effort_mps / athlete.threshold_speed_mps
    demand = np.interp(relative, _RELATIVE_SPEED, _DEMAND)
    work = np.cumsum(np.clip(relative - 0.55, 0.0, None)) * STEP_S
    drift = (0.04 + 0.05 * heat) * (1.0 - np.exp(-work / 1200.0))
    reserve = athlete.max_hr_bpm - athlete.rest_hr_bpm
    wanted = athlete.rest_hr_bpm + reserve * np.clip(demand + drift * (relative > 0.5), 0.1, 0.985)
    delay = int(8.0 / STEP_S)
    late = np.concatenate((np.full(delay, wanted[0]), wanted[:-delay]))[: wanted.size]
    up, down = STEP_S / 33.0, STEP_S / 100.0
    result = np.empty_like(wanted)
    rate = athlete.rest_hr_bpm + 0.32 * reserve
    for index in range(wanted.size):
        now, then = float(wanted[index]), float(late[index])
        if now < rate:
            rate += down * (now - rate)
        elif then > rate:
            rate += up * (then - rate)
        result[index] = rate
    return result
