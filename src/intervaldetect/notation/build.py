"""What was read, before and after its units are settled: drafts to ``WorkoutSet`` records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from intervaldetect.notation.quantity import KM_M, is_running_speed, reads_as_rep_time
from intervaldetect.records import Basis, RecoveryStyle, WorkoutSet

Fail = Callable[[int, str], Exception]

_LIMITS: dict[Basis, tuple[float, float]] = {"distance": (20.0, 3e5), "time": (5.0, 86400.0)}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit: ``unit`` is what 1 means in s or m, ``basis`` None for a bare one."""

    value: float
    basis: Basis | None
    position: int
    unit: float = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """``seconds`` per ``per_m`` metres, per rep where that is None; or a speed; or only words."""

    position: int
    seconds: float | None = None
    per_m: float | None = None
    speed_mps: float | None = None


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery as written."""

    position: int
    quantity: Quantity | None = None
    style: RecoveryStyle | None = None
    pace: Pace | None = None
    of_blocks: bool = False
    bracketed: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """One piece as written: ``blocks x (count x sizes @ pace (recovery)) (block_recovery)``."""

    count: int
    sizes: tuple[Quantity, ...]
    position: int
    blocks: int = 1
    pace: Pace | None = None
    recovery: Recovery | None = None
    block_recovery: Recovery | None = None
    after: Recovery | None = None
    grouped: bool = False
    pair: bool = False
    parts: tuple[Draft, ...] = ()
    more: int = 0
    """Rungs of a ladder that the text leaves out."""

    @property
    def single(self) -> bool:
        """One rep of one size."""
        return self.count == 1 and self.blocks == 1 and len(self.sizes) == 1

    @property
    def plain(self) -> bool:
        """One rep of one size and not a word more."""
        return self.single and self.pace is None and self.recovery is None


def build(draft: Draft, fail: Fail) -> Iterator[WorkoutSet]:
    """Settle units and yield the sets of one draft; ``fail`` makes the error to raise."""
    if draft.parts:
        yield from _build_blocks(draft, fail)
    else:
        yield _build_set(_settle_pair(draft), fail)


def _build_blocks(draft: Draft, fail: Fail) -> Iterator[WorkoutSet]:
    """Yield the parts of a draft as often as it has blocks."""
    pause = _seconds(draft.block_recovery or draft.recovery, fail)
    for block in range(draft.blocks):
        sets = [each for part in draft.parts for each in build(part, fail)]
        if block + 1 < draft.blocks and pause is not None:
            sets[-1] = replace(sets[-1], set_recovery_s=pause)
        yield from sets


def _build_set(draft: Draft, fail: Fail) -> WorkoutSet:
    sizes = _settle_sizes(draft.sizes, fail)
    basis = sizes[0].basis
    assert basis is not None
    values = tuple(size.value for size in sizes)
    if draft.more and draft.blocks > 1:
        raise fail(draft.position, "blocks have to be written in full")
    blocks, per_block = draft.blocks, draft.count * len(values) + draft.more
    recovery, between, after = draft.recovery, draft.block_recovery, draft.after
    if blocks > 1 and per_block == 1:  # 6 x (800 m) is one block
        blocks, per_block = 1, blocks
        recovery, between = recovery or between, None
    count = blocks * per_block
    if count == 1:  # what follows a single rep lies between sets
        recovery, after = None, after or recovery
    every = values if draft.more else values * (count // len(values))
    uniform = len(set(values)) == 1 and not draft.more
    rep = WorkoutSet(
        count,
        basis,
        blocks=blocks,
        rep_speed_mps=_speed(draft.pace, values[0] if uniform else None, basis, fail),
        block_recovery_s=_seconds(between, fail),
        set_recovery_s=_seconds(after, fail),
        canonical=True,
    )
    return _with_recovery(_of_size(rep, every, uniform=uniform), recovery, fail)


def _of_size(rep: WorkoutSet, sizes: tuple[float, ...], *, uniform: bool) -> WorkoutSet:
    """Give a set the sizes of its reps in m or s, or the one that all have."""
    if rep.rep_basis == "distance":
        if uniform:
            return replace(rep, rep_distance_m=sizes[0])
        return replace(rep, rep_distances_m=sizes)
    if uniform:
        return replace(rep, rep_duration_s=sizes[0])
    return replace(rep, rep_durations_s=sizes)


def _settle_pair(draft: Draft) -> Draft:
    """Read ``45/15`` behind or before a count as work and recovery."""
    if not draft.pair or draft.count * draft.blocks == 1:
        return draft
    work, rest = draft.sizes
    if work.basis is None and rest.basis is None:
        basis: Basis = "time" if min(work.value, rest.value) < 100.0 else "distance"
        work, rest = replace(work, basis=basis), replace(rest, basis=basis)
    elif work.basis is None:
        work = replace(work, basis=rest.basis, value=work.value * rest.unit)
    elif rest.basis is None:
        rest = replace(rest, basis=work.basis, value=rest.value * work.unit)
    style = draft.recovery.style if draft.recovery else None
    return replace(draft, sizes=(work,), recovery=Recovery(rest.position, rest, style))


def _settle_sizes(sizes: tuple[Quantity, ...], fail: Fail) -> tuple[Quantity, ...]:
    """Give bare numbers the unit of the sized one behind them, metres where there is none."""
    known = next((size for size in reversed(sizes) if size.basis is not None), None)
    settled: list[Quantity] = []
    for size in sizes:
        size = _with_unit(size, known, fail)
        if settled and size.basis != settled[0].basis:
            raise fail(size.position, "a ladder is all distances or all times")
        _check_length(size, fail)
        settled.append(size)
    return tuple(settled)


def _with_unit(size: Quantity, known: Quantity | None, fail: Fail) -> Quantity:
    if size.basis is not None:
        return size
    if known is not None:
        return replace(size, basis=known.basis, value=size.value * known.unit)
    if size.value < 50.0:
        raise fail(size.position, f"{size.value:g} of what? write m, km, mi, min or s")
    return replace(size, basis="distance")


def _check_length(size: Quantity, fail: Fail) -> None:
    assert size.basis is not None
    low, high = _LIMITS[size.basis]
    if not low <= size.value <= high:
        hint = "; m means metres here, minutes are min or '" if size.basis == "distance" else ""
        unit = "m" if size.basis == "distance" else "s"
        raise fail(size.position, f"{size.value:g} {unit} is no length of a rep{hint}")


def _speed(pace: Pace | None, size: float | None, basis: Basis, fail: Fail) -> float | None:
    """Speed in m/s of reps of one ``size`` (None for a ladder)."""
    if pace is None:
        return None
    speed = pace.speed_mps
    if speed is None and pace.seconds is not None:
        if pace.seconds <= 0.0:
            raise fail(pace.position, "a pace is more than 0:00")
        speed = _metres_meant(pace, size if basis == "distance" else None) / pace.seconds
    if speed is not None and not is_running_speed(speed):
        raise fail(pace.position, f"{speed:.3g} m/s is no running speed")
    return speed


def _metres_meant(pace: Pace, size_m: float | None) -> float:
    """Return the metres that the seconds of a pace are for: those it names, the rep, or a km."""
    assert pace.seconds is not None
    if pace.per_m is not None:
        return pace.per_m
    return size_m if size_m is not None and reads_as_rep_time(size_m, pace.seconds) else KM_M


def _with_recovery(rep: WorkoutSet, recovery: Recovery | None, fail: Fail) -> WorkoutSet:
    if recovery is None:
        return rep
    rep = replace(
        rep,
        recovery_style=recovery.style,
        recovery_speed_mps=_speed(recovery.pace, None, "time", fail),
    )
    quantity = _recovery_quantity(recovery, fail)
    if quantity is None:
        return rep
    if quantity.basis == "distance":
        return replace(rep, recovery_basis="distance", recovery_distance_m=quantity.value)
    return replace(rep, recovery_basis="time", recovery_s=quantity.value)


def _recovery_quantity(recovery: Recovery, fail: Fail) -> Quantity | None:
    quantity = recovery.quantity
    if quantity is None:
        return None
    if quantity.basis is None:  # "(200)" is a 200 m jog, "(90)" 90 s
        hundreds = quantity.value >= 100.0 and quantity.value % 100.0 == 0.0
        quantity = replace(quantity, basis="distance" if hundreds else "time")
    if quantity.value <= 0.0:
        raise fail(quantity.position, "a recovery is longer than nothing")
    return quantity


def _seconds(recovery: Recovery | None, fail: Fail) -> float | None:
    if recovery is None:
        return None
    quantity = _recovery_quantity(recovery, fail)
    if quantity is None:
        return None
    if quantity.basis != "time":
        raise fail(quantity.position, "between sets and blocks the recovery must be a time")
    return quantity.value
