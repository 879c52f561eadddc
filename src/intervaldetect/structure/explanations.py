"""What was found, and what was not claimed, in one plain sentence each."""

from __future__ import annotations

from intervaldetect.structure.lap_fusion import Efforts


def evidence_for(found: Efforts, reps: int) -> tuple[str, ...]:
    """Say how many efforts make the workout, and how sure that is."""
    around = "it" if reps == 1 else "them"
    sentence = f"{_stretches(reps, 'effort')} clearly faster than the rest around {around}"
    return (f"{sentence}; chance of a planned workout {100 * found.probability:.0f} %.",)


def evidence_against(found: Efforts, strides: int, *, rising: bool) -> tuple[str, ...]:
    """Say why no planned work is claimed."""
    if strides:
        return (f"{strides} short efforts with long recoveries: strides.",)
    if rising:
        return ("The speed rises from start to end: a progression.",)
    if not found.reps:
        return ("Nothing here looks like a rep.",)
    return (
        f"{_stretches(len(found.reps), 'faster stretch')}; "
        f"chance of a planned workout {100 * found.probability:.0f} %.",
    )


def _stretches(count: int, word: str) -> str:
    if count == 1:
        return f"One {word}"
    return f"{count} {word}{'es' if word.endswith('ch') else 's'}"
