"""What was found, and what was not claimed, in one plain sentence each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from intervaldetect.structure.choice import STRIDE_S
from intervaldetect.structure.hint import Plan, plan_sentence
from intervaldetect.structure.laps import Snapped
from intervaldetect.structure.reading import Reading
from intervaldetect.structure.tiling import Ruler

PERHAPS_LOG_ODDS = 0.85

Plain = Literal["steady", "progression", "ground", "little"]
"""What explains efforts without a plan: see `evidence_against`."""


def evidence_for(reading: Reading, efforts: int) -> tuple[str, ...]:
    """Say how many efforts make the workout, and how sure that is."""
    many = f"{efforts} efforts stand out from what surrounds them"
    sentence = (
        f"{'One effort stands out from what surrounds it' if efforts == 1 else many}; "
        f"planned work with probability {reading.probability:.2f}."
    )
    if reading.log_odds < PERHAPS_LOG_ODDS:
        return (sentence, "Perhaps only: the efforts differ little from the rest of the run.")
    return (sentence,)


def evidence_of_plan(ruler: Ruler, reps: Sequence[Snapped], plan: Plan) -> tuple[str, ...]:
    """Say how much of a plan was carried out, nothing without a plan."""
    if not plan:
        return ()
    spans = [(rep.start_s, rep.end_s) for rep in reps]
    helped = sum(rep.source == "plan" for rep in reps)
    return (plan_sentence(spans, helped, plan, ruler.distance_m),)


def evidence_against(
    reading: Reading, candidates: int, plain: Plain | None, strides: int
) -> tuple[str, ...]:
    """Say why no planned work is claimed."""
    found = len(reading.efforts)
    if found and strides == found:
        return (f"{strides} efforts of at most {STRIDE_S:.0f} s with long recoveries: strides.",)
    if plain == "progression":
        return ("The speed rises through the run: a progression, not an effort with an edge.",)
    if plain == "ground":
        return (f"{found} faster stretches follow the ground: on the level they were no harder.",)
    if plain == "little":
        many = (
            f"{found - strides} faster stretches" if found - strides > 1 else "One faster stretch"
        )
        return (f"{many} of less than two minutes in all: too little for a session.",)
    if plain == "steady":
        if found > 1:
            return ("A few faster stretches, with long and hardly slower running between them.",)
        return ("One even effort fills the activity: nothing beside it to be a recovery.",)
    if not found:
        stretches = "stretches" if candidates != 1 else "stretch"
        return (f"None of {candidates} faster {stretches} looks like a rep.",)
    return (
        f"{found} faster stretches, but planned work has a probability of only "
        f"{reading.probability:.2f}.",
    )
