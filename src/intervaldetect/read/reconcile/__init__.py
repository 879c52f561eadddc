"""Between the witnesses of each quantity: one stage for all formats, after any reader.

A file says more than once how fast somebody moved: a counter, a speed field, positions, totals,
and so many steps a minute. Where they agree, nothing happens here. Where one of them does not, it
is brought to the unit and kind of the others, or dropped, and a problem tells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from intervaldetect.read.clock import middle
from intervaldetect.read.reconcile import counter, dropouts, units
from intervaldetect.read.reconcile.cadence import both_feet
from intervaldetect.read.reconcile.cells import Cells, cells_of, moving, turns_in
from intervaldetect.read.reconcile.gait import (
    FOOT_SPORTS,
    FOOT_SUB_SPORTS,
    NAMELESS_SPORTS,
    UNSAID_SPORTS,
    counts_steps,
    on_foot,
    sport_by_gait,
)
from intervaldetect.read.reconcile.standstill import unstuck
from intervaldetect.records import Floats, Problem

GUESSED = "sport_guessed"
AVERAGE_FITS, UNLIKE_THE_WAY, FOLLOWS = 0.03, 0.1, 0.3
"""How well a speed must be the average so far and how far off it must be as a speed, and how badly
any may follow the way (log)."""


AGAINST, MIN_VARIANCE = -0.5, 0.01
"""Correlation with the way below which a field is no speed, and the spread (log^2) it needs."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the file says besides its samples; the total is that of session or laps, in m."""

    sport: str | None = None
    sub_sport: str | None = None
    total_m: float | None = None


def reconcile(table: dict[str, Floats], facts: Facts) -> tuple[str | None, list[Problem]]:
    """Bring speed, distance and cadence to one truth, in place.

    Parameters
    ----------
    table : dict of name to (n,) float64
        The columns of an activity, ``time`` among them, n > 0. No value but those of heart rate
        has been judged yet; afterwards distance is a running total in m from the first record on,
        speed in m/s, cadence in steps of both feet a minute where one moved on foot.
    facts : Facts

    Returns
    -------
    sport : str or None
        That of ``facts``, or ``cycling`` where it says nothing and nobody runs so fast.
    problems : list of Problem
        All that was changed, dropped or guessed.
    """
    with np.errstate(all="ignore"):  # whatever a file holds, NaN is the answer
        return _reconcile(table, facts)


def _reconcile(table: dict[str, Floats], facts: Facts) -> tuple[str | None, list[Problem]]:
    time = table["time"]
    problems = dropouts.empty_channels(table)
    if time.size < 2 or time[-1] <= time[0]:
        return facts.sport, problems
    problems += dropouts.speed_zeros(time, table)
    table["distance"], told = counter.running_total(time, table["distance"], facts.total_m)
    problems += told
    table["distance"], problem = counter.fine_steps(time, table["distance"], table["speed"])
    problems += [] if problem is None else [problem]
    cells, told = _in_units(table, facts)
    problems += told
    leaps = _without_leaps(table, facts)
    if leaps:
        problems += leaps
        cells = cells_of(time, table, positions="position" in cells.speeds)
    told = unstuck(table, cells, facts.total_m)
    if told:
        problems += told
        cells = cells_of(time, table, positions="position" in cells.speeds)
    return _moved(table, facts, cells, problems)


def _without_leaps(table: dict[str, Floats], facts: Facts) -> list[Problem]:
    problems: list[Problem] = []
    if not counter.any_leap(table["distance"]):
        return problems
    for mend in (counter.late_counts, counter.without_jumps):
        table["distance"], problem = mend(table["time"], table["distance"], facts.total_m)
        problems += [] if problem is None else [problem]
    return problems


def _moved(
    table: dict[str, Floats], facts: Facts, cells: Cells, problems: list[Problem]
) -> tuple[str | None, list[Problem]]:
    """Decide what depends on how one moved: the sport where it is not said, and the cadence."""
    if facts.sport in UNSAID_SPORTS and not cells.speeds:
        cells = cells_of(table["time"], table, positions=True)
    cadence = table["cadence"]
    has_cadence = bool((cadence > 0.0).any())
    if has_cadence and not cells.speeds:
        cells = cells_of(table["time"], table, positions=True)
    speed = next(iter(cells.speeds.values()), None)
    foot = on_foot(facts.sport, facts.sub_sport, cells, speed, cadence)
    if foot:
        problems += dropouts.zeros_on_foot(table)
    if foot and has_cadence:
        said = facts.sport in FOOT_SPORTS or facts.sub_sport in FOOT_SUB_SPORTS
        table["cadence"], problem = both_feet(
            table["cadence"], cells, speed, facts.sport, said=said
        )
        if problem is not None:
            problems.append(problem)
    if facts.sport not in NAMELESS_SPORTS:
        return facts.sport, problems
    turns = turns_in(cells, table["cadence"])
    sport, why = sport_by_gait(facts.sport, facts.sub_sport, cells, speed, turns, foot=foot)
    if why:
        problems.append(Problem(GUESSED, f"no sport in the file; {why}"))
    return sport, problems


def _in_units(table: dict[str, Floats], facts: Facts) -> tuple[Cells, list[Problem]]:
    """Bring distance and speed to m and m/s; positions are looked at where these do not agree."""
    time, cadence = table["time"], table["cadence"]
    steps = counts_steps(cadence)
    feet = facts.sport in FOOT_SPORTS | UNSAID_SPORTS or facts.sub_sport in FOOT_SUB_SPORTS
    judged = feet or facts.sport == "cycling"
    cells = cells_of(time, table, positions=False)
    if _agree(cells, facts, steps=steps):
        return cells, []
    cells = cells_of(time, table, positions=True)
    problems = _constant_steps(table, cells)
    if problems:
        cells = cells_of(time, table, positions=True)
    turns = turns_in(cells, cadence) if feet and (cadence > 0.0).any() else None
    evidence = units.compare(cells, facts.total_m, turns)
    if evidence is not None and not units.agree(evidence, facts.sport, steps=steps):
        chosen = units.decide(evidence, facts.sport, steps=steps)
        if not (judged or units.is_confirmed_by_cadence(chosen, evidence)):
            chosen = units.Units(wrong=chosen.wrong)  # how fast it is played, nobody can say
        told = _converted(table, chosen, evidence) + _outvoted(table, chosen, evidence)
        problems += told
        if told:
            cells = cells_of(time, table, positions=True)
    told = _unlike_the_way(table, cells) if judged else []
    if told:
        cells = cells_of(time, table, positions=True)
    return cells, problems + told


def _agree(cells: Cells, facts: Facts, *, steps: bool) -> bool:
    """Whether distance and speed are both there and say the same, so that none need be asked."""
    evidence = units.compare(cells, facts.total_m, None)
    if evidence is None or not {"distance", "speed"} <= set(evidence.ratios):
        return False
    return units.agree(evidence, facts.sport, steps=steps)


def _converted(
    table: dict[str, Floats], chosen: units.Units, evidence: units.Evidence
) -> list[Problem]:
    problems: list[Problem] = []
    for name, (unit, factor), right in (
        ("distance", chosen.distance, "m"),
        ("speed", chosen.speed, "m/s"),
    ):
        if factor != 1.0:
            table[name] = table[name] * factor
            text = f"{name} agrees with the rest of the file in {unit}; converted to {right}"
            problems.append(Problem(f"{name}_unit", text))
    if len(problems) == 1 and set(evidence.ratios) == {"distance", "speed"}:
        text = "distance and speed contradict each other; the likelier was taken"
        problems.append(Problem("witnesses_disagree", text))
    apart = [name for name in chosen.wrong if name != "total"]
    if apart and len(evidence.ratios) > 1:
        spread = max(evidence.ratios.values()) - min(evidence.ratios.values())
        if spread > units.APART:
            text = f"{' and '.join(apart)} contradict the rest of the file"
            problems.append(Problem("witnesses_disagree", text))
    return problems


def _outvoted(
    table: dict[str, Floats], chosen: units.Units, evidence: units.Evidence
) -> list[Problem]:
    """Drop a counter that no unit brings to what speed field and another witness agree on."""
    sound = evidence.ratios.keys() - set(chosen.wrong)
    if "distance" not in chosen.wrong or "speed" not in sound or len(sound) < 2:
        return []
    level = evidence.ratios["distance"]
    if min(abs(evidence.ratios[name] - level) for name in sound) <= units.APART:
        return []
    count = int(np.count_nonzero(np.isfinite(table["distance"])))
    table["distance"] = np.full(table["distance"].size, np.nan)
    text = "the distance contradicts the speed and one more source; not used"
    return [Problem("distance_contradicts", text, count)]


def _constant_steps(table: dict[str, Floats], cells: Cells) -> list[Problem]:
    """Judge a distance that never changes: the way since the last point, or none."""
    distance = table["distance"]
    known = np.flatnonzero(np.isfinite(distance))
    if known.size < 2 or not np.all(distance[known] == distance[known[0]]):
        return []
    others = [values for name, values in cells.speeds.items() if name != "distance"]
    if not any(np.count_nonzero(moving(values)) for values in others):
        return []
    step = float(distance[known[0]])
    seconds = float(table["time"][known[-1]] - table["time"][known[0]])
    rate = step * (known.size - 1) / seconds
    alike = [abs(middle(v[moving(v)]) - rate) < 0.15 * rate for v in others if moving(v).any()]
    if step > 0.0 and any(alike):
        table["distance"] = np.full(distance.size, np.nan)
        table["distance"][known] = step * np.arange(known.size)
        return [counter.ADDED_UP]
    table["distance"] = np.full(distance.size, np.nan)
    text = f"a distance of {step:g} throughout is no value"
    return [Problem("distance_constant", text, int(known.size))]


def _against(speed: Floats, way: Floats) -> bool:
    """Whether a speed field falls where one moves faster, as a pace does."""
    level, other = np.log(speed), np.log(way)
    level, other = level - level.mean(), other - other.mean()
    spread = float(np.sqrt((level**2).mean() * (other**2).mean()))
    return spread > MIN_VARIANCE and float((level * other).mean()) < AGAINST * spread


def _unlike_the_way(table: dict[str, Floats], cells: Cells) -> list[Problem]:
    """Drop a speed field that is the average so far, or does not follow what was moved."""
    way = cells.speeds.get("distance", cells.speeds.get("position"))
    speed = cells.speeds.get("speed")
    if way is None or speed is None:
        return []
    both = moving(way) & moving(speed)
    if np.count_nonzero(both) < units.MIN_CELLS:
        return []
    apart = np.abs(np.log(speed[both] / way[both]))
    off = middle(apart)
    time = table["time"]
    gone = np.cumsum(np.nan_to_num(way) * np.nan_to_num(cells.seconds))
    at = cells.edges[1:]
    average = np.log(table["speed"][at] * (time[at] - time[0]) / gone)
    average = average[np.isfinite(average)]
    if average.size and middle(np.abs(average)) < AVERAGE_FITS and off > UNLIKE_THE_WAY:
        text = "the speed field is the average so far; not used"
    elif (
        _against(speed[both], way[both])
        or off > FOLLOWS
        or np.count_nonzero(apart > units.OFF) > units.OFF_SHARE * apart.size
    ):
        text = "the speed field does not match the distance run; not used"
    else:
        return []
    count = int(np.count_nonzero(np.isfinite(table["speed"])))
    table["speed"] = np.full(time.size, np.nan)
    return [Problem("speed_contradicts", text, count)]
