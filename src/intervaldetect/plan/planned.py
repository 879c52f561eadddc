"""A plan rep by rep: what each is to be, and the recovery behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intervaldetect.records import WorkoutSet


@dataclass(frozen=True, slots=True)
class PlannedRep:
    """One rep of a plan and the recovery behind it; None is left open by the plan."""

    set: int
    rep: int
    distance_m: float | None = None
    duration_s: float | None = None
    speed_mps: float | None = None
    recovery_s: float | None = None
    recovery_distance_m: float | None = None

    @property
    def seconds(self) -> float | None:
        """How long it lasts, from its pace where it is a distance."""
        if self.duration_s is not None or not self.distance_m or not self.speed_mps:
            return self.duration_s
        return self.distance_m / self.speed_mps


def planned_reps(sets: Sequence[WorkoutSet]) -> tuple[PlannedRep, ...]:
    """Spell out a workout rep by rep.

    Parameters
    ----------
    sets : sequence of WorkoutSet
        As ``parse_workout`` and ``parse_icu`` return them.

    Returns
    -------
    tuple of PlannedRep
        The last rep of a block has the recovery between blocks behind it, that of a set the
        recovery between sets; the last of all none.
    """
    out: list[PlannedRep] = []
    for number, each in enumerate(sets, 1):
        for rep in range(1, each.count + 1):
            size = _size_of(each, rep)
            recovery = _recovery_behind(each, rep, last_set=number == len(sets))
            out.append(PlannedRep(number, rep, *size, each.rep_speed_mps, *recovery))
    return tuple(out)


def _size_of(planned: WorkoutSet, rep: int) -> tuple[float | None, float | None]:
    """Return the distance in m and the time in s of a rep, one of them None."""
    if planned.rep_basis == "time":
        each_s = planned.rep_durations_s
        return None, planned.rep_duration_s if each_s is None else each_s[rep - 1]
    each_m = planned.rep_distances_m
    return planned.rep_distance_m if each_m is None else each_m[rep - 1], None


def _recovery_behind(
    planned: WorkoutSet, rep: int, *, last_set: bool
) -> tuple[float | None, float | None]:
    """Return the time in s and the distance in m of what follows a rep, at least one of them None.

    Behind the last rep of a block or a set it is that between blocks or sets.
    """
    if rep == planned.count:
        return None if last_set else planned.set_recovery_s, None
    whole_blocks = planned.count % planned.blocks == 0
    per_block = planned.count // planned.blocks if whole_blocks else planned.count
    if rep % per_block == 0 and planned.block_recovery_s is not None:
        return planned.block_recovery_s, None
    if planned.recovery_basis == "distance":
        return None, planned.recovery_distance_m
    return planned.recovery_s, None
