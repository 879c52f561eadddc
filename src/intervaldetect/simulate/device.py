"""Motion to what a watch records: lag, noise, rounding, smart recording, pauses, laps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from intervaldetect.records import Bools, Floats
from intervaldetect.simulate.body import STEP_S, Motion
from intervaldetect.simulate.plan import Noise, Piece, Plan

SEMICIRCLE_DEG = 180.0 / 2**31
_EARTH_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class NoiseLevel:
    """Sizes of the errors of a device.

    ``scale`` is the spread of the whole distance, ``distance_m`` the jitter of single distance
    readings, ``drift_m`` a slow error of the distance, ``speed_mps`` the noise of the speed field,
    ``position_m`` the slow error of positions, ``glitches`` jumps while the first fix settles.
    """

    wander: float
    scale: float
    distance_m: float
    drift_m: float
    speed_mps: float
    position_m: float
    glitches: int


# "typical" has the spread within a rep and from second to second that real watches show.
NOISE: dict[Noise, NoiseLevel] = {
    "none": NoiseLevel(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0),
    "low": NoiseLevel(0.6, 0.001, 0.05, 0.4, 0.02, 0.8, 0),
    "typical": NoiseLevel(1.0, 0.003, 0.14, 1.2, 0.05, 2.0, 0),
    "high": NoiseLevel(1.5, 0.010, 0.45, 4.0, 0.14, 6.0, 3),
}


def columns_of(
    motion: Motion,
    heart_rate: Floats,
    plan: Plan,
    paused: Bools,
    random: np.random.Generator,
    noise: Noise,
) -> dict[str, Floats]:
    """Read the motion off once a second as the watch would, rounded as a FIT file stores it.

    ``paused`` has one flag per cell of the motion's grid; no distance is counted there.
    """
    level = NOISE[noise]
    treadmill = plan.terrain == "treadmill"
    time = np.arange(0.0, np.floor(motion.time_s[-1]) + 1.0)
    on_grid = motion.time_s
    speed = np.where(paused, 0.0, motion.speed_mps)
    counted = np.concatenate(([0.0], np.cumsum(speed[:-1]) * STEP_S))
    scale = 1.0 + level.scale * float(random.normal()) * (5.0 if treadmill else 1.0)
    late = np.interp(time - 0.2, on_grid, counted)
    wobble = level.drift_m * _smooth(slow_noise(time.size, 40.0, random), 2.0)
    wobble += level.distance_m * random.normal(size=time.size)
    moving = np.clip(np.interp(time, on_grid, _smooth(motion.speed_mps, 4.0)) / 2.0, 0.0, 1.0)
    distance = late * scale + (wobble - wobble[0]) * moving
    distance += _glitches(time, level.glitches, random)
    distance = np.maximum.accumulate(np.clip(distance, 0.0, None))
    field = _speed_field(motion.speed_mps, time, on_grid, scale, level, random)
    cadence = _cadence(motion.speed_mps, time, on_grid, random)
    beat = np.interp(time, on_grid, heart_rate) + 0.8 * level.wander * slow_noise(
        time.size, 12.0, random
    )
    columns = {
        "time": time,
        "latitude": np.full(time.size, np.nan),
        "longitude": np.full(time.size, np.nan),
        "altitude": np.full(time.size, np.nan),
        "distance": np.round(distance, 2),
        "speed": np.round(field, 3),
        "heart_rate": np.round(np.clip(beat, 35.0, plan.athlete.max_hr_bpm)),
        "cadence": cadence,
        "power": np.full(time.size, np.nan),
        "temperature": np.full(time.size, np.nan),
    }
    if not treadmill:
        latitude, longitude = _positions(motion, time, plan, level, random)
        columns["latitude"], columns["longitude"] = latitude, longitude
        climb = np.interp(time, on_grid, motion.altitude_m)
        climb += 0.6 * min(1.0, level.wander) * slow_noise(time.size, 90.0, random)
        columns["altitude"] = np.round((120.0 + climb) * 5.0) / 5.0
    if plan.power:
        effort = np.interp(time - 2.0, on_grid, motion.effort_mps)
        watts = 1.02 * plan.athlete.mass_kg * effort + 6.0 * random.normal(size=time.size)
        columns["power"] = np.round(np.clip(watts, 0.0, None))
    if plan.temperature_c is not None:
        wrist = plan.temperature_c + 5.0 * np.exp(-time / 600.0)  # it comes from a warm pocket
        columns["temperature"] = np.round(wrist)
    return columns


def _speed_field(
    speed: Floats,
    time: Floats,
    on_grid: Floats,
    scale: float,
    level: NoiseLevel,
    random: np.random.Generator,
) -> Floats:
    """Delay and smooth as watches do: 4 s late at starts and 6 s at ends, ramps included."""
    late = np.interp(time - 2.8, on_grid, speed) * scale
    result = np.empty_like(late)
    value = float(late[0])
    for index, wanted in enumerate(late.tolist()):
        value += (0.5 if wanted > value else 0.32) * (wanted - value)
        result[index] = value
    moving = np.clip(result, 0.0, 1.0)
    return np.clip(
        result + level.speed_mps * moving * slow_noise(time.size, 7.0, random), 0.0, None
    )


def _cadence(speed: Floats, time: Floats, on_grid: Floats, random: np.random.Generator) -> Floats:
    """Return steps a minute of both feet, even as most watches store them, some 4 s late."""
    late = np.interp(time - 4.0, on_grid, _smooth(speed, 3.0))
    steps = np.where(late > 1.9, 162.0 + 6.5 * (late - 2.5), 70.0 + 22.0 * late)
    steps += 1.2 * slow_noise(time.size, 6.0, random)
    return 2.0 * np.round(np.where(late < 0.4, 0.0, steps) / 2.0)


def _glitches(time: Floats, count: int, random: np.random.Generator) -> Floats:
    """Jumps of 15 to 55 m within seconds while the first fix settles."""
    jumps = np.zeros(time.size)
    for _ in range(count):
        at = int(random.integers(3, max(4, min(90, time.size - 1))))
        jumps[at:] += float(random.uniform(15.0, 55.0))
    return jumps


def _positions(
    motion: Motion, time: Floats, plan: Plan, level: NoiseLevel, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Latitude and longitude in degrees, in whole FIT semicircles."""
    gone = np.interp(time, motion.time_s, motion.distance_m)
    if plan.terrain == "track":
        east, north = _oval(gone)
    else:
        east, north = _out_and_back(gone, random)
    for axis in (east, north):
        # A watch filters its fixes, so a slow error turns smoothly.
        axis += level.position_m * _rounded(slow_noise(time.size, 45.0, random), 15)
        axis += 0.1 * level.position_m * slow_noise(time.size, 3.0, random)
    latitude = 59.9 + np.degrees(north / _EARTH_M)
    longitude = 10.7 + np.degrees(east / (_EARTH_M * np.cos(np.radians(59.9))))
    return (
        np.round(latitude / SEMICIRCLE_DEG) * SEMICIRCLE_DEG,
        np.round(longitude / SEMICIRCLE_DEG) * SEMICIRCLE_DEG,
    )


def _oval(gone: Floats) -> tuple[Floats, Floats]:
    """Lay out a 400 m track: straights of 84.39 m, bends of radius 36.8 m to the runner's line."""
    straight, radius = 84.39, (400.0 - 2 * 84.39) / (2.0 * np.pi)
    bend = np.pi * radius
    at = gone % 400.0
    legs = [at < straight, at < straight + bend, at < 2 * straight + bend]
    first = (at - straight) / radius
    second = (at - 2 * straight - bend) / radius
    east = np.select(
        legs,
        [at, straight + radius * np.sin(first), 2 * straight + bend - at],
        -radius * np.sin(second),
    )
    north = np.select(
        legs,
        [0.0 * at, radius * (1.0 - np.cos(first)), 2.0 * radius + 0.0 * at],
        radius * (1.0 + np.cos(second)),
    )
    return east, north


def _out_and_back(gone: Floats, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Lay out a winding road, turned round on at half way.

    It bends as real ways do: of the positions of 115 runs recorded every second at more than 4 m/s,
    every 4th, 8th and 16th make a way 0.2, 0.7 and 2.1 % shorter than what the watch measured.
    """
    half = float(gone[-1]) / 2.0
    mesh = np.arange(0.0, half + 20.0, 10.0)
    towards = float(random.uniform(0.0, 2.0 * np.pi))
    heading = towards + 1.1 * _rounded(slow_noise(mesh.size, 40.0, random), 5)
    east = np.concatenate(([0.0], np.cumsum(10.0 * np.sin(heading))))[:-1]
    north = np.concatenate(([0.0], np.cumsum(10.0 * np.cos(heading))))[:-1]
    out = half - np.abs(gone - half)
    return np.interp(out, mesh, east), np.interp(out, mesh, north)


def _rounded(values: Floats, width: int) -> Floats:
    """Average twice over ``width`` samples, an odd number, so that nothing jumps or kinks."""
    for _ in range(2):
        padded = np.pad(values, width // 2, mode="edge")
        values = np.convolve(padded, np.full(width, 1.0 / width), mode="valid")
    return values


def slow_noise(size: int, tau: float, random: np.random.Generator) -> Floats:
    """Autocorrelated noise of unit variance with a time constant of ``tau`` samples."""
    decay = float(np.exp(-1.0 / tau))
    kick = float(np.sqrt(1.0 - decay * decay))
    value = float(random.normal())
    result = np.empty(size)
    for index, shock in enumerate(random.normal(size=size).tolist()):
        result[index] = value
        value = decay * value + kick * shock
    return result


def _smooth(values: Floats, seconds: float) -> Floats:
    width = int(seconds / STEP_S) | 1
    padded = np.pad(values, width // 2, mode="edge")
    smooth: Floats = np.convolve(padded, np.full(width, 1.0 / width), mode="valid")
    return smooth


def pause_spans(pieces: list[Piece], edges: Floats) -> list[tuple[float, float]]:
    """Whole seconds between which the timer stands."""
    spans: list[tuple[float, float]] = []
    for piece, start, end in zip(pieces, edges[:-1], edges[1:], strict=True):
        first, last = float(np.round(start)), float(np.round(end))
        if piece.paused and last - first >= 2.0:
            spans.append((first, last))
    return spans


def kept_samples(
    columns: dict[str, Floats],
    plan: Plan,
    pauses: list[tuple[float, float]],
    presses: list[float],
    random: np.random.Generator,
) -> Bools:
    """Flag the samples that the device stores: none while paused, some with smart recording."""
    time = columns["time"]
    keep = np.ones(time.size, dtype=np.bool_)
    if plan.recording == "smart":
        keep[:] = False
        at = 0
        while at < time.size:
            keep[at] = True
            at += int(
                random.choice(
                    [1, 2, 3, 4, 5, 6, 7, 8], p=[0.06, 0.1, 0.16, 0.2, 0.18, 0.14, 0.1, 0.06]
                )
            )
        keep[np.isin(time, presses)] = True
        keep[-1] = True
    for start, end in pauses:
        keep[(time > start) & (time < end)] = False
    for start, end in pauses:
        keep[(time == start) | (time == end)] = True
    return keep
